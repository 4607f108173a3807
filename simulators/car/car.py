"""The simulated car on a CAN bus."""

import asyncio
import functools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

import can

from simulators.bus import open_simulator_bus
from simulators.car.domain import Value
from simulators.car.ecu import Command, Rejected
from simulators.car.faults import Fault, Reset, parse_fault
from simulators.car.model import CarModel
from simulators.car.transmitter import Frame, Transmitter
from simulators.car.wiring import Commanded, Wiring, load_wiring
from simulators.errors import SimulatorError
from vehicle_apis.e2e import E2EReceiver, E2EStatus

_log = logging.getLogger(__name__)

TICK_S: Final = 0.02  # the shortest cycle on this bus; also how finely motions advance
QUEUE_FRAMES: Final = 64
_READER_TIMEOUT_S: Final = 0.05  # how soon the reading thread notices the end
_STOP_TIMEOUT_S: Final = 2.0


class _Message(can.Message):
    """The virtual bus deep-copies a frame for each receiver, which the usual way costs more than all the rest."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, object] | None) -> can.Message:
        return can.Message(
            arbitration_id=self.arbitration_id, is_extended_id=self.is_extended_id, data=bytes(self.data)
        )


class Car:
    """Control units that answer on a python-can bus; an async context manager.

    ``interface``, ``channel``, ``bus_options``: as python-can takes them ("virtual", "udp_multicast", "socketcan").
    ``opener``: makes the bus from these and from ``can_filters``; another one than python-can's for simulated time.
    ``wiring``: another car's DBC and binding; left out, the example car's.
    ``time_scale``: how much faster than real the car moves, warms and charges; cycles and times to live stay real.
    ``clock``: monotonic seconds for cycles and motions. ``wall_clock``: the clock of the frames' time stamps.
    ``seed``: of the randomness in faults.

    ``counts``: frames sent, commands taken, expired, and dropped because of a bad frame, a repetition or a full inbox.

    `set`, `state`, `inject` and `clear` belong to the event loop's thread and may be called before the start too.
    """

    def __init__(
        self,
        channel: str = "vehicle",
        *,
        interface: str = "virtual",
        bus_options: Mapping[str, object] | None = None,
        opener: Callable[..., can.BusABC] = open_simulator_bus,
        wiring: Wiring | None = None,
        time_scale: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        seed: int = 0,
    ) -> None:
        if not 0 < time_scale < float("inf"):
            raise SimulatorError(f"time_scale must be above 0, not {time_scale}")
        self._bus_options = {**(bus_options or {}), "interface": interface, "channel": channel}
        self._opener = opener
        self._clock = clock
        self._wall_clock = wall_clock
        self.time_scale = time_scale
        self.wiring = wiring or load_wiring()
        self.model = CarModel(self.wiring)
        self._transmitter = Transmitter(self.model, clock(), seed=seed)
        self._receivers: dict[int, E2EReceiver] = {}
        self._make_receivers(self.wiring.commanded.items())
        self._wake = asyncio.Event()
        self._inbox: asyncio.Queue[can.Message] = asyncio.Queue(QUEUE_FRAMES)
        self._bus: can.BusABC | None = None
        self._notifier: can.Notifier | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved_s = clock()
        self._late = 0
        self._bus_is_bad = False
        self.counts: Counter[str] = Counter()

    # --- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Opens the bus and begins to send. Raises BusUnavailable."""
        if self._task is not None:
            raise SimulatorError("this car is running already")
        self._loop = asyncio.get_running_loop()
        filters: list[can.typechecking.CanFilter] = [
            {"can_id": c.message.frame_id, "can_mask": 0x1FFFFFFF, "extended": c.message.is_extended_frame}
            for c in self.wiring.commanded.values()
        ]
        self._bus = bus = await asyncio.to_thread(
            functools.partial(self._opener, can_filters=filters, **self._bus_options)
        )
        self._moved_s = self._clock()
        # a thread reads on every interface, so that frames of others are filtered off the event loop
        self._notifier = can.Notifier(bus, [self._on_frame], timeout=_READER_TIMEOUT_S)
        self._task = asyncio.create_task(self._run(), name="simulated car")

    async def stop(self) -> None:
        """Falls silent and frees bus, task and thread. May be called twice. Raises what ended the car early."""
        task, self._task = self._task, None
        notifier, self._notifier = self._notifier, None
        bus, self._bus = self._bus, None
        error: BaseException | None = None
        if task is not None:
            task.cancel()
            (error,) = await asyncio.gather(task, return_exceptions=True)
        if notifier is not None:
            await asyncio.to_thread(notifier.stop, _STOP_TIMEOUT_S)
        if bus is not None:
            await asyncio.to_thread(bus.shutdown)
        if error is not None and not isinstance(error, asyncio.CancelledError):
            raise error

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- from outside -----------------------------------------------------------------------------------------------

    def set(self, name: str, value: object) -> None:
        """Sets what the car does or sees: `speed`, `gear`, `rain`, `driver_window`... Raises UnknownName, BadValue."""
        self._advance()
        self.model.set(name, value)
        self._wake.set()

    def settings(self) -> tuple[str, ...]:
        """Every name `set` takes."""
        return self.model.settings()

    def state(self) -> dict[str, Value]:
        """Everything the car shows, by the names `set` uses."""
        self._advance()
        return self.model.state()

    def inject(self, fault: Fault | str) -> None:
        """Makes something fail until `clear`, or for its time; it replaces one of the same kind and target.

        Raises UnknownName, BadValue.
        """
        fault = parse_fault(fault) if isinstance(fault, str) else fault
        self._advance()
        self._transmitter.inject(fault, self._clock())
        if isinstance(fault, Reset):  # it no longer knows what it received
            self._make_receivers(entry for entry in self.wiring.commanded.items() if entry[1].node == fault.ecu)
        self._wake.set()

    def clear(self, what: Fault | str | None = None) -> None:
        """Ends all faults, or those that ``what`` names: a fault, its words, or the first of them ("drop Gear").

        Raises UnknownName when there is no such fault.
        """
        self._transmitter.clear(what)
        self._wake.set()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._transmitter.faults

    # --- receiving ---------------------------------------------------------------------------------------------------

    def _on_frame(self, message: can.Message) -> None:
        """In the reading thread."""
        if self._loop is not None and message.arbitration_id in self.wiring.commanded and not message.is_error_frame:
            try:
                self._loop.call_soon_threadsafe(self._arrive, message)
            except RuntimeError:  # the loop has closed under a car that was not stopped
                _log.debug("a frame came after the event loop's end")

    def _make_receivers(self, commanded: Iterable[tuple[int, Commanded]]) -> None:
        for frame_id, c in commanded:
            if c.protection is not None:
                self._receivers[frame_id] = E2EReceiver(c.protection, event_driven=True)

    def _arrive(self, message: can.Message) -> None:
        delay_s = self._transmitter.receive_delay_s(self.wiring.commanded[message.arbitration_id].name)
        if not delay_s:
            self._offer(message)
        elif self._late < QUEUE_FRAMES:
            self._late += 1
            asyncio.get_running_loop().call_later(delay_s, self._arrive_late, message)
        else:
            self.counts["dropped_full"] += 1

    def _arrive_late(self, message: can.Message) -> None:
        self._late -= 1
        if self._task is not None:
            self._offer(message)

    def _offer(self, message: can.Message) -> None:
        if self._inbox.full():
            self._inbox.get_nowait()
            self.counts["dropped_full"] += 1
        self._inbox.put_nowait(message)
        self._wake.set()

    def _take_commands(self) -> None:
        while not self._inbox.empty():
            message = self._inbox.get_nowait()
            commanded = self.wiring.commanded[message.arbitration_id]
            if not self._transmitter.hears(commanded.node):
                continue
            for data in self._transmitter.received(commanded.name, bytes(message.data)):
                self._take(commanded, message, data)

    def _take(self, commanded: Commanded, message: can.Message, data: bytes) -> None:
        receiver = self._receivers.get(message.arbitration_id)
        # what is not to be trusted gets no echo, as if it had never come
        if message.is_remote_frame or len(data) != commanded.message.length:
            self.counts["dropped_bad"] += 1
            return
        if receiver is not None and receiver.receive(data) is not E2EStatus.OK:
            self.counts["dropped_bad"] += 1
            return
        command = Command(commanded.group, self.wiring.decode(commanded, data), commanded.name)
        if not command.get("RequestId"):  # 0 is "none yet": it could not be answered
            self.counts["dropped_bad"] += 1
            return
        self.counts["commands"] += 1
        ttl_ms = command.get("TimeToLive")
        age_ms = (self._wall_clock() - message.timestamp) * 1000 if message.timestamp else 0.0
        if isinstance(ttl_ms, int | float) and age_ms > ttl_ms:
            self.counts["expired"] += 1
            request = self.model.answer(command, Rejected("expired"))
        elif (reason := self._transmitter.rejection(command.group)) is not None:
            request = self.model.answer(command, Rejected(reason))
        else:
            request = self.model.command(commanded.node, command)
        # accepted is told before the state changes any further, so that it never falls together with done
        self._send(self._transmitter.due(self._clock()))
        request.refresh()

    # --- time ---------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        now_s = self._clock()
        elapsed_s, self._moved_s = now_s - self._moved_s, now_s
        self.model.step(max(0.0, elapsed_s) * self.time_scale)
        self.model.refresh_requests()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            self._advance()
            self._take_commands()
            self._send(self._transmitter.due(self._clock()))
            await self._sleep(min(TICK_S, self._transmitter.next_due_s() - self._clock()))

    async def _sleep(self, delay_s: float) -> None:
        """Until the time is over or a frame or setting comes."""
        if delay_s <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(delay_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    # --- sending ---------------------------------------------------------------------------------------------------

    def _send(self, frames: list[Frame]) -> None:
        if self._bus is None:
            return
        sent = 0
        for frame in frames:
            message = _Message(
                arbitration_id=frame.frame_id, is_extended_id=frame.extended, data=frame.data, check=False
            )
            try:
                # no waiting: what the bus cannot take now is lost, as on a real one
                self._bus.send(message, timeout=0)
            except can.CanError as e:
                self.counts["send_failed"] += 1
                if not self._bus_is_bad:
                    _log.warning("the CAN bus takes no frames: %s", e)
                self._bus_is_bad = True
            else:
                sent += 1
                self._bus_is_bad = False
        self.counts["sent"] += sent
