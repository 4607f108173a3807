"""Outside mirrors."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Accepted, Answer, Command, Ecu, Reach, Rejected, masked
from simulators.car.motion import Axis

SIDES: Final = ("Left", "Right")
STEP_DEGREES: Final = 2
TILT_DEGREES_PER_S: Final = 6.0
FOLD_TRAVEL_S: Final = 3.0
_WAYS: Final = {"up": ("Vertical", 1), "down": ("Vertical", -1), "left": ("Horizontal", -1), "right": ("Horizontal", 1)}


class Mirrors(Ecu):
    """Each mirror tilts in steps between its end stops and folds."""

    node = "Mirrors"
    groups = ("Mirror",)

    def initial(self) -> Mapping[str, Value]:
        self.folds = {
            f"{side}MirrorFold": Axis(low=0, high=1, speed_per_s=1 / FOLD_TRAVEL_S, position=0) for side in SIDES
        }
        for side in SIDES:
            for plane in ("Vertical", "Horizontal"):
                domain = self.domains[f"{side}Mirror{plane}"]
                self.axes[f"{side}Mirror{plane}"] = Axis(
                    low=domain.low, high=domain.high, speed_per_s=TILT_DEGREES_PER_S, position=0
                )
        return dict.fromkeys(self.folds, "unfolded") | {"MirrorsMoving": "no"}

    def command(self, args: Command) -> Answer:
        sides = masked(args.get("Mirror"), SIDES)
        if args.get("Selector") == "stop":
            for side in sides:
                self.folds[f"{side}MirrorFold"].halt()
            return self.halt(name for name in self.axes if name.startswith(sides))
        if not sides:
            return OUT_OF_RANGE
        if self.ignition_off:
            return Rejected("ignition_off")
        match args.get("Selector"):
            case "tilt":
                return self._tilt(sides, str(args.get("Direction")))
            case "fold":
                return self._fold(sides, str(args.get("FoldAction")))
            case _:
                return OUT_OF_RANGE

    def _tilt(self, sides: tuple[str, ...], direction: str) -> Answer:
        if direction not in _WAYS:
            return OUT_OF_RANGE
        plane, sign = _WAYS[direction]
        # from the target, not the position: two quick commands are two steps
        return self.drive(
            {f"{s}Mirror{plane}": self.axes[f"{s}Mirror{plane}"].target + sign * STEP_DEGREES for s in sides}
        )

    def _fold(self, sides: tuple[str, ...], action: str) -> Answer:
        if action not in {"fold", "unfold"}:
            return OUT_OF_RANGE
        if action == "fold" and self.number("VehicleSpeed") >= 25:  # the wind would press them back
            return Rejected("vehicle_moving")
        target = 1.0 if action == "fold" else 0.0
        folds = [self.folds[f"{side}MirrorFold"] for side in sides]
        for fold in folds:
            fold.move_to(target)
        return Accepted(tuple(Reach(fold, target) for fold in folds))

    def step(self, dt_s: float) -> None:
        super().step(dt_s)
        for name, fold in self.folds.items():
            fold.step(dt_s)
            self.values[name] = {0.0: "unfolded", 1.0: "folded"}.get(fold.position, "moving")
        motors = (*self.axes.values(), *self.folds.values())
        self.values["MirrorsMoving"] = "yes" if any(axis.moving for axis in motors) else "no"

    def motors(self) -> Mapping[str, Axis]:
        return {**self.axes, **self.folds}

    def force(self, name: str, value: Value) -> bool:
        fold = self.folds.get(name)
        if fold is None:
            return super().force(name, value)
        fold.place({"unfolded": 0.0, "folded": 1.0}.get(str(value), 0.5))
        return True
