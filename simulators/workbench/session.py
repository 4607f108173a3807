"""An agent on a simulated car of its own: what `ask`, `call`, `say`, `demo` and `bench` run on."""

import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulators.errors import SimulatorError
from simulators.headunit import BusNotStarted
from simulators.workbench.packs import simulated_packs
from simulators.world import World
from vehicle_agent.agent import Agent
from vehicle_agent.backends.base import Backend
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import channel_of
from vehicle_agent.cli.options import parse_pairs
from vehicle_agent.cli.output import BadInput, Exit
from vehicle_agent.config import BusConfig, Config, DBusConfig, JournalConfig, PlannerConfig
from vehicle_agent.conversation.assistant import Assistant, PlansText, Turn
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.errors import Unavailable
from vehicle_agent.events import Events, Frame
from vehicle_apis.catalogue import load_catalogue

READY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """``take_frames``: the command and status frames since it was last asked, as JSON."""

    world: World
    agent: Agent
    take_frames: Callable[[], list[dict[str, object]]]

    @property
    def assistant(self) -> Assistant:
        return self.agent.assistant

    @property
    def can(self) -> CanBackend:
        """The agent's CAN backend, for measurements of it."""
        backend = self.agent.backends.by_name["can"]
        if not isinstance(backend, CanBackend):
            raise BadInput("this car's functions do not go over CAN")
        return backend


class FrameTape:
    """Collects frames; bounded, the oldest go first."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._frames: list[Frame] = []
        self._start_s = time.monotonic()

    def add(self, record: Frame) -> None:
        self._frames = [*self._frames[-self._limit + 1 :], record]

    def take(self) -> list[dict[str, object]]:
        """Everything since the last call; times count from then."""
        taken = [record.to_json(self._start_s) for record in self._frames]
        self._frames = []
        self._start_s = time.monotonic()
        return taken


@asynccontextmanager
async def session(
    planner: PlansText | None,
    settings: Iterable[str] = (),
    *,
    time_scale: float = 1.0,
    bus: BusConfig | None = None,
    journal: str = "",
    events: Events | None = None,
    early_start: bool = True,
    around: Callable[[Backend], Backend] = lambda backend: backend,
) -> AsyncIterator[Session]:
    """A car, its head unit and an agent on private buses. Raises BadInput, Unavailable.

    ``bus``: the CAN bus; None = one of its own in this process. ``events``: where the agent tells what happens, for
    who wants to hear it from the start. ``early_start`` and ``around`` as for `PlannerConfig` and `Agent`.
    """
    pairs = parse_pairs(settings)
    packs = simulated_packs()
    try:
        world = World(
            interface="virtual" if bus is None else bus.interface,
            channel=None if bus is None else channel_of(bus),
            time_scale=time_scale,
            packs=packs,
        )
        for name, value in pairs:
            world.car.set(name, value)
        await world.start()
    except BusNotStarted as e:
        raise Unavailable(str(e)) from e
    except SimulatorError as e:
        raise BadInput(str(e)) from e
    tape = FrameTape()
    config = Config(
        bus=bus or BusConfig(interface="virtual", channel=world.channel),
        dbus=DBusConfig(session=world.dbus_address, system=world.dbus_address),
        journal=JournalConfig(path=journal),
        planner=PlannerConfig(early_start=early_start),
    )
    try:
        agent = Agent(load_catalogue(), config, planner, events=events, around=around)
        agent.events.subscribe(tape.add, Frame)
        async with agent:
            await agent.ready(READY_S)
            yield Session(world=world, agent=agent, take_frames=tape.take)
    finally:
        await world.stop()


def exit_status(turn: Turn) -> Exit:
    """0 all done, 3 a question is open, 1 anything else."""
    if turn.progress.question is not None:
        return Exit.WAITING_FOR_ANSWER
    outcomes = turn.progress.outcomes
    done = bool(outcomes) and all(o.status is Status.DONE for o in outcomes)
    return Exit.DONE if done else Exit.REFUSED_OR_FAILED
