"""Whether a plan is what was meant: asked about as a whole, before anything of it is done."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from state_machines.dialogue import Accepted, ConfirmationRefused, Declined
from vehicle_agent.conversation.asking import DriversAnswer
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.refusals import NO_ANSWER, SAID_NO
from vehicle_apis.call import Plan, Step

DOUBT: Final = "not_sure_what_was_meant"


@dataclass(frozen=True, slots=True)
class Certain:
    """Nothing is asked about the plan as a whole, or it was answered with yes."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """``steps`` wait for a yes to ``plan``."""

    steps: frozenset[int]
    plan: Plan


@dataclass(frozen=True, slots=True)
class NotMeant:
    """``steps`` are left: ``status`` REFUSED after a no, EXPIRED without a yes in time."""

    steps: frozenset[int]
    status: Status

    def outcome(self, step: Step) -> Outcome:
        reason = NO_ANSWER if self.status is Status.EXPIRED else SAID_NO
        return Outcome(id=step.id, call=step.call, status=self.status, verdict="confirm", rule=DOUBT, reason=reason)


Doubt: TypeAlias = Certain | Unclear | NotMeant


def cleared(doubt: Unclear, answer: DriversAnswer, now_s: float) -> Certain | NotMeant:
    """What the answer makes of the doubt."""
    if isinstance(answer, Declined):
        return NotMeant(doubt.steps, Status.REFUSED)
    if isinstance(answer, Accepted):
        try:
            answer.confirmation.redeem(doubt.plan, now_s)
        except ConfirmationRefused:  # it came too late after all
            return NotMeant(doubt.steps, Status.EXPIRED)
        return Certain()
    return NotMeant(doubt.steps, Status.EXPIRED)
