"""The course of a conversation: its state, and what of the work under way has been told."""

import asyncio

from vehicle_agent.conversation import feedback
from vehicle_agent.conversation import turn_state as ts
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.outcome import Outcome, Progress, Status
from vehicle_agent.conversation.turn import Turn
from vehicle_agent.conversation.turn_state import Missing, Work
from vehicle_agent.conversation.world_view import History
from vehicle_agent.events import Asked, Events, OutcomeTold, Said
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Call


class Course:
    """``turn``: whoever holds it has the conversation's turn; only a cancel and the end of all do without.

    ``number``: that of the present turn, which new work belongs to.
    """

    def __init__(self, executor: Executor, history: History, events: Events) -> None:
        self._executor = executor
        self._history = history
        self._events = events
        self.turn = asyncio.Lock()
        self.number = 0
        self._state: ts.TurnState = ts.Idle()

    @property
    def state(self) -> ts.TurnState:
        """A question for a missing piece that nobody answered in time is none any more."""
        state = self._state
        over = isinstance(state, ts.Completing) and self._executor.clock() > state.missing.until_s
        return ts.Idle() if over else state

    @property
    def work(self) -> Work | None:
        """What is carried out, or is being taken back."""
        return ts.work_of(self._state)

    @property
    def missing(self) -> Missing | None:
        """What the driver is asked for, and may still tell."""
        state = self.state
        return state.missing if isinstance(state, ts.Completing) else None

    def waits_for(self, missing: Missing) -> bool:
        """Whether nothing else has come since ``missing`` was asked for. What began in time may come late."""
        return isinstance(self._state, ts.Completing) and self._state.missing is missing

    def move(self, event: ts.TurnEvent) -> None:
        """The one place where the state changes; who watched the old one and not the new one is sent home."""
        before = ts.watcher_of(self._state)
        self._state = ts.after(self._state, event)
        if before is not None and before is not ts.watcher_of(self._state) and before is not asyncio.current_task():
            before.cancel()

    def begin(self) -> Work:
        """Work of which nothing is known yet."""
        work = self.new_work()
        self.move(ts.WorkBegan(work))
        return work

    def new_work(self) -> Work:
        return Work(self._executor.begin(), turn=self.number)

    def finish(self, work: Work, progress: Progress, planned: Planned | None = None) -> Turn:
        """Tells what is new; the work has ended, or its question is open from this very tick on."""
        new = [o for o in progress.outcomes if o.status is not Status.PENDING and o.id not in work.told]
        work.told |= {o.id for o in new}
        self._history.remember(_undo_of(new), of=work)
        for outcome in new:
            self._events.publish(OutcomeTold.of(outcome, turn=work.turn))
        question = progress.question
        if question is not None:
            self._executor.dialogue.spoken(question.id)  # the turn returns in this very tick
            if question.id != work.asked:
                work.asked = question.id
                self._events.publish(Asked(question=question.id, step=question.step, text=question.text))
        if self.work is work:  # else it was cancelled meanwhile
            if progress.complete:
                self.move(ts.WorkEnded())
            elif isinstance(self._state, ts.CarryingOut):
                self.move(ts.QuestionTold(asyncio.create_task(self._until_unanswered(work), name="open question")))
            else:
                self.move(ts.NextQuestionTold())
        return Turn(planned=planned, progress=progress, reply=feedback.reply(progress))

    async def drop_work(self) -> None:
        """A new command closes the question of the old one, and ends what an utterance left behind that broke off."""
        work = self.work
        if work is not None:
            self.move(ts.WorkDropped())
            await work.run.cancel()
            self.finish(work, work.run.snapshot())

    async def _until_unanswered(self, work: Work) -> None:
        """When nobody answers, the rest of the run is finished and told all the same."""
        await work.run.settled()
        async with self.turn:
            if self.work is work:
                told = set(work.told)
                progress = work.run.snapshot()
                self.finish(work, progress)
                new = tuple(o for o in progress.outcomes if o.id not in told)
                self._events.publish(Said(text=feedback.reply(Progress(plan=work.run.plan, outcomes=new))))


def _undo_of(outcomes: list[Outcome]) -> tuple[Call, ...]:
    """Inverse calls, the last action first."""
    done = [o for o in outcomes if o.status is Status.DONE and not o.call.spec.takes_back]
    return tuple(call for outcome in reversed(done) for call in outcome.undo)
