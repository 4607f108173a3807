"""A simulated head unit on a real private bus, with a gate of a parked car, for tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from simulators.headunit import HeadUnit, PrivateBus
from state_machines.dialogue import Confirmation
from state_machines.driving_state import DrivingState
from state_machines.gate import Gate
from state_machines.permit import Permit
from state_machines.verdict import Allow
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus import DbusBackend, DbusConfig, Endings
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.signals import Reading, Signals

NOW = datetime(2024, 5, 14, 15, 0, tzinfo=UTC)
PARKED = Signals(
    speed_kmh=(Reading(0.0), Reading(0.0)),
    gear=Reading("P"),
    crash=Reading("none"),
    ignition=Reading("on"),
    ambient_light=Reading("day"),
    rain=Reading("no"),
    plugged_in=Reading("no"),
)
needs_bus = pytest.mark.skipif(
    not PrivateBus.installed(), reason="dbus-daemon is not installed; `apt-get install dbus` brings it"
)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Bench:
    head_unit: HeadUnit
    backend: DbusBackend
    gate: Gate
    clock: Clock
    catalogue: Catalogue
    endings: Endings
    session: PrivateBus
    ran: list[str] = field(default_factory=list)

    def call(self, name: str, /, **arguments: object) -> Call:
        return self.catalogue.call(name, **arguments)

    def permit(self, call: Call) -> Permit:
        """From the gate of a parked car; a question is answered with yes."""
        verdict = self.gate.judge(call, PARKED, confirmation=Confirmation(call, self.clock() + 10))
        assert isinstance(verdict, Allow), verdict
        return verdict.permit

    async def execute(self, call: Call) -> tuple[Observed, tuple[Call, ...]]:
        action = await self.backend.prepare(call)
        action.send(self.permit(call))
        observed = await action.outcome()
        self.ran.append(call.name)
        return observed, action.undo

    async def run(self, name: str, /, **arguments: object) -> Observed:
        return (await self.execute(self.call(name, **arguments)))[0]

    async def undo(self, name: str, /, **arguments: object) -> Observed:
        """Runs a call and then its inverse."""
        observed, inverse = await self.execute(self.call(name, **arguments))
        assert inverse
        for call in inverse:
            await self.execute(call)
        return observed


@asynccontextmanager
async def open_bench(*, timeout_s: float = 2.0, two_buses: bool = False) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(PrivateBus())
        system = await stack.enter_async_context(PrivateBus()) if two_buses else session
        config = DbusConfig(session_address=session.address, system_address=system.address, timeout_s=timeout_s)
        clock, catalogue = Clock(), load_catalogue(with_packs=False)
        gate = Gate(catalogue, clock)
        gate.observe(PARKED)
        clock.now_s += 1.5
        assert gate.observe(PARKED) is DrivingState.PARKED
        async with (
            HeadUnit(session.address, system.address, now=lambda: NOW) as head_unit,
            DbusBackend(config, clock, catalogue) as backend,
        ):
            endings = Endings(backend.client)
            yield Bench(head_unit, backend, gate, clock, catalogue, endings, session)
