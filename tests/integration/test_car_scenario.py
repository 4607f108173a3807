"""Playing scenarios on the simulated car."""

import pytest

from simulators import scenario
from simulators.car import Car, Wiring, load_wiring

FAST = 100  # times real time


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    return load_wiring()


@pytest.mark.parametrize("name", sorted(scenario.built_in()))
async def test_those_that_come_along_pass(wiring: Wiring, name: str) -> None:
    loaded = scenario.load(scenario.built_in()[name], wiring=wiring)
    steps: list[scenario.Step] = []
    async with Car(f"scenario-{name}", time_scale=FAST, wiring=wiring) as car:
        report = await scenario.run(loaded, car, on_step=steps.append)
    assert report.passed, report
    assert steps == list(loaded.steps)


async def test_an_unmet_expectation_is_reported(wiring: Wiring) -> None:
    text = 'name: x\nsteps:\n  - {at: 0, set: {speed: 30}, expect: {speed: "> 40", gear: P}, within: 0.1}\n'
    parsed = scenario.parse(text, wiring=wiring)
    async with Car("scenario-unmet", wiring=wiring) as car:
        report = await scenario.run(parsed, car)
    assert not report.passed
    assert [(c.name, c.wanted, c.seen, c.met) for c in report.checks] == [
        ("speed", "> 40", 30, False),
        ("gear", "P", "P", True),
    ]


async def test_an_expectation_waits_for_the_car(wiring: Wiring) -> None:
    text = "name: x\nsteps:\n  - {at: 0, set: {trunk: opening}}\n  - {at: 1, expect: {trunk: open}, within: 60}\n"
    parsed = scenario.parse(text, wiring=wiring)
    async with Car("scenario-waits", time_scale=20, wiring=wiring) as car:
        assert (await scenario.run(parsed, car)).passed
