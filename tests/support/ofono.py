"""Telephones as they really are, on a real message bus: oFono, phone book, message store and BlueZ with habits.

Everything is what a test sets: properties are left out, have odd types, methods are not there or answer with an error.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from dbus_next.constants import MessageType
from dbus_next.message import Message
from dbus_next.signature import Variant

from simulators.headunit import PrivateBus, link
from simulators.headunit.service import ServiceFailure
from state_machines.dialogue import Accepted, Declined
from support.fakes import CATALOGUE, Shell, plan
from vehicle_agent.backends.dbus import DbusBackend, DbusConfig
from vehicle_agent.conversation.outcome import Outcome, Progress
from vehicle_apis.call import Call

VOICE: Final = "org.ofono.VoiceCallManager"
MESSAGES: Final = "org.ofono.MessageManager"
NAMES: Final = ("org.ofono", "org.bluez", "org.vehicleagent.Contacts", "org.vehicleagent.Messages")
GONE: Final = "org.freedesktop.DBus.Error.UnknownObject"
Reply = tuple[str, list[Any]]


def variant(value: object) -> Variant:
    """``value`` with the signature a service would give it; a Variant stays as it is."""
    match value:
        case Variant():
            return value
        case bool():
            return Variant("b", value)
        case int():
            return Variant("i", value)
        case list():
            return Variant("as", value)
        case _:
            return Variant("s", value)


def variants(values: dict[str, object]) -> dict[str, Variant]:
    return {key: variant(value) for key, value in values.items()}


@dataclass
class Line:
    """One call on a telephone. ``more``: further properties; a value of None leaves one out."""

    path: str
    number: str | None
    state: object
    more: dict[str, object] = field(default_factory=dict)

    def properties(self) -> dict[str, Variant]:
        values = {"LineIdentification": self.number, "State": self.state, **self.more}
        return variants({key: value for key, value in values.items() if value is not None})


@dataclass
class Telephone:
    """``missing``: methods it has not, as "SwapCalls"; ``errors``: method -> the error it answers with; ``silent``:
    methods that never answer. ``properties``: of the modem; ``emergency``: its own numbers, None for none said."""

    path: str = "/hfp/1"
    properties: dict[str, object] = field(
        default_factory=lambda: {
            "Name": "Pixel",
            "Powered": True,
            "Online": True,
            "Interfaces": [VOICE, MESSAGES],
        }
    )
    emergency: object = field(default_factory=lambda: ["112", "911"])
    lines: list[Line] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    other_path: str = ""  # what Dial says the new call's path is, if not the truth
    vanishing: bool = False  # a call is gone when something is asked of it
    dialled: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, number: str | None, state: object = "incoming", **more: object) -> Line:
        line = Line(f"{self.path}/voicecall{len(self.lines) + 1:02d}", number, state, more)
        self.lines.append(line)
        return line

    def ask(self, path: str, member: str, body: list[Any]) -> Reply | None:
        """None: no answer at all. Raises ServiceFailure."""
        if member in self.silent:
            return None
        if member in self.errors:
            raise ServiceFailure(self.errors[member], f"{member} failed")
        if path != self.path and member not in self.missing:
            return self._line(path, member)
        answer = self._methods().get(member)
        if answer is None or member in self.missing:
            raise ServiceFailure("org.freedesktop.DBus.Error.UnknownMethod", f"no such method {member}")
        return answer(body)

    def _methods(self) -> dict[str, Callable[[list[Any]], Reply]]:
        own = {} if self.emergency is None else {"EmergencyNumbers": variant(self.emergency)}
        return {
            "GetProperties": lambda _: ("a{sv}", [own]),
            "GetCalls": lambda _: ("a(oa{sv})", [[[line.path, line.properties()] for line in self.lines]]),
            "Dial": self._dial,
            "SendMessage": self._text,
            "SwapCalls": lambda _: self._all({"active": "held", "held": "active"}),
            "HoldAndAnswer": lambda _: self._all({"active": "held", "waiting": "active"}),
            "HangupMultiparty": self._end_conference,
        }

    def _dial(self, body: list[Any]) -> Reply:
        self.dialled.append(body[0])
        return "o", [self.other_path or self.ring(body[0], "dialing").path]

    def _text(self, body: list[Any]) -> Reply:
        self.texts.append((body[0], body[1]))
        return "o", [f"{self.path}/message1"]

    def _end_conference(self, _body: list[Any]) -> Reply:
        self.lines = [line for line in self.lines if not line.more.get("Multiparty")]
        return "", []

    def _all(self, change: dict[str, str]) -> Reply:
        for line in self.lines:
            line.state = change.get(str(line.state), line.state)
        return "", []

    def _line(self, path: str, member: str) -> Reply:
        line = next((line for line in self.lines if line.path == path), None)
        if self.vanishing and line is not None:
            self.lines.remove(line)
            line = None
        if line is None:
            raise ServiceFailure(GONE, f"there is no {path}")
        if member == "Answer":
            line.state = "active"
        else:
            self.lines.remove(line)
        return "", []


@dataclass
class Book:
    """Rows of the phone book, of whatever ``signature``."""

    rows: list[Any] = field(
        default_factory=lambda: [
            ["Anna Weber", [["mobile", "+44 7700 900123"], ["home", "020 7946 0018"]], "9 Kite Hill"],
            ["Ben Carter", [["mobile", "2025550108"]], ""],
            ["Chris Baker", [["mobile", "2025550114"]], ""],
            ["Chris Young", [["mobile", "2025550115"]], ""],
            ["Rescue", [["work", "+112"]], ""],
            ["Full Width", [["work", "\uff11\uff11\uff12"]], ""],
            ["Police", [["work", "110"]], ""],
            ["Forward", [["work", "**21*5550199#"]], ""],
            ["Seven", [["work", "777"]], ""],
        ]
    )
    signature: str = "a(sa(ss)s)"
    before_look: Callable[[], None] = lambda: None


class Street:
    """All services on one connection."""

    def __init__(self) -> None:
        self.telephones = [Telephone()]
        self.modem_rows: Callable[[], Reply] = self._modems
        self.book = Book()
        self.unread: Reply = ("a(ss)", [[["Anna Weber", "hello"]]])
        self.devices: dict[str, dict[str, object]] = {
            "/org/bluez/hci0/dev_1": {"Alias": "Pixel Phone", "Address": "00:11", "Paired": True, "Connected": False}
        }
        self.device_errors: dict[str, str] = {}

    @property
    def telephone(self) -> Telephone:
        return self.telephones[0]

    def _modems(self) -> Reply:
        return "a(oa{sv})", [[[t.path, variants(t.properties)] for t in self.telephones]]

    def handle(self, msg: Message) -> Message | bool | None:
        if msg.message_type is not MessageType.METHOD_CALL or msg.destination not in NAMES:
            return None
        try:
            reply = self._answer(msg)
        except ServiceFailure as e:
            return Message.new_error(msg, e.name, str(e))
        return True if reply is None else Message.new_method_return(msg, *reply)

    def _answer(self, msg: Message) -> Reply | None:
        match msg.interface, msg.member:
            case "org.ofono.Manager", "GetModems":
                return self.modem_rows()
            case "org.vehicleagent.Contacts", "GetAll":
                self.book.before_look()
                return self.book.signature, [self.book.rows]
            case "org.vehicleagent.Messages", "ListUnread":
                return self.unread
            case "org.freedesktop.DBus.ObjectManager", "GetManagedObjects":
                return "a{oa{sa{sv}}}", [{p: {"org.bluez.Device1": variants(v)} for p, v in self.devices.items()}]
            case "org.freedesktop.DBus.Properties", "GetAll":
                return "a{sv}", [variants(self._device(msg.path))]
            case "org.bluez.Device1", member:
                device = self._device(msg.path)
                if member in self.device_errors:
                    raise ServiceFailure(self.device_errors[member], f"{member} failed")
                device.update({"Connected": True} | ({"Paired": True} if member == "Pair" else {}))
                return "", []
            case _:
                return self._telephone(msg.path).ask(msg.path, msg.member, msg.body)

    def _device(self, path: str) -> dict[str, object]:
        if path not in self.devices:
            raise ServiceFailure(GONE, f"there is no {path}")
        return self.devices[path]

    def _telephone(self, path: str) -> Telephone:
        found = next((t for t in self.telephones if path == t.path or path.startswith(f"{t.path}/")), None)
        if found is None:
            raise ServiceFailure(GONE, f"there is no {path}")
        return found


@dataclass
class Driver:
    """An executor on the real D-Bus backend, in a parked car; ``asked``: the questions that were put."""

    shell: Shell
    street: Street
    backend: DbusBackend
    asked: list[str] = field(default_factory=list)

    async def says(self, name: str, /, *, yes: bool = True, **arguments: str) -> Outcome:
        """One call to its end."""
        return await self.call(CATALOGUE.call(name, **arguments), yes=yes)

    async def call(self, wanted: Call, *, yes: bool = True, then: Callable[[], None] = lambda: None) -> Outcome:
        """``then`` happens between question and answer."""
        (outcome,) = (await self.does(wanted, yes=yes, then=then)).outcomes
        return outcome

    async def does(self, *calls: Call, yes: bool = True, then: Callable[[], None] = lambda: None) -> Progress:
        run = self.shell.executor.start(plan(*calls))
        progress = await run.progress()
        while progress.question is not None:
            self.asked.append(progress.question.text)
            then()
            answer = self.shell.executor.dialogue.answer(progress.question.id, yes=yes)
            assert isinstance(answer, Accepted | Declined)
            run.answered(answer)
            progress = await run.progress()
        return progress


async def _serve(stack: AsyncExitStack, address: str, street: Street, names: Iterable[str]) -> None:
    bus = await link.connect(address)
    stack.push_async_callback(link.close, bus)
    bus.add_message_handler(street.handle)
    for name in names:
        await bus.request_name(name)


@asynccontextmanager
async def open_street(*, timeout_s: float = 2.0, names: Iterable[str] = NAMES) -> AsyncIterator[Driver]:
    """A driver among these services on a private message bus."""
    async with AsyncExitStack() as stack:
        private = await stack.enter_async_context(PrivateBus())
        street = Street()
        await _serve(stack, private.address, street, names)
        shell = Shell()
        config = DbusConfig(session_address=private.address, system_address=private.address, timeout_s=timeout_s)
        backend = await stack.enter_async_context(DbusBackend(config, shell.clock, CATALOGUE))
        shell.executor.backends = {"can": shell.backend, "dbus": backend, "agent": shell.backend}
        yield Driver(shell, street, backend)
