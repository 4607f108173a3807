"""A fake model for the real planner: one token a character, and for each known text the output it was given."""

import itertools
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

Script = Utterance | tuple[str, ...]


@dataclass
class ScriptedModel:
    """``known``: heard text -> what is written, as a meaning or in pieces; any other text is refused. What is read
    before an utterance and is to be understood together with it stands before the text in its pieces:
    "<turn><fn_2>3 more".

    ``unsure``: heard text -> piece -> the probability of its first token. ``before``: hears the text and the number of
    tokens written so far, in the planner's thread. ``read``: all that was read for the last utterance, like a key of
    ``known``; ``evaluations`` and ``tokens``: how often it was run, and of how many tokens together.
    """

    known: Mapping[str, Script]
    unsure: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    before: Callable[[str, int], None] = lambda _text, _written: None
    closed: bool = False
    read: str = ""
    evaluations: int = 0
    tokens: int = 0

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

    def restart(self, tokens: Sequence[int]) -> int:
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(self._seen, tokens[:-1], strict=False))
        self._seen = [token for token, _ in same]
        return len(self._seen)

    def target(self, heard: str) -> tuple[list[int], dict[int, float]]:
        unsure = self.unsure.get(heard, {})
        ids: list[int] = []
        doubts: dict[int, float] = {}
        script = self.known.get(heard, Refusal())
        for piece in script if isinstance(script, tuple) else encode(script, CATALOGUE):
            if piece in unsure:
                doubts[len(ids)] = unsure[piece]
            ids += [self._ids[piece]] if piece in self._ids else self.tokenize(piece)
        return ids, doubts

    def evaluate(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        self.evaluations += 1
        self.tokens += len(tokens)
        self._seen += tokens
        if self._ids["\n"] not in self._seen:
            return np.zeros(self.n_vocab, dtype=np.float32)  # it reads ahead
        end = self._seen.index(self._ids["\n"])
        self.read = "".join(self.pieces[t] for t in self._seen[1:end]).replace(_SPACE, " ").strip()
        heard = self._heard(self.read)
        written = len(self._seen) - end - 1
        self.before(heard, written)
        target, doubts = self.target(heard)
        p = doubts.get(written, _SURE)
        logits = np.zeros(self.n_vocab, dtype=np.float32)
        # where it was kept from writing what it wanted, its last wish is the end
        logits[target[min(written, len(target) - 1)]] = math.log(p / (1 - p) * (self.n_vocab - 1))
        return logits

    def _heard(self, read: str) -> str:
        """All that was read if that is known or stands alone, else the longest end of it that is known."""
        if read in self.known or not read.startswith("<"):
            return read
        words = read.split(" ")
        ends = (" ".join(words[i:]) for i in range(len(words)))
        return next((end for end in ends if end in self.known), read)


def scripted_planner(
    model: ScriptedModel, *, ask_below: float | None = None, confidence: Confidence | None = None
) -> Planner:
    """The real planner on it. Close it."""
    return Planner(model, CATALOGUE, confidence=confidence or Confidence(), ask_below=ask_below)
