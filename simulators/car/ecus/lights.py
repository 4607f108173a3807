"""Exterior and interior lights."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu, masked

ZONES: Final = ("Driver", "Passenger", "Rear")


class Lights(Ecu):
    """A detected crash switches the hazard lights on."""

    node = "Lights"
    groups = ("ExteriorLight", "InteriorLight")

    def initial(self) -> Mapping[str, Value]:
        self._crash: Value = "none"
        return {
            "Headlights": "auto",
            "FrontFogLights": "off",
            "RearFogLights": "off",
            "HazardLights": "off",
            **{f"{zone}CabinLight": "off" for zone in ZONES},
            "AmbientColor": "white",
            "AmbientBrightness": 0,
        }

    def command(self, args: Command) -> Answer:
        state = args.get("TargetState")
        match args.get("Selector"):
            case "headlights":
                return self.put({"Headlights": args.get("HeadlightMode")})
            case "fog":
                fog = {"front": "FrontFogLights", "rear": "RearFogLights"}.get(str(args.get("FogPosition")))
                return OUT_OF_RANGE if fog is None else self.put({fog: state})
            case "hazard":
                return self.put({"HazardLights": state})
            case "cabin":
                zones = masked(args.get("ZoneMask"), ZONES)
                return self.put({f"{zone}CabinLight": state for zone in zones})
            case "ambient":
                return self._ambient(args.get("TargetColor"), args.get("TargetBrightness"))
            case _:
                return OUT_OF_RANGE

    def _ambient(self, color: Value | None, brightness: Value | None) -> Answer:
        changes = {"AmbientBrightness": brightness}
        if color != "unchanged":
            changes["AmbientColor"] = color
        return self.put(changes)

    def step(self, dt_s: float) -> None:  # noqa: ARG002  # nothing here takes time
        crash = self.values["Crash"]
        if crash == "detected" and self._crash != "detected":
            self.values["HazardLights"] = "on"
        self._crash = crash
