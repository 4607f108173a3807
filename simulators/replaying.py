"""A recording sent onto a bus again: as fast as it was, faster, slower, or without any pauses."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import can

from simulators.errors import BadValue, BusUnavailable
from simulators.reading import kind_of

MAX_FRAMES_PER_S: Final = 4000.0  # what a bus of 500 kbit/s carries; UDP would lose what comes faster than it is read
SENT_KINDS: Final = frozenset({"data", "remote"})  # what a classic CAN bus can be given
_PATIENCE_S: Final = 2.0  # how long a full bus may take to take one frame
_RETRY_S: Final = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """``left_out``: how many frames of which kind a classic CAN bus cannot be given."""

    sent: int
    seconds: float
    left_out: Mapping[str, int]


def replay(
    frames: Iterable[can.Message],
    bus: can.BusABC,
    *,
    speed: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Replayed:
    """Sends the data and remote frames of a recording; blocks until the last is out.

    ``speed``: 1 as recorded, 2 twice as fast, 0 without pauses; never more than MAX_FRAMES_PER_S on average. Error and
    FD frames are left out. Counters and check values are those of the recording. Raises BadValue, BusUnavailable, and
    what ``frames`` raises.
    """
    if not 0 <= speed < float("inf"):
        raise BadValue(f"the speed is a factor from 0 up, 0 for no pauses, not {speed}")
    began_s = clock()
    first_s: float | None = None
    sent = 0
    left_out: Counter[str] = Counter()
    for frame in frames:
        kind = kind_of(frame)
        if kind not in SENT_KINDS:
            left_out[kind] += 1
            continue
        if first_s is None:
            first_s = frame.timestamp
        # against the beginning, not the frame before: what sleeping too long costs does not add up
        recorded_s = (frame.timestamp - first_s) / speed if speed > 0 else 0.0
        wait_s = began_s + max(recorded_s, sent / MAX_FRAMES_PER_S) - clock()
        if wait_s > 0:
            sleep(wait_s)
        _send(bus, frame, clock, sleep)
        sent += 1
    return Replayed(sent=sent, seconds=clock() - began_s, left_out=left_out)


def _send(bus: can.BusABC, frame: can.Message, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
    message = can.Message(
        arbitration_id=frame.arbitration_id,
        is_extended_id=frame.is_extended_id,
        is_remote_frame=frame.is_remote_frame,
        dlc=frame.dlc if frame.is_remote_frame else len(frame.data),
        data=None if frame.is_remote_frame else frame.data,
        is_rx=False,
    )
    until_s = clock() + _PATIENCE_S
    while True:
        try:
            bus.send(message)
        except (can.CanError, OSError) as e:
            if clock() >= until_s:
                raise BusUnavailable(
                    f"the CAN bus takes no frames ({e}); is it up, and is there another node that acknowledges?"
                ) from e
            sleep(_RETRY_S)
        else:
            return
