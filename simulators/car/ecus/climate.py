"""Cabin climate and preconditioning of the parked car."""

import math
from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu, Rejected, masked, on_off

ZONES: Final = ("Driver", "Passenger", "Rear")
AIR_TIME_CONSTANT_S: Final = 240.0  # with the blower at full speed the cabin has covered 63 % of the way by then
WALL_TIME_CONSTANT_S: Final = 3600.0  # towards the temperature outside
TOP_FAN_SPEED: Final = 7
PRECONDITION_S: Final = 20 * 60.0
_SWITCHES: Final = {"air_conditioning": "AirConditioning", "auto": "ClimateAuto", "power": "ClimatePower"}


class Climate(Ecu):
    """Targets by zone; the cabin follows slowly. Targets may be set while the system is off."""

    node = "Climate"
    groups = ("Climate", "Precondition")

    def initial(self) -> Mapping[str, Value]:
        self._precondition_left_s = 0.0
        return {
            **{f"{zone}Temperature": 21.0 for zone in ZONES},
            "FanSpeed": 2,
            "AirDirection": "auto",
            "AirConditioning": "off",
            "AirRecirculation": "off",
            "FrontDefroster": "off",
            "RearDefroster": "off",
            "ClimateAuto": "off",
            "ClimateSync": "off",
            "ClimatePower": "on",
            "CabinTemperature": 18.0,
            "PreconditionState": "idle",
            "PreconditionDeparture": 0,
            "PreconditionTemperature": 21.0,
        }

    def command(self, args: Command) -> Answer:
        if args.group == "Precondition":
            return self._precondition(args)
        selector, state = args.get("Selector"), args.get("TargetState")
        if isinstance(selector, str) and selector in _SWITCHES:
            return self.put({_SWITCHES[selector]: on_off(state)})
        match selector:
            case "temperature":
                return self._set_temperature(masked(args.get("ZoneMask"), ZONES), args.get("TargetTemperature"))
            case "fan_speed":
                return self.put({"FanSpeed": args.get("TargetFanSpeed")})
            case "air_direction":
                return self.put({"AirDirection": args.get("TargetAirDirection")})
            case "recirculation":
                return self.put({"AirRecirculation": state})
            case "defroster":
                window = {"front": "FrontDefroster", "rear": "RearDefroster"}.get(str(args.get("DefrosterWindow")))
                return OUT_OF_RANGE if window is None else self.put({window: on_off(state)})
            case "sync":
                return self._set_sync(on_off(state))
            case _:
                return OUT_OF_RANGE

    def _set_temperature(self, zones: tuple[str, ...], target: Value | None) -> Answer:
        synced = self.values["ClimateSync"] == "on"
        if synced and zones == ("Driver",):
            zones = ZONES  # the other zones follow the driver's
        answer = self.put({f"{zone}Temperature": target for zone in zones})
        if synced and zones != ZONES and answer != OUT_OF_RANGE:
            self.values["ClimateSync"] = "off"  # a zone that is set by itself leaves the driver's
        return answer

    def _set_sync(self, state: str | None) -> Answer:
        if state == "on":
            driver = self.values["DriverTemperature"]
            return self.put({"ClimateSync": state, **{f"{zone}Temperature": driver for zone in ZONES}})
        return self.put({"ClimateSync": state})

    def _precondition(self, args: Command) -> Answer:
        now = args.get("Departure") == "now"
        if now and (self.rolling or self.values["Gear"] != "P"):
            return Rejected("vehicle_moving")
        answer = self.put(
            {
                "PreconditionDeparture": args.get("Departure"),
                "PreconditionTemperature": args.get("TargetTemperature"),
                "PreconditionState": "running" if now else "scheduled",
            }
        )
        if answer != OUT_OF_RANGE:
            self._precondition_left_s = PRECONDITION_S if now else 0.0
        return answer

    def step(self, dt_s: float) -> None:
        cabin = self.number("CabinTemperature")
        if self.values["PreconditionState"] == "running":
            self._precondition_left_s -= dt_s
            if self._precondition_left_s <= 0:
                self.values["PreconditionState"] = "idle"
            cabin = _approach(cabin, self.number("PreconditionTemperature"), dt_s, AIR_TIME_CONSTANT_S)
        elif self.values["ClimatePower"] == "on" and self.number("FanSpeed") > 0:
            target = sum(self.number(f"{zone}Temperature") for zone in ZONES) / len(ZONES)
            share = self.number("FanSpeed") / TOP_FAN_SPEED
            cabin = _approach(cabin, target, dt_s, AIR_TIME_CONSTANT_S / share)
        else:
            cabin = _approach(cabin, self.number("OutsideTemperature"), dt_s, WALL_TIME_CONSTANT_S)
        self.values["CabinTemperature"] = cabin


def _approach(value: float, target: float, dt_s: float, time_constant_s: float) -> float:
    return target + (value - target) * math.exp(-dt_s / time_constant_s)
