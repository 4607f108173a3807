"""Driver assistance functions."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu

FEATURES: Final = {
    "lane_keeping": "LaneKeeping",
    "blind_spot": "BlindSpot",
    "parking_sensors": "ParkingSensors",
    "collision_warning": "CollisionWarning",
    "speed_limit_assist": "SpeedLimitAssist",
    "traction_control": "TractionControl",
    "auto_hold": "AutoHold",
    "start_stop": "StartStop",
}


class Assistance(Ecu):
    """All are on at the start, save auto hold."""

    node = "Assistance"
    groups = ("Assistance",)

    def initial(self) -> Mapping[str, Value]:
        return dict.fromkeys(FEATURES.values(), "on") | {"AutoHold": "off"}

    def command(self, args: Command) -> Answer:
        feature = FEATURES.get(str(args.get("Feature")))
        if args.get("Selector") != "feature" or feature is None:
            return OUT_OF_RANGE
        return self.put({feature: args.get("TargetState")})
