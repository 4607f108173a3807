"""Received frames, forged and sealed, through SignalStore and Gate.

An input is a row of records of 12 bytes: what kind of frame, how much later, which message, its data, its counter.
"""

from collections.abc import Hashable
from unittest.mock import patch

from safety_spec import spec
from safety_spec.oracle import STRICTNESS

from fuzz.parts.crc import is_authentic, sealed
from fuzz.parts.world import STATES, binding, catalogue, judge, oracle
from fuzz.target import Target
from state_machines.gate import Gate
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_apis.call import Call
from vehicle_apis.signals import Reading, Signals

_RECORD = 12
_MOST_RECORDS = 16
_HELD_S = 1.0  # safety.yaml, `states`
# every rule that tells states apart, and one call that no state denies
_CALLS: tuple[tuple[str, dict[str, object]], ...] = (
    ("play_video", {"title": "x"}),
    ("open_app", {"app": "netflix"}),
    ("adjust_seat_position", {"seat": "driver", "direction": "forward"}),
    ("operate_trunk", {"action": "open"}),
    ("set_door_locks", {"state": "unlock"}),
    ("control_window", {"position": 50}),
    ("set_headlights", {"mode": "off"}),
    ("set_wipers", {"mode": "off"}),
    ("control_charging", {"action": "start"}),
    ("make_emergency_call", {}),
    ("set_hazard_lights", {"state": "on"}),
    ("get_time", {}),
)
_WORDS = ("gear", "crash", "ignition", "ambient_light", "rain", "plugged_in")


class _Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class _Bus:
    """One drive, with its own record of every authentic frame of the gate's messages."""

    def __init__(self, *, may_seal: bool) -> None:
        self.clock = _Clock()
        self.store = SignalStore(binding(), self.clock)
        with patch("state_machines.gate.Judge", lambda _catalogue: judge()):  # it is stateless, and dear to make
            self.gate = Gate(catalogue(), self.clock)
        self.may_seal = may_seal
        self.gate_messages = {source.ref.message for source in binding().gate}
        self.authentic: dict[str, list[tuple[float, bytes]]] = {name: [] for name in self.gate_messages}
        self.counters: dict[str, int] = {}
        self.names = sorted(binding().read_messages())
        self.first = sorted(self.gate_messages)
        self.ignition_was_off = False
        self.seen = [(self.clock.now_s, "unknown")]  # when which state was to be read from the signals alone

    def feed(self, record: bytes) -> None:
        flags, later, select, counter = record[0], record[1], record[2], record[11]
        self.clock.now_s += (0.001, 0.02, 0.1, 1.5)[flags >> 6] * later / 64
        names = self.first if select < 200 else self.names
        message = binding().network.message(names[select % len(names)])
        data = record[3:11]
        protection = binding().network.protections.get(message.name)
        frame_id, extended = message.frame_id, message.is_extended_frame
        match flags & 7:
            case 0:
                data = data[: counter % 10] * (1 + counter % 3)
            case 1:
                frame_id, extended = int.from_bytes(data[:4], "big") & 0x1FFFFFFF, bool(counter & 1)
            case 2 | 3 if protection is not None and self.may_seal:
                data = sealed(protection, data, counter)
            case 4 | 5 | 6 if protection is not None and self.may_seal:
                self.counters[message.name] = self.counters.get(message.name, 0) + 1
                data = sealed(protection, data, self.counters[message.name])
            case 7:
                self.gate.observe(self.store.snapshot(self.clock.now_s))
                return
        known = binding().network.message_of(frame_id, is_extended=extended)
        if known is not None and known.name in self.authentic:
            owner = binding().network.protections[known.name]
            if is_authentic(owner, data):
                self.authentic[known.name].append((self.clock.now_s, data))
        self.store.receive(Received(frame_id, data, self.clock.now_s, extended))

    def check(self) -> str:
        """Every promise of the store and the gate, at this moment. Returns the state."""
        signals = self.store.snapshot(self.clock.now_s)
        state = self.gate.observe(signals).word
        for source in binding().gate:
            said = getattr(signals, source.field)
            reading = said[source.index] if source.spec.sources > 1 else said
            if reading is not None and reading.valid:
                self._is_backed(source.ref.message, source.ref.signal, reading)
        if signals.ignition is not None and signals.ignition.value == "off":
            self.ignition_was_off = True
        line = _as_line(signals)
        raw = oracle_state(line)
        must_be_crashed = raw == "crashed" and not self.ignition_was_off
        assert not must_be_crashed or state == "crashed", "a crash was received and is not latched"
        crashless = {**line, "signals": {**line["signals"], "crash": "none"}}
        now_s = self.clock.now_s
        self.seen = [(at_s, word) for at_s, word in self.seen if now_s - at_s < _HELD_S] + [
            (now_s, oracle_state(crashless))
        ]
        worst = max(STATES.index(word) for _, word in self.seen)
        assert STATES.index(state) >= worst, "more permissive than the signals of the last second"
        self._without_evidence(state)
        return state

    def _is_backed(self, message: str, signal: str, reading: Reading) -> None:
        assert reading.age_ms >= 0
        came_s = self.clock.now_s - reading.age_ms / 1000
        frames = [data for at_s, data in self.authentic[message] if abs(at_s - came_s) < 1e-6]
        decoder = binding().network.message(message)
        shown = [str(decoder.decode(data)[signal]) for data in frames]  # type: ignore[call-overload]
        same = str(reading.value) in shown or any(_is_same_number(word, reading.value) for word in shown)
        assert same, f"{message} shows what no authentic frame said"

    def _without_evidence(self, state: str) -> None:
        needed = ("Gear", "VehicleSpeed", "WheelSpeedAverage")
        if any(len(self.authentic[name]) < 2 for name in needed):
            allowed = {"unknown", "crashed"} if self.authentic["Crash"] else {"unknown"}
            assert state in allowed, "a state without authentic frames"

    def verdicts(self) -> None:
        """The gate's judgement of the calls that depend on the state is the specification's, word for word."""
        signals = self.store.snapshot(self.clock.now_s)
        line = _as_line(signals)
        for call in _calls():
            answer = self.gate.assess(call, signals)
            oracle().held = self.gate.state.word
            wanted = oracle().judge({"call": {"name": call.name, "arguments": dict(call.arguments)}, **line})
            oracle().held = None
            assert STRICTNESS[answer.decision.word] >= STRICTNESS[wanted.verdict], f"{call} is judged too mildly"
            assert answer.decision.word == wanted.verdict, f"{call} is judged too strictly"


def _is_same_number(word: str, value: float | str) -> bool:
    try:
        return not isinstance(value, str) and abs(float(word) - value) < 1e-6
    except ValueError:
        return False


def _calls() -> list[Call]:
    return [catalogue().call(name, **arguments) for name, arguments in _CALLS]


def _as_line(signals: Signals) -> dict[str, dict[str, object]]:
    """The snapshot in the format that the second reading of the specification takes."""
    first, second = signals.speed_kmh
    line: dict[str, dict[str, object]] = {
        "signals": {"speed": [r.value if r else None for r in (first, second)]},
        "age_ms": {"speed": [r.age_ms if r else 0 for r in (first, second)]},
        "valid": {"speed": [r.valid if r else True for r in (first, second)]},
    }
    for word in _WORDS:
        reading: Reading | None = getattr(signals, word)
        if reading is not None:
            line["signals"][word], line["age_ms"][word], line["valid"][word] = (
                reading.value,
                reading.age_ms,
                reading.valid,
            )
    return line


def oracle_state(line: dict[str, dict[str, object]]) -> str:
    oracle().held = None
    return oracle().state(line)


def drive(data: bytes, *, may_seal: bool) -> Hashable:
    bus = _Bus(may_seal=may_seal)
    states = []
    for at in range(0, min(len(data), _RECORD * _MOST_RECORDS), _RECORD):
        bus.feed(data[at : at + _RECORD].ljust(_RECORD, b"\0"))
        states.append(bus.check())
    bus.verdicts()
    lucky = sum(len(frames) for frames in bus.authentic.values())
    return tuple(dict.fromkeys(states)), len(bus.store.counts), lucky if may_seal else 0


def _record(kind: int, later: int, name: str, body: bytes, scale: int = 1) -> bytes:
    index = sorted({s.ref.message for s in binding().gate}).index(name)
    return bytes((scale << 6 | kind, later, index)) + b"\0\0" + body.ljust(6, b"\0") + b"\0"


def good_drive(gear: int, speed_kmh: float) -> bytes:
    """Sealed frames of a car in one gear at one speed, long enough to be believed."""
    raw = round(speed_kmh * 100).to_bytes(2, "little")
    one = [_record(4, 13, "VehicleSpeed", raw), _record(4, 13, "WheelSpeedAverage", raw)]
    one += [_record(4, 255, "Gear", bytes((gear,)), scale=2)]
    return b"".join(one * 5)


def seeds() -> list[bytes]:
    assert "play_video" in spec.functions()
    crash = _record(4, 1, "Crash", b"\1") * 2
    off = _record(4, 1, "Ignition", b"\0") * 2 + _record(4, 1, "Ignition", b"\1") * 2
    drives = [good_drive(g, v) for g, v in ((0, 0), (3, 0), (3, 5), (3, 50), (3, 140), (1, 2))]
    edges = [(3, 0.49), (3, 0.5), (3, 7.99), (3, 8), (3, 129.99), (3, 130), (0, 3), (0, 3.01), (3, 300), (3, 300.01)]
    drives += [good_drive(gear, speed_kmh) for gear, speed_kmh in edges]
    return [*drives, crash + drives[0], drives[3] + crash + off + drives[0], b"\0" * 24, bytes(range(96))]


TARGET = Target(
    name="frames",
    run=lambda data: drive(data, may_seal=True),
    allowed=(),
    seeds=seeds,
    max_bytes=_RECORD * _MOST_RECORDS,
    share=0,
)
