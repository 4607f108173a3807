"""Safety frames as a car sends them, through `SignalStore` into a `Gate`, with what is known of them kept by hand."""

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeAlias

from state_machines.driving_state import DrivingState
from state_machines.gate import Gate
from support.fake_ecu import PARKED
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_apis.binding import CarBinding
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.e2e import E2ESender, protect
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Signals

Line: TypeAlias = dict[str, Any]
TICKS_PER_S = 1024  # times are multiples of 1/1024 s: sums and differences are exact, also those around a limit
WINDOW = 10  # safety.yaml: "3 bad in the last 10"
BAD_IN_WINDOW = 3
FIELDS: dict[str, dict[str, str]] = {  # message -> signal of the DBC -> key of the `judge` format
    "VehicleSpeed": {"VehicleSpeed": "speed0"},
    "WheelSpeedAverage": {"WheelSpeedAverage": "speed1"},
    "Gear": {"Gear": "gear"},
    "Crash": {"Crash": "crash"},
    "Ignition": {"Ignition": "ignition"},
    "Environment": {"AmbientLight": "ambient_light", "Rain": "rain"},
    "ChargePlug": {"PluggedIn": "plugged_in"},
}


class FramedCar:
    """Sends every safety message in its cycle; `faults` names what is wrong with a message's frames from now on.

    Beside the product it keeps what the specification's words say of every message: when the last good frame came,
    what it said, which of the last ten were bad. `line` is that knowledge in the `judge` format.
    """

    def __init__(self, binding: CarBinding, catalogue: Catalogue) -> None:
        self.ticks = TICKS_PER_S * 1000
        self.binding = binding
        self.store = SignalStore(binding, self.now_s)
        self.gate = Gate(catalogue, self.now_s)
        self.values: dict[str, dict[str, Scalar]] = {name: dict(values) for name, values in PARKED.items()}
        self.faults: dict[str, str] = {}
        self.observed: list[tuple[int, DrivingState]] = []
        self._network = binding.network
        self._senders = {name: E2ESender(self._network.protections[name]) for name in FIELDS}
        self._cycle_ticks = {s.ref.message: round(s.cycle_ms * TICKS_PER_S / 1000) for s in binding.gate}
        self._due = {name: self.ticks + i for i, name in enumerate(FIELDS)}
        self._last: dict[str, bytes] = {}
        self._good_at: dict[str, int] = {}
        self._said: dict[str, dict[str, Scalar]] = {}
        self._bad: dict[str, deque[bool]] = {name: deque(maxlen=WINDOW) for name in FIELDS}

    def now_s(self) -> float:
        return self.ticks / TICKS_PER_S

    def set(self, *, gear: str, kmh: float, crash: str = "none") -> None:
        self.values["Gear"]["Gear"] = gear
        self.values["VehicleSpeed"]["VehicleSpeed"] = kmh
        self.values["WheelSpeedAverage"]["WheelSpeedAverage"] = kmh
        self.values["Crash"]["Crash"] = crash

    def surround(self, *, ambient_light: str, rain: str, plugged_in: str) -> None:
        self.values["Environment"] |= {"AmbientLight": ambient_light, "Rain": rain}
        self.values["ChargePlug"]["PluggedIn"] = plugged_in

    # --- time -----------------------------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Lets time pass, with every frame and a look of the gate at least every 100 ms."""
        for _ in self.frames(seconds):
            pass

    def frames(self, seconds: float) -> Iterator[str]:
        """As `run`, pausing after each frame sent; gives the frame's message."""
        end = self.ticks + round(seconds * TICKS_PER_S)
        look = self.ticks + TICKS_PER_S // 10
        while (due := min(*self._due.values(), look)) <= end:
            self.ticks = due
            if due == look:
                look += TICKS_PER_S // 10
                self.observe()
            for name, at in self._due.items():
                if at == due:
                    self._due[name] += self._cycle_ticks[name]
                    self.send(name)
                    yield name
        self.ticks = end
        self.observe()

    def wait_ms(self, ms: float) -> None:
        """Time passes without any frame."""
        self.ticks += round(ms * TICKS_PER_S / 1000)
        for name in self._due:
            self._due[name] = max(self._due[name], self.ticks + 1)

    def signals(self) -> Signals:
        return self.store.snapshot(self.now_s())

    def observe(self) -> DrivingState:
        state = self.gate.observe(self.signals())
        self.observed.append((self.ticks, state))
        return state

    # --- frames ---------------------------------------------------------------------------------------------------

    def send(self, name: str) -> None:
        """The next frame of a message, with its fault, if it has one."""
        fault = self.faults.get(name, "")
        plain = self._network.encode(name, self.values[name])
        sender = self._senders[name]
        if fault == "silent":
            sender.protect(plain)
            return
        if fault == "frozen counter":
            data = protect(self._network.protections[name], plain, self._last[name][1] & 0x0F)
        elif fault == "repeated frame":
            data = self._last[name]
        else:
            if fault == "reordered frames":  # each frame comes seven places from where it belongs
                for _ in range(6):
                    sender.protect(plain)
            data = self._last[name] = sender.protect(plain)
        if fault == "wrong CRC":
            data = bytes((data[0] ^ 0x5A,)) + data[1:]
        if fault == "wrong length":
            data = data[:-1]
        self._note(name, fault)
        message = self._network.message(name)
        if self.store.receive(Received(message.frame_id, data, self.now_s(), message.is_extended_frame)) is not None:
            self.observe()

    def _note(self, name: str, fault: str) -> None:
        if fault in {"frozen counter", "repeated frame"}:
            return  # nothing new came: neither good nor bad, its age goes on
        self._bad[name].append(bool(fault))
        if not fault:
            self._good_at[name] = self.ticks
            self._said[name] = dict(self.values[name])

    def bad_in_window(self, name: str) -> int:
        return sum(self._bad[name])

    def age_ms(self, name: str) -> float:
        """Since the last good frame."""
        return (self.ticks - self._good_at[name]) * 1000 / TICKS_PER_S

    def is_available(self, name: str, max_age_ms: float) -> bool:
        """By the specification's words: no 3 bad in the last 10, and not older than its limit."""
        return self.bad_in_window(name) < BAD_IN_WINDOW and self.age_ms(name) <= max_age_ms

    def line(self) -> Line:
        """What is known of the car now, in the `judge` format."""
        signals: dict[str, Any] = {"speed": [None, None]}
        age_ms: dict[str, Any] = {"speed": [0, 0]}
        valid: dict[str, Any] = {"speed": [True, True]}
        for name, fields in FIELDS.items():
            if name not in self._good_at:
                continue
            for signal, key in fields.items():
                value = self._said[name][signal]
                # a crash is told by any one good frame, however disturbed the bus is by then
                good = value != "invalid" and (key == "crash" or self.bad_in_window(name) < BAD_IN_WINDOW)
                for part, what in ((signals, value), (age_ms, self.age_ms(name)), (valid, good)):
                    if key.startswith("speed"):
                        part["speed"][int(key[5])] = what
                    else:
                        part[key] = what
        return {"signals": signals, "age_ms": age_ms, "valid": valid}
