"""The assistant: one utterance to one answer, over planner, gate and executor. Knows no bus and no model file."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from state_machines.dialogue import Accepted, Declined, Expired, NoSuchQuestion
from state_machines.zone import at_speaker
from vehicle_agent import feedback
from vehicle_agent.executor import Executor, Run
from vehicle_agent.journal import Journal
from vehicle_agent.outcome import Outcome, Progress, Status
from vehicle_agent.planning.planner import Planned
from vehicle_agent.world_view import History
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete

# Said words that bypass the model (architecture decision 5).
_YES: Final = frozenset({"yes", "yes please", "yeah", "yep", "sure", "go ahead", "do it", "okay", "ok", "confirm"})
_NO: Final = frozenset({"no", "no thanks", "nope", "don't", "no don't", "leave it", "never mind", "nevermind"})
_NO_WORD: Final = re.compile(r"[^\w']+")
_CANCEL: Final = frozenset({"cancel", "stop", "stop that", "cancel that", "abort"})


class PlansText(Protocol):
    async def plan_async(self, text: str) -> Planned:
        """Text to what it means, off the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange. ``planned`` is None for a call without the model or an answer to a question."""

    planned: Planned | None
    progress: Progress
    reply: str


class Assistant:
    """One driver, one conversation: a second utterance waits until the first one is settled or asks something.

    ``said`` hears what became of a question that nobody answered.
    """

    def __init__(
        self,
        *,
        planner: PlansText | None,
        executor: Executor,
        history: History,
        journal: Journal,
        said: Callable[[str], None] = lambda _text: None,
        mic_zone: str = "driver",
    ) -> None:
        self._planner = planner
        self._mic_zone = mic_zone
        self._executor = executor
        self._history = history
        self._journal = journal
        self._turn = asyncio.Lock()
        self._run: Run | None = None
        self._remembered: set[int] = set()
        self._said = said
        self._unanswered: asyncio.Task[None] | None = None

    async def ask(self, text: str) -> Turn:
        """The whole way for one utterance; returns when all is settled or a question is open."""
        words = " ".join(_NO_WORD.sub(" ", text.lower().replace("\u2019", "'")).split())
        if words in _CANCEL and self._run is not None:
            return await self.cancel()
        question = self._executor.dialogue.question
        if question is not None and words in _YES | _NO:
            return await self.answer(question.id, yes=words in _YES)
        if self._planner is None:
            raise RuntimeError("an assistant without a planner takes calls only")
        async with self._turn:
            await self._drop_open_run()
            self._journal.write("input", text=text)
            planned = self._placed(await self._planner.plan_async(text))
            self._journal.write("plan", heard=planned.heard, calls=planned.plan.to_json(), ms=planned.model_ms)
            if not planned.plan.steps:
                return Turn(planned=planned, progress=_nothing(), reply=_not_done(planned))
            return await self._carry_out(planned.plan, planned)

    def _placed(self, planned: Planned) -> Planned:
        """The plan as meant from the speaker's place: "my window" is the passenger's for the passenger's microphone."""
        if self._mic_zone == "driver" or not planned.plan.steps:
            return planned
        steps = tuple(replace(step, call=_at(step.call, self._mic_zone)) for step in planned.plan)
        return replace(planned, utterance=Plan(steps))

    async def call(self, call: Call) -> Turn:
        """One call without the model."""
        async with self._turn:
            await self._drop_open_run()
            self._journal.write("input", call=str(call))
            return await self._carry_out(Plan.of(call), None)

    async def answer(self, question_id: int, *, yes: bool) -> Turn:
        """Answers the open question; what was said yes to is judged again."""
        async with self._turn:
            answer = self._executor.dialogue.answer(question_id, yes=yes)
            self._journal.write("answer", question=question_id, yes=yes, taken=type(answer).__name__)
            run = self._run
            match answer:
                case NoSuchQuestion():
                    return Turn(planned=None, progress=_nothing(), reply="There is no open question of that number.")
                case Accepted() | Declined() if run is not None:
                    run.answered(answer)
                case Expired() if run is not None:
                    run.answered(None)
                case _:
                    return Turn(planned=None, progress=_nothing(), reply="There is nothing waiting for an answer.")
            return self._finish(await run.progress(), None)

    async def cancel(self) -> Turn:
        """Drops the open question and everything not sent yet."""
        run = self._run
        if run is None:
            return Turn(planned=None, progress=_nothing(), reply="There is nothing to cancel.")
        await run.cancel()
        self._journal.write("cancel")
        self._forget_question()
        turn = self._finish(run.snapshot(), None)
        self._run = None
        return turn

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
                self._said(feedback.reply(Progress(plan=run.plan, outcomes=new)))

    async def _drop_open_run(self) -> None:
        """A new command closes the question of the old one."""
        self._forget_question()
        if self._run is not None:
            await self._run.cancel()
            self._run = None

    async def _carry_out(self, plan: Plan, planned: Planned | None) -> Turn:
        self._remembered = set()
        self._run = self._executor.start(plan)
        return self._finish(await self._run.progress(), planned)

    def _finish(self, progress: Progress, planned: Planned | None) -> Turn:
        new = [o for o in progress.outcomes if o.status is not Status.PENDING and o.id not in self._remembered]
        self._remembered |= {o.id for o in new}
        self._history.remember(_undo_of(new))
        for outcome in new:
            self._journal.write("outcome", call=str(outcome.call), **outcome.to_json())
        if progress.complete:
            self._run = None
        elif self._run is not None and self._unanswered is None:
            self._unanswered = asyncio.create_task(self._until_unanswered(self._run), name="open question")
        return Turn(planned=planned, progress=progress, reply=feedback.reply(progress))


def _at(call: Call, mic_zone: str) -> Call:
    placed = at_speaker(call.spec, call.spoken_arguments(), mic_zone)
    return Call(call.spec, placed)  # type: ignore[arg-type]  # Call validates what it is given


def _undo_of(outcomes: list[Outcome]) -> tuple[Call, ...]:
    """Inverse calls, the last action first."""
    done = [o for o in outcomes if o.status is Status.DONE and o.call.name != "undo_last_action"]
    return tuple(call for outcome in reversed(done) for call in outcome.undo)


def _nothing() -> Progress:
    return Progress(plan=Plan(), outcomes=())


def _not_done(planned: Planned) -> str:
    if isinstance(planned.utterance, Incomplete):
        return feedback.clarifying_question(planned.utterance)
    return f"Sorry, {planned.why}."
