"""One plan under way: a graph of steps, each of which waits for those before it.

A run may begin before its plan is complete: steps that stand alone are begun one by one, the rest follows.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from vehicle_agent.backends.base import Meant, Observed, Place, StoppedMotion
from vehicle_agent.conversation import refusals
from vehicle_agent.conversation.asking import WHOLE_PLAN, DriversAnswer, Questions
from vehicle_agent.conversation.doubt import Certain, Doubt, NotMeant, Unclear, cleared
from vehicle_agent.conversation.means import Means
from vehicle_agent.conversation.outcome import OpenQuestion, Outcome, Progress, Status
from vehicle_agent.conversation.sending import Sending
from vehicle_agent.conversation.steps import AnswerCame, Settles, Steps, sent_by
from vehicle_agent.conversation.stops import Stops
from vehicle_agent.errors import STOPPED
from vehicle_agent.events import Settled
from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import Ref
from vehicle_apis.spec import Argument


class Run:
    """One plan under way. Owns its tasks; `cancel` ends them."""

    def __init__(self, means: Means) -> None:
        self._x = means
        self.plan = Plan()
        self.steps = Steps()
        self.questions = Questions(means, self.steps, wanting=self._wanting, answered=self._asker_answered)
        self.doubt: Doubt = Certain()
        self._named: Mapping[int, Meant] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # --- what is to be done -------------------------------------------------------------------------------------------

    def begin(self, step: Step) -> None:
        """Starts one step of a plan that is not complete yet. It must wait for nothing."""
        if step.waits_for:
            raise ValueError(f"step {step.id} waits for others and cannot begin alone")
        self.plan = Plan((*self.plan.steps, step))
        self._add(step)

    def complete(self, plan: Plan, *, doubt: str = "", named: Mapping[int, Meant] | None = None) -> None:
        """The whole plan is known: starts what has not begun. ``doubt``: asked before that.

        ``named``: what the question says that steps mean, by id: that is carried out, or nothing.
        """
        begun = {step.id: step for step in self.plan}
        if any(step not in plan.steps for step in begun.values()):
            raise ValueError("the plan does not hold the steps that were begun")
        self.plan = plan
        self._named = dict(named or {})
        rest = [step for step in plan if step.id not in begun]
        if doubt and rest:
            # asked about what is left to do; what has begun needs no yes any more
            self.doubt = Unclear(frozenset(step.id for step in rest), plan)
            self._tasks.append(asyncio.create_task(self._ask_what_was_meant(doubt), name="what was meant"))
        for step in rest:
            self._add(step)

    def _add(self, step: Step) -> None:
        self.steps.add(step.id)
        self._tasks.append(asyncio.create_task(self._step(step), name=f"step {step.id} {step.call.name}"))

    # --- what is known of it ------------------------------------------------------------------------------------------

    async def progress(self) -> Progress:
        """Waits until every step is settled, or all that can be is and a question is open."""
        await self.steps.until(self._goes_no_further)
        return self.snapshot()

    async def settled(self) -> None:
        """Waits until nothing is open any more, whether by an answer or because none came."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _goes_no_further(self) -> bool:
        unsettled = self.steps.unsettled
        return not unsettled or (self.questions.open is not None and self._blocked(unsettled) == unsettled)

    def _wanting(self) -> set[int]:
        """Who needs an answer now."""
        return self.steps.asking | ({WHOLE_PLAN} if isinstance(self.doubt, Unclear) else set())

    def _blocked(self, unsettled: set[int]) -> set[int]:
        """Steps that cannot go on before the open question is answered."""
        blocked = self._wanting()
        if isinstance(self.doubt, Unclear):
            blocked |= self.doubt.steps
        for step in self.plan:
            if step.id in unsettled and step.waits_for & blocked:
                blocked.add(step.id)
        return blocked & unsettled

    def snapshot(self) -> Progress:
        """What is known now; unsettled steps are pending."""
        question = self.questions.open
        outcomes = tuple(self.steps.outcome(step.id) or self._pending(step, question) for step in self.plan)
        return Progress(plan=self.plan, outcomes=outcomes, question=question)

    def _pending(self, step: Step, question: OpenQuestion | None) -> Outcome:
        if question is None or not self._is_about(question, step):
            return Outcome(id=step.id, call=step.call, status=Status.PENDING)
        return Outcome(id=step.id, call=step.call, status=Status.PENDING, verdict="confirm", reason=question.text)

    def _is_about(self, question: OpenQuestion, step: Step) -> bool:
        if question.step == WHOLE_PLAN:
            return isinstance(self.doubt, Unclear) and step.id in self.doubt.steps
        return question.step == step.id

    # --- answers ------------------------------------------------------------------------------------------------------

    def answered(self, answer: DriversAnswer) -> None:
        """The dialogue's answer to this run's open question; None = it came too late."""
        self.questions.answer(answer)

    def _asker_answered(self, asker: int, answer: DriversAnswer) -> None:
        if asker != WHOLE_PLAN:
            self.steps.move(asker, AnswerCame())
        elif isinstance(self.doubt, Unclear):
            self.doubt = cleared(self.doubt, answer, self._x.clock())
            self.steps.tell()

    async def _ask_what_was_meant(self, text: str) -> None:
        try:
            await self.questions.ask(WHOLE_PLAN, text, self.plan)
        finally:  # whatever happens: without a yes nothing is done
            self._asker_answered(WHOLE_PLAN, None)

    # --- the end ------------------------------------------------------------------------------------------------------

    async def cancel(self, stops: Stops | None = None) -> None:
        """Stops what has not been sent yet. What is under way in the car is left to the car, but for ``stops``."""
        self.questions.withdraw()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        stopped = () if stops is None else await stops.done()
        for step in self.plan:
            if self.steps.outcome(step.id) is None:
                self._settle(step, self._cancelled(step, stopped))

    def _cancelled(self, step: Step, stopped: tuple[StoppedMotion, ...]) -> Outcome:
        actions = sent_by(self.steps[step.id])
        if not actions:
            return Outcome(id=step.id, call=step.call, status=Status.SKIPPED, reason=refusals.CANCELLED)
        name = step.call.name.replace("_", " ")
        reason = f"The command to {name} was sent already; I did not wait for the car to confirm it."
        mine = next((one for one in stopped if any(one.sending is action for action in actions)), None)
        if mine is not None:
            reason = mine.text if mine.failed else STOPPED
        return Outcome(
            id=step.id,
            call=step.call,
            status=Status.FAILED,
            verdict="allow",
            reason=reason,
            observed=Observed(text=mine.text) if mine is not None else None,
        )

    def _settle(self, step: Step, outcome: Outcome) -> None:
        self.steps.move(step.id, Settles(outcome))
        self._x.events.publish(Settled(outcome=outcome))

    # --- one step -----------------------------------------------------------------------------------------------------

    async def _step(self, step: Step) -> None:
        try:
            outcome = await self._carry_out(step)
        except asyncio.CancelledError:
            raise
        except Exception as e:  # noqa: BLE001 - one step's defect must not take the plan, let alone the daemon, down
            outcome = Outcome(
                id=step.id,
                call=step.call,
                status=Status.FAILED,
                reason=f"Something went wrong inside the agent: {e!r}.",
            )
        self._settle(step, outcome)

    async def _carry_out(self, step: Step) -> Outcome:
        await self.steps.until(lambda: not self._is_doubted(step))
        if isinstance(self.doubt, NotMeant) and step.id in self.doubt.steps:
            return self.doubt.outcome(step)
        before = {n: await self.steps.settled(n) for n in sorted(step.waits_for)}
        for n in step.call.refs:
            if before[n].status is not Status.DONE:
                return self._skipped(step, before[n])
        needed = step.call.spec.needs_success_of
        for outcome in before.values():
            if outcome.call.name in needed and outcome.status is not Status.DONE:
                return self._skipped(step, outcome)
        promised = self._named.get(step.id)
        try:
            call = _filled_in(step.call if promised is None else promised.call, before)
        except InvalidCall as e:
            return Outcome(id=step.id, call=step.call, status=Status.FAILED, reason=f"{e}.")
        sending = Sending(
            self._x,
            step.id,
            moved=partial(self.steps.move, step.id),
            ask=partial(self.questions.ask, step.id),
        )
        if promised is None:
            return await sending.carry_out(call)
        return await sending.carry_out(call, said=step.call, promised=replace(promised, call=call))

    def _is_doubted(self, step: Step) -> bool:
        return isinstance(self.doubt, Unclear) and step.id in self.doubt.steps

    @staticmethod
    def _skipped(step: Step, because: Outcome) -> Outcome:
        name = because.call.name.replace("_", " ")
        return Outcome(
            id=step.id, call=step.call, status=Status.SKIPPED, reason=f"Skipped, because {name} did not work out."
        )


def _filled_in(call: Call, before: Mapping[int, Outcome]) -> Call:
    """The call with each `$n` replaced by that step's result. Raises InvalidCall."""
    changes: dict[str, Argument] = {}
    for key, value in call.arguments.items():
        if isinstance(value, Ref):
            observed = before[value.step].observed
            result = observed.result if observed is not None else None
            text = f"{result.name}, {result.address}" if isinstance(result, Place) else str(result or "")
            changes[key] = text[:MAX_TEXT_CHARS]
    return call.with_arguments(**changes) if changes else call
