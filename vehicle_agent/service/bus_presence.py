"""The agent on its message bus: the name, the object, and both again after the bus was gone."""

import asyncio
from functools import partial
from typing import Final, Self

from dbus_next.constants import BusType, MessageType, NameFlag, RequestNameReply
from dbus_next.errors import AuthError, DBusError
from dbus_next.message import Message

from vehicle_agent.config import Config
from vehicle_agent.errors import Unavailable
from vehicle_agent.health import Health
from vehicle_agent.message_bus import GuardedMessageBus
from vehicle_agent.message_bus.recovery import Recovery
from vehicle_agent.service.dbus_service import BUS_NAME, OBJECT_PATH, AgentService

PART: Final = "message bus"
LOST: Final = "the connection is lost, trying again; start it with `systemctl start dbus` or `dbus-run-session`"
TAKEN: Final = f"another program is {BUS_NAME} already; stop it"
SILENT: Final = "the bus does not answer; restart it with `systemctl restart dbus`"
CONNECT_S: Final = 5.0
PING_EVERY_S: Final = 2.0
PING_S: Final = 4.0  # a bus under a flood, or on a busy computer, takes its time


class NameTaken(Unavailable):
    """Another program has the agent's name."""


class BusPresence:
    """``service`` answers under the agent's name from `open` to `close`, whenever there is a ``bus``."""

    def __init__(self, config: Config, service: AgentService, health: Health) -> None:
        self._role = config.dbus.agent_bus
        self._address = config.dbus.session if self._role == "session" else config.dbus.system
        self._service = service
        self._health = health
        self._recovery = Recovery(PART, health, self._again)
        self.bus: GuardedMessageBus | None = None
        self._keeping: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, config: Config, service: AgentService, health: Health) -> Self:
        """Raises Unavailable: no bus, or the name is another's."""
        presence = cls(config, service, health)
        await presence._appear()
        presence._keeping = [
            asyncio.create_task(presence._recovery.run(), name="message bus"),
            asyncio.create_task(presence._ask_the_bus(), name="is the message bus alive"),
        ]
        return presence

    async def close(self) -> None:
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._leave()

    def _leave(self) -> None:
        bus, self.bus = self.bus, None
        if bus is not None:
            bus.abort()

    def _lost(self, bus: GuardedMessageBus) -> None:
        if bus is self.bus:  # one that was left is no loss
            self._recovery.lost(LOST)

    async def _appear(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._take_place()
        except (OSError, EOFError, KeyError, ValueError, AuthError, DBusError) as e:
            self._leave()
            if isinstance(e, NameTaken):
                raise
            raise Unavailable(
                f"the {self._role} D-Bus cannot be used ({e or type(e).__name__}); "
                f"start one with `dbus-run-session`, or set dbus.{self._role}"
            ) from e

    async def _again(self) -> None:
        try:
            await self._appear()
        except Unavailable as e:
            self._recovery.lost(TAKEN if isinstance(e, NameTaken) else LOST)
            raise

    async def _take_place(self) -> None:
        """Connects where that is needed, then asks for the name. Raises NameTaken and what a connection raises."""
        bus = self.bus
        if bus is None or not bus.connected:
            self._leave()
            kind = BusType.SESSION if self._role == "session" else BusType.SYSTEM
            bus = self.bus = GuardedMessageBus(None if self._address == self._role else self._address, kind)
            await bus.connect()
            bus.on_lost = partial(self._lost, bus)
            bus.refuse, bus.refuse_body = self._service.refuse, self._service.refuse_body
            bus.add_message_handler(self._heard)
            bus.export(OBJECT_PATH, self._service)
        reply = await bus.request_name(BUS_NAME, NameFlag.DO_NOT_QUEUE)
        if reply not in {RequestNameReply.PRIMARY_OWNER, RequestNameReply.ALREADY_OWNER}:
            raise NameTaken(f"another program is {BUS_NAME} already; stop it first")

    async def _ask_the_bus(self) -> None:
        """A bus that hangs closes no connection; it only answers no more."""
        silent = False
        while True:
            await asyncio.sleep(PING_EVERY_S)
            bus = self.bus
            if bus is None or not bus.connected:
                silent = False  # told of as lost
                continue
            ping = Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus.Peer",
                member="Ping",
            )
            try:
                async with asyncio.timeout(PING_S):
                    await bus.call(ping)
            except TimeoutError:
                bus.forget(ping.serial)
                if bus.connected:
                    silent = True
                    self._health.degraded(PART, SILENT)
            except (OSError, EOFError):
                continue
            else:
                if silent:
                    silent = False
                    self._health.recovered(PART)

    def _heard(self, message: Message) -> bool:
        """The bus tells when it takes the name away."""
        if message.message_type is MessageType.SIGNAL and message.member == "NameLost" and message.body == [BUS_NAME]:
            self._recovery.lost(TAKEN)
        return False
