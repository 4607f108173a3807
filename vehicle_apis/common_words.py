"""What parameters of the same name have in common, whatever the function: the words of their values, and places."""

from collections.abc import Mapping
from typing import Final

ZONES: Final = {
    "driver": "for the driver",
    "passenger": "for the passenger",
    "rear": "in the rear",
    "all": "for all",
}
# parameter -> value -> how it is said; a function may say it otherwise (ApiSpec.value_words)
VALUE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "seat": {
        "driver": "the driver's seat",
        "passenger": "the passenger's seat",
        "rear_left": "the rear left seat",
        "rear_right": "the rear right seat",
        "rear": "the rear seats",
        "all": "all seats",
    },
    "zone": ZONES,
    "window": {"front": "windshield", "rear": "rear window"},
    "door": {
        "driver": "the driver's door",
        "passenger": "the passenger's door",
        "rear_left": "the rear left door",
        "rear_right": "the rear right door",
        "rear": "the rear doors",
        "all": "the doors",
    },
    "unit": {"celsius": "degrees celsius", "fahrenheit": "degrees fahrenheit", "kmh": "km/h"},
    "shade": {"roof": "roof", "rear": "rear window"},
    "screen": {
        "center": "center screen",
        "cluster": "instrument cluster",
        "head_up": "head-up display",
        "rear": "rear screen",
    },
}

PLACES: Final = ("zone", "seat", "window", "door", "side", "channel", "mirror", "screen", "band", "feature")
"""Parameters that say where: calls for two places have nothing to do with each other."""
EVERYWHERE: Final = frozenset({"all", "both"})
COVERS: Final[Mapping[str, tuple[str, ...]]] = {"rear": ("rear_left", "rear_right")}
"""Places that hold others."""
