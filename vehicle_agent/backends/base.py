"""The contract every backend keeps."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from state_machines.permit import Permit
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A destination as a service gave it. Raises TypeError: services are foreign, and these words are spoken."""

    name: str
    address: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not isinstance(self.address, str):
            raise TypeError(f"a place is told in words, not by {self.name!r} and {self.address!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the car or service showed after the call.

    ``text``: one sentence for the driver; ``values``: the confirming status; ``result``: what `$n` stands for.
    Raises TypeError.
    """

    text: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    result: Place | str | None = None

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if not isinstance(value, str | int | float):
                raise TypeError(f"{name} is a word or a number, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A call as it will be carried out: names as they stand in the head unit, not as they were said.

    ``number``: the telephone number it reaches, exactly as it will be dialled, or the stored text of one that never is;
    None when it reaches none. ``emergency_numbers``: those of the telephone's own.
    """

    call: Call
    number: str | None = None
    emergency_numbers: frozenset[str] = frozenset()

    def is_like(self, other: "Meant") -> bool:
        """Whether the same is meant. The telephone's own emergency numbers are no part of it."""
        return (self.call, self.number) == (other.call, other.number)


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


@runtime_checkable
class Names(Protocol):
    """A backend that knows who or what the words of a call stand for."""

    async def meant(self, call: Call) -> Meant:
        """Asks only. The same for what it gave before. Raises Impossible (nobody, or several, of that name),
        Unavailable, NotConfirmed."""


@runtime_checkable
class Understood(Protocol):
    """An action that tells what it was prepared to do."""

    meant: Meant


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedMotion:
    """One motion that was under way when everything was to stop.

    ``what``: the call that began it, or the control unit's name. ``sending``: the action that was under way, None for a
    motion the agent knows only from the car. ``text``: one sentence, where it stands or, with ``failed``, why it moves
    on.
    """

    what: str
    text: str
    call: Call | None = None
    sending: object = None
    failed: bool = False


class Motions(Protocol):
    """Motors that run, whoever waits for them."""

    @property
    def under_way(self) -> bool: ...

    def stop(self) -> tuple[Awaitable[StoppedMotion], ...]:
        """Hands a stop for each motion to the wire at once; await what came of it. It only takes away: no permit."""
