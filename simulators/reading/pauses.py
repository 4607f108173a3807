"""Long stretches without frames: from when they are told, and in words."""

from typing import Final

PAUSE_S: Final = 60.0
SKIPPED_TO_S: Final = 1.0  # what is left of a pause that is skipped; every signal is stale after it

_UNITS: Final = ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min"))


def duration(seconds: float) -> str:
    """ "2.5 h"; the largest unit that is not below 1."""
    for length_s, unit in _UNITS:
        if seconds >= length_s:
            return f"{seconds / length_s:.1f} {unit}"
    return f"{seconds:.1f} s"
