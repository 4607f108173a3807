"""Drive train, brakes, airbag, instrument cluster."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import Answer, Command, Ecu, Rejected

KM_PER_FUEL_PERCENT: Final = 5.5
KM_PER_BATTERY_PERCENT: Final = 0.6
FUEL_PERCENT_PER_KM: Final = 1 / KM_PER_FUEL_PERCENT


class Powertrain(Ecu):
    """A plug-in hybrid: fuel falls with the distance, the range follows from both levels."""

    node = "Powertrain"
    groups = ("DriveMode",)

    def initial(self) -> Mapping[str, Value]:
        return {
            "VehicleSpeed": 0.0,
            "Gear": "P",
            "FuelLevel": 71.0,
            "BatteryLevel": 64.0,
            "Range": 0,
            "OilLife": 82,
            "CoolantTemperature": 88,
            "WasherFluid": 75,
            "NextServiceDistance": 8200,
            "NextServiceDays": 143,
            "DriveMode": "normal",
        }

    def command(self, args: Command) -> Answer:
        if self.ignition_off:
            return Rejected("ignition_off")
        return self.put({"DriveMode": args.get("TargetMode")})

    def step(self, dt_s: float) -> None:
        fuel = self.number("FuelLevel")
        km = self.number("VehicleSpeed") * dt_s / 3600
        self.values["FuelLevel"] = fuel = max(0.0, fuel - km * FUEL_PERCENT_PER_KM)
        self.values["Range"] = fuel * KM_PER_FUEL_PERCENT + self.number("BatteryLevel") * KM_PER_BATTERY_PERCENT


class Brakes(Ecu):
    """The second source of the speed."""

    node = "Brakes"

    def initial(self) -> Mapping[str, Value]:
        return {"WheelSpeedAverage": 0.0}


class Airbag(Ecu):
    node = "Airbag"

    def initial(self) -> Mapping[str, Value]:
        return {"Crash": "none"}


class Cluster(Ecu):
    """Odometer and speed warning."""

    node = "Cluster"
    groups = ("SpeedWarning",)

    def initial(self) -> Mapping[str, Value]:
        return {"Odometer": 23417.6, "SpeedWarning": 0}

    def command(self, args: Command) -> Answer:
        return self.put({"SpeedWarning": args.get("TargetSpeed")})

    def step(self, dt_s: float) -> None:
        self.values["Odometer"] = self.number("Odometer") + self.number("VehicleSpeed") * dt_s / 3600
