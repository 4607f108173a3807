"""A fake bus with fake control units that do exactly what a test tells them, for what a working car never does."""

import queue
from collections.abc import Callable, Mapping

import can

from vehicle_apis.binding import CarBinding
from vehicle_apis.e2e import E2ESender
from vehicle_apis.params import Scalar

PARKED: Mapping[str, Mapping[str, Scalar]] = {
    "VehicleSpeed": {"VehicleSpeed": 0},
    "WheelSpeedAverage": {"WheelSpeedAverage": 0},
    "Gear": {"Gear": "P"},
    "Crash": {"Crash": "none"},
    "Ignition": {"Ignition": "on"},
    "Environment": {"AmbientLight": "day", "Rain": "no", "OutsideTemperature": 12},
    "ChargePlug": {"PluggedIn": "no"},
}


class FakeEcus(can.BusABC):
    """A python-can bus whose other end is this object. Units answer from within `send`.

    ``effects``: command message -> what it changes, from the command's signals. ``mute``: status messages of units that
    do not answer. ``rejects``: status message -> reason. ``accept_only``: units that accept and then do nothing.
    """

    def __init__(self, binding: CarBinding) -> None:
        super().__init__(channel="fake")
        self.channel_info = "fake"
        self.binding = binding
        self.effects: dict[str, Callable[[Mapping[str, Scalar]], Mapping[str, Scalar]]] = {}
        self.mute: set[str] = set()
        self.rejects: dict[str, str] = {}
        self.accept_only: set[str] = set()
        self.send_error: Exception | None = None
        self.read_error: Exception | None = None
        self.commands: list[tuple[str, dict[str, Scalar]]] = []
        self.shown: dict[str, dict[str, Scalar]] = {}
        self._frames: queue.Queue[can.Message] = queue.Queue(1000)
        self._senders = {name: E2ESender(p) for name, p in binding.network.protections.items()}

    # --- as the car ---------------------------------------------------------------------------------------------

    def emit(self, name: str, **values: Scalar) -> None:
        """One frame of a message the car sends, with counter and CRC; values stay until they are changed."""
        state = self.shown.setdefault(name, {})
        state |= values
        data = self.binding.network.encode(name, state)
        if name in self._senders:
            data = self._senders[name].protect(data)
        self.emit_raw(name, data)

    def emit_raw(self, name: str, data: bytes) -> None:
        frame_id = self.binding.network.message(name).frame_id
        self.emit_frame(can.Message(arbitration_id=frame_id, data=data, is_extended_id=False))

    def emit_frame(self, frame: can.Message) -> None:
        """Whatever it is, as the driver's thread reads it."""
        self._frames.put(frame)

    def park(self) -> None:
        """Two rounds of every safety signal, so that their counters are known."""
        for _ in range(2):
            for name, values in PARKED.items():
                self.emit(name, **values)

    # --- as a bus -----------------------------------------------------------------------------------------------

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        del timeout
        if self.send_error is not None:
            raise self.send_error
        message = self.binding.network.message_of(msg.arbitration_id)
        assert message is not None
        values = self.binding.network.decode(message, bytes(msg.data))
        assert values is not None
        self.commands.append((message.name, values))
        status = message.name.removesuffix("Command") + "Status"
        if status in self.mute:
            return
        request = {"RequestId": values["RequestId"], "Reason": "none"}
        if status in self.rejects:
            self.emit(status, RequestId=values["RequestId"], Result="rejected", Reason=self.rejects[status])
            return
        self.emit(status, **request, Result="accepted")
        if status not in self.accept_only:
            effect = self.effects.get(message.name)
            changes = effect(values) if effect is not None else {}
            self.emit(status, **request, Result="done", **changes)

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        if self.read_error is not None:
            raise self.read_error
        try:
            return self._frames.get(timeout=timeout), False
        except queue.Empty:
            return None, False

    def opened(self, _config: object) -> can.BusABC:
        """To be used as a link's opener."""
        return self
