"""One connection to one bus: calls with a time-out, commands handed to the kernel at once, errors of our own types."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from dbus_next.constants import BusType, MessageType
from dbus_next.errors import AuthError, InvalidAddressError
from dbus_next.message import Message

from vehicle_agent.backends.dbus.config import Role
from vehicle_agent.errors import BackendError, NoAnswer, NoService, NotConfirmed, NotOffered, Unavailable
from vehicle_agent.message_bus import GuardedMessageBus, Held

_LOG = logging.getLogger(__name__)
_GONE: Final[Mapping[str, type[Unavailable]]] = {
    f"org.freedesktop.DBus.Error.{name}": kind
    for name, kind in (
        ("ServiceUnknown", NoService),
        ("NameHasNoOwner", NoService),
        ("UnknownObject", NotOffered),
        ("UnknownInterface", NotOffered),
        ("UnknownMethod", NotOffered),
        ("UnknownProperty", NotOffered),
        ("AccessDenied", Unavailable),
        ("Disconnected", NoService),
        ("Spawn.ServiceNotFound", NoService),
    )
}
_REMEDY: Final = {
    "session": "set `dbus.session` or DBUS_SESSION_BUS_ADDRESS, or start one with `dbus-run-session`",
    "system": "set `dbus.system`, or start it with `systemctl start dbus`",
}


class Connection:
    """``role`` words the errors; ``timeout_s`` bounds each call; ``on_lost`` hears once that the connection is over."""

    on_lost: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, role: Role, bus: GuardedMessageBus, timeout_s: float) -> None:
        self._role: Role = role
        self._bus: Any = bus
        self._timeout_s = timeout_s
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        bus.add_message_handler(self._received)

    @classmethod
    async def open(cls, role: Role, address: str, timeout_s: float) -> "Connection":
        """Raises Unavailable."""
        bus: GuardedMessageBus | None = None
        try:
            kind = BusType.SESSION if role == "session" else BusType.SYSTEM
            bus = GuardedMessageBus(bus_address=address or None, bus_type=kind)
            await asyncio.wait_for(bus.connect(), timeout_s)
        except (OSError, EOFError, TimeoutError, KeyError, AuthError, InvalidAddressError) as e:
            if bus is not None:
                bus.abort()
            raise Unavailable(f"The {role} bus cannot be reached ({e or type(e).__name__}); {_REMEDY[role]}.") from e
        connection = cls(role, bus, timeout_s)
        bus.on_lost = connection._lost
        return connection

    @property
    def connected(self) -> bool:
        return bool(self._bus.connected)

    @property
    def held(self) -> Held:
        """What it keeps at the moment, on its way in and out."""
        held: Held = self._bus.held
        return held

    @property
    def name(self) -> str:
        """What the bus calls this connection; "" when it has no name."""
        return str(self._bus.unique_name or "")

    @property
    def is_waiting(self) -> bool:
        """Whether a reply is outstanding."""
        return bool(self._waiting)

    async def close(self) -> None:
        self._bus.abort()

    def _lost(self) -> None:
        self.on_lost()
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Unavailable(f"The connection to the {self._role} bus was lost."))
                future.exception()  # whoever awaits it still sees it; nobody else need be told

    def _received(self, message: Message) -> bool:
        if message.message_type not in {MessageType.METHOD_RETURN, MessageType.ERROR}:
            return False
        future = self._waiting.pop(message.reply_serial or 0, None)
        if future is None:
            return False
        if not future.done():
            future.set_result(message)
        return True

    def _answered(self, serial: int, _future: asyncio.Future[Message]) -> None:
        self._waiting.pop(serial, None)
        self._bus.forget(serial)

    def hand_over(self, message: Message) -> asyncio.Future[Message]:
        """Sends in this very tick; the future is the reply. Raises Unavailable, having sent nothing."""
        if not self.connected:
            raise Unavailable(f"The connection to the {self._role} bus was lost; {_REMEDY[self._role]}.")
        message.serial = self._bus.next_serial()
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        try:
            self._bus.send_now(message)
        except OSError as e:
            raise Unavailable(f"The {self._role} bus takes no messages; {_REMEDY[self._role]}.") from e
        self._waiting[message.serial] = future
        # a reply that came too late, or never, is waited for no longer
        future.add_done_callback(partial(self._answered, message.serial))
        if not self.connected:  # the write itself found the bus gone
            self._lost()
            raise Unavailable(f"The connection to the {self._role} bus was lost; {_REMEDY[self._role]}.")
        return future

    async def reply(self, future: asyncio.Future[Message], what: str, name: str) -> list[Any]:
        """The body of a reply. Raises Unavailable (no such service), NotConfirmed (an error, or no answer in time)."""
        try:
            message = await asyncio.wait_for(future, self._timeout_s)
        except TimeoutError as e:
            if not self.connected:
                raise Unavailable(f"The connection to the {self._role} bus was lost; {_REMEDY[self._role]}.") from e
            raise NoAnswer(f"{_sentence(what)} does not answer; restart the service {name}.") from e
        if message.message_type is MessageType.ERROR:
            text = str(message.body[0]) if message.body else str(message.error_name)
            error: BackendError = NotConfirmed(f"{_sentence(what)} refused: {text.rstrip('.')}.")
            kind = _GONE.get(str(message.error_name))
            if kind is not None:
                _LOG.info("%s: %s: %s", name, message.error_name, text)
                error = kind(
                    f"{_sentence(what)} is not there; start the service {name} on the {self._role} bus "
                    "or name another under [services] in the configuration."
                )
            error.remote = str(message.error_name)
            raise error
        return list(message.body)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
