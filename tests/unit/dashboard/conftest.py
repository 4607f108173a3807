from collections.abc import AsyncIterator

import aiohttp
import pytest
from support.dashboard import FakeAgent, FakeTap

from simulators.car import Car, Wiring, load_wiring
from simulators.dashboard import Dashboard, Desk


@pytest.fixture(scope="session")
def wiring() -> Wiring:
    return load_wiring()


@pytest.fixture
def car(wiring: Wiring) -> Car:
    """A car without a bus: it is set and read, nothing is sent."""
    return Car(wiring=wiring)


@pytest.fixture
def agent() -> FakeAgent:
    return FakeAgent()


@pytest.fixture
def tap() -> FakeTap:
    return FakeTap()


@pytest.fixture
def desk(car: Car, tap: FakeTap, agent: FakeAgent) -> Desk:
    return Desk(car, tap, agent)


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator[Dashboard]:
    async with Dashboard(desk, port=0) as dashboard:
        yield dashboard


@pytest.fixture
async def http(page: Dashboard) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=page.url) as session:
        yield session
