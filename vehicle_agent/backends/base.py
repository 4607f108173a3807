"""The roles of what an agent reaches its car by: `Backend` carries calls out, `SignalSource` tells what the car does,
`Stopper` and `Pictures` take away what must not go on. A backend may play several of them; tests hand in others."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from state_machines.permit import Permit
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Signals


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
    """Carries calls out: what it makes of one is sent with a permit or never."""

    async def prepare(self, call: Call) -> Action:
        """Reads the present state and turns relative changes into targets. Sends no command.

        Raises BackendError: Impossible, Unavailable, NotConfirmed, or for a call that is none of its functions.
        """


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


class SignalSource(Protocol):
    """Where the safety gate's signals come from, and what else the car shows."""

    def signals(self) -> Signals:
        """The readings of this moment, with everything that has arrived by now. Never waits, never raises."""

    def on_signals(self, observer: Callable[[], None]) -> Callable[[], None]:
        """``observer`` is called at every good frame of a safety signal, at once, in the event loop.

        `signals` then has the new readings. Returns what ends it.
        """


class Motions(Protocol):
    """Motors that run, whoever waits for them."""

    @property
    def under_way(self) -> bool:
        """Whether a motor runs that can be stopped, whoever began it and whoever waits for it."""

    def stop(self) -> tuple[Awaitable[StoppedMotion], ...]:
        """Hands a stop for each motion to the wire at once; await what came of it. It only takes away: no permit."""

    def recall(self) -> None:
        """Commands that are not on their way yet are dropped, stops are not."""


@runtime_checkable
class MovesMotors(Protocol):
    """A backend whose functions may move motors: "stop" must reach them, whichever backend carries them."""

    @property
    def motions(self) -> Motions: ...


class AllMotions:
    """The motions of several backends as one."""

    def __init__(self, parts: Iterable[Motions]) -> None:
        self._parts = tuple(parts)

    @property
    def under_way(self) -> bool:
        return any(part.under_way for part in self._parts)

    def stop(self) -> tuple[Awaitable[StoppedMotion], ...]:
        return tuple(stopping for part in self._parts for stopping in part.stop())

    def recall(self) -> None:
        for part in self._parts:
            part.recall()


class Stopper(Motions, Protocol):
    """Stops what moves or shows in the car. It only takes away, so nothing here needs a permit."""

    async def stop_motion(self, call: Call) -> None:
        """Stops at once what ``call`` began; nothing where that has no stop. Raises Unavailable, NotConfirmed."""

    async def close_camera(self) -> None:
        """Takes the camera picture away, whichever it is. Raises Unavailable, NotConfirmed."""


class ShownPicture(Protocol):
    """What playing on would show, or may. ``is_said``: the player says that it is a video."""

    @property
    def title(self) -> str: ...

    @property
    def is_said(self) -> bool: ...


class Pictures(Protocol):
    """Looks at and takes away what the head unit shows, without a permit. Each raises Unavailable, NotConfirmed."""

    async def shows_video(self) -> bool:
        """Whether any player shows a picture, or may."""

    async def shown_app(self) -> str | None:
        """The app that the display shows; None for the home screen."""

    async def pause_and_blank_video(self) -> None:
        """On every player that shows a picture, or may."""

    async def home_screen(self) -> None: ...


class Screens(Pictures, Protocol):
    """What a verdict must know of the head unit, besides."""

    async def picture(self) -> ShownPicture | None:
        """What is loaded in the player that a command goes to; None when it is positively sound alone."""
