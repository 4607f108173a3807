"""Wipers and washer."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Accepted, Answer, Command, Ecu, Rejected

WASH_S: Final = 2.0
FLUID_PERCENT_PER_WASH: Final = 2.0


class Wipers(Ecu):
    """This car has a front wiper and washer only. A wash is done when it has begun."""

    node = "Wipers"
    groups = ("Wiper",)

    def initial(self) -> Mapping[str, Value]:
        self._washing_s = 0.0
        return {"FrontWiper": "off", "RearWiper": "off", "FrontWasher": "idle", "RearWasher": "idle"}

    def command(self, args: Command) -> Answer:
        window, selector = args.get("WiperWindow"), args.get("Selector")
        if window not in {"front", "rear"} or selector not in {"mode", "wash"}:
            return OUT_OF_RANGE
        if window == "rear":
            return Rejected("not_available")
        if self.ignition_off:
            return Rejected("ignition_off")
        if selector == "mode":
            return self.put({"FrontWiper": args.get("WiperMode")})
        if self.number("WasherFluid") < FLUID_PERCENT_PER_WASH:
            return Rejected("empty")
        self.values["WasherFluid"] = self.number("WasherFluid") - FLUID_PERCENT_PER_WASH
        self.values["FrontWasher"] = "washing"
        self._washing_s = WASH_S
        return Accepted()

    def step(self, dt_s: float) -> None:
        self._washing_s = max(0.0, self._washing_s - dt_s)
        if self._washing_s == 0 and self.values["FrontWasher"] == "washing":
            self.values["FrontWasher"] = "idle"
