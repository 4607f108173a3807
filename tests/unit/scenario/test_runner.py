"""Playing scenarios in simulated time: what is met, what is not, and that two runs are the same."""

import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

from simulators import scenario
from simulators.car import Wiring
from simulators.scenario import Report, write_junit
from simulators.workbench.play import play


def played(text: str, wiring: Wiring, **options: object) -> Report:
    return play(scenario.parse(text, wiring=wiring), wiring=wiring, **options)  # type: ignore[arg-type]


def test_what_is_not_met_is_told_with_what_was_seen(wiring: Wiring) -> None:
    text = 'name: x\nsteps:\n  - {at: 0, set: {speed: 30}, expect: {speed: "> 40", gear: P}, within: 0.1}\n'
    report = played(text, wiring)
    assert not report.passed
    assert [(c.text, c.seen, c.met) for c in report.checks] == [
        ("speed > 40 within 0.1 s", "30", False),
        ("gear is P within 0.1 s", "P", True),
    ]
    assert "NOT MET speed > 40 within 0.1 s: 30" in report.to_text()
    assert json.dumps(report.to_json())


WINDOW = """\
name: window
start: {gear: D, speed: 30}
steps:
  - at: 0.5
    call: control_window position=80
    expect:
      - within 3.5 s WindowStatus.DriverWindow >= 80
      - for 2 s WindowStatus.DriverWindow < 60
      - frame WindowCommand within 0.1 s
      - agent.status is done
      - no frame ClosureCommand
      - no frame WindowCommand.WindowMask is 2
"""


def test_a_command_is_seen_on_the_bus_in_the_car_and_in_the_answer(wiring: Wiring) -> None:
    report = played(WINDOW, wiring)
    assert report.passed, report.to_text()
    moved = report.checks[0]
    assert 3.1 <= moved.after_s <= 3.45  # 80 percent of 4 s and a status cycle


def test_what_stays_must_stay_and_what_must_not_come_must_not(wiring: Wiring) -> None:
    wrong = WINDOW.replace("for 2 s", "for 3 s").replace("no frame ClosureCommand", "no frame WindowCommand")
    report = played(wrong.replace("within 3.5 s", "within 2 s"), wiring)
    assert [c.met for c in report.checks] == [False, False, True, True, False, True]


def test_a_repetition_is_the_same(wiring: Wiring) -> None:
    first, second = (played(WINDOW, wiring).checks for _ in range(2))
    assert [c.met for c in first] == [c.met for c in second]
    assert first[0].after_s == pytest.approx(second[0].after_s, abs=0.05)


JITTER = "name: x\njitter: 2\nsteps:\n  - {at: 0, note: a}\n  - {at: 1, note: b}\n  - {at: 5, note: c}\n"


def test_the_seed_moves_the_steps(wiring: Wiring) -> None:
    times = [[e.at_s for e in played(JITTER, wiring, seed=seed).events] for seed in (1, 1, 2)]
    assert times[0] == pytest.approx(times[1], abs=0.01)
    assert abs(times[0][1] - times[2][1]) > 0.01
    assert all(1 <= t[1] <= 3 and 5 <= t[2] <= 7 for t in times)


def test_faults_end_one_by_one(wiring: Wiring) -> None:
    report = played(
        "name: x\nstart: {gear: D}\nsteps:\n"
        "  - {at: 0, fault: [silence Gear, silence Rain], expect: [no frame Gear for 1 s]}\n".replace(
            "silence Rain", "silence Environment"
        )
        + "  - {at: 1.5, clear: silence Gear, expect: [frame Gear within 0.2 s, no frame Environment for 1 s]}\n"
        "  - {at: 3, clear: true, expect: [frame Environment within 0.3 s]}\n",
        wiring,
    )
    assert report.passed, report.to_text()


def test_somebody_else_on_the_bus(wiring: Wiring) -> None:
    """Forged frames are not believed, they only make the speed unknown; a repeated command is carried out once."""
    report = played(
        "name: x\nstart: {gear: D, speed: 50}\nsteps:\n"
        "  - at: 0\n    send: {message: VehicleSpeed, values: {VehicleSpeed: 0}, times: 30, every: 0.01}\n"
        "    expect: [agent.state is unknown, for 2 s agent.state is not standstill]\n"
        "  - at: 3\n    call: control_window position=50\n    expect: [agent.status is done]\n"
        "  - {at: 6, set: {driver_window: 0}}\n"
        "  - {at: 6.5, resend: WindowCommand, expect: [frame WindowCommand, for 2 s driver_window is 0]}\n",
        wiring,
    )
    assert report.passed, report.to_text()


def test_junit_holds_every_expectation(wiring: Wiring, tmp_path: Path) -> None:
    text = 'name: <x> & y\nsteps:\n  - {at: 0, expect: {gear: P, speed: "> 40"}, within: 0.1}\n'
    path = tmp_path / "deep" / "results.xml"
    write_junit([played(text, wiring), played("name: z\nsteps:\n  - {at: 0, expect: {gear: P}}\n", wiring)], path)
    found = JUnitXml.fromfile(str(path))
    assert (found.tests, found.failures) == (3, 1)
    assert [suite.name for suite in found] == ["<x> & y", "z"]
