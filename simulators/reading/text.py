"""The lines of a text recording, however it was saved, in bounded memory."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from simulators.errors import RecordingError

LONGEST: Final = 8192  # characters; the longest frame there is, one of CAN XL, needs about 4200

_ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY: Final = (
    (b"\x1f\x8b", "packed with gzip; unpack it with `gunzip` first"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"LOGG", "a BLF file by its content; let its name end in .blf"),
    (b"MDF     ", "an MF4 file by its content; let its name end in .mf4"),
    (b"SQLite format 3", "a database; export it as .log, .asc or .blf"),
    (b"\xd4\xc3\xb2\xa1", "a network capture; record with `candump -L`"),
    (b"\x0a\x0d\x0d\x0a", "a network capture; record with `candump -L`"),
)


class Line(NamedTuple):
    """``is_whole``: it has a line end; only the last line may lack one. ``is_long``: cut at `LONGEST`."""

    number: int
    text: str
    is_whole: bool
    is_long: bool


def lines(path: Path, name: Path) -> Iterator[Line]:
    """Every line that is not blank, without its end. ``name``: what the user calls the file.

    Raises OSError, and RecordingError for a binary file.
    """
    with path.open("rb") as file:
        head = file.read(16)
    for magic, what in _BINARY:
        if head.startswith(magic):
            raise RecordingError(f"{name} is {what}")
    # comments may be in any code page; what matters is plain ASCII
    with path.open("r", encoding=_encoding(head), errors="replace") as file:
        number = 0
        while text := file.readline(LONGEST):
            number += 1
            is_long = len(text) == LONGEST and not text.endswith("\n")
            rest = text
            while is_long and rest and not rest.endswith("\n"):
                rest = file.readline(LONGEST)
            is_whole = (rest if is_long else text).endswith("\n")
            if stripped := text.strip():
                yield Line(number, stripped, is_whole, is_long)


def _encoding(head: bytes) -> str:
    for mark, encoding in _ENCODINGS:
        if head.startswith(mark):
            return encoding
    if len(head) >= 4 and head[0] and head[2] and head[1] == head[3] == 0:
        return "utf-16-le"
    if len(head) >= 4 and head[1] and head[3] and head[0] == head[2] == 0:
        return "utf-16-be"
    return "utf-8"


def is_zeros(line: Line) -> bool:
    """What a file system leaves at the end of a file when the power fails."""
    return line.text[0] == "\0" and not line.text.strip("\0")
