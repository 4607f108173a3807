"""Numbers as they are spoken, for the baselines: "twenty one point five" -> 21.5."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vehicle_agent.planning.number_words import DIGITS, REPEATS, SMALL, SPOKEN_ZEROS, TENS

_DIGITS: Final = {**{word: str(n) for word, n in DIGITS.items()}, **dict.fromkeys(SPOKEN_ZEROS, "0")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """``begin`` and ``end``: the words it takes."""

    value: float
    begin: int
    end: int


def numbers(words: Sequence[str]) -> Iterator[Number]:
    """Every number in ``words``, from left to right."""
    at = 0
    while at < len(words):
        value, end = _read(words, at)
        if end > at:
            yield Number(value=value, begin=at, end=end)
        at = max(end, at + 1)


def _small(words: Sequence[str], at: int) -> tuple[int, int]:
    """0-99 at ``at`` and where it ends; the same place when there is none."""
    if at >= len(words):
        return 0, at
    if words[at] in TENS:
        following = SMALL.get(words[at + 1], 0) if at + 1 < len(words) else 0
        return (TENS[words[at]] + following, at + 2) if 1 <= following <= 9 else (TENS[words[at]], at + 1)
    return (SMALL[words[at]], at + 1) if words[at] in SMALL else (0, at)


def _read(words: Sequence[str], at: int) -> tuple[float, int]:
    whole, end = _small(words, at)
    if end == at:
        return 0, at
    if end < len(words) and words[end] == "hundred":
        end += 1
        skip = end + (end < len(words) and words[end] == "and")
        rest, after = _small(words, skip)
        whole, end = (100 * whole + rest, after) if after > skip else (100 * whole, end)
    if words[end : end + 1] == ["point"] and end + 1 < len(words) and words[end + 1] in _DIGITS:
        digits, end = _digits(words, end + 1)
        return float(f"{whole}.{digits}"), end
    if list(words[end : end + 3]) == ["and", "a", "half"]:
        return whole + 0.5, end + 3
    return whole, end


def _digits(words: Sequence[str], at: int) -> tuple[str, int]:
    found = ""
    while at < len(words) and words[at] in _DIGITS:
        found += _DIGITS[words[at]]
        at += 1
    return found, at


def telephone_digits(text: str) -> str:
    """Digits spoken one by one, "double five" and "oh" understood; "" when anything else is said."""
    found = ""
    times = 1
    for word in text.split():
        if word in REPEATS:
            times = REPEATS[word]
        elif word in _DIGITS:
            found += _DIGITS[word] * times
            times = 1
        else:
            return ""
    return found
