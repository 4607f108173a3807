"""Writers' conversations: `conv_*.txt` files, and the examples of their turns in the light of those before.

A block is one conversation, a line is a turn; `agent: WORDS` is a yes/no question about the calls of the turn before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.data.lines import BadLine, Line, parse_line

PATTERN = "conv_*.txt"
_AGENT = "agent:"


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """``asked``: a question about the calls of the turn before is open."""

    line: Line
    asked: bool = False


Conversation = Sequence[SaidTurn]


def read_conversations(folder: Path) -> Iterator[Conversation]:
    """All conversations of all files below ``folder``. Raises BadLine."""
    for path in sorted(folder.rglob(PATTERN)):
        yield from parse_conversations(path.read_text(encoding="utf-8"), str(path))


def parse_conversations(text: str, where: str = "") -> Iterator[Conversation]:
    """Raises BadLine."""
    turns: list[SaidTurn] = []
    asked = False
    for row in [*text.splitlines(), ""]:
        if row.startswith("#"):
            continue
        if not row.strip():
            if turns:
                yield turns
            turns, asked = [], False
        elif row.startswith(_AGENT):
            asked = True
        else:
            try:
                turns.append(SaidTurn(parse_line(row), asked))
            except BadLine as e:
                raise BadLine(f"{where}: {e}") from e
            asked = False
