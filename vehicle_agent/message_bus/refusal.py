"""The errors that the agent answers with over D-Bus."""

from dataclasses import dataclass
from typing import Final

INVALID: Final = "org.vehicleagent.Error.InvalidArguments"
TOO_LONG: Final = "org.vehicleagent.Error.TooLong"
BUSY: Final = "org.vehicleagent.Error.Busy"
FAILED: Final = "org.vehicleagent.Error.Failed"
NOT_READY: Final = "org.vehicleagent.Error.NotReady"

MAX_SENTENCE_CHARS: Final = 300


def one_line(text: str) -> str:
    """One line of printable text, cut to what a caller or a log needs of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MAX_SENTENCE_CHARS]).split())
    return line if len(line) <= MAX_SENTENCE_CHARS else line[: MAX_SENTENCE_CHARS - 3] + "..."


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a call is not taken: the error's name and one sentence."""

    error: str
    text: str
