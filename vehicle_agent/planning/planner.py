"""The planner: an utterance to a plan, a refusal or a question, with time and confidence."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, Self

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import revocation
from vehicle_agent.planning.agreement import bent_number, contradictions, numbers_before, unsaid_numbers
from vehicle_agent.planning.confidence import Confidence
from vehicle_agent.planning.decoding import Decoding, Evaluates, Read
from vehicle_agent.planning.durations import durations
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.grammar import Grammar
from vehicle_agent.planning.llama import Llama
from vehicle_agent.planning.model_file import check_catalogue, check_file, find_model, fingerprint
from vehicle_agent.planning.normalise import Unhearable, normalise
from vehicle_agent.planning.ordering import ordered
from vehicle_agent.planning.planned import CONFIRMATION, NOBODY_ANSWERS, NOT_OURS, Planned
from vehicle_agent.planning.repeats import without_repeats
from vehicle_agent.planning.revocation import Revocation, RevocationKind
from vehicle_agent.planning.said_numbers import check_said
from vehicle_agent.planning.timers import is_plain_timer, simpler, timed
from vehicle_agent.planning.values import GAP
from vehicle_apis import tokens as wire
from vehicle_apis.call import Plan, Step
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance, decode, encode_earlier, prompt
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier
from vehicle_apis.errors import CodecError, InvalidCall

_SPACE: Final = "\u2581"
_TAKEN_BACK: Final = "you took that back"
_SURE_INSTEAD: Final = 0.5  # what comes in place of a command, less sure than this, is asked about
# Of the model's 512 tokens: what was before may take so many, and so many together with the utterance, so that an
# utterance that can be read alone can be read after anything.
_MOST_BEFORE: Final = 192
_MOST_READ: Final = 352
_WORDS: Final = re.compile("[a-z']+|[0-9]")


class TokenModel(Evaluates, Protocol):
    """What the planner needs of a model (`Llama`)."""

    n_vocab: int

    def tokenize(self, text: str) -> list[int]: ...

    def piece(self, token: int) -> str: ...

    def close(self) -> None: ...


class Planner:
    """Owns the model and one worker thread. ``plan`` blocks; ``plan_async`` and ``stream`` do not.

    ``ask_below``: plans that change something and are less probable are doubtful; ``ignore_below``: words that are less
    probably meant for the car are left alone; None = the calibration's own.
    """

    def __init__(
        self,
        model: TokenModel,
        catalogue: Catalogue,
        clock: Callable[[], float] = time.perf_counter,
        *,
        confidence: Confidence = Confidence(),  # noqa: B008 - frozen
        ask_below: float | None = None,
        ignore_below: float | None = None,
    ) -> None:
        self._model = model
        self._catalogue = catalogue
        self._clock = clock
        self._confidence = confidence
        self.ask_below = confidence.ask_below if ask_below is None else ask_below
        self.ignore_below = confidence.ignore_below if ignore_below is None else ignore_below
        self._pieces = [model.piece(i) for i in range(model.n_vocab)]
        by_text = {piece: i for i, piece in enumerate(self._pieces)}
        special = {name: by_text[name] for name in wire.special_tokens() if name in by_text}
        if len(special) != len(wire.special_tokens()):
            raise ModelError("the model's vocabulary lacks functional tokens; use the model of this release")
        self._special = frozenset(special.values())
        self._ids = special
        self._grammar = Grammar(catalogue, model.tokenize, self._text_of, special, self._query_words())
        # one worker: llama.cpp's context is not thread-safe, and a second utterance waits its turn
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planner")

    @classmethod
    def load(
        cls,
        catalogue: Catalogue,
        path: Path | None = None,
        *,
        threads: int = 2,
        verify_checksum: bool = False,
        repack: bool = True,
        ask_below: float | None = None,
        ignore_below: float | None = None,
    ) -> Self:
        """Finds, checks and loads the model. ``repack`` as for `Llama`. Raises ModelError.

        Whether the compiled code runs on this computer is not asked here: `trial` does that.
        """
        found = find_model(path)
        check_file(found, checksum=verify_checksum)
        model = Llama(found, threads=threads, repack=repack)
        try:
            check_catalogue(model, found, catalogue)
            confidence = Confidence.for_model(fingerprint(found))
            planner = cls(model, catalogue, confidence=confidence, ask_below=ask_below, ignore_below=ignore_below)
        except ModelError:
            model.close()
            raise
        planner.warm_up()
        return planner

    @property
    def calibrated(self) -> bool:
        """Whether `Planned.confidence` is a calibrated probability."""
        return self._confidence.calibration is not None

    def warm_up(self) -> None:
        """Runs one throw-away utterance so that the first real one is not slower."""
        self.plan("hello")

    def close(self) -> None:
        self._worker.shutdown(wait=True)
        self._model.close()

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """`plan` in the worker thread; the event loop stays free. Cancelled, the run ends before its next token."""
        return await self._in_worker(text, earlier, None)

    async def stream(self, text: str, on_early: Callable[[Early], None], earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """Like `plan_async`; ``on_early`` hears, in the event loop and before this returns, each call but the last as
        soon as it is complete. Of an utterance that fails later on, calls may have been heard nevertheless."""
        loop = asyncio.get_running_loop()

        def hand_over(early: Early) -> None:
            loop.call_soon_threadsafe(on_early, early)

        return await self._in_worker(text, earlier, hand_over)

    async def prepare(self, earlier: Earlier) -> None:
        """Has the model read what was ``earlier`` before the next utterance comes, so that it takes no time then."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._prepare, earlier)

    def _prepare(self, earlier: Earlier) -> None:
        tokens = [self._model.bos, *self._before(earlier)[1]]
        try:
            rest = tokens[self._model.restart(tokens) :]
            self._model.evaluate(rest)
        except ModelError:
            return  # the utterance itself will tell

    async def _in_worker(self, text: str, earlier: Earlier, on_early: Callable[[Early], None] | None) -> Planned:
        unwanted = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(
            self._worker, self._plan, text, _Hearing(earlier, on_early, unwanted.is_set)
        )
        try:
            return await work
        except asyncio.CancelledError:
            unwanted.set()
            raise

    def plan(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """What ``text`` means after what was ``earlier``. Raises nothing for any text: what cannot be understood is a
        Refusal with its reason."""
        # in the one thread too: threads that have called the model keep helpers, and libgomp slows down with many
        return self._worker.submit(self._plan, text, _Hearing(earlier)).result()

    def _plan(self, text: str, hearing: "_Hearing") -> Planned:
        """Raises DecodingStopped alone."""
        began = self._clock()
        try:
            heard = normalise(text)
        except Unhearable as e:
            return Planned(heard="", utterance=Refusal(), why=str(e), total_ms=self._ms_since(began))
        reading = revocation.read(heard)
        if reading.meant is RevocationKind.AS_SAID:
            planned = self._as_said(heard, hearing)
        else:
            planned = self._taken_back(heard, reading, hearing.whole)
            if planned.taken_back and hearing.earlier.asked.steps:
                # "forget about that one" may be meant for what was asked
                said = self._as_said(heard, hearing.whole)
                planned = said if said.answer in {"no", "cancel"} else planned
        return replace(planned, heard=heard, total_ms=self._ms_since(began))

    def _taken_back(self, heard: str, reading: Revocation, hearing: "_Hearing") -> Planned:
        """The plan of a sentence that takes something back. No call of it begins before all is decided."""
        before = Planned(heard=heard, utterance=Refusal())
        if reading.own_words or not reading.marked or reading.meant is RevocationKind.PERHAPS_NOTHING:
            before = self._as_said(reading.head, hearing)
            unfinished = reading.own_words and isinstance(before.utterance, Incomplete)
            if unfinished or (not before.plan.steps and not reading.marked):
                # the words belong to a text, a title or a name, or nothing was asked for before them
                return self._as_said(heard, hearing)
        match reading.meant:
            case RevocationKind.INSTEAD:
                return self._instead(reading, hearing)
            case RevocationKind.PERHAPS_NOTHING:
                return replace(before, doubtful=_changes(before.utterance))
            case _:
                return Planned(heard=heard, utterance=Refusal(), why=_TAKEN_BACK, taken_back=True, confidence=1.0)

    def _instead(self, reading: Revocation, hearing: "_Hearing") -> Planned:
        """What is wanted in place of the head: the rest alone when it is a command, else what it makes of the head."""
        planned = Planned(heard="", utterance=Refusal())
        if revocation.needs_before(reading.rest):
            head = self._as_said(reading.head, hearing)
            planned = self._as_said(f"{reading.head} no {reading.rest}", hearing)
            planned = replace(planned, utterance=_without(planned.utterance, head.plan))
        if not planned.plan.steps:
            planned = self._as_said(reading.rest, hearing)
        if isinstance(planned.utterance, Refusal):
            return replace(planned, why=_TAKEN_BACK, taken_back=True)
        unsure = not reading.sure or planned.confidence < _SURE_INSTEAD
        return replace(planned, doubtful=planned.doubtful or (unsure and _changes(planned.utterance)))

    def _as_said(self, heard: str, hearing: "_Hearing") -> Planned:
        """What ``heard`` means, every word of it. Raises DecodingStopped alone."""
        planned = self._decoded(heard, heard, hearing)
        easier = simpler(heard.split())
        others = any(not call.spec.hearing.duration for call in planned.plan.calls) and len(planned.plan) > 1
        if easier is None or others or (_sets_timer(planned) and not planned.doubtful):
            return planned
        again = self._decoded(heard, " ".join(easier), hearing.whole)
        if not _sets_timer(again):
            return planned
        return replace(again, model_ms=planned.model_ms + again.model_ms)

    def _decoded(self, heard: str, read: str, hearing: "_Hearing") -> Planned:
        """One run of the model on ``read``, which stands for ``heard``. Raises DecodingStopped alone."""
        began = self._clock()
        own = self._model.tokenize(prompt(read))
        earlier, before = self._before(hearing.earlier, len(own))
        watcher = None if hearing.on_early is None else _Complete(self, heard, began, hearing)
        run = Decoding(self._model, self._grammar, self._clock, call_complete=watcher, stopped=hearing.stopped)
        try:
            run.go(self._read(read, before, own, earlier))
            meaning = self.meaning(run.output, heard, earlier)
        except (ModelError, CodecError, InvalidCall) as e:
            # well-formed by the grammar, so it is a value out of range: said back to the driver, nothing is done
            statistics = run.watch.statistics()
            return Planned(
                heard=heard,
                utterance=Refusal(),
                why=_unusable(e),
                statistics=statistics,
                total_ms=self._ms_since(began),
            )
        statistics = replace(run.watch.statistics(), in_context=bool(earlier))
        bent = False
        if isinstance(meaning, Plan):
            known = numbers_before(earlier)
            disagreeing = (contradictions(meaning, heard), unsaid_numbers(meaning, heard, known))
            statistics = replace(statistics, contradictions=disagreeing[0], unsaid_numbers=disagreeing[1])
            bent = bent_number(meaning, heard, known) or not timed(meaning, heard.split(), self._catalogue).sure
        confidence = self._confidence.of(statistics)
        if is_plain_timer(meaning) and durations(heard.split()):
            confidence = max(confidence, statistics.first)  # its minutes are the words', not the model's
        ignored = self._confidence.meant(statistics) < self.ignore_below and isinstance(meaning, Plan | Incomplete)
        if ignored:
            meaning = Refusal()
        route = (meaning.to, meaning.query or heard) if isinstance(meaning, Routed) else None
        answer = meaning.answer if isinstance(meaning, Reply) else None
        if isinstance(meaning, Routed):
            meaning = meaning.plan if meaning.plan.steps else Refusal()
        elif isinstance(meaning, Reply):
            meaning = Refusal()
        changes = answer == "yes" or _changes(meaning)  # a yes is the last word before something is done
        return Planned(
            heard=heard,
            utterance=meaning,
            route=route,
            answer=answer,
            why=_why_nothing(meaning, route),
            confidence=confidence,
            statistics=statistics,
            doubtful=changes and (bent or confidence < self.ask_below),
            model_ms=run.model_s * 1000,
            total_ms=self._ms_since(began),
            first_token_ms=run.first_token_s * 1000,
            tokens_in=len(before) + len(own) + 1,
            tokens_out=len(run.output),
        )

    def _before(self, earlier: Earlier, own: int = 0) -> tuple[Earlier, list[int]]:
        """As much of what was ``earlier`` as can be read beside an utterance of ``own`` tokens, the newest of it, and
        its tokens."""
        most = min(_MOST_BEFORE, _MOST_READ - own)
        while True:
            tokens: list[int] = []
            for piece in encode_earlier(earlier, self._catalogue):
                tokens += [self._ids[piece]] if piece in self._ids else self._model.tokenize(piece)
            if len(tokens) <= most or not earlier:
                return earlier, tokens
            earlier = replace(earlier, turns=earlier.turns[1:]) if earlier.turns else NOTHING_BEFORE

    def _read(self, read: str, before: Sequence[int], own: Sequence[int], earlier: Earlier) -> Read:
        """Texts may be copied from the utterance and from what was before it, never across a special token or out of
        the one into the other."""
        texts = [GAP if t in self._special else t for t in before] + [GAP] * bool(before) + list(own)
        pieces = ["" if t == GAP else self._pieces[t] for t in texts]
        starts = [*(piece.startswith(_SPACE) for piece in pieces[:-1]), True]  # the newline ends the last word
        return Read(
            heard=read,
            tokens=[*before, *own],
            spans=texts[:-1],
            starts=starts,
            ends=[start or not piece or piece.startswith("'") for start, piece in zip(starts, pieces, strict=True)],
            earlier=earlier,
        )

    def _query_words(self) -> frozenset[int]:
        """Tokens of lower-case words and digits, of which a specialist's query may consist."""
        return frozenset(
            i
            for i, piece in enumerate(self._pieces)
            if i not in self._special and _WORDS.fullmatch(piece.removeprefix(_SPACE))
        )

    def meaning(self, output: Sequence[int], heard: str, earlier: Earlier = NOTHING_BEFORE) -> Utterance:
        """What the tokens up to <end> say, ordered and without repeats. Raises CodecError, InvalidCall."""
        meaning = decode(self._pieces_of(output), self._catalogue, earlier)
        if isinstance(meaning, Routed):
            return replace(meaning, plan=self._exact(meaning.plan, heard))
        return self._exact(meaning, heard) if isinstance(meaning, Plan) else meaning

    def _exact(self, plan: Plan, heard: str) -> Plan:
        exact = timed(plan, heard.split(), self._catalogue)
        check_said(exact.plan, " ".join(exact.rest))
        return ordered(without_repeats(exact.plan))

    def plan_so_far(self, output: Sequence[int], heard: str, earlier: Earlier) -> tuple[Step, ...]:
        """The steps of an unfinished output whose calls are complete: a beginning of the finished plan's.

        Empty when they cannot be used.
        """
        try:
            meaning = self.meaning([*output, self._grammar.end], heard, earlier)
        except (CodecError, InvalidCall):
            return ()
        return meaning.steps if isinstance(meaning, Plan) else ()

    def early(self, step: Step, run: Decoding, began: float) -> Early:
        """``step``, just completed, with how sure it is."""
        statistics = run.watch.statistics()
        meant = self._confidence.meant(statistics) >= self.ignore_below
        return Early(
            step=step,
            least=run.watch.own_least,
            confidence=self._confidence.of(statistics) if meant else 0.0,
            ask_below=self.ask_below,
            after_ms=self._ms_since(began),
        )

    def _ms_since(self, began: float) -> float:
        return (self._clock() - began) * 1000

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


def _sets_timer(planned: Planned) -> bool:
    return len(planned.plan) == 1 and planned.plan.calls[0].spec.hearing.duration != ""


def _changes(meaning: Utterance) -> bool:
    return isinstance(meaning, Plan) and any(not call.spec.reads_only for call in meaning.calls)


def _without(meaning: Utterance, withdrawn: Plan) -> Utterance:
    """``meaning`` without the calls of ``withdrawn``; as it is where its calls use each other's results."""
    if not isinstance(meaning, Plan) or any(call.refs for call in meaning.calls):
        return meaning
    kept = [call for call in meaning.calls if call not in withdrawn.calls]
    return ordered(Plan.of(*kept)) if kept else Refusal()


def _unusable(error: ModelError | CodecError | InvalidCall) -> str:
    """Why the model's output cannot be carried out, to follow "Sorry, ": a value's range where that is it."""
    cause = error if isinstance(error, InvalidCall) else error.__cause__
    if isinstance(cause, InvalidCall) and cause.function:
        detail = str(cause).removeprefix(f"{cause.function}: ").replace("'", "")
        return f"to {cause.function.replace('_', ' ')}, the {detail}"
    return f"I cannot make sense of that: {error}"


def _why_nothing(meaning: Utterance, route: tuple[str, str] | None) -> str:
    if not isinstance(meaning, Refusal):
        return ""
    return NOT_OURS if route is None else NOBODY_ANSWERS[route[0]]


@dataclass(frozen=True, slots=True)
class _Hearing:
    """How an utterance is planned: after what, who hears of calls early, and whether anybody still wants it."""

    earlier: Earlier = NOTHING_BEFORE
    on_early: Callable[[Early], None] | None = None
    stopped: Callable[[], bool] = lambda: False

    @property
    def whole(self) -> "_Hearing":
        """The same, but nothing begins before the plan is complete."""
        return replace(self, on_early=None)


class _Complete:
    """Hands each step over once, as soon as its call is complete."""

    def __init__(self, planner: Planner, heard: str, began: float, hearing: _Hearing) -> None:
        self._planner = planner
        self._heard = heard
        self._began = began
        self._hearing = hearing
        self._known = 0

    def __call__(self, run: Decoding) -> None:
        steps = self._planner.plan_so_far(run.output, self._heard, self._hearing.earlier)
        if len(steps) > self._known and self._hearing.on_early is not None:  # a repeated call adds none
            self._hearing.on_early(self._planner.early(steps[-1], run, self._began))
            self._known = len(steps)


__all__ = ["CONFIRMATION", "Early", "Incomplete", "Planned", "Planner", "Refusal"]
