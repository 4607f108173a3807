"""Sentences with what is expected of them, from a text file: `SENTENCE => EXPECTED`."""

import zlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "unit" / "planning" / "data"


@dataclass(frozen=True, slots=True)
class Said:
    """``held_out``: kept for measuring, decided by the sentence alone; no rule was written by looking at it."""

    text: str
    expected: str

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.text.encode()) % 3 == 0


def sentences(name: str) -> list[Said]:
    """All sentences of ``data/<name>.txt``."""
    rows = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    said = [row.rsplit(" => ", 1) for row in rows if row and not row.startswith("#")]
    return [Said(text.strip(), expected.strip()) for text, expected in said]
