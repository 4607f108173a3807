"""The assistant: one utterance to one answer, over planner, gate and executor. Knows no bus and no model file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, assert_never

from state_machines.dialogue import Accepted, Declined, Expired, NoSuchQuestion, Question
from vehicle_agent.backends.base import Meant
from vehicle_agent.conversation import feedback, turn
from vehicle_agent.conversation import turn_state as ts
from vehicle_agent.conversation.bare_words import Bare, bare
from vehicle_agent.conversation.course import Course
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.kept import Kept, KeptQuestion
from vehicle_agent.conversation.planners import PlansText, StreamsPlan
from vehicle_agent.conversation.recollection import NO_RESULT, Recollection, ResultGone
from vehicle_agent.conversation.turn import Turn
from vehicle_agent.conversation.turn_state import Missing, Work
from vehicle_agent.conversation.understanding import NotWanted, Understanding
from vehicle_agent.conversation.world_view import History
from vehicle_agent.errors import STOPPED
from vehicle_agent.events import Answered, Cancelled, Events, Input, Invalid, PlanMade
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal
from vehicle_apis.earlier import Earlier

_ANSWERS: Final = frozenset({Bare.YES, Bare.NO})


def never_waits(text: str) -> bool:
    """Whether `ask` takes this as an answer or a "cancel", which is not a command of its own."""
    return bare(text) is not None


class Assistant:
    """One driver, one conversation: a second utterance waits until the first one is settled or asks something.

    Speech answers a question only if that had been put, which is when the turn that reports it returned, before the
    speech began. A bare yes or no that began earlier was meant for something else: the open question stays and is
    put again. A cancel always takes everything away, and tells of a question that it can hardly have been meant for.

    An answer in more words is one that the planner takes for it, surely enough for a yes. Words that ask for nothing
    leave the question open, and it is put again; a command of its own closes it. What was said and done before only
    decides what words mean: every call is judged as if it had been said in full.

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
        self._executor = executor
        self._events = events
        self._course = Course(executor, history, events)
        self._understanding = (
            None if planner is None else Understanding(planner, executor, self._course, mic_zone=mic_zone)
        )
        self._early_start = early_start
        self._recollection = Recollection(executor.clock)
        self._cancels = 0
        self._is_closed = False
        self._reading: asyncio.Task[None] | None = None

    @property
    def state(self) -> ts.TurnState:
        """What the conversation is doing."""
        return self._course.state

    @property
    def takes_text(self) -> bool:
        """Whether there is a planner; without one there are calls only."""
        return self._understanding is not None

    @property
    def now_s(self) -> float:
        """The present, as ``began_s`` counts it."""
        return self._executor.clock()

    # --- what the driver says and does --------------------------------------------------------------------------------

    async def ask(self, text: str, *, began_s: float | None = None) -> Turn:
        """The whole way for one utterance; returns when all is settled or a question is open.

        ``began_s``: when it began to be spoken, by the executor's clock; without it, or when that is no time in the
        past, it began now.
        """
        now_s = self.now_s
        if began_s is None or not began_s <= now_s:
            began_s = now_s
        # what it can have been meant for is settled now: by the time it has its turn, something else may be asked
        heard = self._executor.dialogue.heard_by(began_s)
        missing = self._course.missing
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
        async with self._exchange():
            if kind in _ANSWERS and self._executor.dialogue.question is not None:
                return self._put_again(yes=kind is Bare.YES)
            asked_since = self._course.missing
            if kind is Bare.NO and asked_since is not None:
                question = feedback.clarifying_question(asked_since.command)
                return turn.only(turn.PUT_AGAIN.format(question=question))
            return await self._utterance(text, began_s, heard, missing)

    @asynccontextmanager
    async def _exchange(self) -> AsyncIterator[None]:
        """The conversation's turn. What the next utterance will be heard after is read while the driver listens."""
        async with self._course.turn:
            try:
                yield
            finally:
                self._recollection.goes_on()
                self._read_ahead()

    async def _utterance(self, text: str, began_s: float, heard: Question | None, missing: Missing | None) -> Turn:
        """No bare answer. ``heard``, ``missing``: what it may be meant for if that is still open. The caller has the
        turn."""
        if self._understanding is None:
            raise RuntimeError("an assistant without a planner takes calls only")
        if missing is not None and not self._course.waits_for(missing):
            missing = None
        question = self._executor.dialogue.question
        asked = heard is not None and heard is question
        earlier = self._recollection.begin(began_s, asked=asked, wanted=missing is not None)
        self._course.number = self._recollection.number
        if question is not None:
            return await self._said_while_asking(self._understanding, text, earlier, question)
        return await self._said(self._understanding, text, earlier, missing)

    async def _said(self, understanding: Understanding, text: str, earlier: Earlier, missing: Missing | None) -> Turn:
        """An utterance while nothing is asked but for a missing piece. The caller has the turn."""
        await self._course.drop_work()
        understood = await understanding.of(text, missing, earlier, early_start=self._early_start)
        if isinstance(understood, NotWanted):
            return await self._cancelled(text, understood.begun, earlier)
        return await self._done(understood, earlier)

    async def _said_while_asking(
        self, understanding: Understanding, text: str, earlier: Earlier, question: Question
    ) -> Turn:
        """An utterance of more than a bare answer while ``question`` is open, which it may have been meant for.

        The caller has the turn; the question may be cancelled or expire meanwhile.
        """
        cancels = self._cancels
        planned = await understanding.while_asking(text, earlier)
        if self._cancels != cancels:
            return turn.only("Cancelled.")
        if planned.plan.steps or isinstance(planned.utterance, Incomplete):
            await self._course.drop_work()
            return await self._done(planned, earlier)
        self._tell_plan(planned, earlier)
        answer = planned.answer if earlier.asked.steps else None
        if answer == "cancel":
            return replace(await self.cancel(), planned=planned)
        if self._executor.dialogue.question is not question:
            return turn.only(turn.not_done(planned) if answer is None else turn.NOTHING_WAITS, planned=planned)
        if answer is not None and not planned.doubtful:
            answered = await self._answered(question.id, yes=answer == "yes")
            return turn.only(turn.NOTHING_WAITS) if answered is None else replace(answered, planned=planned)
        self._executor.dialogue.spoken(question.id)  # the turn that should have put it may have been broken off
        again = turn.only(turn.joined((turn.aside(planned), question.text)), planned=planned)
        work = self._course.work
        return again if work is None else replace(again, progress=work.run.snapshot())

    def _tell_plan(self, planned: Planned, earlier: Earlier) -> None:
        number, asked, wanted = self._recollection.number, bool(earlier.asked.steps), earlier.wanted is not None
        waiting = self._recollection.waiting
        self._events.publish(PlanMade.of(planned, turn=number, waiting=waiting, asked=asked, wanted=wanted))

    def _read_ahead(self) -> None:
        if self._understanding is None or self._is_closed:
            return
        earlier = self._recollection.ahead(asked=self._executor.dialogue.question is not None)
        if self._reading is not None:
            self._reading.cancel()
        self._reading = asyncio.create_task(self._understanding.read_ahead(earlier), name="reading ahead")

    async def call(self, call: Call) -> Turn:
        """One call without the model. Raises InvalidPlan when it needs the result of another one."""
        plan = Plan.of(call)
        async with self._exchange():
            await self._course.drop_work()
            self._recollection.begin(self.now_s, asked=False, wanted=False)
            self._course.number = self._recollection.number
            self._events.publish(Input(call=call, turn=self._course.number, arguments=call.json_arguments()))
            return await self._carry_out(plan, None)

    def invalid(self, name: str, error: str) -> None:
        """Notes a call that is none; nothing is done."""
        self._events.publish(Invalid(name=name, error=error))

    async def answer(self, question_id: int, *, yes: bool) -> Turn:
        """Answers the open question; what was said yes to is judged again."""
        async with self._exchange():
            answered = await self._answered(question_id, yes=yes)
            return turn.only(turn.NO_SUCH_QUESTION) if answered is None else answered

    async def cancel(self, *, began_s: float | None = None) -> Turn:
        """Stops what moves, drops the open question and everything not sent yet.

        ``began_s`` as for `ask`; what was asked only after it is dropped too, and told.
        """
        self._cancels += 1
        self._recollection.goes_on()
        stops = self._executor.stop_motions()  # on their way before anything else is done
        unheard = self._asked_unheard(began_s)
        state, work = self.state, self._course.work
        if isinstance(state, ts.Completing):
            self._course.move(ts.PieceDropped())
        if isinstance(state, ts.Planning):
            self._course.move(ts.PlanningCancelled())
            state.task.cancel()
        if work is not None:
            self._course.move(ts.WorkDropped())
            await work.run.cancel(stops)
        stopped = await stops.done()
        if isinstance(state, ts.Idle) and not stopped:
            return turn.only(turn.NOTHING_TO_CANCEL)
        self._events.publish(Cancelled(stopped=tuple(s.what for s in stopped) or None))
        texts = [s.text for s in stopped]
        if work is None:
            match state:
                case ts.Planning() | ts.Cancelling() | ts.Cancelled():
                    texts.append("Cancelled.")
                case ts.Completing():
                    texts.append("All right.")
                case ts.Idle() | ts.CarryingOut() | ts.Asking() | ts.Answering():
                    pass
                case _:
                    assert_never(state)
            return turn.only(turn.joined((*texts, unheard)))
        progress = work.run.snapshot()
        self._course.finish(work, progress)  # what the turn that waited for it has not told
        others = tuple(o for o in progress.outcomes if o.reason != STOPPED)
        reply = feedback.reply(replace(progress, outcomes=others))
        return Turn(planned=None, progress=progress, reply=turn.joined((*texts, reply, unheard)))

    # --- a conversation in several parts ------------------------------------------------------------------------------

    def put_away(self) -> Kept:
        """What is needed to go on with the conversation in another process, on another car."""
        turns, under_way = self._recollection.kept()
        question, missing = self._executor.dialogue.question, self._course.missing
        return Kept(
            number=self._recollection.number,
            turns=turns,
            results=self._recollection.results,
            asked=None if question is None or under_way is None else KeptQuestion(question.text, *under_way),
            missing=None if missing is None else (missing.text, missing.command),
        )

    async def take_up(self, kept: Kept) -> Turn | None:
        """Goes on with a conversation that was put away; the turn in which its open question is put again, if any.

        Nothing is carried over but words: the calls asked about are judged anew, and none of them that would change
        something begins without a yes. Before the first utterance.
        """
        async with self._exchange():
            self._recollection.restore(kept)
            if kept.asked is not None:
                return await self._ask_anew(kept.asked)
            if kept.missing is not None:
                words, command = kept.missing
                self._course.move(ts.PieceMissed(Missing(text=words, command=command, put_s=self.now_s)))
            return None

    async def _ask_anew(self, asked: KeptQuestion) -> Turn:
        try:
            plan = self._recollection.resolved(asked.plan)
        except ResultGone:
            return turn.only(f"Sorry, {NO_RESULT}.")
        self._course.number = asked.turn
        work = self._course.begin()
        self._recollection.carried_out_by(work, asked.plan)
        named = await self._executor.named(plan)
        doubt = asked.text if self._executor.acts_unasked(named.values()) else ""
        work.run.complete(plan, doubt=doubt, named=named)
        return self._course.finish(work, await work.run.progress())

    async def close(self) -> None:
        """Ends what is under way. What still has the turn returns; nothing is read ahead any more."""
        self._is_closed = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._course.drop_work()

    def _ends_something(self, kind: Bare | None) -> bool:
        """Whether a bare word cancels or stops what is under way; else it is an utterance like any other."""
        if kind is Bare.CANCEL and not isinstance(self.state, ts.Idle):
            return True
        return kind in {Bare.CANCEL, Bare.STOP} and self._executor.moves

    def _asked_unheard(self, began_s: float | None) -> str:
        """What to say of an open question that a cancel which began at ``began_s`` cannot have been meant for."""
        if began_s is None:
            return ""
        dialogue, missing = self._executor.dialogue, self._course.missing
        question = dialogue.question
        if question is not None and dialogue.heard_by(began_s) is None:
            return turn.DROPPED_TOO.format(question=question.text)
        if missing is not None and began_s < missing.put_s:
            return turn.DROPPED_TOO.format(question=feedback.clarifying_question(missing.command))
        return ""

    # --- answers ------------------------------------------------------------------------------------------------------

    async def _spoken_answer(self, question: Question, *, yes: bool) -> Turn:
        """A yes or no to ``question``, which may have been answered or replaced until it has its turn."""
        async with self._exchange():
            answered = await self._answered(question.id, yes=yes)
            if answered is not None:
                return answered
            if self._executor.dialogue.question is not None:
                return self._put_again(yes=yes)
            return turn.only(turn.NOTHING_WAITS)

    def _put_again(self, *, yes: bool) -> Turn:
        """The open question once more, for a yes or no that it cannot have been asked for."""
        dialogue = self._executor.dialogue
        question = dialogue.question
        if question is None:
            raise ValueError("no question is open")
        self._events.publish(Answered(question=question.id, yes=yes, taken="TooEarly"))
        dialogue.spoken(question.id)  # the turn that should have put it may have been broken off
        again = turn.only(turn.PUT_AGAIN.format(question=question.text))
        work = self._course.work
        return again if work is None else replace(again, progress=work.run.snapshot())

    async def _answered(self, question_id: int, *, yes: bool) -> Turn | None:
        """The turn of an answer; None when the question is not open any more. The caller has the turn."""
        answer = self._executor.dialogue.answer(question_id, yes=yes)
        self._events.publish(Answered(question=question_id, yes=yes, taken=type(answer).__name__))
        work = self._course.work
        match answer:
            case NoSuchQuestion():
                return None
            case Accepted() | Declined() if work is not None:
                self._course.move(ts.AnswerTaken())
                work.run.answered(answer)
            case Expired() if work is not None:
                self._course.move(ts.AnswerTaken())
                work.run.answered(None)
            case _:
                return turn.only(turn.NOTHING_WAITS)
        return self._course.finish(work, await work.run.progress())

    async def _cancelled(self, text: str, begun: Work | None, earlier: Earlier) -> Turn:
        """The turn of an utterance that was cancelled while it was being understood; some of it may have begun."""
        if begun is None:
            return turn.only("Cancelled.")
        await begun.run.cancel()
        self._recollection.carried_out_by(begun, begun.run.plan)
        ids = tuple(step.id for step in begun.run.plan)
        self._tell_plan(Planned(heard=text, utterance=begun.run.plan, begun=ids), earlier)
        progress = begun.run.snapshot()
        return Turn(planned=None, progress=progress, reply=feedback.reply(progress))

    # --- carrying out -------------------------------------------------------------------------------------------------

    async def _done(self, planned: Planned, earlier: Earlier) -> Turn:
        """Carries out what was understood, or says what was not."""
        work = self._course.work
        planned = replace(planned, begun=() if work is None else tuple(step.id for step in work.run.plan))
        self._tell_plan(planned, earlier)
        self._recollection.understood(planned)
        if planned.plan.steps:
            try:
                plan = self._recollection.resolved(planned.plan)
            except ResultGone:
                planned = replace(planned, utterance=Refusal(), doubtful=False, why=NO_RESULT)
            else:
                return await self._carry_out(plan, planned)
        if work is not None:
            # the rest of the utterance could not be used; what had begun by then stays done and is told
            told = replace(planned, utterance=work.run.plan)
            self._recollection.carried_out_by(work, work.run.plan)
            done = self._course.finish(work, await work.run.progress(), told)
            done = replace(done, reply=f"{done.reply} {turn.NOT_THE_REST.format(why=planned.why)}")
        else:
            done = turn.only(turn.not_done(planned), planned=planned)
        if isinstance(planned.utterance, Incomplete) and isinstance(self.state, ts.Idle):
            self._course.move(ts.PieceMissed(Missing(text=planned.heard, command=planned.utterance, put_s=self.now_s)))
        return done

    async def _carry_out(self, plan: Plan, planned: Planned | None) -> Turn:
        """``plan``: that of ``planned``, with the results of earlier turns in it."""
        work = self._course.work  # of this very utterance: any other was dropped
        if work is None:
            work = self._course.begin()
        self._recollection.carried_out_by(work, plan if planned is None else planned.plan)
        doubt = ""
        named: dict[int, Meant] = {}
        if planned is not None and planned.doubtful:
            named = await self._executor.named([step for step in plan if step.id not in planned.begun])
            if self._course.work is not work:  # cancelled while the head unit was asked
                return Turn(planned=planned, progress=work.run.snapshot(), reply="Cancelled.")
            # what will be asked about anyway, or refused, needs no second question
            if self._executor.acts_unasked(named.values()):
                doubt = feedback.doubt_question([meant.call for meant in named.values()])
        work.run.complete(plan, doubt=doubt, named=named)
        done = self._course.finish(work, await work.run.progress(), planned)
        return done if planned is None else turn.with_route(done, planned)


__all__ = ["Assistant", "PlansText", "StreamsPlan", "Turn", "never_waits"]
