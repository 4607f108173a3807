"""A listener on the wire: every frame of everybody, decoded and with its end-to-end check, in the event loop."""

import asyncio
import contextlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import can

from simulators.car.domain import Value
from simulators.car.wiring import Wiring
from vehicle_apis.e2e import E2EReceiver, E2EStatus

BOUND: Final = 8192  # frames between the reading thread and the event loop
_BATCH: Final = 256
_READER_TIMEOUT_S: Final = 0.05
_STOP_TIMEOUT_S: Final = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One frame. ``name``: "" for an identifier the DBC has not; ``values``: None when it cannot be decoded.

    ``time_s``: when it came, on the tap's clock. ``e2e``: None for a message without protection.
    """

    name: str
    frame_id: int
    is_extended: bool
    data: bytes
    time_s: float
    values: Mapping[str, Value] | None = None
    e2e: E2EStatus | None = None

    @property
    def is_good(self) -> bool:
        """It could be decoded and its check, if it has one, did not fail."""
        return self.values is not None and (self.e2e is None or not self.e2e.is_bad)


class BusTap:
    """An async context manager. ``open_bus`` gives a bus object of the tap's own; ``clock``: monotonic seconds.

    ``counts``: heard, unknown, undecodable, overrun, and each end-to-end status by its word.
    """

    def __init__(
        self, wiring: Wiring, open_bus: Callable[[], can.BusABC], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.wiring = wiring
        self.counts: Counter[str] = Counter()
        self._open_bus = open_bus
        self._clock = clock
        self._subscribers: list[Callable[[Heard], None]] = []
        self._latest: dict[str, Heard] = {}
        self._decoded: dict[str, tuple[bytes, Mapping[str, Value] | None]] = {}
        self._receivers = {
            name: E2EReceiver(protection, event_driven=name in wiring.network.commands)
            for name, protection in wiring.network.protections.items()
        }
        self._waiting: deque[tuple[can.Message, float]] = deque(maxlen=BOUND)
        self._lock = threading.Lock()
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: can.BusABC | None = None
        self._notifier: can.Notifier | None = None

    async def start(self) -> None:
        """Raises what ``open_bus`` raises."""
        self._loop = asyncio.get_running_loop()
        self._bus = await asyncio.to_thread(self._open_bus)
        self._notifier = can.Notifier(self._bus, [self._take], timeout=_READER_TIMEOUT_S)

    async def stop(self) -> None:
        """May be called twice."""
        notifier, self._notifier = self._notifier, None
        bus, self._bus = self._bus, None
        if notifier is not None:
            await asyncio.to_thread(notifier.stop, _STOP_TIMEOUT_S)
        if bus is not None:
            await asyncio.to_thread(bus.shutdown)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def subscribe(self, callback: Callable[[Heard], None]) -> Callable[[], None]:
        """``callback`` gets every frame from now on, in order. Returns what ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def latest(self, message: str) -> Heard | None:
        """The last frame of a message, good or bad."""
        return self._latest.get(message)

    # --- frames -----------------------------------------------------------------------------------------------------

    def _take(self, message: can.Message) -> None:
        """In the reading thread."""
        if message.is_error_frame or message.is_remote_frame or message.is_fd:
            return
        with self._lock:
            if len(self._waiting) == BOUND:
                self.counts["overrun"] += 1  # the deque drops its oldest
            self._waiting.append((message, self._clock()))
            wake, self._scheduled = not self._scheduled, True
        if wake and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed under a tap that was not stopped
                self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            self._scheduled = bool(self._waiting)
        if self._scheduled and self._loop is not None:
            self._loop.call_soon(self._deliver)
        for message, time_s in batch:
            heard = self._heard(message, time_s)
            self._latest[heard.name] = heard
            for callback in tuple(self._subscribers):
                try:
                    callback(heard)
                except Exception:  # noqa: BLE001 - a defect in one reader must not cost the others their frames
                    _log.exception("a frame could not be handled")

    def _heard(self, message: can.Message, time_s: float) -> Heard:
        data = bytes(message.data)
        self.counts["heard"] += 1
        known = self.wiring.network.message_of(message.arbitration_id, is_extended=message.is_extended_id)
        if known is None:
            self.counts["unknown"] += 1
            return Heard(
                name="",
                frame_id=message.arbitration_id,
                is_extended=message.is_extended_id,
                data=data,
                time_s=time_s,
            )
        receiver = self._receivers.get(known.name)
        status = None if receiver is None else receiver.receive(data)
        if status is not None:
            self.counts[status.value] += 1
        # most frames differ from the one before in counter and CRC alone; decoding is what costs
        payload = data if receiver is None or len(data) < 2 else bytes((data[1] & 0xF0,)) + data[2:]
        seen = self._decoded.get(known.name)
        if seen is None or seen[0] != payload:
            seen = self._decoded[known.name] = payload, self.wiring.network.decode(known, data)
        if seen[1] is None:
            self.counts["undecodable"] += 1
        return Heard(
            name=known.name,
            frame_id=message.arbitration_id,
            is_extended=message.is_extended_id,
            data=data,
            time_s=time_s,
            values=seen[1],
            e2e=status,
        )
