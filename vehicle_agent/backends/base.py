"""The contract every backend keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from state_machines.permit import Permit
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A destination as a service gave it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the car or service showed after the call.

    ``text``: one sentence for the driver; ``values``: the confirming status; ``result``: what `$n` stands for.
    """

    text: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    result: Place | str | None = None


class Action(Protocol):
    """One call made ready to send. ``undo``: the inverse calls by the state seen before, empty = cannot be undone."""

    call: Call
    undo: tuple[Call, ...]

    def send(self, permit: Permit) -> None:
        """Redeems the permit and hands the message to the wire in the same tick. Raises PermitRefused, Unavailable."""

    async def outcome(self) -> Observed:
        """Waits for the confirming status. Raises NotConfirmed, Unavailable."""


class Backend(Protocol):
    async def prepare(self, call: Call) -> Action:
        """Reads the present state and turns relative changes into targets. Raises Unavailable. Sends no command."""
