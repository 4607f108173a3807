"""Writers' conversations: `conv_*.txt` files, and the examples of their turns in the light of those before.

A block is one conversation, a line is a turn; `agent: WORDS` is a yes/no question about the calls of the turn before;
`done: LABEL` is a turn whose words are not kept, because they are too close to an evaluation set: it only happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.data.lines import BadLine, Line, parse_line

PATTERN = "conv_*.txt"
AGENT = "agent:"
DONE = "done:"


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """``asked``: a question about the calls of the turn before is open. Without a text the turn only happened."""

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
        elif row.startswith(AGENT):
            asked = True
        else:
            try:
                turns.append(SaidTurn(_turn(row), asked))
            except BadLine as e:
                raise BadLine(f"{where}: {e}") from e
            asked = False


def _turn(row: str) -> Line:
    """Raises BadLine."""
    if not row.startswith(DONE):
        return parse_line(row)
    line = replace(parse_line(f"{DONE} => {row.removeprefix(DONE).strip()}"), text="")
    if line.clarify:
        raise BadLine(f"the words of a command that lacks something are context themselves: {row!r}")
    return line
