"""What the bus shows, message by message: the latest frame, how often, how regularly, how well protected."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cantools.database.can import Message

from simulators.car import Value, Wiring
from vehicle_apis.e2e import E2EStatus, Profile1, Protection

WINDOW: Final = 10  # as many frames as the gate looks back on
MAX_UNKNOWN: Final = 32  # rows for identifiers that the DBC does not know; a babbling node has many
_SMOOTHING: Final = 0.1
_PROTECTION: Final = frozenset({"Crc", "Counter"})  # they change with every frame and are in the raw bytes


class HeardFrame(Protocol):
    """One frame from the wire, as `simulators.tap.Heard` has it. ``name`` is "" for an unknown identifier."""

    @property
    def name(self) -> str: ...
    @property
    def frame_id(self) -> int: ...
    @property
    def is_extended(self) -> bool: ...
    @property
    def data(self) -> bytes: ...
    @property
    def time_s(self) -> float: ...
    @property
    def values(self) -> Mapping[str, Value] | None: ...
    @property
    def e2e(self) -> E2EStatus | None: ...


class Tap(Protocol):
    """Where frames come from; `simulators.tap.BusTap` is one."""

    def subscribe(self, callback: Callable[[HeardFrame], None]) -> Callable[[], None]: ...


@dataclass(slots=True)
class _Track:
    """``shown``: the signals of ``decoded``, which a tap hands out again as long as nothing changes."""

    last: HeardFrame
    count: int = 0
    cycle_ms: float = 0.0
    bad: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    decoded: Mapping[str, Value] | None = None
    shown: dict[str, Value] = field(default_factory=dict)

    def signals(self) -> dict[str, Value]:
        if self.last.values is not self.decoded:
            self.decoded = self.last.values
            self.shown = {s: v for s, v in (self.decoded or {}).items() if s not in _PROTECTION}
        return self.shown


class BusView:
    """Takes frames as they come. Keeps one track a message, so that its size has a bound."""

    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self._unknown = 0

    def hear(self, frame: HeardFrame) -> None:
        key = frame.name or frame_name(frame.frame_id, is_extended=frame.is_extended)
        track = self._tracks.get(key)
        if track is None:
            if not frame.name:
                if self._unknown >= MAX_UNKNOWN:
                    return
                self._unknown += 1
            track = self._tracks[key] = _Track(frame)
        else:
            gap_ms = (frame.time_s - track.last.time_s) * 1000
            track.cycle_ms += (gap_ms - track.cycle_ms) * (_SMOOTHING if track.count > 1 else 1.0)
        track.last = frame
        track.count += 1
        if frame.e2e is not None:
            track.bad.append(frame.e2e.is_bad)

    def rows(self) -> dict[str, list[object]]:
        """Message -> [frames, time of the last one, measured cycle in ms, E2E word, bad of the last ten, bytes]."""
        return {
            name: [
                t.count,
                round(t.last.time_s, 3),
                round(t.cycle_ms, 1),
                "" if t.last.e2e is None else t.last.e2e.value,
                sum(t.bad),
                t.last.data.hex(),
            ]
            for name, t in self._tracks.items()
        }

    def signals(self) -> dict[str, dict[str, Value]]:
        """Message -> its decoded signals, without counter and CRC. Frames that cannot be decoded have none."""
        return {name: track.signals() for name, track in self._tracks.items()}


def frame_name(frame_id: int, *, is_extended: bool) -> str:
    """An identifier as people write it: 0x100, or 0x18FF0001 of 29 bits."""
    return f"0x{frame_id:08X}" if is_extended else f"0x{frame_id:03X}"


def catalogue(wiring: Wiring) -> list[dict[str, object]]:
    """What the DBC says about every message, in order of identifiers: what arbitration prefers comes first."""
    network = wiring.network
    messages: Iterable[Message] = sorted(network.messages.values(), key=lambda m: m.frame_id)
    return [
        {
            "name": m.name,
            "id": frame_name(m.frame_id, is_extended=m.is_extended_frame),
            "sender": ", ".join(m.senders),
            "cycle_ms": m.cycle_time or 0,
            "command": m.name in network.commands,
            "e2e": _profile(network.protections.get(m.name)),
            "units": {s.name: s.unit for s in m.signals if s.unit},
        }
        for m in messages
    ]


def _profile(protection: Protection | None) -> str:
    if protection is None:
        return ""
    return "profile 1" if isinstance(protection, Profile1) else "profile 2"
