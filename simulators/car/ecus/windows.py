"""Side windows and the window lock."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, SEATS, Answer, Command, Ecu, Rejected, masked
from simulators.car.motion import Axis

FULL_TRAVEL_S: Final = 4.0


class Windows(Ecu):
    """0 is closed, 100 open. The lock holds the passengers' switches, not a command."""

    node = "Windows"
    groups = ("Window",)

    def initial(self) -> Mapping[str, Value]:
        self.axes = {
            f"{seat}Window": Axis(low=0, high=100, speed_per_s=100 / FULL_TRAVEL_S, position=0) for seat in SEATS
        }
        return {"WindowLock": "off", "WindowsMoving": 0}

    def command(self, args: Command) -> Answer:
        match args.get("Selector"):
            case "position":
                if self.ignition_off:
                    return Rejected("ignition_off")
                return self.drive(
                    {f"{s}Window": args.get("TargetPosition") for s in masked(args.get("WindowMask"), SEATS)}
                )
            case "stop":
                windows = [f"{s}Window" for s in masked(args.get("WindowMask"), SEATS)]
                return self.halt(windows) if windows else OUT_OF_RANGE
            case "lock":
                return self.put({"WindowLock": args.get("TargetLock")})
            case _:
                return OUT_OF_RANGE

    def step(self, dt_s: float) -> None:
        super().step(dt_s)
        self.values["WindowsMoving"] = sum(axis.moving << bit for bit, axis in enumerate(self.axes.values()))
