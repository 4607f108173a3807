"""Camera pictures."""

from collections.abc import Mapping

from simulators.car.domain import Value
from simulators.car.ecu import Answer, Command, Ecu, Rejected


class Camera(Ecu):
    """In gear R the car itself shows the rear view; it goes when R is left."""

    node = "Camera"
    groups = ("Camera",)

    def initial(self) -> Mapping[str, Value]:
        self._reversing = False
        return {"CameraView": "off"}

    def command(self, args: Command) -> Answer:
        if self._reversing and args.get("View") == "off":
            return Rejected("blocked")
        return self.put({"CameraView": args.get("View")})

    def step(self, dt_s: float) -> None:  # noqa: ARG002  # nothing here takes time
        reversing = self.values["Gear"] == "R"
        if reversing is not self._reversing:
            self._reversing = reversing
            self.values["CameraView"] = "rear" if reversing else "off"
