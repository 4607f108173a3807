"""Why a line is wrong, told from its label and what was done: every wrong line has one cause."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.compare.answers import Row
from models.compare.special import decision, leans
from vehicle_agent.evaluation.same_plan import comparable
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Utterance
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TimeParam
from vehicle_apis.ref import parse_any_ref

SHOWN: Final = 12  # lines of one cause on the page
_LONG: Final = 24


class Cause(StrEnum):
    """In the order of how bad it is."""

    ACTED_UNASKED = "acted though nothing was asked"
    ACTED_INCOMPLETE = "acted though something was missing"
    WRONG_FUNCTION = "wrong function"
    WRONG_PLACE = "wrong place or direction"
    CONTEXT = "context missed"
    WRONG_NUMBER = "wrong number"
    WRONG_TEXT = "wrong free text"
    WRONG_RESULT = "wrong result referred to"
    WRONG_VALUE = "wrong value of a list"
    TOO_LITTLE = "a part of the request left out"
    TOO_MUCH = "more than the request"
    WRONG_ANSWER = "an open question's answer misread"
    ASKED = "asked though it was a command"
    ASKED_NOBODY = "asked though nothing was asked"
    REFUSED = "refused though a command"
    WRONG_ROUTE = "wrong specialist, or one too many"


_PLACE_TEXT: Final = "zone seat window door side screen channel shade mirror position direction state action view"
_PLACES: Final = frozenset(_PLACE_TEXT.split())


def cause(row: Row) -> Cause | None:
    """None for a right line."""
    if row.score.exact:
        return None
    if row.label.is_refusal:
        found = {"acted": Cause.ACTED_UNASKED, "asked": Cause.ASKED_NOBODY}.get(decision(row))
        return found or (Cause.WRONG_ROUTE if row.answer.reply is None else Cause.WRONG_ANSWER)
    if row.label.answer is not None or (row.answer.reply is not None and not row.label.plan.steps):
        return Cause.ACTED_UNASKED if decision(row) == "acted" else Cause.WRONG_ANSWER
    if row.label.is_incomplete:
        return Cause.ACTED_INCOMPLETE if decision(row) == "acted" else Cause.REFUSED
    if not row.label.plan.steps:  # for a specialist alone
        return {"acted": Cause.ACTED_UNASKED, "asked": Cause.ASKED_NOBODY}.get(decision(row), Cause.WRONG_ROUTE)
    done = row.answer.done
    if isinstance(done, Incomplete):
        return Cause.ASKED
    if not isinstance(done, Plan) or not done.steps:
        return Cause.CONTEXT if leans(row) else Cause.REFUSED
    return _of_plans(row, done)


def _of_plans(row: Row, done: Plan) -> Cause:
    wanted, got = row.label.plan, done
    missing = Counter(c.name for c in wanted.calls) - Counter(c.name for c in got.calls)
    extra = Counter(c.name for c in got.calls) - Counter(c.name for c in wanted.calls)
    if missing and extra:
        return Cause.CONTEXT if leans(row) else Cause.WRONG_FUNCTION
    if missing or extra:
        return Cause.TOO_LITTLE if missing else Cause.TOO_MUCH
    return next(_of_arguments(wanted.calls, got.calls), Cause.WRONG_ROUTE)


def _of_arguments(wanted: Sequence[Call], got: Sequence[Call]) -> Iterator[Cause]:
    """The causes of arguments that differ, the worst first; calls are paired by how much they have in common."""
    causes: set[Cause] = set()
    left = list(got)
    for call in wanted:
        same = [other for other in left if other.name == call.name]
        nearest = min(same, key=lambda other: len(_differing(call, other)))
        left.remove(nearest)
        causes |= {_of_argument(call, nearest, name) for name in _differing(call, nearest)}
    yield from sorted(causes, key=list(Cause).index)


def _differing(wanted: Call, got: Call) -> list[str]:
    a, b = wanted.json_arguments(), got.json_arguments()
    return [name for name in a if comparable(a[name]) != comparable(b[name])]


def _of_argument(wanted: Call, got: Call, name: str) -> Cause:
    values = (wanted.json_arguments()[name], got.json_arguments()[name])
    if any(parse_any_ref(value) is not None for value in values):
        return Cause.WRONG_RESULT
    match wanted.spec.by_name[name]:
        case EnumParam():
            return Cause.WRONG_PLACE if name in _PLACES else Cause.WRONG_VALUE
        case IntegerParam() | NumberParam() | TimeParam():
            return Cause.WRONG_NUMBER
        case _:
            return Cause.WRONG_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One wrong line; ``wanted`` and ``got`` in short, ``unwanted``: something of the car was changed."""

    set_name: str
    id: str
    cause: Cause
    wanted: str
    got: str
    unwanted: bool
    confidence: float


def wrong_lines(set_name: str, rows: Sequence[Row]) -> Iterator[Wrong]:
    """The wrong ones, in the set's order."""
    for row in rows:
        why = cause(row)
        if why is not None:
            yield Wrong(
                set_name=set_name,
                id=row.label.id,
                cause=why,
                wanted=_wanted(row),
                got=_got(row),
                unwanted=row.score.opposite,
                confidence=row.answer.confidence,
            )


def _wanted(row: Row) -> str:
    label = row.label
    if label.answer is not None:
        return f"answer {label.answer}"
    if label.clarify is not None or label.is_incomplete:
        return f"ask: {(label.clarify or {}).get('name', 'back')}"
    route = f"to {label.route}" if isinstance(label.route, str) else ""
    return " ; ".join(filter(None, (_meaning(label.plan), route))) or "nothing"


def _got(row: Row) -> str:
    answer = row.answer
    if answer.reply is not None:
        return f"answer {answer.reply}"
    route = f"to {answer.route[0]}" if answer.route is not None else ""
    told = " ; ".join(filter(None, (_meaning(answer.utterance), route))) or "nothing"
    return f"ask first: {told}" if answer.asks is not None else told


def _meaning(utterance: Utterance) -> str:
    match utterance:
        case Plan():
            return " ; ".join(map(_call, utterance.calls))
        case Incomplete(spec=spec, missing=missing):
            return f"ask: {spec.name} {missing}".strip()
        case _:
            return ""


def _call(call: Call) -> str:
    inside = ", ".join(f"{name}={_short(value)}" for name, value in call.spoken_arguments().items())
    return f"{call.name}({inside})"


def _short(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
