"""SignalStore: received frames become checked values with age and validity."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Final

from cantools.database.can import Message

from vehicle_agent.backends.can.frames import Received
from vehicle_apis.binding import CarBinding, GateSource, SignalRef
from vehicle_apis.e2e import E2EReceiver
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Reading, Signals

WINDOW: Final = 10  # safety.yaml, `signals`: 3 bad in the last 10 = stale
BAD_IN_WINDOW: Final = 3
_CYCLES_UNTIL_SILENT: Final = 5
_SILENT_AFTER_S: Final = 1.0  # at least; a busy computer delivers late


class _Track:
    """What is known of one message."""

    __slots__ = ("bad", "checked", "receiver", "silent_after_s", "time_s", "values")

    def __init__(self, receiver: E2EReceiver | None, cycle_ms: float) -> None:
        self.receiver = receiver
        self.bad: deque[bool] = deque(maxlen=WINDOW)
        self.values: Mapping[str, Scalar] | None = None
        self.time_s = float("-inf")
        self.checked = b""  # the payload that ``values`` was decoded from
        self.silent_after_s = max(_SILENT_AFTER_S, _CYCLES_UNTIL_SILENT * cycle_ms / 1000)

    @property
    def is_disturbed(self) -> bool:
        return sum(self.bad) >= BAD_IN_WINDOW


class SignalStore:
    """The latest good values of every message the car sends.

    A frame of the wrong length, with a wrong CRC or counter counts as not received; a repeated counter is no new data,
    the first frame of a protected message only starts its counter. ``counts`` tells how often what happened, by
    ``(message, what)``; frames of unknown identifiers count under ``("", "unknown")``.
    """

    def __init__(self, binding: CarBinding, clock: Callable[[], float]) -> None:
        self.binding = binding
        self.counts: Counter[tuple[str, str]] = Counter()
        self._clock = clock
        self._listened = binding.read_messages()
        self._gate_messages = frozenset(source.ref.message for source in binding.gate)
        self._tracks: dict[str, _Track] = {}
        for name in self._listened:
            protection = binding.network.protections.get(name)
            receiver = E2EReceiver(protection) if protection is not None else None
            self._tracks[name] = _Track(receiver, binding.cycle_ms(name))

    def receive(self, frame: Received) -> str | None:
        """Takes a frame; the name of its message when that has new values now. Never raises on what a frame holds."""
        message = self.binding.network.message_of(frame.frame_id, is_extended=frame.is_extended)
        if message is None:
            self.counts["", "unknown"] += 1
            return None
        if message.name not in self._listened:  # a command, perhaps our own
            return None
        track = self._tracks[message.name]
        if not self._passes(message, track, frame.data):
            return None
        # only counter and CRC differ most of the time; decoding is what costs
        payload = frame.data if track.receiver is None else bytes((frame.data[1] & 0xF0,)) + frame.data[2:]
        if track.values is None or payload != track.checked:
            values = self.binding.network.decode(message, frame.data)
            if values is None:
                self._count(track, message.name, "undecodable", bad=True)
                return None
            if message.is_multiplexed():  # one frame tells only some of the signals
                values = {**(track.values or {}), **values}
            track.values, track.checked = values, payload
        track.time_s = frame.time_s
        return message.name

    def _passes(self, message: Message, track: _Track, data: bytes) -> bool:
        if len(data) != message.length:
            self._count(track, message.name, "wrong_length", bad=True)
            return False
        if track.receiver is None:
            self._count(track, message.name, "ok", bad=False)
            return True
        status = track.receiver.receive(data)
        counts = status.is_bad or status.is_new_data
        self._count(track, message.name, status.value, bad=status.is_bad if counts else None)
        return status.is_new_data

    def _count(self, track: _Track, name: str, what: str, *, bad: bool | None) -> None:
        self.counts[name, what] += 1
        if bad is not None:
            track.bad.append(bad)

    # --- reading ----------------------------------------------------------------------------------------------------

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
        found: dict[str, Reading] = {}
        speeds: list[Reading | None] = [None, None]
        for source in self.binding.gate:
            reading = self._reading(source, now_s)
            if source.name == "speed":
                speeds[source.index] = reading
            elif reading is not None:
                found[source.name] = reading
        return Signals(
            speed_kmh=(speeds[0], speeds[1]),
            gear=found.get("gear"),
            crash=found.get("crash"),
            ignition=found.get("ignition"),
            ambient_light=found.get("ambient_light"),
            rain=found.get("rain"),
            plugged_in=found.get("plugged_in"),
        )

    def _reading(self, source: GateSource, now_s: float) -> Reading | None:
        track = self._tracks[source.ref.message]
        if track.values is None:
            return None
        decoded = track.values[source.ref.signal]  # always there: the binding allows no multiplexed safety message
        value = source.value(decoded)
        age_ms = (now_s - track.time_s) * 1000
        if value is None:
            return Reading(value=str(decoded), age_ms=age_ms, valid=False)
        # a crash is told by any one good frame, however disturbed the bus is by then
        valid = source.name == "crash" or not track.is_disturbed
        return Reading(value=value, age_ms=age_ms, valid=valid)
