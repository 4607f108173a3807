"""Numbers that arrive as text: plain ASCII digits with a sign and a point, and nothing else.

Python's own int() and float() take more for a number: digits of every script, "1_0", " 5 ", "nan", "inf", "1e9".
"""

import re
from collections.abc import Mapping
from typing import Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")  # more digits are no number that anything here counts
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")

_KINDS: Final = (int, float, int | None, float | None)


def whole_number(text: str) -> int:
    """Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is no whole number; write it with the digits 0 to 9")
    return int(text)


def number(text: str) -> int | float:
    """A whole number as an int. Raises ValueError."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is no number; write it with the digits 0 to 9 and a point")
    return float(text)


def any_float(text: str) -> float:
    """What Python takes for a float, in ASCII and in one piece; also "nan" and "inf", for those who name a range.

    Raises ValueError.
    """
    if not text.isascii() or "_" in text or text != text.strip():
        number(text)
    return float(text)


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def plain_numbers(given: object, kinds: Mapping[str, object]) -> object:
    """``given``, a table of a file, if no number in it is written as a text that only Python takes for one.

    ``kinds``: the types its keys are to have. Raises ValueError.
    """
    if isinstance(given, Mapping):
        for name, kind in kinds.items():
            value = given.get(name)
            if isinstance(value, str) and kind in _KINDS and not is_number(value) and _reads(value):
                raise ValueError(f"{name}: {value[:30]!r} is no number; write it with the digits 0 to 9 and a point")
    return given


def _reads(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
