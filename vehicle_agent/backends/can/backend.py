"""CanBackend: calls become commands on the car's network and are confirmed by its status."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import can

from vehicle_agent.backends.base import Action
from vehicle_agent.backends.can.actions import CodesAction, CommandAction, ReadingAction
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.link import CanLink
from vehicle_agent.backends.can.motions import CanMotions
from vehicle_agent.backends.can.reception import Reception
from vehicle_agent.backends.can.requests import Requests
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import Impossible, Unavailable
from vehicle_agent.events import Events
from vehicle_apis.binding import (
    BindingError,
    CarBinding,
    CodeReading,
    CommandFunction,
    Exchange,
    ItemReading,
    NotReported,
    load_binding,
)
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Signals

_FIRST_STATUS_S: Final = 0.6  # three cycles of the example car's status messages
_LAST_REQUEST_ID: Final = 255
_ITERATOR_BOUND: Final = 64
_KEPT_ACCEPT_TIMES: Final = 256

_log = logging.getLogger(__name__)


class NotFitted(Impossible):
    """This car has not what the call is about. Nothing was sent."""


class CanBackend:
    """The Backend of the functions with ``backend: can``; an async context manager. Raises BindingError when made.

    ``config`` names the bus and the car's binding file; ``binding`` is one that was loaded already. ``clock``:
    monotonic seconds, the same as the gate's; ``wall_clock``: that of the frames' stamps. ``rng`` chooses the first
    request id. ``events`` hear of every command sent and of every frame that brings one further.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        config: Config | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        wall_clock: Callable[[], float] = time.time,
        binding: CarBinding | None = None,
        opener: Callable[[BusConfig], can.BusABC] = open_bus,
        rng: random.Random | None = None,
        events: Events | None = None,
    ) -> None:
        config = config or Config()
        if binding is None:
            binding = load_binding(catalogue, Path(config.car.binding) if config.car.binding else None)
        self.binding = binding
        self.link = CanLink(config.bus, clock=clock, wall_clock=wall_clock, opener=opener)
        self.clock = clock
        self.reception = Reception(binding, clock)
        self.store = self.reception.store
        self.requests = Requests(self.reception, self.link, events or Events(), rng)
        self.motions = CanMotions(self.requests, catalogue)
        self._unsubscribe: Callable[[], None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    @property
    def accept_ms(self) -> deque[float]:
        """The latest times from send to accepted."""
        return self.requests.accept_ms

    async def start(self, *, on_signals: Callable[[], None] | None = None) -> None:
        """Opens the bus and listens; ``on_signals`` as for `on_signals`. Raises Unavailable."""
        if on_signals is not None:
            self.reception.on_signals(on_signals)
        if self._unsubscribe is None:
            self._unsubscribe = self.link.subscribe(self._receive)
            try:
                await self.link.start()
            except BaseException:
                self._unsubscribe()
                self._unsubscribe = None
                raise

    async def stop(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self.link.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- what the gate needs ----------------------------------------------------------------------------------------

    def signals(self) -> Signals:
        """The gate's signals at this moment, every frame counted that has been read from the bus by now."""
        self.link.catch_up()
        return self.store.snapshot(self.clock())

    def on_signals(self, observer: Callable[[], None]) -> Callable[[], None]:
        """``observer`` is called at every good frame of a safety signal, at once, in the event loop.

        Returns what ends it. `signals` then has the new readings.
        """
        return self.reception.on_signals(observer)

    async def wait_for_signals(self, timeout_s: float) -> bool:
        """Whether every signal the gate judges by has come at least once, before ``timeout_s`` is over."""
        messages = frozenset(source.ref.message for source in self.binding.gate)
        return not await self.reception.wait_fresh(messages, timeout_s)

    # --- Backend ----------------------------------------------------------------------------------------------------

    async def prepare(self, call: Call) -> Action:
        """Raises NotFitted when this car lacks it, Unavailable when the bus or the control unit is silent."""
        missing = self.binding.missing(call)
        if missing is not None:
            raise NotFitted(missing)
        try:
            function = self.binding.function(call.name)
        except BindingError as e:
            raise NotFitted(f"This car cannot do that ({e}).") from e
        if not self.link.is_up:
            raise Unavailable(
                f"The CAN bus {self.link.name} is not open. `vehicle-agent doctor` tells what is missing."
            )
        match function:
            case CommandFunction():
                await self._need(function.needs(call))
                try:
                    began = self.motions.began if function.is_motor else None
                    return CommandAction(self.requests, function, self._planned(function, call), began)
                except NotReported as e:
                    raise Unavailable(self.reception.silence(e.ref.message)) from e
                except BindingError as e:
                    raise Unavailable(f"The command cannot be put into a frame: {e}.") from e
            case ItemReading():
                await self._need(function.needs(call))
                return ReadingAction(self.reception, function, call)
            case CodeReading():
                await self._need(frozenset({function.message}))
                return CodesAction(self.reception, function, call)

    def _planned(self, function: CommandFunction, call: Call) -> Exchange:
        """The exchange, with each of its frames encoded once to see that it can be."""
        exchange = function.plan(call, self.store.read)
        for command in exchange.commands:
            self.binding.network.encode(command.message, command.values)
        return exchange

    async def _need(self, messages: frozenset[str]) -> None:
        silent = await self.reception.wait_fresh(messages, _FIRST_STATUS_S)
        if silent:
            raise Unavailable(self.reception.silence(min(silent)))

    # --- receiving --------------------------------------------------------------------------------------------------

    def _receive(self, frame: Received) -> None:
        name = self.reception.receive(frame)
        if name is not None:
            self.requests.observe(name, frame)
