"""The composition root: all parts wired for one car, for `serve` and, on a bus of its own, for `ask`."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import can

from state_machines import limits
from state_machines.dialogue import Dialogue
from state_machines.driving_state import DrivingState
from state_machines.gate import Gate, Judge
from state_machines.standing import StandingRules
from vehicle_agent.backends.base import Backend
from vehicle_agent.backends.build import CarBackends, Surroundings, build
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.conversation.assistant import Assistant, PlansText
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.world_view import CarView, History
from vehicle_agent.events import Events, Started, StateChanged, Stopped
from vehicle_agent.health import Health
from vehicle_agent.kept_latch import KeptLatch
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.lines import record
from vehicle_agent.standing.lookout import CarLookout
from vehicle_agent.standing.stages import InCar
from vehicle_agent.standing.watch import Watch
from vehicle_agent.version import installed_version
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Signals

log = logging.getLogger(__name__)


class Agent:
    """One car's agent; an async context manager. What happens in it is told by ``events``.

    ``clock``: monotonic seconds for everything; ``wall_clock``: that of the frames' stamps; ``opener``: opens the CAN
    bus that the configuration names; ``backends``: instead of those that the configuration says, not opened yet;
    ``around``: puts something between the executor and each backend, a stop-watch for example.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        config: Config,
        planner: PlansText | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        opener: Callable[[BusConfig], can.BusABC] = open_bus,
        events: Events | None = None,
        backends: CarBackends | None = None,
        around: Callable[[Backend], Backend] = lambda backend: backend,
    ) -> None:
        self.catalogue = catalogue
        self._config = config
        self._clock = clock
        self.events = events or (Events() if backends is None else backends.events)
        self.health = Health(self.events)
        self.journal = Journal(
            Path(config.journal.path) if config.journal.path else None,
            max_bytes=config.journal.max_bytes,
            keep=config.journal.keep,
        )
        record(self.events, self.journal, catalogue, words=config.journal.transcripts)
        self._kept = KeptLatch(config.safety, self.health)
        self.gate = Gate(catalogue, clock, latch=self._kept.latch, on_change=self._on_state)
        self._standing = StandingRules(Judge(catalogue), on_started=lambda how: self.watch.look_again(how))  # noqa: PLW0108 - made below
        self._history = History()
        self.backends = backends or build(
            Surroundings(
                catalogue=catalogue,
                config=config,
                clock=clock,
                wall_clock=wall_clock,
                opener=opener,
                events=self.events,
            )
        )
        car = self.backends
        self._view = CarView(car.signals.signals, car.pictures.picture, self._history)
        self.executor = Executor(
            gate=self.gate,
            dialogue=Dialogue(clock),
            standing=self._standing,
            world=self._view,
            backends={name: around(backend) for name, backend in car.by_name.items()},
            carried_by=car.carried_by,
            clock=clock,
            events=self.events,
            motions=car.motions,
        )
        self.assistant = Assistant(
            planner=planner,
            executor=self.executor,
            history=self._history,
            events=self.events,
            mic_zone=config.car.mic_zone,
            early_start=config.planner.early_start,
        )
        lookout = CarLookout(
            car.binding,
            read=car.read,
            is_fresh=car.is_fresh,
            begun=lambda: self._standing.begun,
            seen=self._standing.seen,
            clock=clock,
        )
        self.watch = Watch(
            self.gate,
            self._kept.latch,
            self._standing,
            signals=car.signals.signals,
            in_car=InCar(car.stopper, lookout),
            pictures=car.pictures,
            catalogue=catalogue,
            events=self.events,
            clock=clock,
        )
        self._known = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._kept.start()
        self.backends.signals.on_signals(self.watch.look)
        await self.backends.start()
        self.events.publish(
            Started(
                version=installed_version(),
                catalogue=self.catalogue.wire_hash(),
                clock_s=self._clock(),
                words=self._config.journal.transcripts,
            )
        )
        self.watch.start()
        return self

    async def first_looks(self, timeout_s: float) -> None:
        """Waits until what a former run left is known, and has ended if it must; at most ``timeout_s``."""
        await self.watch.first_looks(timeout_s)

    async def wind_down(self, within_s: float = limits.WIND_DOWN_S) -> None:
        """Ends what must not go on when nobody watches the car any more. Before an orderly end; never raises."""
        self.executor.is_closed = True  # what is asked for from now on would begin behind our back
        await self.assistant.cancel()
        await self.assistant.close()
        await self.watch.enforcement.wind_down(self.signals(), within_s=within_s)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.assistant.close()
        await self.watch.close()
        await self.backends.close()
        self.events.publish(Stopped())
        await asyncio.to_thread(self._close_files)

    def _close_files(self) -> None:
        """Waits for the disk."""
        self._kept.close()
        self.journal.close()

    def signals(self) -> Signals:
        """The gate's readings of this moment."""
        return self.backends.signals.signals()

    @property
    def is_sending(self) -> bool:
        """A command frame is on its way through the sending thread. For clocks that are not real."""
        return self.backends.link.is_sending

    @property
    def waits_for_services(self) -> bool:
        """A service of the head unit has been asked and has not answered yet. For clocks that are not real."""
        return self.backends.head_unit.is_waiting

    @property
    def head_unit(self) -> Client:
        """The connections to the head unit's services."""
        return self.backends.head_unit

    async def ready(self, timeout_s: float = 3.0) -> DrivingState:
        """Waits until the gate knows the driving state, at most ``timeout_s``; returns the state."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._known.wait()
        return self.gate.state

    def _on_state(self, old: DrivingState, new: DrivingState) -> None:
        if new > old:
            self.backends.motions.recall()
        self.watch.changed(new)  # first: nothing that only tells may keep it from happening
        self.events.publish(StateChanged(old=old.word, new=new.word))
        if new is not DrivingState.UNKNOWN:
            self._known.set()
