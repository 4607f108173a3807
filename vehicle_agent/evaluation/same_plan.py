"""Are these two plans the same one? The only judge of it: evaluation, calibration and the tests ask here."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from vehicle_agent.planning.number_words import SMALL, TENS
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Utterance
from vehicle_apis.params import EnumParam, Scalar
from vehicle_apis.ref import parse_any_ref, parse_ref

_NUMBER_WORDS: Final = {word: str(n) for word, n in {**SMALL, **TENS}.items() if n <= 20}
_PUNCTUATION = re.compile(r"[^\w\s:$.]|(?<!\d)\.|\.(?!\d)")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)  # not float()'s idea of it: "nan" is somebody's grandmother

Value: TypeAlias = float | str


def comparable(value: Scalar) -> Value:
    """A value as it is compared: numbers by value, `$n`, `$T.N` and times as such, words normalised."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value)
    if parse_any_ref(text) is not None or _TIME.fullmatch(text):
        return text
    if _NUMBER.fullmatch(text):
        return float(text)
    words = [_NUMBER_WORDS.get(w, w) for w in _PUNCTUATION.sub("", text.lower().replace("-", " ")).split()]
    while len(words) > 1 and words[0] in {"the", "a", "an", "my"}:
        words.pop(0)
    joined = _join_letters(words)
    return float(joined) if _NUMBER.fullmatch(joined) else joined


def _join_letters(words: Sequence[str]) -> str:
    """ "n p r" -> "npr"; single letters beside each other are one spelled word."""
    out: list[str] = []
    for single, group in itertools.groupby(words, key=lambda w: len(w) == 1 and w.isalpha()):
        letters = list(group)
        out += ["".join(letters)] if single else letters
    return " ".join(out)


@dataclass(frozen=True, slots=True)
class FlatCall:
    """A call reduced to what is compared."""

    id: int
    name: str
    arguments: Mapping[str, Value]


def flat_plan(plan: Plan) -> list[FlatCall]:
    return [FlatCall(s.id, s.call.name, {k: comparable(v) for k, v in s.call.json_arguments().items()}) for s in plan]


def same_plan(wanted: Plan, got: Plan, *, with_arguments: bool = True, within: float = 0.0) -> bool:
    """Whether a renaming of ids turns one graph into the other: names, arguments, `$n`, in any order.

    ``with_arguments=False`` leaves aside all arguments but `$n`. Numbers may differ by ``within``.
    """
    return same_functions(wanted, got) and _match(
        flat_plan(wanted), flat_plan(got), {}, _Judge(with_arguments=with_arguments, within=within)
    )


def same_functions(wanted: Plan, got: Plan) -> bool:
    """Whether the same functions are called, each as often."""
    return Counter(call.name for call in wanted.calls) == Counter(call.name for call in got.calls)


def same_meaning(wanted: Utterance, got: Utterance) -> bool:
    """`same_plan`; two incomplete commands mean the same when they name the same function, two refusals always."""
    if isinstance(wanted, Plan) and isinstance(got, Plan):
        return same_plan(wanted, got)
    if isinstance(wanted, Incomplete) and isinstance(got, Incomplete):
        return wanted.spec.name == got.spec.name
    return type(wanted) is type(got)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    with_arguments: bool
    within: float

    def equal(self, wanted: Value | None, got: Value | None) -> bool:
        if isinstance(wanted, float) and isinstance(got, float):
            return abs(wanted - got) <= self.within
        return wanted == got


def _match(wanted: list[FlatCall], got: list[FlatCall], ids: dict[int, int], judge: _Judge) -> bool:
    if not wanted:
        return True
    first, rest = wanted[0], wanted[1:]
    for index, candidate in enumerate(got):
        if candidate.name != first.name or not _same(first, candidate, ids, judge):
            continue
        others = got[:index] + got[index + 1 :]
        if _match(rest, others, {**ids, first.id: candidate.id}, judge):
            return True
    return False


def _same(wanted: FlatCall, got: FlatCall, ids: Mapping[int, int], judge: _Judge) -> bool:
    for key in wanted.arguments.keys() | got.arguments.keys():
        want, have = wanted.arguments.get(key), got.arguments.get(key)
        want_ref, have_ref = parse_ref(want), parse_ref(have)
        if want_ref is not None or have_ref is not None:
            # a reference points to an earlier step, which is matched already
            if want_ref is None or have_ref is None or ids.get(want_ref.step) != have_ref.step:
                return False
        elif judge.with_arguments and not judge.equal(want, have):
            return False
    return True


def is_opposite(wanted: Plan, got: Plan) -> bool:
    """A state-changing call that the label does not have: other function, or another closed value."""
    for call in got.calls:
        if call.spec.reads_only:
            continue
        closed = [p.name for p in call.spec.params if isinstance(p, EnumParam)]
        if not any(
            other.name == call.name and all(other.arguments[k] == call.arguments[k] for k in closed)
            for other in wanted.calls
        ):
            return True
    return False
