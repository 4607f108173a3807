"""The daemon's D-Bus client, for the command line."""

import os
from types import TracebackType
from typing import Final, Self

from dbus_next.constants import MessageType
from dbus_next.message import Message

from vehicle_agent.backends.dbus.config import Role
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.errors import BackendError, ConfigError, Unavailable
from vehicle_agent.message_bus import BUSY, FAILED, INVALID, NOT_READY, TOO_LONG
from vehicle_agent.service.dbus_service import BUS_NAME, INTERFACE, OBJECT_PATH

_TIMEOUT_S: Final = 60.0  # a plan may move seats and windows before its answer comes

_FROM_THE_AGENT: Final = frozenset({BUSY, FAILED, INVALID, NOT_READY, TOO_LONG})  # its own words say what to do
_NOT_ALLOWED: Final = "org.freedesktop.DBus.Error.AccessDenied"


class Client:
    """An async context manager; methods return the JSON text of `ask`. $VEHICLE_AGENT_BUS: session or system."""

    def __init__(self) -> None:
        role = os.environ.get("VEHICLE_AGENT_BUS", "session")
        if role not in {"session", "system"}:
            raise ConfigError(f"$VEHICLE_AGENT_BUS is session or system, not {role!r}")
        self._role: Role = "system" if role == "system" else "session"
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        self._connection = await Connection.open(self._role, "", _TIMEOUT_S)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def ask(self, text: str) -> str:
        return await self._method("Ask", "s", [text])

    async def call(self, name: str, arguments: dict[str, str]) -> str:
        return await self._method("Call", "sa{ss}", [name, arguments])

    async def confirm(self, question: int, *, yes: bool) -> str:
        return await self._method("Confirm", "ub", [question, yes])

    async def undo(self) -> str:
        return await self._method("Undo", "", [])

    async def cancel(self) -> str:
        return await self._method("Cancel", "", [])

    async def state(self) -> str:
        """The driving state's word."""
        return await self._method("State", "", [])

    async def _method(self, member: str, signature: str, body: list[object]) -> str:
        if self._connection is None:
            raise Unavailable("the client is not connected")
        message = Message(
            destination=BUS_NAME,
            path=OBJECT_PATH,
            interface=INTERFACE,
            member=member,
            signature=signature,
            body=body,
        )
        reply = await self._connection.hand_over(message)
        if reply.message_type is MessageType.ERROR:
            text = str(reply.body[0]) if reply.body else str(reply.error_name)
            if reply.error_name in _FROM_THE_AGENT:
                raise BackendError(text)
            if reply.error_name == _NOT_ALLOWED:
                raise Unavailable(
                    f"the {self._role} bus does not let you talk to the agent ({text}); "
                    "be root, or join the group that systemd/org.vehicleagent.Agent.conf names"
                )
            raise Unavailable(f"no agent answers on the {self._role} bus ({text}); start it with `vehicle-agent serve`")
        return str(reply.body[0])
