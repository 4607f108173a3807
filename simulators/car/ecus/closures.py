"""Trunk and charge port."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Accepted, Answer, Command, Ecu, Reach, Rejected
from simulators.car.motion import Axis

TRUNK_TRAVEL_S: Final = 5.0
CHARGE_PORT_TRAVEL_S: Final = 1.5
LIDS: Final = {"trunk": "Trunk", "charge_port": "ChargePort"}
_ENDS: Final = {"open": 100.0, "closed": 0.0}


class Closures(Ecu):
    """A lid is shown as closed, open, opening, closing, or stopped on its way."""

    node = "Closures"
    groups = ("Closure",)

    def initial(self) -> Mapping[str, Value]:
        # not in `axes`: the bus shows a lid's state as a word, not its position
        self.lids = {
            "Trunk": Axis(low=0, high=100, speed_per_s=100 / TRUNK_TRAVEL_S, position=0),
            "ChargePort": Axis(low=0, high=100, speed_per_s=100 / CHARGE_PORT_TRAVEL_S, position=0),
        }
        return dict.fromkeys(self.lids, "closed")

    def command(self, args: Command) -> Answer:
        selector, action = args.get("Selector"), args.get("Action")
        if selector == "stop":
            for lid in self.lids.values():
                lid.halt()
            return Accepted()
        name = LIDS.get(str(selector))
        if name is None or action not in {"open", "close"}:
            return OUT_OF_RANGE
        if action == "open" and self.rolling:
            return Rejected("vehicle_moving")
        if name == "ChargePort" and action == "close" and self.values["PluggedIn"] == "yes":
            return Rejected("plugged_in")
        lid, target = self.lids[name], 100.0 if action == "open" else 0.0
        lid.move_to(target)
        return Accepted((Reach(lid, target),))

    def step(self, dt_s: float) -> None:
        for name, lid in self.lids.items():
            lid.step(dt_s)
            if lid.moving:
                self.values[name] = "opening" if lid.target > lid.position else "closing"
            else:
                self.values[name] = {100.0: "open", 0.0: "closed"}.get(lid.position, "stopped")

    def motors(self) -> Mapping[str, Axis]:
        return self.lids

    def force(self, name: str, value: Value) -> bool:
        if name not in self.lids:
            return False
        lid = self.lids[name]
        if value in _ENDS:
            lid.place(_ENDS[str(value)])
        elif value == "stopped":
            lid.place(50.0)
        else:
            lid.move_to(100.0 if value == "opening" else 0.0)
        return True
