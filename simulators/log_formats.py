"""The formats of recordings, by their suffix."""

from pathlib import Path
from typing import Final

from simulators.errors import RecordingError

FORMATS: Final = {
    ".log": "candump's text",
    ".asc": "Vector's text",
    ".blf": "Vector's binary",
    ".mf4": "ASAM MDF 4, with the extra [mf4]",
}
TEXT: Final = frozenset({".log", ".asc"})


def format_of(path: Path) -> str:
    """The suffix that decides the format. Raises RecordingError for one that is none of `FORMATS`."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(f"{key} ({what})" for key, what in FORMATS.items())
        unpack = "; unpack it with `gunzip` first" if suffix == ".gz" else ""
        raise RecordingError(f"{path}: the suffix decides the format and must be one of {known}{unpack}")
    return suffix
