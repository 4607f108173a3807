"""The telephone as oFono shows it, and the store of received messages."""

from collections.abc import Callable
from typing import Any, Final

from dbus_next.signature import Variant

from simulators.headunit.content import UNREAD
from simulators.headunit.service import Exporter, Interface, ServiceFailure, method

MODEM: Final = "/modem0"
_OFONO: Final = "org.ofono.Error."


class OfonoInterface(Interface):
    """oFono's own way with properties: GetProperties and PropertyChanged."""

    @method("", "a{sv}")
    def get_properties(self) -> dict[str, Variant]:
        return self.all_values()

    def announce(self, changed: dict[str, Variant]) -> None:
        for name, value in changed.items():
            self.signal("PropertyChanged", "sv", [name, value])


class VoiceCall(OfonoInterface):
    name = "org.ofono.VoiceCall"

    def __init__(self, number: str, state: str, on_end: Callable[["VoiceCall"], None], path: str) -> None:
        super().__init__()
        self.path = path
        self._on_end = on_end
        self.declare("LineIdentification", "s", number)
        self.declare("State", "s", state)

    @property
    def number(self) -> str:
        return str(self.get("LineIdentification"))

    @property
    def state(self) -> str:
        return str(self.get("State"))

    @method()
    def answer(self) -> None:
        if self.state != "incoming":
            raise ServiceFailure(_OFONO + "Failed", "this call is not ringing")
        self.put(State="active")

    @method()
    def hangup(self) -> None:
        if not self.stuck:
            self.put(State="disconnected")
            self._on_end(self)


class VoiceCallManager(OfonoInterface):
    name = "org.ofono.VoiceCallManager"

    def __init__(self, exporter: Callable[[], Exporter | None]) -> None:
        super().__init__()
        self._exporter = exporter
        self._count = 0
        self.calls: list[VoiceCall] = []
        self.dialled: list[str] = []
        self.declare("EmergencyNumbers", "as", ["112", "911", "999"])

    def _add(self, number: str, state: str) -> VoiceCall:
        self._count += 1
        path = f"{MODEM}/voicecall{self._count:02d}"
        call = VoiceCall(number, state, self._ended, path)
        self.calls.append(call)
        if (exporter := self._exporter()) is not None:
            exporter.export(path, call)
        self.signal("CallAdded", "oa{sv}", [path, call.all_values()])
        return call

    def _ended(self, call: VoiceCall) -> None:
        self.calls.remove(call)
        self.signal("CallRemoved", "o", [call.path])
        if (exporter := self._exporter()) is not None:
            exporter.unexport(call.path)

    def ring(self, number: str) -> VoiceCall:
        """Somebody calls."""
        busy = any(c.state in {"active", "held"} for c in self.calls)
        return self._add(number, "waiting" if busy else "incoming")

    def pick_up(self) -> None:
        """The called party answers."""
        for call in self.calls:
            if call.state in {"dialing", "alerting"}:
                call.put(State="active")

    @method("ss", "o")
    def dial(self, number: str, hide_callerid: str) -> str:
        if not (number.isascii() and number.lstrip("+").isdigit()):
            raise ServiceFailure(_OFONO + "InvalidFormat", f"{number!r} is no telephone number")
        if hide_callerid not in {"", "default", "enabled", "disabled"}:
            raise ServiceFailure(_OFONO + "InvalidArguments", "unknown caller identity setting")
        if self.stuck:
            return f"{MODEM}/voicecall99"
        for call in self.calls:
            if call.state == "active":
                call.put(State="held")
        self.dialled.append(number)
        return self._add(number, "dialing").path

    @method()
    def hangup_all(self) -> None:
        for call in list(self.calls):
            call.hangup()

    @method("", "a(oa{sv})")
    def get_calls(self) -> list[list[Any]]:
        return [[c.path, c.all_values()] for c in self.calls]

    @method()
    def swap_calls(self) -> None:
        swapped = {"active": "held", "held": "active"}
        for call in self.calls:
            if call.state in swapped:
                call.put(State=swapped[call.state])

    @method()
    def hold_and_answer(self) -> None:
        waiting = next((c for c in self.calls if c.state == "waiting"), None)
        if waiting is None:
            raise ServiceFailure(_OFONO + "Failed", "no call is waiting")
        for call in self.calls:
            if call.state == "active":
                call.put(State="held")
        waiting.put(State="active")


class MessageManager(OfonoInterface):
    name = "org.ofono.MessageManager"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.declare("ServiceCenterAddress", "s", "")

    @method("ss", "o")
    def send_message(self, number: str, text: str) -> str:
        if not (number.isascii() and number.lstrip("+").isdigit()):
            raise ServiceFailure(_OFONO + "InvalidFormat", f"{number!r} is no telephone number")
        self.sent.append((number, text))
        return f"{MODEM}/message_{len(self.sent):04d}"


class Manager(Interface):
    """org.ofono.Manager: which telephones there are. ``connected`` = False: none."""

    name = "org.ofono.Manager"

    def __init__(self) -> None:
        super().__init__()
        self.connected = True

    @method("", "a(oa{sv})")
    def get_modems(self) -> list[list[Any]]:
        if not self.connected:
            return []
        interfaces = [VoiceCallManager.name, MessageManager.name]
        return [[MODEM, {"Online": Variant("b", True), "Interfaces": Variant("as", interfaces)}]]


class Inbox(Interface):
    """Received messages that were not read aloud yet; oFono itself only signals them."""

    name = "org.vehicleagent.Messages"

    def __init__(self, messages: MessageManager) -> None:
        super().__init__()
        self._messages = messages
        self.unread: list[tuple[str, str]] = list(UNREAD)

    def arrive(self, sender: str, text: str) -> None:
        """A message comes in."""
        self.unread.append((sender, text))
        self._messages.signal("IncomingMessage", "sa{sv}", [text, {"Sender": Variant("s", sender)}])

    @method("", "a(ss)")
    def list_unread(self) -> list[list[str]]:
        return [list(m) for m in self.unread]
