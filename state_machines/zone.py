"""The microphone's zone: whose "my seat" and "the window" it is."""

from collections.abc import Mapping
from typing import Final

from vehicle_apis.params import EnumParam
from vehicle_apis.spec import ApiSpec

_PLACES: Final = ("zone", "seat", "window")
_COARSER: Final = {"rear_left": ("rear_left", "rear"), "rear_right": ("rear_right", "rear")}


def at_speaker(spec: ApiSpec, raw: Mapping[str, object], mic_zone: str) -> dict[str, object]:
    """``raw`` with the speaker's own place filled in where none was said and the default is the driver's."""
    placed = dict(raw)
    if mic_zone == "driver":
        return placed
    for param in spec.params:
        if param.name in _PLACES and param.name not in raw and isinstance(param, EnumParam):
            if param.default != "driver":
                continue
            for place in _COARSER.get(mic_zone, (mic_zone,)):
                if place in param.values:
                    placed[param.name] = place
                    break
    return placed
