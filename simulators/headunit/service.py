"""D-Bus objects from plain Python classes: methods by decorator, properties by declaration.

dbus-next's own service classes read D-Bus signatures from annotations, which leaves none for the type checker; here the
signature stands in the decorator and the annotations stay Python's.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from dbus_next.aio.message_bus import MessageBus
from dbus_next.constants import ArgDirection, MessageType
from dbus_next.introspection import Arg, Method, Node, Property
from dbus_next.introspection import Interface as Description
from dbus_next.message import Message
from dbus_next.signature import SignatureTree, Variant

F = TypeVar("F", bound=Callable[..., Any])
Emit = Callable[[str, str, str, list[Any]], None]

PROPERTIES: Final = "org.freedesktop.DBus.Properties"
INTROSPECTABLE: Final = "org.freedesktop.DBus.Introspectable"
OBJECT_MANAGER: Final = "org.freedesktop.DBus.ObjectManager"
_MARK: Final = "_dbus_signatures"


class ServiceFailure(Exception):
    """Becomes a D-Bus error reply. ``name``: its last element."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name if "." in name else f"org.vehicleagent.Error.{name}"


def method(takes: str = "", gives: str = "") -> Callable[[F], F]:
    """Exports a Python method; ``play_next`` becomes ``PlayNext``. It returns nothing, one value, or a tuple."""

    def mark(fn: F) -> F:
        setattr(fn, _MARK, (takes, gives))
        return fn

    return mark


def _member(python_name: str) -> str:
    return "".join(word.capitalize() for word in python_name.split("_"))


class Interface:
    """One D-Bus interface of one object.

    ``stuck``: a fault for tests: commands are answered but change nothing. ``delay_s``: another one: what a command is
    to show appears so much later, whatever comes in between.
    """

    name: ClassVar[str]
    members: ClassVar[dict[str, tuple[str, str, str]]] = {}
    writable: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        found = dict(cls.members)
        for attribute, fn in vars(cls).items():
            if hasattr(fn, _MARK):
                takes, gives = getattr(fn, _MARK)
                found[_member(attribute)] = (takes, gives, attribute)
        cls.members = found

    def __init__(self) -> None:
        self.stuck = False
        self.delay_s = 0.0
        self._values: dict[str, Variant] = {}
        self._emit: Emit | None = None

    def declare(self, name: str, signature: str, value: object) -> None:
        self._values[name] = Variant(signature, value)

    def get(self, name: str) -> Any:  # noqa: ANN401 # typed by its D-Bus signature
        return self._values[name].value

    def put(self, **values: object) -> None:
        """Changes properties and tells the bus."""
        if self.stuck:
            return
        changed: dict[str, Variant] = {}
        for name, value in values.items():
            old = self._values[name]
            if old.value != value:
                changed[name] = self._values[name] = Variant(old.signature, value)
        if changed:
            self.announce(changed)

    def later(self, change: Callable[[], None]) -> None:
        """At once, unless the interface is slow."""
        if self.delay_s > 0:
            asyncio.get_running_loop().call_later(self.delay_s, change)
        else:
            change()

    def announce(self, changed: dict[str, Variant]) -> None:
        self.signal("PropertiesChanged", "sa{sv}as", [self.name, changed, []], interface=PROPERTIES)

    def signal(self, member: str, signature: str, body: list[Any], *, interface: str = "") -> None:
        if self._emit is not None:
            self._emit(interface or self.name, member, signature, body)

    def attach(self, emit: Emit | None) -> None:
        self._emit = emit

    def all_values(self) -> dict[str, Variant]:
        return dict(self._values)

    def write(self, name: str, value: object) -> None:
        """A client sets a property."""
        if name not in self.writable:
            raise ServiceFailure("org.freedesktop.DBus.Error.PropertyReadOnly", f"{name} cannot be set")
        self.put(**{name: value})

    def variant(self, name: str) -> Variant:
        if name not in self._values:
            raise ServiceFailure("org.freedesktop.DBus.Error.UnknownProperty", f"{self.name} has no {name}")
        return self._values[name]

    def describe(self) -> Description:
        methods = [
            Method(name, _args(takes, ArgDirection.IN), _args(gives, ArgDirection.OUT))
            for name, (takes, gives, _) in self.members.items()
        ]
        properties = [Property(name, value.signature) for name, value in self._values.items()]
        return Description(self.name, methods=methods, properties=properties)


def _args(signature: str, direction: ArgDirection) -> list[Arg]:
    # dbus-next annotates one direction as a list of them
    return [Arg(t.signature, direction) for t in SignatureTree(signature).types]  # type: ignore[arg-type]


class Exporter:
    """Serves interfaces on one connection. ``silent``: a fault for tests: bus names or interfaces that never answer."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus: Any = bus
        self._objects: dict[str, dict[str, Interface]] = {}
        self.silent: set[str] = set()
        bus.add_message_handler(self._handle)

    def export(self, path: str, *interfaces: Interface) -> None:
        def emit(interface: str, member: str, signature: str, body: list[Any]) -> None:
            if self._bus.connected:
                self._bus.send(
                    Message.new_signal(path=path, interface=interface, member=member, signature=signature, body=body)
                )

        for interface in interfaces:
            self._objects.setdefault(path, {})[interface.name] = interface
            interface.attach(emit)

    def unexport(self, path: str, *interfaces: Interface) -> None:
        """These interfaces of the object, or all of it."""
        of_path = self._objects.get(path, {})
        for name in [interface.name for interface in interfaces] or list(of_path):
            of_path.pop(name).attach(None)
        if not of_path:
            self._objects.pop(path, None)

    def _handle(self, msg: Message) -> Message | bool | None:
        if msg.message_type is not MessageType.METHOD_CALL:
            return None
        if {msg.destination, msg.interface} & self.silent:
            return True
        try:
            answer = self._standard(msg)
            return answer if answer is not None else self._own(msg)
        except ServiceFailure as e:
            return Message.new_error(msg, e.name, str(e))

    def _own(self, msg: Message) -> Message | None:
        interface = self._objects.get(msg.path, {}).get(msg.interface)
        if interface is None or msg.member not in interface.members:
            return None  # dbus-next answers UnknownMethod
        takes, gives, attribute = interface.members[msg.member]
        if msg.signature != takes:
            return None
        result = getattr(interface, attribute)(*msg.body)
        results = result if isinstance(result, tuple) else () if result is None else (result,)
        return Message.new_method_return(msg, gives, list(results))

    def _standard(self, msg: Message) -> Message | None:
        match msg.interface, msg.member:
            case (str(name), "Get") if name == PROPERTIES:
                value = self._find(msg.path, msg.body[0]).variant(msg.body[1])
                return Message.new_method_return(msg, "v", [value])
            case (str(name), "GetAll") if name == PROPERTIES:
                values = self._find(msg.path, msg.body[0]).all_values()
                return Message.new_method_return(msg, "a{sv}", [values])
            case (str(name), "Set") if name == PROPERTIES:
                self._find(msg.path, msg.body[0]).write(msg.body[1], msg.body[2].value)
                return Message.new_method_return(msg)
            case (str(name), "GetManagedObjects") if name == OBJECT_MANAGER:
                objects = {
                    path: {i.name: i.all_values() for i in interfaces.values()}
                    for path, interfaces in self._objects.items()
                    if path.startswith(msg.path.rstrip("/") + "/")
                }
                return Message.new_method_return(msg, "a{oa{sa{sv}}}", [objects])
            case (str(name), "Introspect") if name == INTROSPECTABLE:
                return Message.new_method_return(msg, "s", [self._introspect(msg.path)])
            case _:
                return None

    def _find(self, path: str, interface: str) -> Interface:
        found = self._objects.get(path, {}).get(interface)
        if found is None:
            raise ServiceFailure("org.freedesktop.DBus.Error.UnknownInterface", f"there is no {interface} at {path}")
        return found

    def _introspect(self, path: str) -> str:
        node = Node.default(path)
        node.interfaces += [i.describe() for i in self._objects.get(path, {}).values()]
        below = re.compile(re.escape(path.rstrip("/")) + r"/([^/]+)")
        names = {m.group(1) for other in self._objects if (m := below.match(other))}
        node.nodes = [Node(name) for name in sorted(names)]
        return str(node.tostring())
