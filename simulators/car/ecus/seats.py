"""Seats: comfort, motors, memory; and the heated steering wheel."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, SEATS, Accepted, Answer, Command, Ecu, Rejected, masked
from simulators.car.motion import Axis

MM_PER_S: Final = 20.0
MOVABLE: Final = ("Driver", "Passenger")
AXES: Final = {"length": "SeatLength", "height": "SeatHeight", "backrest": "SeatBackrest"}
LEVELS: Final = ("off", "low", "medium", "high")
SLOTS: Final = (1, 2, 3)
START_MM: Final = (150.0, 50.0, 200.0)  # length, height, backrest


class Seats(Ecu):
    """Slots 1 to 3 hold a position for each front seat from the start, save the passenger's third, which is empty."""

    node = "Seats"
    groups = ("SeatComfort", "SeatPosition")

    def initial(self) -> Mapping[str, Value]:
        for seat in MOVABLE:
            for axis, start in zip(AXES.values(), START_MM, strict=True):
                domain = self.domains[f"{seat}{axis}"]
                self.axes[f"{seat}{axis}"] = Axis(
                    low=domain.low, high=domain.high, speed_per_s=MM_PER_S, position=start
                )
        self.memory: dict[tuple[str, int], tuple[float, ...]] = {
            ("Driver", 1): START_MM,
            ("Driver", 2): (190.0, 60.0, 170.0),
            ("Driver", 3): (110.0, 40.0, 240.0),
            ("Passenger", 1): START_MM,
            ("Passenger", 2): (110.0, 40.0, 240.0),
        }
        self._shown_slot = dict.fromkeys(MOVABLE, 1)
        return {
            **{f"{seat}SeatHeating": 0 for seat in SEATS},
            **{f"{seat}SeatVentilation": 0 for seat in SEATS},
            **{f"{seat}SeatMassage": "off" for seat in MOVABLE},
            **{f"{seat}SeatMoving": "no" for seat in MOVABLE},
            **{f"{seat}SeatMemory": 1 for seat in MOVABLE},
            "SteeringWheelHeating": "off",
        }

    def command(self, args: Command) -> Answer:
        return self._comfort(args) if args.group == "SeatComfort" else self._position(args)

    def _comfort(self, args: Command) -> Answer:
        word = args.get("TargetLevel")
        if not isinstance(word, str) or word not in LEVELS:
            return OUT_OF_RANGE
        seats, level = masked(args.get("SeatMask"), SEATS), LEVELS.index(word)
        match args.get("Selector"):
            case "heating":
                return self.put({f"{seat}SeatHeating": level for seat in seats})
            case "ventilation":
                return self.put({f"{seat}SeatVentilation": level for seat in seats})
            case "massage":
                if not set(seats) <= set(MOVABLE):
                    return Rejected("not_available")
                return self.put({f"{seat}SeatMassage": word for seat in seats})
            case "wheel_heating":
                return self.put({"SteeringWheelHeating": "on" if level else "off"})
            case _:
                return OUT_OF_RANGE

    def _position(self, args: Command) -> Answer:
        seat = str(args.get("Seat")).capitalize()
        if seat not in MOVABLE:
            return OUT_OF_RANGE
        names = [f"{seat}{axis}" for axis in AXES.values()]
        match args.get("Selector"):
            case "stop":
                return self.halt(names)
            case "move":
                axis = AXES.get(str(args.get("Axis")))
                if axis is None:
                    return OUT_OF_RANGE
                return self._refused(seat) or self.drive({f"{seat}{axis}": args.get("TargetPosition")})
            case "recall":
                return self._recall(seat, args.get("Slot"), names)
            case "save":
                return self._save(seat, args.get("Slot"), names)
            case _:
                return OUT_OF_RANGE

    def _refused(self, seat: str) -> Rejected | None:
        return Rejected("vehicle_moving") if seat == "Driver" and self.rolling else None

    def _recall(self, seat: str, slot: Value | None, names: list[str]) -> Answer:
        if slot not in SLOTS:
            return OUT_OF_RANGE
        stored = self.memory.get((seat, int(slot)))
        if stored is None:
            return Rejected("empty")
        refused = self._refused(seat)
        if refused is None:
            self._shown_slot[seat] = int(slot)
        return refused or self.drive(dict(zip(names, stored, strict=True)))

    def _save(self, seat: str, slot: Value | None, names: list[str]) -> Answer:
        if slot not in SLOTS:
            return OUT_OF_RANGE
        if any(self.axes[name].moving for name in names):
            return Rejected("busy")
        self.memory[seat, int(slot)] = tuple(self.axes[name].position for name in names)
        self._shown_slot[seat] = int(slot)
        self._show_memory(seat)
        return Accepted()

    def restart(self, measured: AbstractSet[str]) -> None:
        memory = self.memory
        super().restart(measured)
        self.memory = memory

    def _show_memory(self, seat: str) -> None:
        here = tuple(self.axes[f"{seat}{axis}"].position for axis in AXES.values())
        # two slots may hold the same position: the one last asked for is shown
        slots = sorted(SLOTS, key=lambda slot: slot != self._shown_slot[seat])
        self.values[f"{seat}SeatMemory"] = next((s for s in slots if self.memory.get((seat, s)) == here), 0)

    def step(self, dt_s: float) -> None:
        super().step(dt_s)
        for seat in MOVABLE:
            moves = any(self.axes[f"{seat}{axis}"].moving for axis in AXES.values())
            self.values[f"{seat}SeatMoving"] = "yes" if moves else "no"
            self._show_memory(seat)
