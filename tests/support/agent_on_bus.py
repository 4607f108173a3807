"""The agent's D-Bus service on a real bus, with an assistant on fakes: what a caller gets, and how fast."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dbus_next.message import Message

from support.bus_daemon import BusDaemon, bus_daemon
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from vehicle_agent.config import Config, DBusConfig
from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.events import Degraded, Recovered
from vehicle_agent.health import Health
from vehicle_agent.message_bus import GuardedMessageBus
from vehicle_agent.planning.planner import Planned
from vehicle_agent.service.bus_presence import BusPresence
from vehicle_agent.service.dbus_service import BUS_NAME, INTERFACE, OBJECT_PATH, AgentService
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier


class HeldPlanner(FakePlanner):
    """Answers nothing before it is let ``go``."""

    def __init__(self) -> None:
        super().__init__({"open the window": plan(call("control_window", position=50))})
        self.go = asyncio.Event()
        self.go.set()

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        self.asked.append(text)
        await self.go.wait()
        return await super().plan_async(text, earlier)


@dataclass
class OnBus:
    daemon: BusDaemon
    planner: HeldPlanner
    shell: Shell
    service: AgentService
    presence: BusPresence
    health: Health
    told: list[str]
    clients: list[GuardedMessageBus] = field(default_factory=list)

    async def client(self) -> GuardedMessageBus:
        client = await GuardedMessageBus(self.daemon.address).connect()
        self.clients.append(client)
        return client


def request(member: str, signature: str = "", body: list[Any] | None = None, **fields: Any) -> Message:  # noqa: ANN401
    where = {"destination": BUS_NAME, "path": OBJECT_PATH, "interface": INTERFACE, **fields}
    return Message(member=member, signature=signature, body=body or [], **where)


async def asked(
    client: GuardedMessageBus,
    member: str,
    signature: str = "",
    body: list[Any] | None = None,
    *,
    timeout_s: float = 20,
    **fields: Any,  # noqa: ANN401
) -> tuple[str, Any]:
    """(error name or "", the body)."""
    async with asyncio.timeout(timeout_s):
        reply = await client.call(request(member, signature, body, **fields))
    assert reply is not None
    return reply.error_name or "", reply.body[0] if reply.body else None


@asynccontextmanager
async def agent_on_bus(*, planner: bool = True) -> AsyncIterator[OnBus]:
    async with bus_daemon() as daemon:
        shell, held = Shell(), HeldPlanner()
        assistant = Assistant(
            planner=held if planner else None, executor=shell.executor, history=shell.history, events=shell.events
        )
        told: list[str] = []
        health = Health(shell.events)
        shell.events.subscribe(lambda event: told.append(event.health), Degraded, Recovered)
        state = lambda: "; ".join(part for part in (health.text, shell.gate.state.word) if part)  # noqa: E731
        service = AgentService(assistant, CATALOGUE, shell.events, state)
        config = Config(dbus=DBusConfig(session=daemon.address, system=daemon.address))
        presence = await BusPresence.open(config, service, health)
        on_bus = OnBus(daemon, held, shell, service, presence, health, told)
        try:
            yield on_bus
        finally:
            held.go.set()
            await presence.close()
            for client in on_bus.clients:
                client.abort()
            await assistant.close()
