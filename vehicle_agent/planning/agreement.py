"""Whether a plan's values agree with the words that were said: a second look that does not ask the model.

Nothing is decided here. The counts are signs among others of how sure the planner may be (see `confidence`).
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from vehicle_agent.planning.durations import quantity_at, share_at
from vehicle_agent.planning.said_numbers import said_numbers
from vehicle_apis.call import Call, Plan
from vehicle_apis.earlier import Earlier, stepped
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param

_PAIRS: Final = (
    ("on", "off"),
    ("open", "close shut closed shutting closing"),
    ("lock", "unlock unlocked"),
    ("up higher raise louder warmer hotter more", "down lower quieter cooler colder less"),
    ("left", "right"),
    ("front", "rear back behind"),
    ("driver my", "passenger passenger's"),
    ("unfold", "fold"),
    ("start", "stop"),
    ("today", "tomorrow"),
    ("avoid", "allow"),
    ("pause stop", "play resume"),
)
_OPPOSED: Final = tuple((frozenset(a.split()), frozenset(b.split())) for a, b in _PAIRS)


def contradictions(plan: Plan, text: str) -> int:
    """How many closed values have their opposite in ``text`` and no word of their own.

    Defaults count in a lone call only: in a longer plan the words may belong to another call.
    """
    words = frozenset(text.split())
    alone = len(plan) == 1
    values = (value for call in plan.calls for value in _closed_values(call, defaults=alone))
    return sum(_contradicted(value, words) for value in values)


def numbers_before(earlier: Earlier) -> frozenset[float]:
    """Numbers of earlier calls, and a step from them: words may mean these without saying them."""
    numbers: set[float] = set()
    for call in earlier.calls():
        for param in call.spec.params:
            value = call.arguments[param.name]
            if isinstance(param, IntegerParam | NumberParam) and isinstance(value, int | float):
                numbers.add(value)
                if param.name in call.spec.steps:
                    numbers |= {float(str(stepped(call, param.name, by))) for by in (1, -1)}
    return frozenset(numbers)


def unsaid_numbers(plan: Plan, text: str, known: frozenset[float] = frozenset()) -> int:
    """How many whole numbers of ``plan``, defaults and those ``known`` before aside, are not among the numbers said, if
    any was."""
    said = said_numbers(text)
    if not said:
        return 0
    count = 0
    for call in plan.calls:
        for param in call.spec.params:
            if isinstance(param, IntegerParam | NumberParam):
                value = call.arguments[param.name]
                whole = isinstance(value, int | float) and value == int(value)
                count += whole and value not in said and value != param.default and value not in known
    return count


def bent_number(plan: Plan, text: str, known: frozenset[float] = frozenset()) -> bool:
    """Whether the number of a lone call is none of those that were said, though some were: "twelve and a half" -> 12.

    Only numbers without a default count (a timer's minutes apart, see `timers`), and "to minus three" said of a change.
    """
    if len(plan) != 1:
        return False
    call = plan.calls[0]
    if any(f" {words} " in text for words in call.spec.hearing.never_said_with):
        return True
    values = [
        call.arguments[p.name] for p in call.spec.params if _is_measured(p) and p.name != call.spec.hearing.duration
    ]
    said = _quantities(text.split())
    return bool(said) and any(value not in said and value not in known for value in values)


def _is_measured(param: Param) -> bool:
    return isinstance(param, IntegerParam | NumberParam) and param.default is None


def _quantities(words: Sequence[str]) -> set[Fraction]:
    """Every number said, as such and as a share in percent ("three quarters" is 0.75 and 75)."""
    said: set[Fraction] = set()
    at = 0
    row = ""  # "one thirty" is one, thirty and a hundred and thirty
    while at < len(words):
        value, end = quantity_at(words, at)
        part, taken = share_at(words, at)
        if taken:
            said |= {part, part * 100}
            at += taken
        elif end > at:
            if words[at] not in {"a", "an"}:
                said.add(value)
                row += str(value) if value.denominator == 1 else ""
                said.add(Fraction(int(row[-4:] or 0)))
            at = end
            continue
        else:
            at += 1
        row = ""
    return said


def _closed_values(call: Call, *, defaults: bool) -> Iterator[str]:
    hearing = call.spec.hearing
    if hearing.inverted:
        return
    for param in call.spec.params:
        value = call.arguments[param.name]
        if isinstance(param, EnumParam) and (defaults or value != param.default):
            yield str(value)
        elif param.name in hearing.ends and isinstance(param, IntegerParam | NumberParam):
            least, greatest = hearing.ends[param.name]
            if value == param.min:
                yield least
            elif value == param.max:
                yield greatest


def _contradicted(value: str, words: frozenset[str]) -> bool:
    parts = frozenset(value.split("_"))
    for one, other in _OPPOSED:
        for own, opposite in ((one, other), (other, one)):
            if parts & own and not parts & opposite and words & opposite and not words & own:
                return True
    return False
