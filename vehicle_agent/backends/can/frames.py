"""Frames on their way in and out."""

from collections.abc import Callable
from dataclasses import dataclass

from vehicle_apis.e2e import E2ESender


@dataclass(frozen=True, slots=True)
class Received:
    """A classic CAN data frame and when it came, by the agent's clock."""

    frame_id: int
    data: bytes
    time_s: float
    is_extended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A frame to send before ``deadline_s``, or not at all.

    ``encode`` gives the data for the milliseconds of life that are left; ``protection`` then adds counter and CRC. Both
    run in the sending thread, so that counters follow the order on the wire. ``sent`` gets data and time, ``dropped``
    the reason; one of the two is called, in the event loop. ``only_takes_away``: it stops something and stays allowed
    when the driving state changes.
    """

    frame_id: int
    is_extended: bool
    encode: Callable[[float], bytes]
    deadline_s: float
    sent: Callable[[bytes, float], None]
    dropped: Callable[[str], None]
    protection: E2ESender | None = None
    only_takes_away: bool = False
