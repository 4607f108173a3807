"""The eCall unit."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, Accepted, Answer, Command, Ecu, Rejected

DIAL_S: Final = 3.0
TALK_S: Final = 120.0


class Telematics(Ecu):
    """Idle, dialing, connected, ended. No call leaves the simulator."""

    node = "Telematics"
    groups = ("EmergencyCall",)

    def initial(self) -> Mapping[str, Value]:
        self._for_s = 0.0
        return {"EmergencyCall": "idle"}

    def command(self, args: Command) -> Answer:
        if args.get("Action") != "call":
            return OUT_OF_RANGE
        if self.values["EmergencyCall"] in {"dialing", "connected"}:
            return Rejected("busy")
        self.values["EmergencyCall"] = "dialing"
        self._for_s = 0.0
        return Accepted()

    def step(self, dt_s: float) -> None:
        self._for_s += dt_s
        match self.values["EmergencyCall"]:
            case "dialing" if self._for_s >= DIAL_S:
                self._become("connected")
            case "connected" if self._for_s >= TALK_S:
                self._become("ended")

    def _become(self, state: str) -> None:
        self.values["EmergencyCall"] = state
        self._for_s = 0.0
