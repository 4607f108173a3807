"""Reading scenarios: what is wrong is named with its line."""

from pathlib import Path

import pytest

from simulators import scenario
from simulators.car import Wiring
from simulators.errors import ScenarioError

GOOD = """\
name: test
steps:
  - at: 0
    set: {gear: D, speed: 50, rain: yes}
  - at: 1.5
    fault: unplug Windows
  - at: 2
    clear: true
    fault: [silence Gear, speeds_apart 20]
    expect: {speed: ">= 50", rain: yes, gear: D}
    within: 1
"""


def test_a_good_one(wiring: Wiring) -> None:
    parsed = scenario.parse(GOOD, wiring=wiring)
    first, second, third = parsed.steps
    assert first.values == {"gear": "D", "speed": 50, "rain": True}
    assert (second.at_s, second.faults) == (1.5, ("unplug Windows",))
    assert (third.clear, third.faults, third.within_s) == (True, ("silence Gear", "speeds_apart 20"), 1)
    assert [str(e.fact) for e in third.expect] == ["speed >= 50", "rain is yes", "gear is D"]
    assert (parsed.needs_agent, parsed.needs_model, parsed.needs_head_unit) == (False, False, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("speed: 50", "sped: 50", 4, "no setting 'sped', did you mean 'speed'"),
        ("gear: D, speed", "gear: X, speed", 4, "gear must be one of P, R, N, D"),
        ("at: 1.5", "at: 2.5", 7, "in order of time"),
        ("at: 1.5", "at: soon", 5, "steps.1.at: Input should be a valid number"),
        ("at: 1.5", "at: -1", 5, "greater than or equal to 0"),
        ("unplug Windows", "unplug Nobody", 6, "no control unit 'Nobody'"),
        ("silence Gear, ", "break Gear, ", 9, "a fault is one of"),
        ("    within: 1", "    with: 1", 11, "Extra inputs are not permitted"),
        ('">= 50"', '"50"', 0, ""),
        ("gear: D}", 'gear: "> 3"}', 10, "'gear' is no number"),
        ("rain: yes, gear", "rainy: yes, gear", 10, "no state 'rainy'"),
        ("name: test", "name: [", 3, "this is no YAML"),
        ("name: test", "title: test", 1, "name: Field required"),
        ("    clear: true\n", "    clear: perhaps\n", 8, "no fault 'perhaps' is at work"),
        ("    clear: true\n", "    clear: {}\n", 8, "steps.2.clear"),
    ],
)
def test_what_is_wrong_is_named(wiring: Wiring, old: str, new: str, line: int, message: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if not message:
        scenario.parse(text, "x.yaml", wiring=wiring)
        return
    with pytest.raises(ScenarioError) as e:
        scenario.parse(text, "x.yaml", wiring=wiring)
    assert str(e.value).startswith(f"x.yaml line {line}: ")
    assert message in str(e.value)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("window open", "is no expectation"),
        ("agent.mood is good", "there is no agent.mood; there are agent.state"),
        ("headunit.mood is good", "there is no headunit.mood"),
        ("WindowStatus.Mood is good", "message WindowStatus has no signal 'Mood'"),
        ("WindowsStatus.DriverWindow > 3", "the DBC has no message 'WindowsStatus'"),
        ("Gear.Gear is X", "Gear.Gear is never 'X'"),
        ("Gear.Gear > 3", "is no number"),
        ("speed > fast", "needs a number"),
        ("spede > 3", "no state 'spede'"),
        ("frame Nothing", "the DBC has no message"),
        ("frame Gear for 3 s", "what must come has 'within N s'"),
        ("no frame Gear within 3 s", "what must not come has 'for N s'"),
    ],
)
def test_an_expectation_that_makes_no_sense(wiring: Wiring, sentence: str, message: str) -> None:
    text = f"name: x\nsteps:\n  - at: 0\n    note: x\n    expect:\n      - gear is P\n      - {sentence}\n"
    with pytest.raises(ScenarioError, match="line 7: ") as e:
        scenario.parse(text, wiring=wiring)
    assert message in str(e.value)


def test_aliases_are_not_expanded(wiring: Wiring) -> None:
    with pytest.raises(ScenarioError, match=r"line 3: .*aliases"):
        scenario.parse("name: &a x\nabout: b\ntags: [*a, *a]\nsteps: []\n", wiring=wiring)


def test_a_huge_file_is_refused(wiring: Wiring) -> None:
    with pytest.raises(ScenarioError, match="at most"):
        scenario.parse("#" * 1_000_001, wiring=wiring)


def test_a_file_that_is_not_there(wiring: Wiring, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="sim list"):
        scenario.load(tmp_path / "x.yaml", wiring=wiring)
    (tmp_path / "y.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="cannot be read"):
        scenario.load(tmp_path / "y.yaml", wiring=wiring)


@pytest.mark.parametrize("text", ["", "[]", "name: x\nsteps: []\n", "name: x\nsteps:\n  - at: 1\n"])
def test_an_empty_one(wiring: Wiring, text: str) -> None:
    with pytest.raises(ScenarioError):
        scenario.parse(text, wiring=wiring)


@pytest.mark.parametrize("name", sorted(scenario.built_in()))
def test_those_that_come_along_are_sound(wiring: Wiring, name: str) -> None:
    scenario.load(scenario.built_in()[name], wiring=wiring)


def test_there_are_some() -> None:
    assert {"commute", "crash", "failing_signals", "rainy_night"} <= set(scenario.built_in())
