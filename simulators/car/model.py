"""The whole car without bus and clock: units, requests, what can be set and read."""

import difflib
from typing import Final

from simulators.car.domain import Domain, Value, snake
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu, Request
from simulators.car.ecus import ECUS
from simulators.car.ecus.gateway import Gateway, parse_codes
from simulators.car.ecus.pack_ecu import PackEcu
from simulators.car.motion import Axis
from simulators.car.wiring import Wiring
from simulators.errors import NetworkMismatch, UnknownName
from vehicle_apis.binding import BindingError

SPEED: Final = "speed"  # both sources
TROUBLE_CODES: Final = "trouble_codes"
# what follows from other values and cannot be set
_DERIVED: Final = frozenset(
    {
        "WindowsMoving",
        "RoofMoving",
        "MirrorsMoving",
        "DriverSeatMoving",
        "PassengerSeatMoving",
        "DriverSeatMemory",
        "PassengerSeatMemory",
        "Range",
        "TroubleCodeCount",
        "TroubleCodeIndex",
        "TroubleCode",
    }
)
_HIDDEN: Final = frozenset({"TroubleCodeIndex", "TroubleCode"})  # `trouble_codes` shows them all


class CarModel:
    """Deterministic: it changes by `set`, `command` and `step` alone. Raises NetworkMismatch for a foreign DBC."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.values: dict[str, Value] = {}
        self.ecus: dict[str, Ecu] = {}
        for make in ECUS:
            ecu = make(self.values, wiring.domains)
            self.ecus[ecu.node] = ecu
        for unit in wiring.added:
            try:
                self.ecus[unit.node] = PackEcu(self.values, wiring.domains, unit, wiring.network)
            except BindingError as e:
                raise NetworkMismatch(f"the simulated car cannot use the pack {unit.node!r}: {e}") from e
        self.requests: dict[str, Request] = {group: Request() for ecu in self.ecus.values() for group in ecu.groups}
        self._signals = {snake(name): name for name in self.values}
        self._check_fit()
        self.step(0.0)

    def _check_fit(self) -> None:
        nodes = {p.node for p in self.wiring.published} | {c.node for c in self.wiring.commanded.values()}
        missing = [f"control unit {node}" for node in sorted(nodes - self.ecus.keys())]
        missing += [f"signal {s}" for p in self.wiring.published for s in p.signals if s not in self.values]
        missing += [f"command {c.name}" for c in self.wiring.commanded.values() if c.group not in self.requests]
        if missing:
            raise NetworkMismatch(f"the simulated car has no {', no '.join(missing)}, which the DBC names")

    # --- setting and reading ------------------------------------------------------------------------------------

    def settings(self) -> tuple[str, ...]:
        """Every name `set` takes."""
        own = (name for name, signal in self._signals.items() if signal not in _DERIVED)
        return tuple(sorted({*own, SPEED, TROUBLE_CODES}))

    def set(self, name: str, value: object) -> None:
        """Sets a value from outside, past all rules. Raises UnknownName, BadValue."""
        if name not in self.settings():
            raise UnknownName(_unknown("setting", name, self.settings()))
        if name == TROUBLE_CODES:
            self._gateway.codes = parse_codes(value)
            self.values["TroubleCodeCount"] = len(self._gateway.codes)
            return
        signals = ("VehicleSpeed", "WheelSpeedAverage") if name == SPEED else (self._signals[name],)
        parsed = self.wiring.domains[signals[0]].parse(name, value)
        for signal in signals:
            self.values[signal] = parsed
            for ecu in self.ecus.values():
                ecu.force(signal, parsed)
        self.step(0.0)

    def state(self) -> dict[str, Value]:
        """Every value by the name `set` uses, as the bus shows it."""
        shown = {name: self.shown(signal) for name, signal in sorted(self._signals.items()) if signal not in _HIDDEN}
        shown[SPEED] = shown["vehicle_speed"]
        shown[TROUBLE_CODES] = " ".join(self._gateway.codes) or "none"
        return shown

    def shown(self, signal: str) -> Value:
        return self.wiring.domains[signal].snap(self.values[signal])

    def parse(self, name: str, value: object) -> Value:
        """``value`` as `state` would show it. Raises UnknownName, BadValue."""
        if name not in self.state():
            raise UnknownName(_unknown("state", name, tuple(self.state())))
        if name == TROUBLE_CODES:
            return " ".join(parse_codes(value)) or "none"
        domain = self.domain(name)
        return domain.snap(domain.parse(name, value))

    def domain(self, name: str) -> Domain:
        return self.wiring.domains["VehicleSpeed" if name == SPEED else self._signals[name]]

    @property
    def _gateway(self) -> Gateway:
        gateway = self.ecus["Gateway"]
        if not isinstance(gateway, Gateway):
            raise NetworkMismatch("the gateway is of a foreign kind")
        return gateway

    # --- motors ---------------------------------------------------------------------------------------------------

    def motors(self) -> dict[str, Axis]:
        """Every motor by the name of what it moves."""
        return {snake(name): axis for ecu in self.ecus.values() for name, axis in ecu.motors().items()}

    def motor(self, name: str) -> Axis:
        """Raises UnknownName."""
        motors = self.motors()
        if name not in motors:
            raise UnknownName(_unknown("motor", name, tuple(motors)))
        return motors[name]

    # --- commands and time ------------------------------------------------------------------------------------------

    def command(self, node: str, command: Command) -> Request:
        """Gives a fresh command to its unit. The request it begins replaces the group's last one."""
        if command.get("Selector") == "none":
            return self.answer(command, OUT_OF_RANGE)
        return self.answer(command, self.ecus[node].command(command))

    def answer(self, command: Command, answer: Answer) -> Request:
        """Begins the request of ``command``, answered with ``answer``."""
        request_id = command.get("RequestId")
        request = self.requests[command.group]
        request.begin(int(request_id) if isinstance(request_id, int | float) else 0, answer)
        return request

    def restart(self, node: str) -> None:
        """A control unit starts anew; its commands are forgotten."""
        measured = {s for p in self.wiring.published if not p.group for s in p.signals}
        self.ecus[node].restart(measured)
        for group in self.ecus[node].groups:
            self.requests[group].forget()
        self.step(0.0)

    def step(self, dt_s: float) -> None:
        for ecu in self.ecus.values():
            ecu.step(dt_s)

    def refresh_requests(self) -> None:
        for request in self.requests.values():
            request.refresh()


def _unknown(kind: str, name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {near[0]!r}" if near else ""
    return f"the simulated car has no {kind} {name!r}{hint}; there are: {', '.join(known)}"
