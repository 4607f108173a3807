"""The scenarios that come along, each with car, head unit and agent in simulated time."""

from collections.abc import Iterator

import pytest
from headunit_bench import needs_bus
from support.buses import group_of_its_own
from support.shipped import shipped_model

from simulators import scenario
from simulators.car import Wiring, fault_kinds, load_wiring
from simulators.car.faults import parse_fault
from simulators.errors import BusUnavailable
from simulators.workbench.play import play
from state_machines.rules import RULES
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.planning.planner import Planner

pytestmark = needs_bus

BUILT_IN = scenario.built_in()


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    return load_wiring()


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    planner = load_planner(shipped_model(), 2)
    yield planner
    planner.close()


def _scripts(wiring: Wiring) -> dict[str, scenario.Scenario]:
    return {name: scenario.load(path, wiring=wiring) for name, path in BUILT_IN.items()}


SPOKEN = {name for name, path in BUILT_IN.items() if "\n    say: " in path.read_text(encoding="utf-8")}


@pytest.mark.parametrize("name", sorted(BUILT_IN.keys() - SPOKEN))
def test_it_passes(wiring: Wiring, name: str) -> None:
    report = play(scenario.load(BUILT_IN[name], wiring=wiring), wiring=wiring)
    assert report.passed, report.to_text()
    assert report.checks, "a scenario that expects nothing shows nothing"


@pytest.mark.parametrize("name", sorted(SPOKEN))
def test_it_passes_with_spoken_words(wiring: Wiring, planner: Planner, name: str) -> None:
    report = play(scenario.load(BUILT_IN[name], wiring=wiring), wiring=wiring, planner=planner)
    assert report.passed, report.to_text()


def test_there_are_enough_and_each_says_what_it_is_about(wiring: Wiring) -> None:
    scripts = _scripts(wiring)
    assert len(scripts) >= 25
    assert all(s.about and s.tags for s in scripts.values())
    assert {tag for s in scripts.values() for tag in s.tags} >= {"rules", "faults", "attack", "drive", "standing"}


def test_every_rule_with_more_than_one_answer_is_in_one(wiring: Wiring) -> None:
    shown = {rule for s in _scripts(wiring).values() for rule in s.rules}
    assert shown <= RULES.keys() | {"undo_last_action"}
    assert RULES.keys() - shown - _ALLOWED_ALWAYS == set()


# these are allowed in every state, or go on by the rule of every other function
_ALLOWED_ALWAYS = {
    *("set_mute", "set_volume", "adjust_volume", "get_vehicle_status", "set_cabin_light", "call_contact"),
    "control_call",
}


def test_every_kind_of_fault_is_in_one(wiring: Wiring) -> None:
    used = {
        parse_fault(words).kind.name for s in _scripts(wiring).values() for step in s.steps for words in step.faults
    }
    assert {kind.name for kind in fault_kinds()} - used == set()


REAL = """\
name: in real time
start: {gear: D, speed: 50}
steps:
  - {at: 0, call: set_fan_speed level=5, expect: [agent.status is done, within 1 s ClimateStatus.FanSpeed is 5]}
  - {at: 0.5, call: play_video title=x, expect: [agent.verdict is deny]}
"""


@pytest.mark.parametrize("interface", ["virtual", "udp_multicast"])
def test_it_plays_in_real_time_too(wiring: Wiring, interface: str) -> None:
    channel = group_of_its_own() if interface == "udp_multicast" else ""
    try:
        report = play(scenario.parse(REAL, wiring=wiring), wiring=wiring, interface=interface, channel=channel)
    except BusUnavailable as e:
        pytest.skip(str(e))
    assert report.passed, report.to_text()
    assert report.took_s >= report.duration_s >= 0.5
