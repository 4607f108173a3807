"""Sunroof and sunshades."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu, Rejected
from simulators.car.motion import Axis

SUNROOF_TRAVEL_S: Final = 6.0
TILT_TRAVEL_S: Final = 2.0
SHADE_TRAVEL_S: Final = 5.0
SHADES: Final = {"roof_shade": "RoofShade", "rear_shade": "RearShade"}


def _axis(travel_s: float) -> Axis:
    return Axis(low=0, high=100, speed_per_s=100 / travel_s, position=0)


class Roof(Ecu):
    """The sunroof either slides or tilts; going from one to the other it closes on the way."""

    node = "Roof"
    groups = ("Roof",)

    def initial(self) -> Mapping[str, Value]:
        self.axes = {
            "SunroofPosition": _axis(SUNROOF_TRAVEL_S),
            "SunroofTilt": _axis(TILT_TRAVEL_S),
            "RoofShade": _axis(SHADE_TRAVEL_S),
            "RearShade": _axis(SHADE_TRAVEL_S),
        }
        return {"RoofMoving": "no"}

    def command(self, args: Command) -> Answer:
        if args.get("Selector") == "stop":
            return self.halt(self.axes)
        if self.ignition_off:
            return Rejected("ignition_off")
        selector, target = args.get("Selector"), args.get("TargetPosition")
        if isinstance(selector, str) and selector in SHADES:
            return self.drive({SHADES[selector]: target})
        if selector != "sunroof":
            return OUT_OF_RANGE
        match args.get("Action"):
            case "open":
                return self.drive({"SunroofPosition": target, "SunroofTilt": 0})
            case "tilt":
                return self.drive({"SunroofPosition": 0, "SunroofTilt": target})
            case "close":
                return self.drive({"SunroofPosition": 0, "SunroofTilt": 0})
            case _:
                return OUT_OF_RANGE

    def step(self, dt_s: float) -> None:
        slide, tilt = self.axes["SunroofPosition"], self.axes["SunroofTilt"]
        for name, axis in self.axes.items():
            waits = (name == "SunroofPosition" and slide.target > 0 and tilt.position > 0) or (
                name == "SunroofTilt" and tilt.target > 0 and slide.position > 0
            )
            if not waits:
                axis.step(dt_s)
        self._show_axes()
        self.values["RoofMoving"] = "yes" if any(axis.moving for axis in self.axes.values()) else "no"
