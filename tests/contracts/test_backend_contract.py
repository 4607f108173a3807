"""What every backend keeps, whatever it reaches: `vehicle_agent.backends.base.Backend`, on real buses."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from headunit_bench import needs_bus, open_bench

from simulators.car import Car
from state_machines.permit import PermitRefused, issue
from vehicle_agent.backends.agent import AgentBackend
from vehicle_agent.backends.base import Backend, Observed
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import BackendError
from vehicle_agent.events import Events
from vehicle_apis.call import Call
from vehicle_apis.catalogue import load_catalogue

CATALOGUE = load_catalogue(with_packs=False)
PERMIT_LIVES_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A backend with what it reaches: ``shows`` is what ``wanted`` changes there, ``foreign`` is none of its calls."""

    backend: Backend
    clock: Callable[[], float]
    wanted: Call
    foreign: Call
    shows: Callable[[], object]


@asynccontextmanager
async def over_can() -> AsyncIterator[Reached]:
    async with Car("backend-contract", time_scale=50) as car:
        config = Config(bus=BusConfig(interface="virtual", channel="backend-contract"))
        async with CanBackend(CATALOGUE, config) as backend:
            assert await backend.wait_for_signals(30)
            yield Reached(
                backend=backend,
                clock=time.monotonic,
                wanted=CATALOGUE.call("set_fan_speed", level=6),
                foreign=CATALOGUE.call("get_time"),
                shows=lambda: car.state()["fan_speed"],
            )


@asynccontextmanager
async def over_dbus() -> AsyncIterator[Reached]:
    async with open_bench() as bench:
        yield Reached(
            backend=bench.backend,
            clock=bench.clock,
            wanted=CATALOGUE.call("set_volume", level=72, channel="media"),
            foreign=CATALOGUE.call("get_time"),
            shows=lambda: bench.head_unit.mixer.get("Volumes")["media"],
        )


@asynccontextmanager
async def inside() -> AsyncIterator[Reached]:
    backend = AgentBackend(now=lambda: datetime.now(UTC), clock=time.monotonic, events=Events())
    yield Reached(
        backend=backend,
        clock=time.monotonic,
        wanted=CATALOGUE.call("set_timer", minutes=5),
        foreign=CATALOGUE.call("set_fan_speed", level=1),
        shows=lambda: len(backend.pending),
    )
    backend.close()


@pytest.fixture(params=[over_can, pytest.param(over_dbus, marks=needs_bus), inside])
async def at(request: pytest.FixtureRequest) -> AsyncIterator[Reached]:
    opened: Callable[[], AbstractAsyncContextManager[Reached]] = request.param
    async with opened() as reached:
        yield reached


async def test_preparing_changes_nothing(at: Reached) -> None:
    before = at.shows()
    action = await at.backend.prepare(at.wanted)
    assert (action.call, at.shows()) == (at.wanted, before)


async def test_a_call_with_a_permit_is_done_and_told(at: Reached) -> None:
    before = at.shows()
    action = await at.backend.prepare(at.wanted)
    action.send(issue(at.wanted, at.clock()))
    observed = await action.outcome()
    assert isinstance(observed, Observed)
    assert observed.text
    assert at.shows() != before


async def test_a_permit_serves_once(at: Reached) -> None:
    permit = issue(at.wanted, at.clock())
    action = await at.backend.prepare(at.wanted)
    action.send(permit)
    await action.outcome()
    with pytest.raises(PermitRefused):
        (await at.backend.prepare(at.wanted)).send(permit)


async def test_a_permit_that_is_too_old_or_for_another_call_sends_nothing(at: Reached) -> None:
    before = at.shows()
    for permit in (issue(at.wanted, at.clock() - PERMIT_LIVES_S - 0.001), issue(at.foreign, at.clock())):
        action = await at.backend.prepare(at.wanted)
        with pytest.raises(PermitRefused):
            action.send(permit)
    assert at.shows() == before


async def test_what_is_none_of_its_functions_is_refused_in_one_sentence(at: Reached) -> None:
    before = at.shows()

    async def carry_out() -> None:
        action = await at.backend.prepare(at.foreign)
        action.send(issue(at.foreign, at.clock()))
        await action.outcome()

    with pytest.raises(BackendError) as caught:
        await carry_out()
    assert "\n" not in str(caught.value)
    assert at.shows() == before
