"""SignalStore: received frames become checked values with age and validity."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cantools.database.can import Message

from state_machines import limits
from state_machines.e2e_state import CHECK_OF, CheckStatus
from state_machines.validity import Validity, reading
from vehicle_agent.backends.can.frames import Received
from vehicle_apis.binding import CarBinding, GateSource, SignalRef
from vehicle_apis.e2e import E2EReceiver
from vehicle_apis.params import Scalar
from vehicle_apis.signals import GATE_SIGNALS, Reading, Signals

_CYCLES_UNTIL_SILENT: Final = 5
_SILENT_AFTER_S: Final = 1.0  # at least; a busy computer delivers late
_SEVERAL: Final = {field: spec.sources for field, spec in GATE_SIGNALS.items() if spec.sources > 1}
_OK: Final = "ok"
_GOOD: Final = CheckStatus.OK
_WRONG_LENGTH: Final = "wrong_length"
_UNDECODABLE: Final = "undecodable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHealth:
    """How one message of the car is doing, for people to look at.

    ``age_s``: since its last good frame, None before the first. ``e2e``: word of the E2E state (nodata, init, valid,
    invalid). ``last``: what the last frame was (ok, repeated, wrong_crc, wrong_length, ...), "" before the first.
    ``counts``: how often what.
    """

    name: str
    is_protected: bool
    age_s: float | None
    e2e: str
    last: str
    counts: Mapping[str, int]


class _Track:
    """What is known of one message."""

    __slots__ = ("checked", "counts", "last", "receiver", "silent_after_s", "time_s", "validity", "values")

    def __init__(self, receiver: E2EReceiver | None, cycle_ms: float) -> None:
        self.receiver = receiver
        self.validity = Validity(is_protected=receiver is not None)
        self.counts: dict[str, int] = {}
        self.last = ""
        self.values: Mapping[str, Scalar] | None = None
        self.time_s = float("-inf")
        self.checked = b""  # the payload that ``values`` was decoded from
        self.silent_after_s = max(_SILENT_AFTER_S, _CYCLES_UNTIL_SILENT * cycle_ms / 1000)

    def note(self, what: str, check: CheckStatus) -> None:
        """One frame, judged."""
        self.last = what
        self.counts[what] = self.counts.get(what, 0) + 1
        self.validity.take(check)


class SignalStore:
    """The latest good values of every message the car sends.

    A frame of the wrong length, with a wrong CRC or counter counts as not received; a repeated counter is no new data,
    the first frame of a protected message only starts its counter. What that makes of the readings decides
    `state_machines.validity`. ``counts`` tells how often what happened.
    """

    def __init__(self, binding: CarBinding, clock: Callable[[], float]) -> None:
        self.binding = binding
        self._unknown = 0
        self._clock = clock
        self._gate_messages = frozenset(source.ref.message for source in binding.gate)
        self._tracks: dict[str, _Track] = {}
        listened = binding.read_messages()
        for name in (name for name in binding.network.messages if name in listened):
            protection = binding.network.protections.get(name)
            receiver = (
                E2EReceiver(protection, max_delta_counter=limits.E2E_MAX_DELTA_COUNTER)
                if protection is not None
                else None
            )
            self._tracks[name] = _Track(receiver, binding.cycle_ms(name))
        # looked at with every safety frame: where each source's reading goes is settled once
        self._gate = tuple((source, self._tracks[source.ref.message]) for source in binding.gate)
        places = {(source.field, source.index): at for at, source in enumerate(binding.gate)}
        self._alone = tuple((field, at) for (field, _), at in places.items() if field not in _SEVERAL)
        self._several = tuple(
            (field, tuple(places.get((field, index)) for index in range(count))) for field, count in _SEVERAL.items()
        )

    def receive(self, frame: Received) -> str | None:
        """Takes a frame; the name of its message when that has new values now. Never raises on what a frame holds."""
        message = self.binding.network.message_of(frame.frame_id, is_extended=frame.is_extended)
        if message is None:
            self._unknown += 1
            return None
        track = self._tracks.get(message.name)
        if track is None:  # a command, perhaps our own
            return None
        data = frame.data
        if len(data) != message.length:
            track.note(_WRONG_LENGTH, CheckStatus.ERROR)
            return None
        what, check = _OK, _GOOD
        if track.receiver is not None:
            status = track.receiver.receive(data)
            what, check = status.value, CHECK_OF[status]
            if check is not _GOOD:
                track.note(what, check)
                return None
        if not self._take_values(track, message, data):
            track.note(_UNDECODABLE, CheckStatus.ERROR)
            return None
        track.note(what, check)
        track.time_s = frame.time_s
        return message.name

    def _take_values(self, track: _Track, message: Message, data: bytes) -> bool:
        # only counter and CRC differ most of the time; decoding is what costs
        payload = data if track.receiver is None else bytes((data[1] & 0xF0,)) + data[2:]
        if track.values is not None and payload == track.checked:
            return True
        values = self.binding.network.decode(message, data)
        if values is None:
            return False
        if message.is_multiplexed():  # one frame tells only some of the signals
            values = {**(track.values or {}), **values}
        track.values, track.checked = values, payload
        return True

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How often what happened, by ``(message, what)``; put together anew at every look."""
        found = Counter({(name, what): n for name, t in self._tracks.items() for what, n in t.counts.items()})
        if self._unknown:
            found["", "unknown"] = self._unknown
        return found

    def health(self, now_s: float) -> tuple[MessageHealth, ...]:
        """How every message is doing, in the DBC's order. For display; no judgement rests on it."""
        return tuple(
            MessageHealth(
                name=name,
                is_protected=track.receiver is not None,
                age_s=None if track.values is None else now_s - track.time_s,
                e2e=track.validity.word,
                last=track.last,
                counts=MappingProxyType(dict(track.counts)),
            )
            for name, track in self._tracks.items()
        )

    def is_gate_message(self, name: str) -> bool:
        """Whether the safety gate judges by this message."""
        return name in self._gate_messages

    def is_fresh(self, message: str) -> bool:
        """Whether the message is being received: within five of its cycles, at least 1 s."""
        track = self._tracks[message]
        return track.values is not None and self._clock() - track.time_s <= track.silent_after_s

    def last_s(self, message: str) -> float:
        """When the message last came with good data; minus infinity if never."""
        return self._tracks[message].time_s

    def read(self, ref: SignalRef) -> Scalar | None:
        """A signal's value; None when its message is not being received."""
        track = self._tracks[ref.message]
        if track.values is None or not self.is_fresh(ref.message):
            return None
        return track.values.get(ref.signal)

    def values(self, message: str) -> Mapping[str, Scalar] | None:
        """All signals of a message as last received, however long ago."""
        return self._tracks[message].values

    def snapshot(self, now_s: float) -> Signals:
        """What the safety gate may know at this moment."""
        readings = [self._reading(source, track, now_s) for source, track in self._gate]
        found: dict[str, Any] = {field: readings[at] for field, at in self._alone}
        for field, places in self._several:
            found[field] = tuple([None if at is None else readings[at] for at in places])
        return Signals(**found)

    @staticmethod
    def _reading(source: GateSource, track: _Track, now_s: float) -> Reading | None:
        if track.values is None:
            return None
        decoded = track.values[source.ref.signal]  # always there: the binding allows no multiplexed safety message
        return reading(source.spec, source.value(decoded), (now_s - track.time_s) * 1000, track.validity)
