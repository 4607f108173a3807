"""The head unit's services as the functions see them: reads, and commands made ready to send."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from dbus_next.message import Message
from dbus_next.signature import Variant

from vehicle_agent.backends.dbus.aim import Aim
from vehicle_agent.backends.dbus.config import DbusConfig, Endpoint, Role
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.errors import Unavailable
from vehicle_agent.health import Health
from vehicle_agent.message_bus import wire
from vehicle_agent.message_bus.recovery import Recovery

LOST: Final = "the connection is lost, trying again; what the head unit does is not to be had until then"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCall:
    """One method call on a service; ``interface`` "" = the service's own name."""

    to: Endpoint
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()
    interface: str = ""

    def message(self) -> Message:
        return Message(
            destination=self.to.name,
            path=self.to.path,
            interface=self.interface or self.to.name,
            member=self.member,
            signature=self.signature,
            body=list(self.body),
        )

    def check(self) -> None:
        """Raises TypeError or ValueError where it cannot be sent, as with an object path that a service made up."""
        wire.written(self.message())


def set_property(to: Endpoint, name: str, value: Variant, *, interface: str = "") -> MethodCall:
    body = (interface or to.name, name, value)
    return MethodCall(to=to, interface=PROPERTIES, member="Set", signature="ssv", body=body)


def plain(value: Any) -> Any:  # noqa: ANN401 # typed by its D-Bus signature
    """``value`` without Variants, at any depth."""
    match value:
        case Variant():
            return plain(value.value)
        case dict():
            return {k: plain(v) for k, v in value.items()}
        case list():
            return [plain(v) for v in value]
        case _:
            return value


class Client:
    """Opens each bus when it is first needed and again after it was lost."""

    def __init__(self, config: DbusConfig) -> None:
        self.config = config
        self.aim = Aim()
        self._recoveries: dict[Role, Recovery] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._connections: dict[Role, Connection] = {}
        self._opening: dict[Role, asyncio.Lock] = {"session": asyncio.Lock(), "system": asyncio.Lock()}

    def watch(self, health: Health, *, told: Callable[[Role], bool]) -> None:
        """From now on a bus that was lost is opened again by itself, and ``health`` hears of it. Those that are not
        ``told`` of, as they are the agent's own bus, are opened when they are needed."""
        for role in self._opening:
            if told(role):
                recovery = Recovery(f"{role} bus", health, partial(self.connect, role))
                self._recoveries[role] = recovery
                self._keeping.append(asyncio.create_task(recovery.run(), name=f"{role} bus"))

    def _lost(self, role: Role) -> None:
        recovery = self._recoveries.get(role)
        if recovery is not None:
            recovery.lost(LOST)

    async def connect(self, role: Role) -> Connection:
        """Raises Unavailable."""
        async with self._opening[role]:
            known = self._connections.get(role)
            if known is not None and known.connected:
                return known
            if known is not None:
                await known.close()
            opened = await Connection.open(role, self.config.address(role), self.config.timeout_s)
            opened.on_lost = partial(self._lost, role)
            self._connections[role] = opened
            if not opened.connected:
                self._lost(role)
            return opened

    @property
    def connections(self) -> Iterable[Connection]:
        return self._connections.values()

    @property
    def is_waiting(self) -> bool:
        """Whether a bus is being opened or a reply is outstanding."""
        opening = any(lock.locked() for lock in self._opening.values())
        return opening or any(connection.is_waiting for connection in self._connections.values())

    async def close(self) -> None:
        self._recoveries.clear()
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._keeping.clear()
        while self._connections:
            await self._connections.popitem()[1].close()

    def hand_over(self, command: MethodCall) -> asyncio.Future[Message]:
        """Sends at once, for permitted commands. Raises Unavailable."""
        connection = self._connections.get(command.to.bus)
        if connection is None:
            raise Unavailable(f"There is no connection to the {command.to.bus} bus; prepare the call first.")
        return connection.hand_over(command.message())

    async def answer(self, command: MethodCall, future: asyncio.Future[Message]) -> list[Any]:
        connection = self._connections.get(command.to.bus)
        if connection is None:
            future.cancel()
            raise Unavailable(f"The connection to the {command.to.bus} bus was closed.")
        return [plain(v) for v in await connection.reply(future, command.to.what, command.to.name)]

    async def ask(self, command: MethodCall) -> list[Any]:
        """Sends a query and gives the reply's body. Raises Unavailable, NotConfirmed."""
        connection = await self.connect(command.to.bus)
        return await self.answer(command, connection.hand_over(command.message()))

    async def values(self, of: Endpoint, interface: str = "") -> dict[str, Any]:
        """All properties of an interface."""
        body = (interface or of.name,)
        (values,) = await self.ask(MethodCall(to=of, interface=PROPERTIES, member="GetAll", signature="s", body=body))
        return dict(values)
