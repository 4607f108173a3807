"""What became of each call of a plan."""

from dataclasses import dataclass, field
from enum import StrEnum

from vehicle_agent.backends.base import Observed
from vehicle_apis.call import Call, Plan


class Status(StrEnum):
    """``PENDING``: a question is open. ``EXPIRED``: nobody answered it in time."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``verdict``: the gate's last word (allow, confirm, deny; "" when it was never asked), with its rule and reason.

    ``observed``: what the car showed (also when it was not what was wanted). ``undo``: the calls that take it back.
    """

    id: int
    call: Call
    status: Status
    verdict: str = ""
    rule: str = ""
    reason: str = ""
    observed: Observed | None = None
    undo: tuple[Call, ...] = field(default=(), compare=False)
    sent_to_confirmed_ms: float = 0.0

    def to_json(self) -> dict[str, object]:
        observed = None
        if self.observed is not None:
            observed = {"text": self.observed.text, "values": dict(self.observed.values)}
        return {
            "id": self.id,
            "verdict": self.verdict,
            "rule": self.rule,
            "reason": self.reason,
            "status": self.status.value,
            "observed": observed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A call waits for a yes or no; ``step`` 0: the whole plan does. ``id`` names the question in the answer."""

    id: int
    text: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A plan's outcomes so far, in plan order, and the question it waits for, if any."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    question: OpenQuestion | None = None

    @property
    def complete(self) -> bool:
        return self.question is None
