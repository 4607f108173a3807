"""What one car is reached by: its backends, made as configuration and binding say.

A further kind of backend is registered here, in `KINDS`, under the name that binding files route functions to.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import can

from vehicle_agent.backends.agent import AGENT_FUNCTIONS, AgentBackend
from vehicle_agent.backends.base import AllMotions, Backend, Motions, MovesMotors, Screens, SignalSource, Stopper
from vehicle_agent.backends.can import CanBackend, LinkHealth
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.dbus import DbusBackend, Endings
from vehicle_agent.backends.dbus.backend import FUNCTIONS as DBUS_FUNCTIONS
from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import configured
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.events import Events
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.binding.exchange import Read
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue


class Link(Protocol):
    """The car's bus, for those who look after it."""

    @property
    def trouble(self) -> str:
        """What is wrong with it, as a phrase for the user; "" when nothing is."""

    @property
    def is_sending(self) -> bool:
        """Whether a frame waits for the bus or is just being sent."""

    def health(self) -> LinkHealth: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What backends are made from. ``binding``: one that was loaded already, instead of the configuration's.

    ``clock``: monotonic seconds; ``wall_clock``: that of the frames' stamps.
    """

    catalogue: Catalogue
    config: Config
    binding: CarBinding | None = None
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    opener: Callable[[BusConfig], can.BusABC] = open_bus
    events: Events = field(default_factory=Events)


@runtime_checkable
class Living(Protocol):
    """A backend that is opened before the first call and closed after the last."""

    async def start(self) -> None:
        """Raises Unavailable."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendKind:
    """One kind of backend. ``carries``: whether it can carry out the function of that name.

    ``make``: None for those of `build` itself. What it makes may be `Living`.
    """

    carries: Callable[[str], bool]
    make: Callable[[Surroundings], Backend] | None = None


KINDS: Final[Mapping[str, BackendKind]] = {
    "can": BackendKind(carries=lambda _name: True),  # the binding has seen to it that each is bound or absent
    "dbus": BackendKind(carries=DBUS_FUNCTIONS.__contains__),
    "agent": BackendKind(carries=AGENT_FUNCTIONS.__contains__),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarBackends:
    """Everything that an agent reaches one car by. ``by_name``: the backends under the names that routes use.

    ``stopper``: ends what a standing rule ends, which no route takes away from the car's own bus; ``motions``: all
    motors of all backends, for "stop".
    ``read``, ``is_fresh``: a signal's value, and whether its message comes. ``head_unit``: the connections to the
    services. ``events``: where they tell of frames and notices. ``start`` raises Unavailable.
    """

    binding: CarBinding
    events: Events
    by_name: Mapping[str, Backend]
    signals: SignalSource
    stopper: Stopper
    motions: Motions
    pictures: Screens
    link: Link
    head_unit: Client
    read: Read
    is_fresh: Callable[[str], bool]
    start: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]

    def carried_by(self, call: Call) -> str:
        """The name of the backend that carries ``call`` out in this car."""
        return self.binding.backend_of(call.spec)


def check_routes(catalogue: Catalogue, binding: CarBinding, kinds: Mapping[str, BackendKind] = KINDS) -> None:
    """Whether each function goes to a backend that can carry it out. Raises BindingError."""
    for name, routed in binding.route.items():
        kind = kinds.get(routed.backend)
        if kind is None:
            raise routed.where.error(
                f"there is no backend {routed.backend!r}", f"the backends are {', '.join(sorted(kinds))}"
            )
        spec = catalogue[name]
        if spec.ending is not None and routed.backend != spec.backend:
            raise routed.where.error(
                f"what {name} begins must be ended when the car drives off, which only {spec.backend!r} can do",
                "remove the entry",
            )
        if not kind.carries(name):
            raise routed.where.error(
                f"the backend {routed.backend!r} has no function {name}", "name another backend or remove the entry"
            )


def build(around: Surroundings, kinds: Mapping[str, BackendKind] = KINDS) -> CarBackends:
    """The backends of one car, not opened yet. Raises BindingError."""
    path = around.config.car.binding
    binding = around.binding or load_binding(around.catalogue, Path(path) if path else None)
    check_routes(around.catalogue, binding, kinds)
    bus = CanBackend(
        around.catalogue,
        around.config,
        around.clock,
        wall_clock=around.wall_clock,
        binding=binding,
        opener=around.opener,
        events=around.events,
    )
    head_unit = DbusBackend(configured(around.config), around.clock, around.catalogue)
    own = AgentBackend(now=_local_now, clock=around.clock, events=around.events)
    by_name: dict[str, Backend] = {"can": bus, "dbus": head_unit, "agent": own}
    further = {name: kind.make(around) for name, kind in kinds.items() if kind.make is not None}
    living = [backend for backend in further.values() if isinstance(backend, Living)]

    async def start() -> None:
        await bus.start()
        for backend in living:
            await backend.start()

    async def close() -> None:
        for backend in living:
            await backend.close()
        own.close()
        await head_unit.close()
        await bus.stop()

    return CarBackends(
        binding=binding,
        events=around.events,
        by_name=MappingProxyType({**by_name, **further}),
        signals=bus,
        stopper=bus.motions,
        motions=AllMotions(b.motions for b in (bus, *further.values()) if isinstance(b, MovesMotors)),
        pictures=Endings(head_unit.client),
        link=bus.link,
        head_unit=head_unit.client,
        read=bus.store.read,
        is_fresh=bus.store.is_fresh,
        start=start,
        close=close,
    )


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()
