"""The planner: an utterance to a plan, a refusal or a question, with time and confidence."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.grammar import Grammar
from vehicle_agent.planning.listen import Unhearable, utterance
from vehicle_agent.planning.llama import Llama
from vehicle_agent.planning.model_file import check_catalogue, check_file, find_model
from vehicle_agent.planning.ordering import ordered
from vehicle_agent.planning.repeats import without_repeats
from vehicle_agent.planning.said_numbers import check_said
from vehicle_apis import tokens as wire
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance, decode, prompt
from vehicle_apis.errors import CodecError, InvalidCall

_SPACE: Final = "\u2581"
_MAX_NEW_TOKENS: Final = 160
_NOT_OURS: Final = "that is nothing I can do in this car"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What one utterance means.

    ``heard``: the text as the model read it; ``utterance``: the plan (with its ordering), a refusal or an incomplete
    command; ``why``: a sentence when nothing was understood; ``confidence``: the least probability the model gave to
    any choice it made, 0..1; ``model_ms``/``total_ms``: wall time; ``tokens_in``/``tokens_out``: model tokens.
    """

    heard: str
    utterance: Utterance
    why: str = ""
    confidence: float = 0.0
    model_ms: float = 0.0
    total_ms: float = 0.0
    first_token_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def plan(self) -> Plan:
        return self.utterance if isinstance(self.utterance, Plan) else Plan()


class Planner:
    """Owns the model and one worker thread. ``plan`` blocks; ``plan_async`` does not."""

    def __init__(self, model: Llama, catalogue: Catalogue, clock: Callable[[], float] = time.perf_counter) -> None:
        self._model = model
        self._catalogue = catalogue
        self._clock = clock
        self._pieces = [model.piece(i) for i in range(model.n_vocab)]
        by_text = {piece: i for i, piece in enumerate(self._pieces)}
        special = {name: by_text[name] for name in wire.special_tokens() if name in by_text}
        if len(special) != len(wire.special_tokens()):
            raise ModelError("the model's vocabulary lacks functional tokens; use the model of this release")
        self._special = frozenset(special.values())
        self._grammar = Grammar(catalogue, model.tokenize, self._text_of, special)
        # one worker: llama.cpp's context is not thread-safe, and a second utterance waits its turn
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planner")

    @classmethod
    def load(
        cls, catalogue: Catalogue, path: Path | None = None, *, threads: int = 2, verify_checksum: bool = False
    ) -> Self:
        """Finds, checks and loads the model. Raises ModelError."""
        found = find_model(path)
        check_file(found, checksum=verify_checksum)
        model = Llama(found, threads=threads)
        try:
            check_catalogue(model, found, catalogue)
            planner = cls(model, catalogue)
        except ModelError:
            model.close()
            raise
        planner.warm_up()
        return planner

    def warm_up(self) -> None:
        """Runs one throw-away utterance so that the first real one is not slower."""
        self.plan("hello")

    def close(self) -> None:
        self._worker.shutdown(wait=True)
        self._model.close()

    async def plan_async(self, text: str) -> Planned:
        """`plan` in the worker thread; the event loop stays free."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self.plan, text)

    def plan(self, text: str) -> Planned:
        """Raises nothing for any text: what cannot be understood is a Refusal with its reason."""
        began = self._clock()
        try:
            heard = utterance(text)
        except Unhearable as e:
            return Planned(heard="", utterance=Refusal(), why=str(e), total_ms=self._ms_since(began))
        tokens = self._model.tokenize(prompt(heard))
        run = _Run(self._model, self._grammar, self._clock)
        starts = self._starts(tokens)
        ends = [start or self._pieces[t].startswith("'") for start, t in zip(starts, tokens, strict=True)]
        try:
            run.go(heard, tokens, starts, ends)
            meaning = decode(self._pieces_of(run.output), self._catalogue)
            if isinstance(meaning, Plan):
                check_said(meaning, heard)
        except (ModelError, CodecError, InvalidCall) as e:
            # well-formed by the grammar, so it is a value out of range: said back to the driver, nothing is done
            return Planned(heard=heard, utterance=Refusal(), why=_unusable(e), total_ms=self._ms_since(began))
        if isinstance(meaning, Plan):
            meaning = ordered(without_repeats(meaning))
        return Planned(
            heard=heard,
            utterance=meaning,
            why=_NOT_OURS if isinstance(meaning, Refusal) else "",
            confidence=run.confidence,
            model_ms=run.model_s * 1000,
            total_ms=self._ms_since(began),
            first_token_ms=run.first_token_s * 1000,
            tokens_in=len(tokens) + 1,
            tokens_out=len(run.output),
        )

    def _ms_since(self, began: float) -> float:
        return (self._clock() - began) * 1000

    def _starts(self, tokens: Sequence[int]) -> list[bool]:
        """Which tokens begin a word; the final newline ends the last one and counts as such."""
        return [*(self._pieces[t].startswith(_SPACE) for t in tokens[:-1]), True]

    def _text_of(self, tokens: Sequence[int]) -> str:
        return "".join(self._pieces[t] for t in tokens).replace(_SPACE, " ")

    def _pieces_of(self, tokens: Sequence[int]) -> list[str]:
        """The codec's pieces: special tokens by name, the plain tokens between them joined."""
        pieces: list[str] = []
        plain: list[int] = []
        for token in (*tokens, None):
            if token is None or token in self._special:
                if plain:
                    pieces.append(self._text_of(plain))
                    plain = []
                if token is not None:
                    pieces.append(self._pieces[token])
            else:
                plain.append(token)
        return pieces


def _unusable(error: ModelError | CodecError | InvalidCall) -> str:
    """Why the model's output cannot be carried out, to follow "Sorry, ": a value's range where that is it."""
    cause = error if isinstance(error, InvalidCall) else error.__cause__
    if isinstance(cause, InvalidCall) and cause.function:
        detail = str(cause).removeprefix(f"{cause.function}: ").replace("'", "")
        return f"to {cause.function.replace('_', ' ')}, the {detail}"
    return f"I cannot make sense of that: {error}"


def _prob(logits: npt.NDArray[np.float32], token: int) -> float:
    """The model's own probability of ``token`` over the whole vocabulary."""
    top = float(logits.max())
    total = float(np.exp(logits - top).sum())
    return math.exp(float(logits[token]) - top) / total


class _Run:
    """Greedy decoding of one utterance under the grammar.

    A token that is the only one allowed is not asked for: it is evaluated together with the next one that is.
    """

    def __init__(self, model: Llama, grammar: Grammar, clock: Callable[[], float]) -> None:
        self._model = model
        self._grammar = grammar
        self._clock = clock
        self.output: list[int] = []
        self.confidence = 1.0
        self.model_s = 0.0
        self.first_token_s = 0.0

    def go(self, heard: str, tokens: Sequence[int], starts: Sequence[bool], ends: Sequence[bool]) -> None:
        """``tokens`` ends with the newline, which is no part of any value."""
        began = self._clock()
        walk = self._grammar.begin(heard, tokens[:-1], starts, ends)
        self._model.restart()
        pending = [self._model.bos, *tokens]
        while not walk.done:
            allowed = walk.allowed()
            if len(allowed) == 1:
                token = next(iter(allowed))
            elif len(self.output) > _MAX_NEW_TOKENS:
                raise ModelError("the plan grew too long; say less at once")
            else:
                logits = self._model.evaluate(pending)
                pending = []
                ids = np.fromiter(allowed, dtype=np.int64, count=len(allowed))
                token = int(ids[int(np.argmax(logits[ids]))])
                self.confidence = min(self.confidence, _prob(logits, token))
                if not self.first_token_s:
                    self.first_token_s = self._clock() - began
            walk.feed(token)
            self.output.append(token)
            pending.append(token)
        if self.output[-1] != self._grammar.end:
            self.output.append(self._grammar.end)  # after <refuse> or <clarify> it is implied
        self.model_s = self._clock() - began


__all__ = ["Incomplete", "Planned", "Planner", "Refusal"]
