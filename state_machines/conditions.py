"""The conditions a rule's ``when`` may name, each with its value when unknown."""

from collections.abc import Callable, Mapping
from typing import Final

from state_machines import limits
from state_machines.driving_state import is_fresh, is_number, word_of
from vehicle_apis.signals import Signals

# One word has to be read; everything else, known or not, is the other one.


def _ambient_light(signals: Signals) -> str:
    return word_of(signals.ambient_light, limits.SURROUNDINGS_MAX_AGE_MS, ("day",)) or "night"


def _rain(signals: Signals) -> str:
    return word_of(signals.rain, limits.SURROUNDINGS_MAX_AGE_MS, ("no",)) or "yes"


def _plugged_in(signals: Signals) -> str:
    return word_of(signals.plugged_in, limits.SURROUNDINGS_MAX_AGE_MS, ("yes",)) or "no"


def _rolling(signals: Signals) -> str:
    rolls = any(
        reading is not None
        and is_fresh(reading, limits.SPEED_MAX_AGE_MS)
        and is_number(reading.value)
        and reading.value >= limits.ROLLING_FROM_KMH
        for reading in signals.speed_kmh
    )
    return "yes" if rolls else "no"


CONDITIONS: Final[Mapping[str, tuple[Callable[[Signals], str], tuple[str, ...]]]] = {
    "ambient_light": (_ambient_light, ("day", "night")),
    "rain": (_rain, ("no", "yes")),
    "plugged_in": (_plugged_in, ("no", "yes")),
    "rolling": (_rolling, ("no", "yes")),
}
