"""A CAN bus in one process whose frames carry simulated time, and which knows whether any is still under way."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final

import can

QUEUE_FRAMES: Final = 8192


class Wire:
    """What several `WireBus` share. ``wall_clock``: seconds, for the frames' time stamps."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self.wall_clock = wall_clock
        self.ends: list[WireBus] = []
        self._lock = threading.Lock()
        self._under_way = 0

    def open(self, **options: object) -> "WireBus":
        """One more connection; takes what python-can's `Bus` takes and needs ``can_filters`` of it alone."""
        return WireBus(self, options.get("can_filters"))  # type: ignore[arg-type]  # python-can's own options

    @property
    def is_busy(self) -> bool:
        """A frame was sent and its receivers have not dealt with it yet."""
        return self._under_way > 0

    def count(self, step: int) -> None:
        with self._lock:
            self._under_way += step


class WireBus(can.BusABC):
    """One connection to a `Wire`, to be read by one thread."""

    def __init__(self, wire: Wire, can_filters: Sequence[can.typechecking.CanFilter] | None = None) -> None:
        self.channel_info = "simulated wire"
        self._can_protocol = can.CanProtocol.CAN_20
        self._wire = wire
        self._queue: queue.Queue[can.Message] = queue.Queue(QUEUE_FRAMES)
        self._in_hand = 0
        self._is_open = True
        super().__init__(channel="wire", can_filters=can_filters)
        wire.ends.append(self)

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002 - it never has to wait
        """Raises CanOperationError when this end is shut or a receiver does not keep up."""
        if not self._is_open:
            raise can.CanOperationError("this end of the bus is shut")
        stamp_s = self._wire.wall_clock()
        for end in tuple(self._wire.ends):
            if end is not self:
                end.take(msg, stamp_s)

    def take(self, msg: can.Message, stamp_s: float) -> None:
        copy = can.Message(
            timestamp=stamp_s,
            arbitration_id=msg.arbitration_id,
            is_extended_id=msg.is_extended_id,
            is_remote_frame=msg.is_remote_frame,
            is_error_frame=msg.is_error_frame,
            is_fd=msg.is_fd,
            bitrate_switch=msg.bitrate_switch,
            error_state_indicator=msg.error_state_indicator,
            dlc=msg.dlc,
            data=None if msg.is_remote_frame else bytes(msg.data),
            is_rx=True,
        )
        if not self._matches_filters(copy):  # here, so that nobody is woken for what it does not want
            return
        self._wire.count(1)
        try:
            self._queue.put_nowait(copy)
        except queue.Full:
            self._wire.count(-1)
            raise can.CanOperationError(f"a receiver is more than {QUEUE_FRAMES} frames behind") from None

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        # who comes for the next frame has dealt with the last one
        done, self._in_hand = self._in_hand, 0
        if done:
            self._wire.count(-done)
        try:
            message = self._queue.get(timeout=timeout) if timeout != 0 else self._queue.get_nowait()
        except queue.Empty:
            return None, True
        self._in_hand = 1
        return message, True

    def shutdown(self) -> None:
        """Leaves the wire; what was not read is dropped. May be called twice."""
        if self._is_open:
            self._is_open = False
            self._wire.ends.remove(self)
            self._wire.count(-self._in_hand - self._queue.qsize())
            self._in_hand = 0
            super().shutdown()
