"""Words that carry a value: a misheard word may not turn into one of them by accident."""

from vehicle_agent.planning.number_words import CARDINALS
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import EnumParam

_NUMBERS = CARDINALS | frozenset(["oh", "hundred", "half", "quarter", "double", "triple", "noon", "midnight"])
_DIRECTIONS = """
on off open close closed shut lock unlock up down left right front rear back driver passenger both all fold unfold
in out start stop pause resume play next previous mute unmute more less higher lower hotter colder warmer cooler
faster slower
max min never not don't no today tomorrow tonight morning evening monday tuesday wednesday thursday friday
saturday sunday
"""


_FRAGILE_DIRECTIONS = "on off up down in out left right back no not all both"
FRAGILE = _NUMBERS | frozenset(_FRAGILE_DIRECTIONS.split())


def value_words(catalogue: Catalogue) -> frozenset[str]:
    """Numbers, directions, days and the words of every closed value."""
    closed = {
        word
        for spec in catalogue
        for param in spec.params
        if isinstance(param, EnumParam)
        for value in param.values
        for word in value.split("_")
    }
    return frozenset(closed) | _NUMBERS | frozenset(_DIRECTIONS.split())
