"""A byte-fallback sentencepiece tokenizer in plain Python, step for step as llama.cpp does it.

Words are segmented one by one and remembered: no piece crosses a space, so that a prompt costs a few look-ups.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush

SPACE = "\u2581"  # sentencepiece's visible space


class TokenType(IntEnum):
    """The token types of GGUF."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    BYTE = 6


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    score: float
    kind: TokenType


@dataclass(slots=True)
class _Symbol:
    text: str
    left: int
    right: int


def segment(word: str, scores: dict[str, float], seen: set[str] | None = None) -> list[str]:
    """``word`` (with SPACE for spaces) cut by greedy best-score merges; ``seen`` collects every merged piece."""
    symbols = [_Symbol(c, i - 1, i + 1) for i, c in enumerate(word)]
    heap: list[tuple[float, int, int, str]] = []

    def propose(left: int, right: int) -> None:
        if left < 0 or right >= len(symbols):
            return
        text = symbols[left].text + symbols[right].text
        score = scores.get(text)
        if score is not None:
            heappush(heap, (-score, left, right, text))

    for i in range(len(symbols) - 1):
        propose(i, i + 1)
    while heap:
        _, left, right, text = heappop(heap)
        a, b = symbols[left], symbols[right]
        if not a.text or not b.text or a.text + b.text != text or a.right != right:
            continue
        a.text, b.text = text, ""
        a.right = b.right
        if b.right < len(symbols):
            symbols[b.right].left = left
        if seen is not None:
            seen.add(text)
        propose(a.left, left)
        propose(left, a.right)
    return [s.text for s in symbols if s.text]


@dataclass
class Tokenizer:
    """Token ids of text and back. Special tokens are never parsed out of text."""

    pieces: Sequence[Piece]
    ids: dict[str, int] = field(init=False)
    _scores: dict[str, float] = field(init=False)
    _user: dict[str, int] = field(init=False)
    _words: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = {p.text: i for i, p in enumerate(self.pieces)}
        self._scores = {p.text: p.score for p in self.pieces if p.kind is TokenType.NORMAL}
        self._user = {p.text: i for i, p in enumerate(self.pieces) if p.kind is TokenType.USER_DEFINED}

    def encode(self, text: str) -> list[int]:
        """Ids of ``text``; newlines must be pieces of their own."""
        out: list[int] = []
        for chunk in _chunks(text):
            ids = self._words.get(chunk)
            if ids is None:
                ids = self._words[chunk] = self._encode_chunk(chunk)
            out += ids
        return out

    def _encode_chunk(self, chunk: str) -> list[int]:
        if chunk in self._user:
            return [self._user[chunk]]
        out: list[int] = []
        for text in segment(chunk.replace(" ", SPACE), self._scores):
            index = self.ids.get(text)
            if index is not None:
                out.append(index)
            else:
                out += [self.ids[f"<0x{byte:02X}>"] for byte in text.encode()]
        return out

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ``ids``; special tokens as their names."""
        out = bytearray()
        for index in ids:
            piece = self.pieces[index]
            if piece.kind is TokenType.BYTE:
                out.append(int(piece.text[3:5], 16))
            else:
                out += piece.text.replace(SPACE, " ").encode()
        return out.decode(errors="replace")


def _chunks(text: str) -> list[str]:
    """``text`` cut before every space that follows a non-space, newlines apart."""
    out: list[str] = []
    for line_no, line in enumerate(text.split("\n")):
        if line_no:
            out.append("\n")
        start = 0
        for i in range(1, len(line)):
            if line[i] == " " and line[i - 1] != " ":
                out.append(line[start:i])
                start = i
        if start < len(line):
            out.append(line[start:])
    return out
