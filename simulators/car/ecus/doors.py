"""Door locks and child locks."""

from collections.abc import Mapping
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import OUT_OF_RANGE, SEATS, Answer, Command, Ecu, Rejected, masked

LOCK_STATES: Final = {"lock": "locked", "unlock": "unlocked"}


class Doors(Ecu):
    """An open door cannot be locked."""

    node = "Doors"
    groups = ("Door",)
    lasting = frozenset({*(f"{seat}DoorLock" for seat in SEATS), "LeftChildLock", "RightChildLock"})

    def initial(self) -> Mapping[str, Value]:
        return {f"{seat}DoorLock": "unlocked" for seat in SEATS} | {"LeftChildLock": "off", "RightChildLock": "off"}

    def command(self, args: Command) -> Answer:
        match args.get("Selector"):
            case "lock":
                doors = masked(args.get("DoorMask"), SEATS)
                state = LOCK_STATES.get(str(args.get("TargetState")))
                if state == "locked" and any(self.values[f"{door}Door"] == "open" for door in doors):
                    return Rejected("blocked")
                return self.put({f"{door}DoorLock": state for door in doors})
            case "child_lock":
                sides = masked(args.get("SideMask"), ("Left", "Right"))
                return self.put({f"{side}ChildLock": args.get("TargetChildLock") for side in sides})
            case _:
                return OUT_OF_RANGE
