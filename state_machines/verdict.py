"""What the gate answers."""

from dataclasses import dataclass
from typing import TypeAlias

from state_machines.driving_state import DrivingState
from state_machines.permit import Permit
from state_machines.rulebook import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A judgement without a permit. ``reason``: a sentence for the driver."""

    decision: Decision
    rule: str
    reason: str
    state: DrivingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    permit: Permit
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    rule: str
    reason: str


Verdict: TypeAlias = Allow | Confirm | Deny
