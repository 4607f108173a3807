"""Charging of the drive battery."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Answer, Command, Ecu, Rejected

PERCENT_PER_S: Final = 100 * 11 / 18 / 3600  # 11 kW into 18 kWh


class Charging(Ecu):
    """Charging ends at the limit or when the cable is pulled."""

    node = "Charging"
    groups = ("Charging",)

    def initial(self) -> Mapping[str, Value]:
        return {"PluggedIn": "no", "Charging": "stopped", "ChargeLimit": 80}

    def command(self, args: Command) -> Answer:
        match args.get("Selector"), args.get("Action"):
            case "limit", _:
                return self.put({"ChargeLimit": args.get("TargetLimit")})
            case "charging", "stop":
                return self.put({"Charging": "stopped"})
            case "charging", "start":
                return self._start()
            case _:
                return OUT_OF_RANGE

    def _start(self) -> Answer:
        if self.values["PluggedIn"] != "yes":
            return Rejected("not_plugged")
        if self.rolling or self.values["Gear"] != "P":
            return Rejected("vehicle_moving")
        full = self.number("BatteryLevel") >= self.number("ChargeLimit")
        return self.put({"Charging": "complete" if full else "charging"})

    def step(self, dt_s: float) -> None:
        if self.values["PluggedIn"] != "yes":
            self.values["Charging"] = "stopped"
        if self.values["Charging"] != "charging":
            return
        level, limit = self.number("BatteryLevel"), self.number("ChargeLimit")
        level = max(level, min(limit, level + PERCENT_PER_S * dt_s))
        self.values["BatteryLevel"] = level
        if level >= limit:
            self.values["Charging"] = "complete"
