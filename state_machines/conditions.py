"""The conditions a rule's ``when`` may name, each with its value when unknown."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from state_machines import limits
from state_machines.driving_state import is_fresh, is_number, word_of
from vehicle_apis.signals import WORDED, Signals

Condition: TypeAlias = tuple[Callable[[Signals], str], tuple[str, ...]]
"""What is read, and the words that it can say."""


def _surroundings(name: str, *, when_unknown: str) -> Condition:
    """A signal's word; ``when_unknown`` unless another one is read."""
    words = WORDED[name].words

    def read(signals: Signals) -> str:
        return word_of(getattr(signals, name), limits.SURROUNDINGS_MAX_AGE_MS, words) or when_unknown

    return read, words


def _rolling(signals: Signals) -> str:
    rolls = any(
        reading is not None
        and is_fresh(reading, limits.SPEED_MAX_AGE_MS)
        and is_number(reading.value)
        and reading.value >= limits.ROLLING_FROM_KMH
        for reading in signals.speed_kmh
    )
    return "yes" if rolls else "no"


CONDITIONS: Final[Mapping[str, Condition]] = {
    "ambient_light": _surroundings("ambient_light", when_unknown="night"),
    "rain": _surroundings("rain", when_unknown="yes"),
    "plugged_in": _surroundings("plugged_in", when_unknown="no"),
    "rolling": (_rolling, ("no", "yes")),
}
