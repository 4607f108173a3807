"""Whole numbers as they were said, to catch a value the model bent into its range ("fan to twelve" -> 1)."""

from collections.abc import Sequence

from vehicle_agent.planning.number_words import SMALL, TENS
from vehicle_apis.call import Call, Plan
from vehicle_apis.params import IntegerParam, NumberParam


def said_numbers(text: str) -> tuple[int, ...]:
    """The whole numbers spoken in ``text``, in order: "one hundred and ten" -> 110."""
    found: list[int] = []
    words = text.split()
    at = 0
    while at < len(words):
        value, taken = number_at(words, at)
        if taken:
            found.append(value)
        at += max(1, taken)
    return tuple(found)


def number_at(words: Sequence[str], at: int) -> tuple[int, int]:
    """The whole number below a million that begins at ``at``, and the number of its words; 0 words when none does."""
    value, taken = _below_thousand(words, at)
    if at + taken < len(words) and words[at + taken] == "thousand" and (taken == 0 or value):
        value, taken = (value if taken else 1) * 1000, taken + 1
        skip = 1 if at + taken < len(words) and words[at + taken] == "and" else 0
        rest, more = _below_thousand(words, at + taken + skip)
        if more:
            value, taken = value + rest, taken + skip + more
    return value, taken


def _below_thousand(words: Sequence[str], at: int) -> tuple[int, int]:
    value, taken = _below_hundred(words, at)
    if at + taken < len(words) and words[at + taken] == "hundred" and (taken == 0 or 0 < value < 10):
        if taken == 0 and words[at] != "hundred":
            return 0, 0
        value, taken = max(value, 1) * 100, taken + 1
        skip = 1 if at + taken < len(words) and words[at + taken] == "and" else 0
        rest, more = _below_hundred(words, at + taken + skip)
        if more:
            value, taken = value + rest, taken + skip + more
    return value, taken


def _below_hundred(words: Sequence[str], at: int) -> tuple[int, int]:
    if at >= len(words):
        return 0, 0
    if words[at] in SMALL:
        return SMALL[words[at]], 1
    if words[at] not in TENS:
        return 0, 0
    unit = SMALL.get(words[at + 1], 0) if at + 1 < len(words) else 0
    return (TENS[words[at]] + unit, 2) if 0 < unit < 10 else (TENS[words[at]], 1)


def check_said(plan: Plan, text: str) -> None:
    """Raises InvalidCall when a lone call's number was not said and every number said is out of its range."""
    numbers = said_numbers(text)
    if len(plan) != 1 or not numbers:
        return
    call = plan.calls[0]
    measured = [p for p in call.spec.params if isinstance(p, IntegerParam | NumberParam) and p.default is None]
    for param in measured:
        if call.arguments[param.name] not in numbers and all(not param.min <= n <= param.max for n in numbers):
            Call(call.spec, {**call.arguments, param.name: numbers[-1]})  # raises with the range
