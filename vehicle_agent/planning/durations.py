"""Durations as they were said, in minutes: exact, so that no timer depends on a small model's arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vehicle_agent.planning.number_words import DIGITS, SHARES, SPOKEN_ZEROS
from vehicle_agent.planning.said_numbers import number_at

_UNITS: Final = {
    "second": Fraction(1, 60), "seconds": Fraction(1, 60), "sec": Fraction(1, 60), "secs": Fraction(1, 60),
    "minute": Fraction(1), "minutes": Fraction(1), "min": Fraction(1), "mins": Fraction(1),
    "hour": Fraction(60), "hours": Fraction(60), "hr": Fraction(60), "hrs": Fraction(60),
    "day": Fraction(1440), "days": Fraction(1440),
}  # fmt: skip
_DIGITS: Final = {**DIGITS, **dict.fromkeys((*SPOKEN_ZEROS, "nought"), 0)}
_COUNTS: Final = (
    (("half", "a", "dozen"), 6), (("a", "couple", "of"), 2), (("a", "couple"), 2), (("couple", "of"), 2),
    (("couple",), 2), (("a", "pair", "of"), 2), (("a", "dozen"), 12), (("dozen",), 12), (("a",), 1), (("an",), 1),
    (("one", "single"), 1), (("a", "single"), 1),
)  # fmt: skip
_COUNTABLE: Final = frozenset({"timer", "alarm", "reminder", "one", "time", "call", "stop"})
# behind these a bare number is no rest of a duration: "one hour twenty percent"
_OTHER_UNITS: Final = frozenset({"degrees", "degree", "percent", "point", "am", "pm", "a", "p", "o'clock", "times"})


@dataclass(frozen=True, slots=True)
class Duration:
    """``words[start:end]`` say ``minutes``, exactly. ``listed``: further numbers before it share its unit ("five or ten
    minutes"), so that the phrase alone says too little."""

    start: int
    end: int
    minutes: Fraction
    listed: bool = False


def durations(words: Sequence[str]) -> tuple[Duration, ...]:
    """Every duration in ``words`` (an utterance, split), in order."""
    found: list[Duration] = []
    at = 0
    while at < len(words):
        minutes, end = _duration(words, at)
        if end == at:
            at += 1
            continue
        if _no_duration(words, at, end):
            at = end
            continue
        found.append(Duration(at, end, minutes, _listed(words, at)))
        at = end
    return tuple(found)


def _no_duration(words: Sequence[str], start: int, end: int) -> bool:
    """ "hang on a minute", "just a second", "a second timer"."""
    if end - start != 2 or words[start] not in {"a", "one"}:
        return False
    before = words[start - 1] if start else ""
    after = words[end] if end < len(words) else ""
    return before in {"on", "wait", "just"} or (words[start:end] == ["a", "second"] and after in _COUNTABLE)


def _listed(words: Sequence[str], start: int) -> bool:
    before = start - 1
    if before >= 0 and words[before] in {"and", "or", "to", "till"}:
        before -= 1
    return before >= 0 and (words[before] == "point" or number_at(words, before)[1] > 0)


def _duration(words: Sequence[str], at: int) -> tuple[Fraction, int]:
    """The minutes said at ``at`` and where the phrase ends; it ends at ``at`` when none begins there."""
    total, unit, end = _item(words, at)
    if end == at and words[at] in {"hour", "minute"} and words[at + 1 : at + 2] == ["and"]:
        unit, end = _UNITS[words[at]], at + 1  # "hour and a half"
        part, taken = _first(words, end + 1, SHARES)
        return ((1 + part) * unit, end + 1 + taken) if taken else (Fraction(0), at)
    if end == at:
        return Fraction(0), at
    while True:
        step = 1 if end < len(words) and words[end] == "and" else 0
        part, taken = _first(words, end + step, SHARES)
        more, smaller, after = _item(words, end + step)
        if after > end + step and smaller < unit:
            total, unit, end = total + more, smaller, after
        elif step and taken and not _has_unit(words, end + step + taken):
            return total + part * unit, end + step + taken  # "an hour and a half"
        else:
            return _with_rest(words, total, unit, end)


def _has_unit(words: Sequence[str], at: int) -> bool:
    while at < len(words) and words[at] in {"of", "a", "an"}:
        at += 1
    return at < len(words) and words[at] in _UNITS


def _with_rest(words: Sequence[str], total: Fraction, unit: Fraction, end: int) -> tuple[Fraction, int]:
    """ "one hour twenty", "three minutes thirty": a bare number counts the next smaller unit."""
    value, taken = number_at(words, end)
    after = end + taken
    alone = after >= len(words) or (words[after] not in _OTHER_UNITS and words[after] not in _UNITS)
    if taken and alone and 0 < value < 60 and unit in {Fraction(60), Fraction(1)}:
        return total + value * unit / 60, after
    return total, end


def _item(words: Sequence[str], at: int) -> tuple[Fraction, Fraction, int]:
    """One quantity with its unit: minutes, the unit in minutes, the end (``at`` when there is none)."""
    none = Fraction(0), Fraction(0), at
    part, taken = _first(words, at, SHARES)
    if taken:
        after = at + taken
        while after < len(words) and words[after] in {"of", "a", "an"}:
            after += 1
        if after < len(words) and words[after] in _UNITS:
            return part * _UNITS[words[after]], _UNITS[words[after]], after + 1
    quantity, end = quantity_at(words, at)
    if end == at or end >= len(words) or words[end] not in _UNITS:
        return none
    unit = _UNITS[words[end]]
    return quantity * unit, unit, end + 1


def quantity_at(words: Sequence[str], at: int) -> tuple[Fraction, int]:
    """The quantity at ``at`` and its end, ``at`` if there is none: "twelve", "one point two", "two and a half"."""
    number, end = _counted(words, at)
    if end < len(words) and words[end] == "point":
        decimals, after = _decimals(words, end + 1)
        return (number + decimals, after) if after > end + 1 else (Fraction(0), at)
    if end == at:
        return Fraction(0), at
    if end + 1 < len(words) and words[end] == "and":
        part, taken = _first(words, end + 1, SHARES)
        if taken:
            return number + part, end + 1 + taken
    return number, end


def _counted(words: Sequence[str], at: int) -> tuple[Fraction, int]:
    if at >= len(words):
        return Fraction(0), at
    value, taken = number_at(words, at)
    if taken:
        return Fraction(value), at + taken
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in {"hundred", "thousand"}:
        value, taken = number_at(words, at + 1)
        return Fraction(value), at + 1 + taken
    count, taken = _first(words, at, _COUNTS)
    return count, at + taken


def _decimals(words: Sequence[str], at: int) -> tuple[Fraction, int]:
    """What is said behind "point", and its end: "two five", "twenty five"."""
    digits = ""
    while at + len(digits) < len(words) and words[at + len(digits)] in _DIGITS:
        digits += str(_DIGITS[words[at + len(digits)]])
    if digits:
        return Fraction(int(digits), 10 ** len(digits)), at + len(digits)
    value, taken = number_at(words, at)
    return Fraction(value, 10 ** len(str(value))), at + taken


def share_at(words: Sequence[str], at: int) -> tuple[Fraction, int]:
    """A share at ``at`` ("three quarters", "a third") and the number of its words; 0 words when none begins there."""
    return _first(words, at, SHARES)


def _first(
    words: Sequence[str], at: int, table: Sequence[tuple[tuple[str, ...], Fraction | int]]
) -> tuple[Fraction, int]:
    """The value of the first entry that stands at ``at`` and how many words it takes; 0 words when none does."""
    for said, value in table:
        if tuple(words[at : at + len(said)]) == said:
            return Fraction(value), len(said)
    return Fraction(0), 0
