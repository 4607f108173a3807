"""The wire: python-can in threads on one side, the event loop on the other, bounded queues in between."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import can

from state_machines.frame_age import FrameAge
from vehicle_agent.backends.can.bus import channel_of, open_bus
from vehicle_agent.backends.can.frames import Outgoing, Received
from vehicle_agent.backends.can.wire_watch import WireWatch
from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable

RECEIVE_BOUND: Final = 2048  # about 5 s of the example car's traffic
SEND_BOUND: Final = 64
_BATCH: Final = 128  # frames handled in one turn of the event loop
_READER_TIMEOUT_S: Final = 0.1
_STOP_TIMEOUT_S: Final = 2.0
_RETRY_S: Final = 0.005
_ERROR_PAUSE_S: Final = 0.02
_ATTEMPT_S: Final = 0.02  # a full bus is tried again this often, so that a recalled frame waits no longer
_ERRORS_UNTIL_DOWN: Final = 25

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHealth:
    """The wire at one moment. ``to_handle``, ``to_send``: frames waiting in the two bounded queues."""

    name: str
    is_up: bool
    to_handle: int
    to_send: int
    counts: Mapping[str, int]


class CanLink:
    """One opened bus, opened anew when it fails. `start` and `stop` belong to the event loop that also gets the frames.

    ``clock``: monotonic seconds; ``wall_clock``: that of the driver's time stamps.
    ``counts``: received, ignored (error, remote and FD frames), unreadable (datagrams that are no frames), misdated
    (a stamp that cannot be true), overrun, read_errors, reopened, sent, dropped, send_errors.
    """

    def __init__(
        self,
        config: BusConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        opener: Callable[[BusConfig], can.BusABC] = open_bus,
    ) -> None:
        self.config = config
        self.counts: Counter[str] = Counter()
        self.clock = clock
        self._wall_clock = wall_clock
        self._opener = opener
        self._subscribers: list[Callable[[Received], None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: can.BusABC | None = None
        self._swapping = threading.Lock()  # held while the sender uses the bus, and while it is replaced
        self._watch = WireWatch(clock())
        self._reader: threading.Thread | None = None
        self._received: deque[Received] = deque(maxlen=RECEIVE_BOUND)
        self._scheduled = False
        self._handing_on = False
        self._recalls = 0
        self._lock = threading.Lock()
        self._outbox: queue.Queue[tuple[Outgoing, int] | None] = queue.Queue(SEND_BOUND)
        self._stopping = threading.Event()
        self._sender: threading.Thread | None = None
        self._read_errors_in_a_row = 0
        self._frame_age = FrameAge()  # used by the reading thread alone

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Opens the bus and begins to listen. Raises Unavailable."""
        if self._bus is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._stopping.clear()
        self._read_errors_in_a_row = 0
        self._outbox = queue.Queue(SEND_BOUND)
        self._bus = await asyncio.to_thread(self._opener, self.config)
        self._watch = WireWatch(self.clock())
        self._reader = threading.Thread(target=self._read_all, name="CAN reader", daemon=True)
        self._sender = threading.Thread(target=self._send_all, name="CAN sender", daemon=True)
        self._reader.start()
        self._sender.start()

    async def stop(self) -> None:
        """Stops both threads and closes the bus; what was not sent yet is dropped. May be called twice."""
        if self._bus is None or self._stopping.is_set():
            return
        self._stopping.set()
        await asyncio.to_thread(self._close)
        while not self._outbox.empty():
            item = self._outbox.get_nowait()
            if item is not None:
                item[0].dropped("the bus was closed")
        self._received.clear()

    def _close(self) -> None:
        with contextlib.suppress(queue.Full):
            self._outbox.put(None, timeout=_STOP_TIMEOUT_S)  # the sender is emptying the queue
        if self._sender is not None:
            self._sender.join(_STOP_TIMEOUT_S)
        if self._reader is not None:
            self._reader.join(_STOP_TIMEOUT_S)
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.shutdown()

    @property
    def is_up(self) -> bool:
        """Whether the bus is open and its reader works."""
        is_open = self._bus is not None and not self._stopping.is_set()
        return is_open and self._read_errors_in_a_row < _ERRORS_UNTIL_DOWN

    @property
    def trouble(self) -> str:
        """What is wrong with the wire, as a phrase for the user; "" when nothing is."""
        return "" if self._bus is None else self._watch.trouble(self.clock())

    @property
    def name(self) -> str:
        return f"{self.config.interface} {channel_of(self.config)}"

    @property
    def is_sending(self) -> bool:
        """Whether a frame waits for the bus or is just being sent."""
        return self._bus is not None and self._outbox.unfinished_tasks > 0

    def health(self) -> LinkHealth:
        """For display; cheap."""
        return LinkHealth(
            name=self.name,
            is_up=self.is_up,
            to_handle=len(self._received),
            to_send=self._outbox.qsize(),
            counts=MappingProxyType(dict(self.counts)),
        )

    def subscribe(self, callback: Callable[[Received], None]) -> Callable[[], None]:
        """``callback`` gets every data frame, in the event loop, in order. Returns what ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    # --- receiving --------------------------------------------------------------------------------------------------

    def _read_all(self) -> None:
        """The reading thread. It also opens the bus anew: nobody else waits for the bus meanwhile."""
        unreadable = 0
        while (bus := self._bus) is not None and not self._stopping.is_set():
            try:
                message = bus.recv(_READER_TIMEOUT_S)
                if message is not None:
                    self._watch.heard(self.clock())
                    self._take(message)
            except Exception as e:  # noqa: BLE001 - python-can's drivers let all kinds of errors through
                self._failed_to_read(e)
            now = getattr(bus, "unreadable", 0)
            if now != unreadable:
                self.counts["unreadable"] += max(0, now - unreadable)
                self._watch.unreadable(self.clock())
                unreadable = now
            if self._watch.wants_reopening(self.clock()):
                self._reopen()
                unreadable = getattr(self._bus, "unreadable", 0)

    def _reopen(self) -> None:
        """A device that was taken away, or an interface that was down, never speaks again to whoever had opened it."""
        if self.config.interface == "virtual":
            return  # it lives in this process
        try:
            bus = self._opener(self.config)
        except Exception as e:  # noqa: BLE001 - whatever it is, the old one stays: it may come back by itself
            _log.debug("the CAN bus %s cannot be opened anew: %s", self.name, e)
            return
        with self._swapping:
            old, self._bus = (bus, self._bus) if self._stopping.is_set() else (self._bus, bus)
        self.counts["reopened"] += 1
        self._read_errors_in_a_row = 0
        self._watch.opened(self.clock())
        if old is not None:
            with contextlib.suppress(can.CanError, OSError):
                old.shutdown()

    def _take(self, message: can.Message) -> None:
        """In the reading thread."""
        self._read_errors_in_a_row = 0
        if message.is_error_frame or message.is_remote_frame or message.is_fd:
            self.counts["ignored"] += 1
            return
        # a frame that waited in the driver's queue while this computer was stalled is as old as its stamp says
        arrived_s = self.clock()
        age_s = self._frame_age.age_s(message.timestamp, arrived_s, self._wall_clock())
        if age_s is None:
            self.counts["misdated"] += 1
            return
        time_s = arrived_s - age_s
        frame = Received(message.arbitration_id, bytes(message.data), time_s, message.is_extended_id)
        with self._lock:
            if len(self._received) == RECEIVE_BOUND:
                self.counts["overrun"] += 1  # the deque drops its oldest frame
            self._received.append(frame)
            wake, self._scheduled = not self._scheduled, True
        if wake:
            self._in_loop(self._deliver)

    def _failed_to_read(self, error: Exception) -> None:
        """In the reading thread. One bad datagram is nothing; a bus that only fails is down."""
        self.counts["read_errors"] += 1
        self._read_errors_in_a_row += 1
        self._watch.failed(error, self.clock())
        if self._read_errors_in_a_row == _ERRORS_UNTIL_DOWN:
            _log.error("the CAN bus %s cannot be read any more: %s", self.name, error)
        self._stopping.wait(_ERROR_PAUSE_S)

    def _deliver(self) -> None:
        with self._lock:
            batch = [self._received.popleft() for _ in range(min(_BATCH, len(self._received)))]
            self._scheduled = bool(self._received)
        if self._scheduled and self._loop is not None:
            self._loop.call_soon(self._deliver)
        self._hand_on(batch)

    def catch_up(self) -> None:
        """Handles what the reading thread has taken and the event loop has not come to yet, in order.

        Who judges by the car's signals must not overlook a frame that is already here.
        """
        if self._handing_on or not self._received:
            return
        with self._lock:
            batch = list(self._received)
            self._received.clear()
        self._hand_on(batch)

    def _hand_on(self, batch: list[Received]) -> None:
        self.counts["received"] += len(batch)
        self._handing_on = True
        try:
            for frame in batch:
                for callback in tuple(self._subscribers):
                    try:
                        callback(frame)
                    except Exception:  # noqa: BLE001 - a defect in one reader must not cost the others their frames
                        _log.exception("a frame could not be handled")
        finally:
            self._handing_on = False

    def _in_loop(self, callback: Callable[[], None]) -> None:
        if self._loop is not None:
            # a loop that has been closed has nobody left to tell
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback)

    # --- sending ----------------------------------------------------------------------------------------------------

    def send(self, frame: Outgoing) -> None:
        """Hands a frame to the sending thread at once. Raises Unavailable when the bus is closed or takes no more."""
        if not self.is_up:
            raise Unavailable(f"The CAN bus {self.name} is not open. `vehicle-agent doctor` tells what is missing.")
        try:
            self._outbox.put_nowait((frame, self._recalls))
        except queue.Full:
            raise Unavailable(f"The CAN bus {self.name} takes no frames. Check its wiring and bit rate.") from None

    def recall(self) -> None:
        """Frames handed over so far that are not on the bus yet are dropped, unless they only take away."""
        self._recalls += 1

    def _send_all(self) -> None:
        while (item := self._outbox.get()) is not None:
            self._send_one(*item)
            self._outbox.task_done()

    def _send_one(self, frame: Outgoing, recalls: int) -> None:
        message: can.Message | None = None
        problem = "it waited too long"
        while (left_s := frame.deadline_s - self.clock()) > 0 and not self._stopping.is_set():
            if recalls != self._recalls and not frame.only_takes_away:
                problem = "the driving state changed"
                break
            try:
                if message is None:  # once: a second attempt is the same transmission, with the same counter
                    message = self._message(frame, left_s)
                with self._swapping:
                    if self._bus is None:
                        break
                    self._bus.send(message, timeout=min(left_s, _ATTEMPT_S))
            except (can.CanError, OSError) as e:
                problem = str(e)
                self.counts["send_errors"] += 1
                self._stopping.wait(_RETRY_S)
            except Exception as e:  # noqa: BLE001 - a defect in one frame must not end the thread that sends them all
                _log.exception("a frame could not be made")
                problem = str(e)
                break
            else:
                self.counts["sent"] += 1
                self._in_loop(partial(frame.sent, bytes(message.data), self.clock()))
                return
        self.counts["dropped"] += 1
        self._in_loop(partial(frame.dropped, problem))

    @staticmethod
    def _message(frame: Outgoing, left_s: float) -> can.Message:
        data = frame.encode(left_s * 1000)
        if frame.protection is not None:
            data = frame.protection.protect(data)
        return can.Message(arbitration_id=frame.frame_id, is_extended_id=frame.is_extended, data=data, is_rx=False)
