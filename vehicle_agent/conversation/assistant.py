"""The assistant: one utterance to one answer, over planner, gate and executor. Knows no bus and no model file."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

from state_machines import limits
from state_machines.dialogue import Accepted, Declined, Expired, NoSuchQuestion, Question
from state_machines.zone import at_speaker
from vehicle_agent.backends.base import Meant, StoppedMotion
from vehicle_agent.conversation import feedback
from vehicle_agent.conversation.bare_words import Bare, bare
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.outcome import Outcome, Progress, Status
from vehicle_agent.conversation.questions import joined
from vehicle_agent.conversation.run import Run
from vehicle_agent.conversation.world_view import History
from vehicle_agent.errors import STOPPED
from vehicle_agent.events import Answered, Asked, Cancelled, Events, Input, Invalid, OutcomeTold, PlanMade, Said
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete

_ANSWERS: Final = frozenset({Bare.YES, Bare.NO})
_NOT_THE_REST: Final = "Sorry, I could not use the rest: {why}."
_PUT_AGAIN: Final = "I had just asked something new: {question}"
_DROPPED_TOO: Final = "I had just asked something new, and dropped that too: {question}"
_NOTHING_WAITS: Final = "There is nothing waiting for an answer."


def never_waits(text: str) -> bool:
    """Whether `ask` takes this as an answer or a "cancel", which is not a command of its own."""
    return bare(text) is not None


class PlansText(Protocol):
    async def plan_async(self, text: str) -> Planned:
        """Text to what it means, off the event loop. Cancelled, it ends soon."""


@runtime_checkable
class StreamsPlan(PlansText, Protocol):
    async def stream(self, text: str, on_early: Callable[[Early], None]) -> Planned:
        """Like `plan_async`; ``on_early`` hears in the event loop of calls that are complete before the plan is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange. ``planned`` is None for a call without the model or an answer to a question."""

    planned: Planned | None
    progress: Progress
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Missing:
    """A command the driver was asked to complete. ``text``: what was heard of it so far; ``put_s``: when that was."""

    text: str
    command: Incomplete
    put_s: float

    @property
    def until_s(self) -> float:
        return self.put_s + limits.QUESTION_LIFE_S


class Assistant:
    """One driver, one conversation: a second utterance waits until the first one is settled or asks something.

    Speech answers a question only if that had been put, which is when the turn that reports it returned, before the
    speech began. A bare yes or no that began earlier was meant for something else: the open question stays and is
    put again. A cancel always takes everything away, and tells of a question that it can hardly have been meant for.

    What became of a question that nobody answered is `Said`. ``early_start``: calls that are beyond doubt begin while
    the rest of the utterance is still being decoded, if the planner can tell of them.
    """

    def __init__(
        self,
        *,
        planner: PlansText | None,
        executor: Executor,
        history: History,
        events: Events,
        mic_zone: str = "driver",
        early_start: bool = True,
    ) -> None:
        self._planner = planner
        self._mic_zone = mic_zone
        self._executor = executor
        self._history = history
        self._events = events
        self._turn = asyncio.Lock()
        self._run: Run | None = None
        self._remembered: set[int] = set()
        self.early_start = early_start
        self._unanswered: asyncio.Task[None] | None = None
        self._missing: _Missing | None = None
        self._planning: asyncio.Task[Planned] | None = None
        self._stopped = False
        self._dropped: Run | None = None
        self._asked = 0  # the last question that was told of

    @property
    def takes_text(self) -> bool:
        """Whether there is a planner; without one there are calls only."""
        return self._planner is not None

    @property
    def now_s(self) -> float:
        """The present, as ``began_s`` counts it."""
        return self._executor.clock()

    async def ask(self, text: str, *, began_s: float | None = None) -> Turn:
        """The whole way for one utterance; returns when all is settled or a question is open.

        ``began_s``: when it began to be spoken, by the executor's clock; without it, or when that is no time in the
        past, it began now.
        """
        now_s = self._executor.clock()
        if began_s is None or not began_s <= now_s:
            began_s = now_s
        # what it can have been meant for is settled now: by the time it has its turn, something else may be asked
        heard = self._executor.dialogue.heard_by(began_s)
        missing = self._open_missing()
        if missing is not None and began_s < missing.put_s:
            missing = None
        self._events.publish(Input(text=text))
        kind = bare(text)
        if self._ends_something(kind):
            return await self.cancel(began_s=began_s)
        if heard is not None and kind in _ANSWERS:
            return await self._spoken_answer(heard, yes=kind is Bare.YES)
        if missing is not None and kind is Bare.NO:
            return await self.cancel(began_s=began_s)
        async with self._turn:
            if kind in _ANSWERS and self._executor.dialogue.question is not None:
                return self._put_again(yes=kind is Bare.YES)
            asked_since = self._open_missing()
            if kind is Bare.NO and asked_since is not None:
                text = feedback.clarifying_question(asked_since.command)
                return Turn(planned=None, progress=_nothing(), reply=_PUT_AGAIN.format(question=text))
            if self._planner is None:
                raise RuntimeError("an assistant without a planner takes calls only")
            await self._drop_open_run()
            planned = await self._understood(self._planner, text, missing)
            return await self._cancelled() if planned is None else await self._done(planned)

    def _ends_something(self, kind: Bare | None) -> bool:
        """Whether a bare word cancels or stops what is under way; else it is an utterance like any other."""
        if kind is Bare.CANCEL and (self._run or self._planning or self._open_missing()):
            return True
        return kind in {Bare.CANCEL, Bare.STOP} and self._executor.moves

    async def _spoken_answer(self, question: Question, *, yes: bool) -> Turn:
        """A yes or no to ``question``, which may have been answered or replaced until it has its turn."""
        async with self._turn:
            turn = await self._answered(question.id, yes=yes)
            if turn is not None:
                return turn
            if self._executor.dialogue.question is not None:
                return self._put_again(yes=yes)
            return Turn(planned=None, progress=_nothing(), reply=_NOTHING_WAITS)

    def _put_again(self, *, yes: bool) -> Turn:
        """The open question once more, for a yes or no that it cannot have been asked for."""
        dialogue = self._executor.dialogue
        question = dialogue.question
        if question is None:
            raise ValueError("no question is open")
        self._events.publish(Answered(question=question.id, yes=yes, taken="TooEarly"))
        dialogue.spoken(question.id)  # the turn that should have put it may have been broken off
        progress = _nothing() if self._run is None else self._run.snapshot()
        return Turn(planned=None, progress=progress, reply=_PUT_AGAIN.format(question=question.text))

    async def _understood(self, planner: PlansText, text: str, missing: _Missing | None) -> Planned | None:
        """What the utterance means, as meant from the speaker's place; None when it was cancelled meanwhile.

        ``missing``: the question it may answer, if that is still open. Steps may have been begun by then, in `_run`.
        """
        self._stopped = False
        self._dropped = None
        if missing is not self._missing:
            missing = None
        self._missing = None
        self._planning = asyncio.create_task(self._meaning(planner, text, missing), name="planning")
        try:
            planned = await self._planning
        except asyncio.CancelledError:
            if not self._stopped:  # this turn itself is cancelled
                raise
            return None
        finally:
            self._planning = None
        return None if self._stopped else self._placed(planned)

    async def _meaning(self, planner: PlansText, text: str, missing: _Missing | None) -> Planned:
        if missing is not None:
            return await _follow_up(planner, missing, text)
        if self.early_start and isinstance(planner, StreamsPlan):
            return await planner.stream(text, self._begin_early)
        return await planner.plan_async(text)

    def _open_missing(self) -> _Missing | None:
        missing = self._missing
        return missing if missing is not None and self._executor.clock() <= missing.until_s else None

    def _begin_early(self, early: Early) -> None:
        """Begins a step of the unfinished plan if nothing speaks against it; else it waits for the whole plan."""
        if self._stopped or not early.may_begin:
            return
        step = replace(early.step, call=_at(early.step.call, self._mic_zone))
        if not self._executor.would_allow(step.call):
            return  # a question or a refusal comes in its place of the plan
        if self._run is None:
            self._remembered = set()
            self._run = self._executor.begin()
        self._run.begin(step)

    async def _done(self, planned: Planned) -> Turn:
        """Carries out what was understood, or says what was not."""
        run = self._run
        begun = () if run is None else tuple(step.id for step in run.plan)
        planned = replace(planned, begun=begun)
        self._events.publish(PlanMade.of(planned))
        if planned.plan.steps:
            return await self._carry_out(planned.plan, planned)
        if run is None:
            turn = Turn(planned=planned, progress=_nothing(), reply=_not_done(planned))
        else:
            # the rest of the utterance could not be used; what had begun by then stays done and is told
            told = replace(planned, utterance=run.plan)
            turn = self._finish(await run.progress(), told)
            turn = replace(turn, reply=f"{turn.reply} {_NOT_THE_REST.format(why=planned.why)}")
        if isinstance(planned.utterance, Incomplete):
            self._missing = _Missing(text=planned.heard, command=planned.utterance, put_s=self._executor.clock())
        return turn

    async def _cancelled(self) -> Turn:
        """The turn of an utterance that was cancelled while it was being understood; some of it may have begun."""
        run = self._dropped
        if run is None:
            return Turn(planned=None, progress=_nothing(), reply="Cancelled.")
        await run.cancel()
        return Turn(planned=None, progress=run.snapshot(), reply=feedback.reply(run.snapshot()))

    def _placed(self, planned: Planned) -> Planned:
        """The plan as meant from the speaker's place: "my window" is the passenger's for the passenger's microphone."""
        if not planned.plan.steps:
            return planned
        steps = tuple(replace(step, call=_at(step.call, self._mic_zone)) for step in planned.plan)
        return replace(planned, utterance=Plan(steps))

    async def call(self, call: Call) -> Turn:
        """One call without the model. Raises InvalidPlan when it needs the result of another one."""
        plan = Plan.of(call)
        async with self._turn:
            await self._drop_open_run()
            self._missing = None
            self._events.publish(Input(call=call))
            return await self._carry_out(plan, None)

    def invalid(self, name: str, error: str) -> None:
        """Notes a call that is none; nothing is done."""
        self._events.publish(Invalid(name=name, error=error))

    async def answer(self, question_id: int, *, yes: bool) -> Turn:
        """Answers the open question; what was said yes to is judged again."""
        async with self._turn:
            turn = await self._answered(question_id, yes=yes)
            if turn is None:
                return Turn(planned=None, progress=_nothing(), reply="There is no open question of that number.")
            return turn

    async def _answered(self, question_id: int, *, yes: bool) -> Turn | None:
        """The turn of an answer; None when the question is not open any more. The caller has the turn."""
        answer = self._executor.dialogue.answer(question_id, yes=yes)
        self._events.publish(Answered(question=question_id, yes=yes, taken=type(answer).__name__))
        run = self._run
        match answer:
            case NoSuchQuestion():
                return None
            case Accepted() | Declined() if run is not None:
                run.answered(answer)
            case Expired() if run is not None:
                run.answered(None)
            case _:
                return Turn(planned=None, progress=_nothing(), reply=_NOTHING_WAITS)
        return self._finish(await run.progress(), None)

    async def cancel(self, *, began_s: float | None = None) -> Turn:
        """Stops what moves, drops the open question and everything not sent yet.

        ``began_s`` as for `ask`; what was asked only after it is dropped too, and told.
        """
        stops = self._executor.stop_motions()  # on their way before anything else is done
        unheard = self._asked_unheard(began_s)
        planning, run, missing = self._planning, self._run, self._open_missing()
        self._missing = None
        if planning is not None:
            self._stopped = True
            self._dropped = run
            planning.cancel()
        if run is not None:
            await run.cancel(stops)
        stopped = await stops.done()
        if run is None and planning is None and missing is None and not stopped:
            return Turn(planned=None, progress=_nothing(), reply="There is nothing to cancel.")
        self._events.publish(Cancelled(stopped=tuple(s.what for s in stopped) or None))
        if run is None:
            left = "Cancelled." if planning is not None else "All right." if missing is not None else ""
            return Turn(planned=None, progress=_nothing(), reply=_joined(*_texts(stopped), left, unheard))
        if self._run is run:  # else the turn that waited for it has finished it, and another may have begun
            self._forget_question()
            self._finish(run.snapshot(), None)
            self._run = None
        progress = run.snapshot()
        others = tuple(o for o in progress.outcomes if o.reason != STOPPED)
        reply = feedback.reply(replace(progress, outcomes=others))
        return Turn(planned=None, progress=progress, reply=_joined(*_texts(stopped), reply, unheard))

    def _asked_unheard(self, began_s: float | None) -> str:
        """What to say of an open question that a cancel which began at ``began_s`` cannot have been meant for."""
        if began_s is None:
            return ""
        dialogue, missing = self._executor.dialogue, self._open_missing()
        question = dialogue.question
        if question is not None and dialogue.heard_by(began_s) is None:
            return _DROPPED_TOO.format(question=question.text)
        if missing is not None and began_s < missing.put_s:
            return _DROPPED_TOO.format(question=feedback.clarifying_question(missing.command))
        return ""

    async def close(self) -> None:
        await self._drop_open_run()

    def _forget_question(self) -> None:
        if self._unanswered is not None:
            self._unanswered.cancel()
            self._unanswered = None

    async def _until_unanswered(self, run: Run) -> None:
        """When nobody answers, the rest of the run is finished and told all the same."""
        await run.settled()
        async with self._turn:
            if self._run is run:
                told = set(self._remembered)
                progress = run.snapshot()
                self._finish(progress, None)
                new = tuple(o for o in progress.outcomes if o.id not in told)
                self._events.publish(Said(text=feedback.reply(Progress(plan=run.plan, outcomes=new))))

    async def _drop_open_run(self) -> None:
        """A new command closes the question of the old one, and ends what an utterance left behind that broke off."""
        self._forget_question()
        run = self._run
        if run is not None:
            await run.cancel()
            self._finish(run.snapshot(), None)
            self._run = None

    async def _carry_out(self, plan: Plan, planned: Planned | None) -> Turn:
        run = self._run  # of this very utterance: any other was dropped
        if run is None:
            self._remembered = set()
            run = self._run = self._executor.begin()
        doubt = ""
        named: dict[int, Meant] = {}
        if planned is not None and planned.doubtful:
            named = await self._executor.named([step for step in plan if step.id not in planned.begun])
            if self._run is not run:  # cancelled while the head unit was asked
                return Turn(planned=planned, progress=run.snapshot(), reply="Cancelled.")
            # what will be asked about anyway, or refused, needs no second question
            if self._executor.acts_unasked(named.values()):
                doubt = feedback.doubt_question([meant.call for meant in named.values()])
        run.complete(plan, doubt=doubt, named=named)
        return self._finish(await run.progress(), planned)

    def _finish(self, progress: Progress, planned: Planned | None) -> Turn:
        new = [o for o in progress.outcomes if o.status is not Status.PENDING and o.id not in self._remembered]
        self._remembered |= {o.id for o in new}
        self._history.remember(_undo_of(new))
        for outcome in new:
            self._events.publish(OutcomeTold.of(outcome))
        question = progress.question
        if question is not None:
            self._executor.dialogue.spoken(question.id)  # the turn returns in this very tick
            if question.id != self._asked:
                self._asked = question.id
                self._events.publish(Asked(question=question.id, step=question.step, text=question.text))
        if progress.complete:
            self._run = None
        elif self._run is not None and self._unanswered is None:
            self._unanswered = asyncio.create_task(self._until_unanswered(self._run), name="open question")
        return Turn(planned=planned, progress=progress, reply=feedback.reply(progress))


async def _follow_up(planner: PlansText, missing: _Missing, text: str) -> Planned:
    """What an utterance means after a question for something missing: its answer, or a command of its own."""
    own = await planner.plan_async(text)
    name = missing.command.spec.name
    if not own.heard or own.taken_back or any(call.name == name for call in own.plan.calls):
        return own
    for sentence in joined(missing.text, missing.command, own.heard):
        together = await planner.plan_async(sentence)
        if own.plan.steps and not own.doubtful and own.confidence > together.confidence:
            continue  # surer of itself than of being an answer
        if _completes(missing.command, together.plan) or _asks_on(missing.command, together):
            return together
    return own


def _completes(command: Incomplete, plan: Plan) -> bool:
    """The command's own call, alone or with the look-ups it uses ("the next gas station")."""
    names = [call.name for call in plan.calls if not call.spec.reads_only or call.name == command.spec.name]
    return bool(names) and set(names) == {command.spec.name}


def _asks_on(before: Incomplete, together: Planned) -> bool:
    """The same command still lacks something, but something else: "left" of "tilt the mirror"."""
    now = together.utterance
    return isinstance(now, Incomplete) and now.spec.name == before.spec.name and now.missing != before.missing


def _at(call: Call, mic_zone: str) -> Call:
    if mic_zone == "driver":
        return call
    placed = at_speaker(call.spec, call.spoken_arguments(), mic_zone)
    return Call(call.spec, placed)  # type: ignore[arg-type]  # Call validates what it is given


def _undo_of(outcomes: list[Outcome]) -> tuple[Call, ...]:
    """Inverse calls, the last action first."""
    done = [o for o in outcomes if o.status is Status.DONE and not o.call.spec.takes_back]
    return tuple(call for outcome in reversed(done) for call in outcome.undo)


def _texts(stopped: tuple[StoppedMotion, ...]) -> list[str]:
    return [s.text for s in stopped]


def _joined(*sentences: str) -> str:
    return " ".join(dict.fromkeys(s for s in sentences if s))


def _nothing() -> Progress:
    return Progress(plan=Plan(), outcomes=())


def _not_done(planned: Planned) -> str:
    if isinstance(planned.utterance, Incomplete):
        return feedback.clarifying_question(planned.utterance)
    if planned.taken_back:
        return "All right, nothing done."
    return f"Sorry, {planned.why}."
