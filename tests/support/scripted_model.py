"""A fake model for the real planner: one token a character, and for each known text the output it was given."""

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from support.calls import CATALOGUE
from vehicle_agent.planning.confidence import Confidence
from vehicle_agent.planning.planner import Planner
from vehicle_apis import tokens as wire
from vehicle_apis.codec import Refusal, Utterance, encode

_SPACE = "\u2581"
_CHARACTERS = (*string.ascii_lowercase, *string.ascii_uppercase, *string.digits, *"'.:-\n", _SPACE)
_SURE = 0.999


@dataclass
class ScriptedModel:
    """``known``: heard text -> what is written; any other text is refused. ``unsure``: heard text -> piece -> the
    probability of its first token. ``before``: hears the text and the number of tokens written so far, in the
    planner's thread."""

    known: Mapping[str, Utterance]
    unsure: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    before: Callable[[str, int], None] = lambda _text, _written: None
    closed: bool = False
    evaluations: int = 0

    def __post_init__(self) -> None:
        self.pieces: list[str] = [*wire.special_tokens(), "<bos>", *_CHARACTERS]
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}
        self.n_vocab = len(self.pieces)
        self.bos = self._ids["<bos>"]
        self._seen: list[int] = []

    def tokenize(self, text: str) -> list[int]:
        return [self._ids[c] for c in text.replace(" ", _SPACE) if c in self._ids]

    def piece(self, token: int) -> str:
        return self.pieces[token]

    def close(self) -> None:
        self.closed = True

    def restart(self, tokens: Sequence[int]) -> int:  # noqa: ARG002 - it keeps nothing
        self._seen = []
        return 0

    def target(self, heard: str) -> tuple[list[int], dict[int, float]]:
        unsure = self.unsure.get(heard, {})
        ids: list[int] = []
        doubts: dict[int, float] = {}
        for piece in encode(self.known.get(heard, Refusal()), CATALOGUE):
            if piece in unsure:
                doubts[len(ids)] = unsure[piece]
            ids += [self._ids[piece]] if piece in self._ids else self.tokenize(piece)
        return ids, doubts

    def evaluate(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        self.evaluations += 1
        self._seen += tokens
        end = self._seen.index(self._ids["\n"])
        heard = "".join(self.pieces[t] for t in self._seen[1:end]).replace(_SPACE, " ").strip()
        if heard not in self.known:  # the end of it, after what was before
            heard = max((text for text in self.known if heard.endswith(text)), key=len, default=heard)
        written = len(self._seen) - end - 1
        self.before(heard, written)
        target, doubts = self.target(heard)
        p = doubts.get(written, _SURE)
        logits = np.zeros(self.n_vocab, dtype=np.float32)
        logits[target[written]] = math.log(p / (1 - p) * (self.n_vocab - 1))
        return logits


def scripted_planner(
    model: ScriptedModel, *, ask_below: float | None = None, confidence: Confidence | None = None
) -> Planner:
    """The real planner on it. Close it."""
    return Planner(model, CATALOGUE, confidence=confidence or Confidence(), ask_below=ask_below)
