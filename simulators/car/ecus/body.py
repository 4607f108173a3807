"""Body: ignition, surroundings, doors as they stand, valet mode."""

from collections.abc import Mapping

from simulators.car.domain import Value
from simulators.car.ecu import SEATS, Answer, Command, Ecu


class Body(Ecu):
    node = "Body"
    groups = ("Valet",)

    def initial(self) -> Mapping[str, Value]:
        return {
            "Ignition": "on",
            "AmbientLight": "day",
            "Rain": "no",
            "OutsideTemperature": 12.0,
            **{f"{seat}Door": "closed" for seat in SEATS},
            "Hood": "closed",
            "ValetMode": "off",
        }

    def command(self, args: Command) -> Answer:
        return self.put({"ValetMode": args.get("TargetState")})
