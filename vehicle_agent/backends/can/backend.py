"""CanBackend: calls become commands on the car's network and are confirmed by its status."""

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import can

from vehicle_agent.backends.base import Action
from vehicle_agent.backends.can.actions import CodesAction, CommandAction, ReadingAction
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.can.frames import Outgoing, Received
from vehicle_agent.backends.can.link import CanLink
from vehicle_agent.backends.can.motions import CanMotions
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import Impossible, Unavailable
from vehicle_agent.events import Events, Frame
from vehicle_apis.binding import (
    BindingError,
    CarBinding,
    CodeReading,
    Command,
    CommandFunction,
    Exchange,
    ItemReading,
    NotReported,
    load_binding,
)
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.e2e import E2ESender
from vehicle_apis.params import Scalar
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
    ``accept_ms``: the latest times from send to accepted.
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
        self._catalogue = catalogue
        self.binding = binding
        self.link = CanLink(config.bus, clock=clock, wall_clock=wall_clock, opener=opener)
        self.clock = clock
        self._events = events or Events()
        self.store = SignalStore(binding, clock)
        self.accept_ms: deque[float] = deque(maxlen=_KEPT_ACCEPT_TIMES)
        # a random start, so that a restarted agent does not repeat a frame of its predecessor
        self._request_id = (rng or random.Random()).randrange(_LAST_REQUEST_ID)
        self._active: list[CommandAction] = []
        self.motions = CanMotions(self)
        self._observers: list[Callable[[], None]] = []
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._iterators: dict[str, list[asyncio.Queue[Mapping[str, Scalar]]]] = {}
        self._senders = {
            name: E2ESender(binding.network.protections[name])
            for name in binding.network.commands
            if name in binding.network.protections
        }
        self._unsubscribe: Callable[[], None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self, *, on_signals: Callable[[], None] | None = None) -> None:
        """Opens the bus and listens; ``on_signals`` as for `on_signals`. Raises Unavailable."""
        if on_signals is not None and on_signals not in self._observers:
            self._observers.append(on_signals)
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
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def wait_for_signals(self, timeout_s: float) -> bool:
        """Whether every signal the gate judges by has come at least once, before ``timeout_s`` is over."""
        messages = {source.ref.message for source in self.binding.gate}
        return not await self._wait_fresh(messages, timeout_s)

    def recall(self) -> None:
        """The driving state got worse: commands that are not on the bus yet are dropped, stops are not."""
        self.link.recall()

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
                    return CommandAction(self, function, self._planned(function, call))
                except NotReported as e:
                    raise Unavailable(self.silence(e.ref.message)) from e
                except BindingError as e:
                    raise Unavailable(f"The command cannot be put into a frame: {e}.") from e
            case ItemReading():
                await self._need(function.needs(call))
                return ReadingAction(self, function, call)
            case CodeReading():
                await self._need(frozenset({function.message}))
                return CodesAction(self, function, call)

    def _planned(self, function: CommandFunction, call: Call) -> Exchange:
        """The exchange, with each of its frames encoded once to see that it can be."""
        exchange = function.plan(call, self.store.read)
        for command in exchange.commands:
            self.binding.network.encode(command.message, command.values)
        return exchange

    async def _need(self, messages: frozenset[str]) -> None:
        silent = await self._wait_fresh(set(messages), _FIRST_STATUS_S)
        if silent:
            raise Unavailable(self.silence(min(silent)))

    def silence(self, message: str) -> str:
        """The sentence for a message that does not come."""
        return f"The {self.binding.ecu(message)} does not answer."

    # --- standing rules -------------------------------------------------------------------------------------------

    async def stop_motion(self, call: Call) -> None:
        """Stops at once what ``call`` began, as its binding says. Does nothing when there is no such stop.

        It needs no permit, because it only takes away. Raises Unavailable or NotConfirmed.
        """
        function = self.binding.function(call.name) if call.name in self.binding else None
        if not isinstance(function, CommandFunction):
            return
        command = function.stop(call)
        if command is None:
            return
        action = self.stop_action(function, (command,), call)
        action.hand_over(only_takes_away=True)
        for other in tuple(self._active):
            if other is not action and other.is_ended_by(command):
                other.stopped()
        await action.accepted()

    def stop_action(self, function: CommandFunction, commands: tuple[Command, ...], call: Call) -> CommandAction:
        """An action whose only effect is that something ends; hand it over as one that only takes away."""
        exchange = Exchange(
            call=call,
            arguments={},
            targets=(),
            commands=commands,
            expectations=(),
            status=function.status,
            timeout_ms=self.binding.protocol.accept_timeout_ms,
        )
        return CommandAction(self, function, exchange)

    async def close_camera(self) -> None:
        """Takes the camera picture away, whichever it is. Raises Unavailable or NotConfirmed."""
        await self.stop_motion(self._catalogue.call("show_camera", view="front"))

    # --- sending ----------------------------------------------------------------------------------------------------

    def transmit(
        self, command: Command, status: str, dropped: Callable[[str], None], *, only_takes_away: bool = False
    ) -> int:
        """Hands one command to the wire; its request id, which ``status`` will echo. Raises Unavailable."""
        network, protocol = self.binding.network, self.binding.protocol
        message = network.message(command.message)
        request_id = self._next_request_id(status)

        def encode(left_ms: float) -> bytes:
            # the frame's own time to live counts down from the send, its resolution is 10 ms
            life_ms = max(10.0, min(left_ms, float(protocol.time_to_live_ms)))
            values = {**command.values, protocol.request_id: request_id, protocol.time_to_live: life_ms}
            return network.encode(command.message, values)

        def sent(data: bytes, time_s: float) -> None:
            self._events.publish(
                Frame(frame_id=message.frame_id, name=message.name, data=data, time_s=time_s, direction="sent")
            )

        self.link.send(
            Outgoing(
                frame_id=message.frame_id,
                is_extended=message.is_extended_frame,
                encode=encode,
                deadline_s=self.clock() + protocol.time_to_live_ms / 1000,
                sent=sent,
                dropped=dropped,
                protection=self._senders.get(message.name),
                only_takes_away=only_takes_away,
            )
        )
        return request_id

    def _next_request_id(self, status: str) -> int:
        """An id that no request under way has and that the unit does not echo already, from a time before."""
        echoed = (self.store.values(status) or {}).get(self.binding.protocol.request_id)
        taken = {echoed}.union(*(action.request_ids for action in self._active))
        for _ in range(_LAST_REQUEST_ID):
            self._request_id = self._request_id % _LAST_REQUEST_ID + 1
            if self._request_id not in taken:
                break
        return self._request_id

    def watch(self, action: CommandAction) -> None:
        if action not in self._active:
            self._active.append(action)

    def is_watched(self, action: CommandAction) -> bool:
        return action in self._active

    def unwatch(self, action: CommandAction) -> None:
        if action in self._active:
            self._active.remove(action)

    def accepted_after(self, elapsed_ms: float, call: Call) -> None:
        """Notes how long a control unit took to accept."""
        self.accept_ms.append(elapsed_ms)
        target_ms = self.binding.protocol.accept_target_ms
        if elapsed_ms > target_ms:
            _log.info("%s was accepted after %.0f ms, the target is %d ms", call.name, elapsed_ms, target_ms)

    # --- receiving --------------------------------------------------------------------------------------------------

    def _receive(self, frame: Received) -> None:
        name = self.store.receive(frame)
        if name is None:
            return
        if self.store.is_gate_message(name):
            for observer in tuple(self._observers):
                observer()
        for waiter in self._waiters.get(name, ()):
            if not waiter.done():
                waiter.set_result(None)
        for iterator in self._iterators.get(name, ()):
            self._offer(iterator, name)
        about_an_action = [action.observe(name) for action in tuple(self._active)]
        if any(about_an_action):
            self._events.publish(
                Frame(frame_id=frame.frame_id, name=name, data=frame.data, time_s=frame.time_s, direction="received")
            )

    def _offer(self, iterator: asyncio.Queue[Mapping[str, Scalar]], name: str) -> None:
        values = self.store.values(name)
        if values is not None:
            if iterator.full():
                iterator.get_nowait()
            iterator.put_nowait(values)

    async def frames_of(self, message: str) -> AsyncGenerator[Mapping[str, Scalar]]:
        """The values of a message from now on, frame by frame; a slow reader misses the oldest."""
        frames: asyncio.Queue[Mapping[str, Scalar]] = asyncio.Queue(_ITERATOR_BOUND)
        readers = self._iterators.setdefault(message, [])
        readers.append(frames)
        try:
            while True:
                yield await frames.get()
        finally:
            readers.remove(frames)

    async def _wait_fresh(self, messages: set[str], timeout_s: float) -> set[str]:
        """Waits until all ``messages`` are being received; those that still are not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                for name in sorted(messages):
                    while not self.store.is_fresh(name):
                        await self.next_frame(name)
        return {name for name in messages if not self.store.is_fresh(name)}

    async def next_frame(self, name: str) -> None:
        """Waits for the next good frame of a message."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(name, [])
        waiters.append(waiter)
        try:
            await waiter
        finally:
            waiters.remove(waiter)
