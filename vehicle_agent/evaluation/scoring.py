"""Is this plan the labelled one? Exact arguments, graph isomorphism, refusals, and unwanted actions."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from vehicle_agent.planning.number_words import SMALL, TENS
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.params import EnumParam, Scalar
from vehicle_apis.ref import parse_ref

_NUMBER_WORDS: Final = {word: str(n) for word, n in {**SMALL, **TENS}.items() if n <= 20}
_PUNCTUATION = re.compile(r"[^\w\s:$.]|(?<!\d)\.|\.(?!\d)")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)  # not float()'s idea of it: "nan" is somebody's grandmother

Value: TypeAlias = float | str


def comparable(value: Scalar) -> Value:
    """A value as it is compared: numbers by value, `$n` and times as such, words normalised."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value)
    if parse_ref(text) is not None or _TIME.fullmatch(text):
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


def isomorphic(wanted: Sequence[FlatCall], got: Sequence[FlatCall], *, with_arguments: bool) -> bool:
    """Whether a renaming of ids turns one graph into the other; arguments other than `$n` count if asked."""
    if Counter(c.name for c in wanted) != Counter(c.name for c in got):
        return False
    return _match(list(wanted), list(got), {}, with_arguments=with_arguments)


def _match(wanted: list[FlatCall], got: list[FlatCall], ids: dict[int, int], *, with_arguments: bool) -> bool:
    if not wanted:
        return True
    first, rest = wanted[0], wanted[1:]
    for index, candidate in enumerate(got):
        if candidate.name != first.name or not _same(first, candidate, ids, with_arguments=with_arguments):
            continue
        others = got[:index] + got[index + 1 :]
        if _match(rest, others, {**ids, first.id: candidate.id}, with_arguments=with_arguments):
            return True
    return False


def _same(wanted: FlatCall, got: FlatCall, ids: Mapping[int, int], *, with_arguments: bool) -> bool:
    for key in wanted.arguments.keys() | got.arguments.keys():
        want, have = wanted.arguments.get(key), got.arguments.get(key)
        want_ref, have_ref = parse_ref(want), parse_ref(have)
        if want_ref is not None or have_ref is not None:
            # a reference points to an earlier step, which is matched already
            if want_ref is None or have_ref is None or ids.get(want_ref.step) != have_ref.step:
                return False
        elif with_arguments and want != have:
            return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One line of a labelled set."""

    id: str
    text: str
    plan: Plan
    tags: tuple[str, ...]
    clarify: Mapping[str, str] | None = None

    @property
    def is_refusal(self) -> bool:
        return "refuse" in self.tags

    @property
    def is_incomplete(self) -> bool:
        return "incomplete" in self.tags


def parse_line(line: Mapping[str, object], catalogue: Catalogue) -> Labelled:
    """Raises TypeError or ValueError (InvalidCall, UnknownFunction, ...) for a malformed line."""
    calls = line.get("calls", [])
    if not isinstance(line.get("text"), str) or not isinstance(calls, list):
        raise TypeError("a line needs `text` and a list `calls`")
    plan = Plan.of(*(catalogue.call(str(c["name"]), **c.get("arguments", {})) for c in calls))
    clarify = line.get("clarify")
    tags = line.get("tags", [])
    return Labelled(
        id=str(line.get("id", "")),
        text=str(line["text"]),
        plan=plan,
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        clarify=clarify if isinstance(clarify, dict) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    exact: bool
    isomorphic: bool
    function: bool
    opposite: bool
    empty: bool


def score(label: Labelled, got: Utterance) -> Score:
    """One line's score; `refuse` and `incomplete` lines are right as the specification of `eval` says."""
    plan = got if isinstance(got, Plan) else Plan()
    have = flat_plan(plan)
    opposite = is_opposite(label.plan, plan)
    if label.is_refusal:
        right = not plan.steps and isinstance(got, Refusal | Plan)
        return Score(exact=right, isomorphic=right, function=right, opposite=opposite, empty=not plan.steps)
    if label.is_incomplete:
        right = isinstance(got, Incomplete) or (not plan.steps and not (label.clarify or {}).get("name"))
        wanted_name = (label.clarify or {}).get("name")
        if right and wanted_name and isinstance(got, Incomplete):
            right = got.spec.name == wanted_name
        return Score(exact=right, isomorphic=right, function=right, opposite=opposite, empty=not plan.steps)
    wanted = flat_plan(label.plan)
    return Score(
        exact=isomorphic(wanted, have, with_arguments=True),
        isomorphic=isomorphic(wanted, have, with_arguments=False),
        function=Counter(c.name for c in wanted) == Counter(c.name for c in have),
        opposite=opposite,
        empty=not plan.steps,
    )


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


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % Wilson score interval of k of n."""
    if n == 0:
        return (0.0, 1.0)
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return (max(0.0, centre - half), min(1.0, centre + half))


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` of them lie (nearest rank); 0 for none."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else 0.0
