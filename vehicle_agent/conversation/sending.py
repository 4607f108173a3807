"""One step's call from its first judgement to what the car shows: judged twice, sent in the tick of the second."""

from collections.abc import Awaitable, Callable
from typing import Final, assert_never

from state_machines.dialogue import Accepted, Confirmation, Declined
from state_machines.expansion import Context, needs_number
from state_machines.permit import Permit, PermitRefused
from state_machines.rulebook import Decision
from state_machines.verdict import Allow, Confirm, Deny
from vehicle_agent.backends.base import Action, Meant, Observed, Understood
from vehicle_agent.conversation import refusals
from vehicle_agent.conversation.asking import DriversAnswer
from vehicle_agent.conversation.means import Means
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.steps import MayGo, NeedsYes, Sent, StepEvent, TakenUp
from vehicle_agent.errors import BackendError, NotConfirmed, Stopped
from vehicle_agent.events import Judged
from vehicle_apis.call import Call

_SITUATION_CHANGED: Final = "The situation changed, so I did not do it: {reason}"


class Sending:
    """``step_id``: whose calls these are; ``moved`` hears of its events; ``ask`` puts a question about a call."""

    def __init__(
        self,
        means: Means,
        step_id: int,
        *,
        moved: Callable[[StepEvent], None],
        ask: Callable[[str, Call], Awaitable[DriversAnswer]],
    ) -> None:
        self._x = means
        self._step_id = step_id
        self._moved = moved
        self._ask = ask

    def _not_done(self, call: Call, status: Status, reason: str, *, verdict: str = "", rule: str = "") -> Outcome:
        return Outcome(id=self._step_id, call=call, status=status, verdict=verdict, rule=rule, reason=reason)

    async def carry_out(self, call: Call, *, said: Call | None = None, promised: Meant | None = None) -> Outcome:
        """First judgement, question if one is needed, then the send. ``promised``: what a question said it means."""
        x = self._x
        self._moved(TakenUp())
        meant = Meant(call=call)
        signals, context = await x.look(meant)
        assessment = x.gate.assess(call, signals, context)
        if assessment.decision is not Decision.DENY:
            try:
                meant = await x.meant(call)
            except BackendError as e:  # a sentence before any question: nobody, or several, of that name
                return self._not_done(call, Status.FAILED, str(e))
            if promised is not None and not meant.is_like(promised):
                return self._not_done(call, Status.FAILED, refusals.MEANS_ANOTHER)
            if meant != Meant(call=call):
                signals, context = await x.look(meant)
                assessment = x.gate.assess(meant.call, signals, context)
        x.events.publish(
            Judged(
                call=meant.call,
                signals=signals,
                context=context,
                state=assessment.state.word,
                decision=assessment.decision.word,
                rule=assessment.rule,
                binding=False,
                step=self._step_id,
                said=said or (call if call != meant.call else None),
            )
        )
        rule, reason = assessment.rule, assessment.reason
        if assessment.decision is Decision.DENY:
            return self._not_done(meant.call, Status.REFUSED, reason, verdict="deny", rule=rule)
        # an undo is asked about as what it will do, call by call
        if assessment.decision is Decision.ALLOW or call.spec.takes_back:
            return await self._send(meant, None)
        self._moved(NeedsYes())
        answer = await self._ask(reason, meant.call)
        match answer:
            case None:
                return self._not_done(meant.call, Status.EXPIRED, refusals.NO_ANSWER, verdict="confirm", rule=rule)
            case Declined():
                return self._not_done(meant.call, Status.REFUSED, refusals.SAID_NO, verdict="confirm", rule=rule)
            case Accepted(confirmation=confirmation):
                return await self._send(meant, confirmation)
            case _:
                assert_never(answer)

    async def _send(self, meant: Meant, confirmation: Confirmation | None) -> Outcome:
        """Prepare, judge again, send, wait for the car; one retry of what may be sent twice."""
        self._moved(MayGo())
        call = meant.call
        if call.spec.takes_back:
            return await self._undo(call)
        carrier = self._x.carried_by(call)
        backend = self._x.backends.get(carrier)
        if backend is None:
            reason = f"This car has no {carrier} connection; `vehicle-agent doctor` tells what is missing."
            return self._not_done(call, Status.FAILED, reason, verdict="allow")
        try:
            action = await backend.prepare(call)
        except BackendError as e:
            return self._not_done(call, Status.FAILED, str(e), verdict="allow")
        if isinstance(action, Understood) and not action.meant.is_like(meant):
            return self._not_done(call, Status.FAILED, refusals.MEANS_ANOTHER, verdict="allow")
        attempts = 2 if call.spec.is_idempotent(call.arguments) else 1
        outcome = await self._attempt(action, confirmation)
        # what was stopped shows nothing observed, and is not begun again
        if outcome.status is Status.FAILED and attempts > 1 and outcome.observed is not None:
            # the retry is judged anew; a confirmation was used up, so only an allowed call is sent again
            again = await self._attempt(action, None)
            if again.status in {Status.DONE, Status.FAILED}:
                outcome = again  # one that was not sent again remains the failure it is
        return outcome

    async def _attempt(self, action: Action, confirmation: Confirmation | None) -> Outcome:
        x = self._x
        call = action.call
        # judged by what the action will really do, not by what a look at the phone book would say now
        meant = action.meant if isinstance(action, Understood) else Meant(call=call)
        signals, context = await x.look(meant)
        if needs_number(call) and context.number is None:
            return self._not_done(call, Status.FAILED, refusals.NO_NUMBER, verdict="allow")
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
                step=self._step_id,
                confirmed=confirmation is not None,
            )
        )
        if x.is_closed:
            return self._not_done(call, Status.SKIPPED, refusals.SWITCHED_OFF)
        match verdict:
            case Deny(rule=rule, reason=reason):
                return self._not_done(call, Status.REFUSED, reason, verdict="deny", rule=rule)
            case Confirm(rule=rule, reason=reason):
                told = _SITUATION_CHANGED.format(reason=reason)
                return self._not_done(call, Status.REFUSED, told, verdict="confirm", rule=rule)
            case Allow(permit=permit, rule=rule, reason=reason):
                return await self._sent(action, permit, rule, reason, context)
            case _:
                assert_never(verdict)

    async def _sent(self, action: Action, permit: Permit, rule: str, reason: str, context: Context) -> Outcome:
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
            self._moved(Sent(action))
            # a motion is under way from now on, not only once it is confirmed, and goes on if this task is cancelled;
            # "play" may be a video
            x.standing.started(call, x.gate.state, context, sending=action)
            observed = await action.outcome()
        except Stopped as e:  # nor is it tried again
            x.standing.settled(call, sending=action)
            return self._not_done(call, Status.FAILED, str(e), verdict="allow", rule=rule)
        except NotConfirmed as e:
            if e.refused:  # else it may be under way all the same, and must end when the car drives off
                x.standing.settled(call, sending=action)
            return Outcome(
                id=self._step_id,
                call=call,
                status=Status.FAILED,
                verdict="allow",
                rule=rule,
                reason=str(e),
                observed=Observed(text=str(e), values=e.seen),
            )
        except (BackendError, PermitRefused) as e:
            x.standing.settled(call, sending=action)
            return self._not_done(call, Status.FAILED, str(e), verdict="allow", rule=rule)
        x.standing.settled(call, sending=action)
        # a picture that shows itself when it must not any more is ended, not done
        signals = x.world.signals()
        forbidden = x.standing.forbidden(call, x.gate.observe(signals), signals, context)
        if forbidden is not None:
            return self._not_done(call, Status.FAILED, f"I stopped it: {forbidden}", verdict="allow", rule=rule)
        return Outcome(
            id=self._step_id,
            call=call,
            status=Status.DONE,
            verdict="allow",
            rule=rule,
            reason=reason,
            observed=observed,
            undo=action.undo,
            sent_to_confirmed_ms=(x.clock() - began) * 1000,
        )

    async def _undo(self, call: Call) -> Outcome:
        """The inverse calls of the last action, each through the gate like any other."""
        calls = self._x.world.take_undo()
        if not calls:
            return self._not_done(call, Status.FAILED, refusals.NOTHING_TO_UNDO, verdict="allow")
        outcomes = [await self.carry_out(inverse) for inverse in calls]
        bad = next((o for o in outcomes if o.status is not Status.DONE), None)
        worst = bad or outcomes[-1]
        seen = [o.observed.text for o in outcomes if o.observed is not None and o.status is Status.DONE]
        texts = " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in seen)
        return Outcome(
            id=self._step_id,
            call=call,
            status=worst.status,
            verdict=worst.verdict,
            rule=worst.rule,
            reason=worst.reason,
            observed=Observed(text=texts) if texts else None,
        )
