"""Greedy decoding of one utterance under the grammar, watched for how sure the model was."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.confidence import StatisticsCollector
from vehicle_agent.planning.grammar import Grammar
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

_MAX_NEW_TOKENS: Final = 160


class Evaluates(Protocol):
    """What decoding needs of a model (`Llama`)."""

    bos: int

    def restart(self, tokens: Sequence[int]) -> int:
        """Forgets what was evaluated but for a beginning of ``tokens``, never all of them; how many are kept."""

    def evaluate(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the model reads. ``tokens``: what was before and the utterance with its newline; ``spans``, ``starts``,
    ``ends``: where texts may be copied from, as `SpanMatcher` takes them."""

    heard: str
    tokens: Sequence[int]
    spans: Sequence[int]
    starts: Sequence[bool]
    ends: Sequence[bool]
    earlier: Earlier = NOTHING_BEFORE


class DecodingStopped(Exception):
    """Nobody wants the plan any more."""


class Decoding:
    """One run.

    A token that is the only one allowed is not asked for: it is evaluated together with the next one that is.
    ``call_complete`` hears, in this thread, the output so far each time a call is followed by another one;
    ``stopped`` is asked before every token and ends the run by DecodingStopped.
    """

    def __init__(
        self,
        model: Evaluates,
        grammar: Grammar,
        clock: Callable[[], float],
        *,
        call_complete: Callable[["Decoding"], None] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model = model
        self._grammar = grammar
        self._clock = clock
        self._call_complete = call_complete
        self._stopped = stopped
        self._in_plan = False
        self.watch = StatisticsCollector()
        self.output: list[int] = []
        self.model_s = 0.0
        self.first_token_s = 0.0

    def go(self, read: "Read") -> None:
        """Raises ModelError, DecodingStopped."""
        began = self._clock()
        walk = self._grammar.begin(read.heard, read.spans, read.starts, read.ends, read.earlier)
        pending = [self._model.bos, *read.tokens]
        del pending[: self._model.restart(pending)]
        while not walk.done:
            if self._stopped():
                raise DecodingStopped
            allowed = walk.allowed()
            probability = 1.0
            if len(allowed) == 1:
                token = next(iter(allowed))
            elif len(self.output) > _MAX_NEW_TOKENS:
                raise ModelError("the plan grew too long; say less at once")
            else:
                logits = self._model.evaluate(pending)
                pending = []
                token, probability = self._choose(logits, allowed, watched=not walk.in_query)
                if not self.first_token_s:
                    self.first_token_s = self._clock() - began
            self._note_function(token, probability)
            walk.feed(token)
            self.output.append(token)
            pending.append(token)
        if self.output[-1] != self._grammar.end:
            self.output.append(self._grammar.end)  # after <refuse> or <clarify> it is implied
        self.model_s = self._clock() - began

    def _choose(self, logits: npt.NDArray[np.float32], allowed: set[int], *, watched: bool) -> tuple[int, float]:
        """The best allowed token and its probability over the whole vocabulary. ``watched``: it counts for how sure the
        model is."""
        ids = np.fromiter(allowed, dtype=np.int64, count=len(allowed))
        some = logits[ids]
        best = int(np.argmax(some))
        token = int(ids[best])
        top = float(logits.max())
        total = float(np.exp(logits - top).sum())
        shares = np.exp(some - top) / total
        probability = float(shares[best])
        if not watched:
            return token, probability
        second = float(np.partition(shares, -2)[-2])
        g = self._grammar
        silent = [i for i in g.silent if i in allowed]
        if silent and not self.output:
            self.watch.might_be_silent(float(np.exp(logits[silent] - top).sum()) / total)
        self.watch.chose(
            probability,
            margin=max(0.0, probability - second),
            outside=min(1.0, max(0.0, 1.0 - math.fsum(shares.tolist()))),
            argument=token not in g.functions and token not in {g.end, g.clarify, *g.silent, *g.answers},
        )
        return token, probability

    def _note_function(self, token: int, probability: float) -> None:
        """A function token begins a call, and completes the one before it."""
        if token not in self._grammar.functions:
            return
        if not self.output:
            self._in_plan = True
        if not self._in_plan:
            return  # <clarify> names a function, which is no call
        if self.output and self._call_complete is not None:
            self._call_complete(self)
        self.watch.call_began(probability)
