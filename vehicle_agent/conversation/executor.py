"""The executor: a plan as a graph of tasks, every call judged twice, done only when the car shows it.

A run may begin before its plan is complete: steps that stand alone are begun one by one, the rest follows.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, assert_never

from state_machines.dialogue import Accepted, Confirmation, ConfirmationRefused, Declined, Dialogue
from state_machines.expansion import Context, needs_number
from state_machines.gate import Gate
from state_machines.permit import Permit, PermitRefused
from state_machines.rulebook import Decision
from state_machines.standing import StandingRules
from state_machines.verdict import Allow, Confirm, Deny
from vehicle_agent.backends.base import (
    Action,
    Backend,
    Meant,
    Motions,
    Names,
    Observed,
    Place,
    StoppedMotion,
    Understood,
)
from vehicle_agent.conversation.outcome import OpenQuestion, Outcome, Progress, Status
from vehicle_agent.conversation.world_view import WorldView
from vehicle_agent.errors import STOPPED, BackendError, NotConfirmed, Stopped
from vehicle_agent.events import Events, Judged, Settled
from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import Ref
from vehicle_apis.signals import Signals
from vehicle_apis.spec import Argument

_WHOLE_PLAN: Final = 0  # the "step" of a question about the plan as a whole; it is asked before any step's own
_NO_ANSWER: Final = "No answer came in time, so I left it."
_SAID_NO: Final = "You said no."
_NO_NUMBER: Final = "I do not know which number that would reach, so I did not do it."
_MEANS_ANOTHER: Final = "What you named has changed meanwhile, so I did not do it; please say it again."
DOUBT: Final = "not_sure_what_was_meant"


class Executor:
    """Carries out plans through ``backends`` (by ApiSpec.backend). One `Run` per plan; questions are shared."""

    def __init__(
        self,
        *,
        gate: Gate,
        dialogue: Dialogue,
        standing: StandingRules,
        world: WorldView,
        backends: Mapping[str, Backend],
        events: Events,
        clock: Callable[[], float] = time.monotonic,
        motions: Motions | None = None,
    ) -> None:
        self.gate = gate
        self.dialogue = dialogue
        self.standing = standing
        self.world = world
        self.backends = backends
        self.events = events
        self.clock = clock
        self.question_turn = asyncio.Lock()
        self.is_closed = False  # from then on nothing is sent any more
        self._motions = motions

    @property
    def moves(self) -> bool:
        """Whether a motor runs that can be stopped."""
        return self._motions is not None and self._motions.under_way

    def stop_motions(self) -> "Stops":
        """Stops every motor that runs: the commands are on their way when this returns."""
        return Stops(() if self._motions is None else self._motions.stop(), self.standing)

    def start(self, plan: Plan, *, doubt: str = "") -> "Run":
        """Begins ``plan`` at once. Await `Run.progress` for what came of it.

        ``doubt``: a question about the whole plan; until it is answered with yes, nothing of it is done.
        """
        run = Run(self)
        run.complete(plan, doubt=doubt)
        return run

    def begin(self) -> "Run":
        """A run whose plan is not known yet: `Run.begin` single steps, then `Run.complete`."""
        return Run(self)

    def would_allow(self, call: Call) -> bool:
        """Whether ``call`` would be carried out without a question, as things are now. No judgement that counts."""
        return self.gate.would_allow(call, self.world.signals(), self.world.context())

    def acts_unasked(self, meant: Iterable[Meant]) -> bool:
        """Whether any of the calls would change something without a question of its own, as far as can be told now."""
        signals = self.world.signals()
        for one in meant:
            call = one.call
            if call.spec.reads_only:
                continue
            # what a result will say, or what the head unit plays, is not known yet
            if call.refs or call.spec.resumes:
                return True
            if self.gate.would_allow(call, signals, self._reaching(one)):
                return True
        return False

    async def meant(self, call: Call) -> Meant:
        """The call with the names of the head unit in place of the driver's words. Raises BackendError."""
        backend = self.backends.get(call.spec.backend)
        return await backend.meant(call) if isinstance(backend, Names) else Meant(call=call)

    async def named(self, steps: Iterable[Step]) -> dict[int, Meant]:
        """What each step means, by its id; a step that means nothing the head unit knows is left out."""

        async def one(step: Step) -> Meant | None:
            try:
                return await self.meant(step.call)
            except BackendError:
                return None  # its step will fail with the sentence, having done nothing

        asked = list(steps)
        found = await asyncio.gather(*map(one, asked))
        return {step.id: meant for step, meant in zip(asked, found, strict=True) if meant is not None}

    def _reaching(self, meant: Meant) -> Context:
        return replace(self.world.context(), number=meant.number, emergency_numbers=meant.emergency_numbers)

    async def look(self, meant: Meant) -> tuple[Signals, Context]:
        """What a judgement of the call depends on, as of the moment this returns."""
        if meant.call.spec.resumes:
            await self.world.refresh()
        return self.world.signals(), self._reaching(meant)


class Stops:
    """Stops on their way. Goes on when nobody waits for it."""

    def __init__(self, stopping: tuple[Awaitable[StoppedMotion], ...], standing: StandingRules) -> None:
        self._standing = standing
        self._all = asyncio.ensure_future(asyncio.gather(*stopping)) if stopping else None

    async def done(self) -> tuple[StoppedMotion, ...]:
        """What came of them; may be asked again."""
        if self._all is None:
            return ()
        stopped = tuple(await asyncio.shield(self._all))
        for one in stopped:
            if one.call is not None and not one.failed:
                self._standing.settled(one.call, sending=one.sending)
        return stopped


class Run:
    """One plan under way. Owns its tasks; `cancel` ends them."""

    def __init__(self, executor: Executor) -> None:
        self._x = executor
        self.plan = Plan()
        self._outcomes: dict[int, Outcome] = {}
        self._changed = asyncio.Event()
        self._answer: asyncio.Future[Accepted | Declined | None] | None = None
        self._asking: OpenQuestion | None = None
        self._waiting_to_ask: set[int] = set()
        self._sent: dict[int, list[Action]] = {}
        self._unanswered = False
        self._started: dict[int, asyncio.Future[Outcome]] = {}
        self._doubted: frozenset[int] = frozenset()
        self._meant = asyncio.Event()
        self._not_meant: Status | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._named: Mapping[int, Meant] = {}

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
            self._doubted = frozenset(step.id for step in rest)
            self._waiting_to_ask.add(_WHOLE_PLAN)
            self._not_meant = Status.EXPIRED  # whatever happens: without a yes nothing is done
            # asked about what is left to do; what has begun needs no yes any more
            asking = self._clear_doubt(doubt, plan)
            self._tasks.append(asyncio.create_task(asking, name="what was meant"))
        for step in rest:
            self._add(step)

    def _add(self, step: Step) -> None:
        self._started[step.id] = asyncio.get_running_loop().create_future()
        self._tasks.append(asyncio.create_task(self._step(step), name=f"step {step.id} {step.call.name}"))

    async def progress(self) -> Progress:
        """Waits until every step is settled, or all that can be is and a question is open."""
        while True:
            unsettled = {s.id for s in self.plan} - self._outcomes.keys()
            if not unsettled:
                break
            if self._asking is not None and self._blocked(unsettled) == unsettled:
                break
            self._changed.clear()
            await self._changed.wait()
        return self.snapshot()

    async def settled(self) -> None:
        """Waits until nothing is open any more, whether by an answer or because none came."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _blocked(self, unsettled: set[int]) -> set[int]:
        """Steps that cannot go on before the open question is answered."""
        blocked = set(self._waiting_to_ask)
        if not self._meant.is_set():
            blocked |= self._doubted
        for step in self.plan:
            if step.id in unsettled and step.waits_for & blocked:
                blocked.add(step.id)
        return blocked & unsettled

    def snapshot(self) -> Progress:
        """What is known now; unsettled steps are pending."""
        outcomes = []
        for step in self.plan:
            outcome = self._outcomes.get(step.id)
            if outcome is None:
                asked = self._asking is not None and (
                    self._asking.step == step.id or (self._asking.step == _WHOLE_PLAN and step.id in self._doubted)
                )
                outcome = Outcome(
                    id=step.id,
                    call=step.call,
                    status=Status.PENDING,
                    verdict="confirm" if asked else "",
                    reason=self._asking.text if asked and self._asking else "",
                )
            outcomes.append(outcome)
        return Progress(plan=self.plan, outcomes=tuple(outcomes), question=self._asking)

    def answered(self, answer: Accepted | Declined | None) -> None:
        """The dialogue's answer to this run's open question; None = it came too late."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)
            if self._asking is not None:
                # no longer open from this moment on, though its step goes on only in a later tick
                self._waiting_to_ask.discard(self._asking.step)
                self._asking = None

    async def cancel(self, stops: Stops | None = None) -> None:
        """Stops what has not been sent yet. What is under way in the car is left to the car, but for ``stops``."""
        if self._asking is not None:
            self._x.dialogue.withdraw()
            self._asking = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        stopped = () if stops is None else await stops.done()
        for step in self.plan:
            if step.id not in self._outcomes:
                self._settle(step, self._cancelled(step, stopped))

    def _cancelled(self, step: Step, stopped: tuple[StoppedMotion, ...]) -> Outcome:
        if step.id not in self._sent:
            return Outcome(id=step.id, call=step.call, status=Status.SKIPPED, reason="Cancelled.")
        name = step.call.name.replace("_", " ")
        reason = f"The command to {name} was sent already; I did not wait for the car to confirm it."
        actions = self._sent[step.id]
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
        self._outcomes[step.id] = outcome
        if not self._started[step.id].done():
            self._started[step.id].set_result(outcome)
        self._changed.set()
        self._x.events.publish(Settled(outcome=outcome))

    async def _step(self, step: Step) -> None:
        try:
            outcome = await self._carry_out(step)
        except asyncio.CancelledError:
            raise
        except Exception as e:  # one step's defect must not take the plan, let alone the daemon, down
            outcome = Outcome(
                id=step.id,
                call=step.call,
                status=Status.FAILED,
                reason=f"Something went wrong inside the agent: {e!r}.",
            )
        self._settle(step, outcome)

    async def _clear_doubt(self, text: str, plan: Plan) -> None:
        """Asks whether the plan is what was meant; the doubted steps go on, or are left, by the answer."""
        x = self._x
        try:
            async with x.question_turn:
                answer = await self._ask(_WHOLE_PLAN, text, plan)
            match answer:
                case None:
                    self._unanswered = True
                case Declined():
                    self._not_meant = Status.REFUSED
                case Accepted(confirmation=confirmation):
                    with contextlib.suppress(ConfirmationRefused):  # it came too late after all
                        confirmation.redeem(plan, x.clock())
                        self._not_meant = None
        finally:
            self._waiting_to_ask.discard(_WHOLE_PLAN)
            self._meant.set()
            self._changed.set()

    async def _carry_out(self, step: Step) -> Outcome:
        if step.id in self._doubted:
            await self._meant.wait()
            if self._not_meant is not None:
                expired = self._not_meant is Status.EXPIRED
                return Outcome(
                    id=step.id,
                    call=step.call,
                    status=self._not_meant,
                    verdict="confirm",
                    rule=DOUBT,
                    reason=_NO_ANSWER if expired else _SAID_NO,
                )
        before = {n: await self._started[n] for n in sorted(step.waits_for)}
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
        if promised is None:
            return await self._judged(step.id, call)
        return await self._judged(step.id, call, said=step.call, promised=replace(promised, call=call))

    @staticmethod
    def _skipped(step: Step, because: Outcome) -> Outcome:
        name = because.call.name.replace("_", " ")
        return Outcome(
            id=step.id, call=step.call, status=Status.SKIPPED, reason=f"Skipped, because {name} did not work out."
        )

    async def _judged(
        self, step_id: int, call: Call, *, said: Call | None = None, promised: Meant | None = None
    ) -> Outcome:
        """First judgement, question if one is needed, then the send. ``promised``: what a question said it means."""
        x = self._x
        meant = Meant(call=call)
        signals, context = await x.look(meant)
        assessment = x.gate.assess(call, signals, context)
        if assessment.decision is not Decision.DENY:
            try:
                meant = await x.meant(call)
            except BackendError as e:  # a sentence before any question: nobody, or several, of that name
                return Outcome(id=step_id, call=call, status=Status.FAILED, reason=str(e))
            if promised is not None and not meant.is_like(promised):
                return Outcome(id=step_id, call=call, status=Status.FAILED, reason=_MEANS_ANOTHER)
            if meant != Meant(call=call):
                signals, context = await x.look(meant)
                assessment = x.gate.assess(meant.call, signals, context)
        said = said or (call if call != meant.call else None)
        x.events.publish(
            Judged(
                call=meant.call,
                signals=signals,
                context=context,
                state=assessment.state.word,
                decision=assessment.decision.word,
                rule=assessment.rule,
                binding=False,
                step=step_id,
                said=said,
            )
        )
        if assessment.decision is Decision.DENY:
            return Outcome(
                id=step_id,
                call=meant.call,
                status=Status.REFUSED,
                verdict="deny",
                rule=assessment.rule,
                reason=assessment.reason,
            )
        # an undo is asked about as what it will do, call by call
        if assessment.decision is Decision.ALLOW or call.spec.takes_back:
            return await self._send(step_id, meant, None)
        return await self._asked(step_id, meant, assessment.rule, assessment.reason)

    async def _asked(self, step_id: int, meant: Meant, rule: str, text: str) -> Outcome:
        x = self._x
        call = meant.call
        self._waiting_to_ask.add(step_id)
        self._changed.set()
        try:
            await self._my_turn(step_id)
            async with x.question_turn:
                # nobody is listening any more: another question would only catch a late yes meant for the last one
                answer = None if self._unanswered else await self._ask(step_id, text, call)
        finally:
            self._waiting_to_ask.discard(step_id)
        if answer is None:
            self._unanswered = True
            return Outcome(
                id=step_id,
                call=call,
                status=Status.EXPIRED,
                verdict="confirm",
                rule=rule,
                reason=_NO_ANSWER,
            )
        if isinstance(answer, Declined):
            return Outcome(id=step_id, call=call, status=Status.REFUSED, verdict="confirm", rule=rule, reason=_SAID_NO)
        return await self._send(step_id, meant, answer.confirmation)

    async def _my_turn(self, step_id: int) -> None:
        """Questions come in plan order: waits while an earlier step still wants to ask."""
        while any(other < step_id for other in self._waiting_to_ask):
            self._changed.clear()
            await self._changed.wait()

    async def _ask(self, step_id: int, text: str, call: Call | Plan) -> Accepted | Declined | None:
        """Opens the question and waits for its answer; None when none came in time."""
        x = self._x
        question = x.dialogue.ask(text, call)
        self._answer = asyncio.get_running_loop().create_future()
        self._asking = OpenQuestion(id=question.id, text=question.text, step=step_id)
        self._changed.set()
        try:
            while True:
                try:
                    async with asyncio.timeout(x.dialogue.remaining_s + 0.01):
                        return await asyncio.shield(self._answer)
                except TimeoutError:
                    if x.dialogue.expire() is not None or x.dialogue.question is None:
                        return None
        finally:
            self._asking = None
            self._answer = None
            self._changed.set()

    async def _send(self, step_id: int, meant: Meant, confirmation: Confirmation | None) -> Outcome:
        """Prepare, judge again, send, wait for the car; one retry of what may be sent twice."""
        x = self._x
        call = meant.call
        if call.spec.takes_back:
            return await self._undo(step_id, call)
        backend = x.backends.get(call.spec.backend)
        if backend is None:
            reason = f"This car has no {call.spec.backend} connection; `vehicle-agent doctor` tells what is missing."
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", reason=reason)
        try:
            action = await backend.prepare(call)
        except BackendError as e:
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", reason=str(e))
        if isinstance(action, Understood) and not action.meant.is_like(meant):
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", reason=_MEANS_ANOTHER)
        attempts = 2 if call.spec.is_idempotent(call.arguments) else 1
        outcome = await self._attempt(step_id, action, confirmation)
        # what was stopped shows nothing observed, and is not begun again
        if outcome.status is Status.FAILED and attempts > 1 and outcome.observed is not None:
            # the retry is judged anew; a confirmation was used up, so only an allowed call is sent again
            again = await self._attempt(step_id, action, None)
            if again.status in {Status.DONE, Status.FAILED}:
                outcome = again  # one that was not sent again remains the failure it is
        return outcome

    async def _attempt(self, step_id: int, action: Action, confirmation: Confirmation | None) -> Outcome:
        x = self._x
        call = action.call
        # judged by what the action will really do, not by what a look at the phone book would say now
        meant = action.meant if isinstance(action, Understood) else Meant(call=call)
        signals, context = await x.look(meant)
        if needs_number(call) and context.number is None:
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", reason=_NO_NUMBER)
        verdict = x.gate.judge(call, signals, context, confirmation=confirmation)
        x.events.publish(
            Judged(
                call=call,
                signals=signals,
                context=context,
                state=x.gate.state.word,
                decision=type(verdict).__name__.lower(),
                rule=verdict.rule,
                binding=True,
                step=step_id,
                confirmed=confirmation is not None,
            )
        )
        if x.is_closed:
            return Outcome(id=step_id, call=call, status=Status.SKIPPED, reason="The assistant is being switched off.")
        match verdict:
            case Deny(rule=rule, reason=reason):
                return Outcome(id=step_id, call=call, status=Status.REFUSED, verdict="deny", rule=rule, reason=reason)
            case Confirm(rule=rule, reason=reason):
                return Outcome(
                    id=step_id,
                    call=call,
                    status=Status.REFUSED,
                    verdict="confirm",
                    rule=rule,
                    reason=f"The situation changed, so I did not do it: {reason}",
                )
            case Allow(permit=permit, rule=rule, reason=reason):
                return await self._carried_out(step_id, action, permit, rule, reason, context)
            case _:
                assert_never(verdict)

    async def _carried_out(
        self, step_id: int, action: Action, permit: Permit, rule: str, reason: str, context: Context
    ) -> Outcome:
        """Sends what was just allowed, in the same tick, and waits for what the car shows."""
        x, call = self._x, action.call
        began = x.clock()
        try:
            try:
                action.send(permit)  # same tick as the judgement: no await may come between
            except BackendError:
                # of several messages some may be on their way
                x.standing.started(call, x.gate.state, context, sending=action)
                raise
            self._sent.setdefault(step_id, []).append(action)
            # a motion is under way from now on, not only once it is confirmed, and goes on if this task is cancelled;
            # "play" may be a video
            x.standing.started(call, x.gate.state, context, sending=action)
            observed = await action.outcome()
        except Stopped as e:  # nor is it tried again
            x.standing.settled(call, sending=action)
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", rule=rule, reason=str(e))
        except NotConfirmed as e:
            if e.refused:  # else it may be under way all the same, and must end when the car drives off
                x.standing.settled(call, sending=action)
            seen = Observed(text=str(e), values=e.seen)
            return Outcome(
                id=step_id, call=call, status=Status.FAILED, verdict="allow", rule=rule, reason=str(e), observed=seen
            )
        except (BackendError, PermitRefused) as e:
            x.standing.settled(call, sending=action)
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", rule=rule, reason=str(e))
        x.standing.settled(call, sending=action)
        # a picture that shows itself when it must not any more is ended, not done
        signals = x.world.signals()
        forbidden = x.standing.forbidden(call, x.gate.observe(signals), signals, context)
        if forbidden is not None:
            reason = f"I stopped it: {forbidden}"
            return Outcome(id=step_id, call=call, status=Status.FAILED, verdict="allow", rule=rule, reason=reason)
        return Outcome(
            id=step_id,
            call=call,
            status=Status.DONE,
            verdict="allow",
            rule=rule,
            reason=reason,
            observed=observed,
            undo=action.undo,
            sent_to_confirmed_ms=(x.clock() - began) * 1000,
        )

    async def _undo(self, step_id: int, call: Call) -> Outcome:
        """The inverse calls of the last action, each through the gate like any other."""
        calls = self._x.world.take_undo()
        if not calls:
            return Outcome(
                id=step_id, call=call, status=Status.FAILED, verdict="allow", reason="There is nothing to undo."
            )
        outcomes = [await self._judged(step_id, inverse) for inverse in calls]
        bad = next((o for o in outcomes if o.status is not Status.DONE), None)
        worst = bad or outcomes[-1]
        seen = [o.observed.text for o in outcomes if o.observed is not None and o.status is Status.DONE]
        texts = " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in seen)
        return Outcome(
            id=step_id,
            call=call,
            status=worst.status,
            verdict=worst.verdict,
            rule=worst.rule,
            reason=worst.reason,
            observed=Observed(text=texts) if texts else None,
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
