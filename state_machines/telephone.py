"""Telephone numbers: as they are dialled, what is never dialled, and which of them call for help. Pure text."""

from collections.abc import Collection
from typing import Final

# safety.yaml of the project's specification, `expansion`
EMERGENCY_NUMBERS: Final = frozenset(
    {
        *("112", "911", "999", "000", "110", "111", "113", "115", "117", "118", "119", "120", "122"),
        *("190", "191", "193", "995", "997", "998"),
    }
)
_PLUS: Final = frozenset("+\uff0b\ufe62")
# what only groups digits, besides parentheses: dashes, slashes and dots of the scripts that telephones write
_GROUPING: Final = frozenset("-/.\u00b7\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2215\ufe58\ufe63\uff0d\uff0e\uff0f")
# soft hyphen, zero widths, marks of direction, joiners, byte-order mark; anything else unseen is no part of a number
_INVISIBLE: Final = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_PARENTHESES: Final = {"\uff08": "(", "\uff09": ")"}  # the plain ones stay as they are
_SCHEME: Final = "tel:"


def _plain(text: str) -> str:
    """ASCII digits, "+" and parentheses; what is no part of a number stays as it is."""
    kept = []
    for sign in text:
        if sign.isdecimal():
            kept.append(str(int(sign)))
        elif sign in _PLUS:
            kept.append("+")
        elif sign in _PARENTHESES:
            kept.append(_PARENTHESES[sign])
        elif not (sign.isspace() or sign in _GROUPING or sign in _INVISIBLE):
            kept.append(sign)
    return "".join(kept)


def normalised(text: str) -> str | None:
    """The number as it is dialled: ASCII digits, at most one "+" before them. None for what is never dialled.

    Never dialled is anything with a star or a hash (codes that change the line), with letters, pauses, further tones or
    an extension, with a "+" between digits, or without a digit. Digits of every script count. What only groups them
    is dropped, also the trunk 0 of "+44 (0) 20".
    """
    number = _plain(text)
    if number[: len(_SCHEME)].lower() == _SCHEME:
        number = number[len(_SCHEME) :]
    if "+" in number:
        number = number.replace("(0)", "")
    number = number.replace("(", "").replace(")", "")
    return number if number.removeprefix("+").isdecimal() else None


def is_emergency(number: str, also: Collection[str] = ()) -> bool:
    """Whether it calls for help, with or without "+", "0" or "00" before it. ``also``: what the telephone adds."""
    dialled = normalised(number)
    if dialled is None:
        return False
    digits = dialled.removeprefix("+")
    added = (normalised(other) for other in also)
    known = EMERGENCY_NUMBERS | {other.removeprefix("+") for other in added if other is not None}
    return not known.isdisjoint({digits, digits.removeprefix("0"), digits.removeprefix("00")})


def spoken(number: str) -> str:
    """Digit by digit, in groups of three and a rest of two to four; what is no number stays as it is."""
    dialled = normalised(number)
    if dialled is None:
        return number
    digits = dialled.removeprefix("+")
    groups = []
    while len(digits) > 4:
        groups.append(digits[:3])
        digits = digits[3:]
    said = ", ".join(" ".join(group) for group in (*groups, digits))
    return f"plus {said}" if dialled.startswith("+") else said
