"""Whether two telephone numbers are one: "+44 20 7946 0018" is "020 7946 0018" at home."""

from enum import IntEnum
from typing import Final

from state_machines.telephone import normalised

_LEAST_DIGITS: Final = 7  # fewer are extensions and short codes, which end like many a number
_MOST_COUNTRY_DIGITS: Final = 3  # E.164


class Alike(IntEnum):
    """``LOCAL``: one is the end of the other; ``COUNTRY``: one has the country's code in place of the trunk prefix."""

    NO = 0
    LOCAL = 1
    COUNTRY = 2
    SAME = 3


def _international(number: str) -> str | None:
    """The digits after "+" or "00"."""
    if number.startswith("+"):
        return number[1:]
    return number[2:] if number.startswith("00") else None


def alike(one: str, other: str) -> Alike:
    a, b = normalised(one), normalised(other)
    if a is None or b is None:
        return Alike.NO
    abroad_a, abroad_b = _international(a), _international(b)
    if (abroad_a or a) == (abroad_b or b):
        return Alike.SAME
    if abroad_a is not None and abroad_b is not None:
        return Alike.NO
    if abroad_a is not None:
        return _at_home(abroad_a, b)
    if abroad_b is not None:
        return _at_home(abroad_b, a)
    return _ends_with(*sorted((a, b), key=len, reverse=True))


def _at_home(abroad: str, home: str) -> Alike:
    """``abroad``: with country code, without "+"; ``home``: as it is dialled within a country."""
    forms = {home, home.removeprefix("0")}  # Italy keeps the 0
    if abroad.startswith("7") and home.startswith("8"):
        forms.add(home[1:])  # the trunk prefix of Russia and its neighbours
    for national in forms:
        country = len(abroad) - len(national)
        if len(national) >= _LEAST_DIGITS and abroad.endswith(national) and 1 <= country <= _MOST_COUNTRY_DIGITS:
            return Alike.COUNTRY
    return _ends_with(abroad, home)


def _ends_with(longer: str, shorter: str) -> Alike:
    """A number without its area code; one with a trunk prefix has it."""
    local = len(shorter) >= _LEAST_DIGITS and not shorter.startswith("0")
    return Alike.LOCAL if local and longer.endswith(shorter) else Alike.NO
