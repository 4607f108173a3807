"""The sentences of `expect`."""

import pytest

from simulators.errors import ScenarioError
from simulators.scenario.expectations import Fact, Frame, Holds, NoFrame, Stays, from_mapping, parse_expectation

OPEN = Fact(name="WindowStatus.DriverWindow", op=">=", wanted="90")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("within 2 s WindowStatus.DriverWindow >= 90", Holds(fact=OPEN, within_s=2)),
        ("  within 2s   WindowStatus.DriverWindow>=90 ", Holds(fact=OPEN, within_s=2)),
        ("WindowStatus.DriverWindow >= 90", Holds(fact=OPEN)),
        ("for 0.5 s WindowStatus.DriverWindow >= 90", Stays(fact=OPEN, for_s=0.5)),
        ("speed == 4", Holds(fact=Fact(name="speed", op="is", wanted="4"))),
        ("speed != 4", Holds(fact=Fact(name="speed", op="is not", wanted="4"))),
        ("agent.rule is not play_video[0]", Holds(fact=Fact(name="agent.rule", op="is not", wanted="play_video[0]"))),
        (
            'agent.reply contains "in a moment"',
            Holds(fact=Fact(name="agent.reply", op="contains", wanted="in a moment")),
        ),
        ("frame WindowCommand", Frame(message="WindowCommand")),
        ("frame WindowStatus.DriverWindow >= 90 within 2 s", Frame(message="WindowStatus", fact=OPEN, within_s=2)),
        ("no frame WindowCommand", NoFrame(message="WindowCommand")),
        ("no frame WindowStatus.DriverWindow >= 90 for 3 s", NoFrame(message="WindowStatus", fact=OPEN, for_s=3)),
    ],
)
def test_what_a_sentence_says(sentence: str, expected: object) -> None:
    assert parse_expectation(sentence) == expected


@pytest.mark.parametrize("sentence", ["", "x", "within s x is y", "within 2 s", "speed = 4", "no", "frame", "for ever"])
def test_what_is_no_sentence(sentence: str) -> None:
    with pytest.raises(ScenarioError):
        parse_expectation(sentence)


@pytest.mark.parametrize(
    ("op", "wanted", "seen", "met"),
    [
        (">=", "90", 90, True),
        (">=", "90", 89.9, False),
        (">", "90", 90, False),
        ("<", "90", 89.9, True),
        ("<=", "90", 90, True),
        ("<", "90", "closed", False),
        ("is", "90", 90.0, True),
        ("is", "open", "Open", True),
        ("is", "open", "opening", False),
        ("is", "yes", "on", True),
        ("is not", "off", "on", True),
        ("is not", "off", "no", False),
        ("is not", "off", None, False),
        ("contains", "video", "Playing a Video works", True),
        ("contains", "video", "Playing music", False),
    ],
)
def test_whether_a_fact_is_met(op: str, wanted: str, seen: float | str | None, met: bool) -> None:
    assert Fact(name="x", op=op, wanted=wanted).is_met(seen) is met  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "op", "text"),
    [(True, "is", "yes"), (4, "is", "4"), (">= 4.5", ">=", "4.5"), ("<-3", "<", "-3"), ("open", "is", "open")],
)
def test_the_short_form(wanted: object, op: str, text: str) -> None:
    assert from_mapping("x", wanted).fact == Fact(name="x", op=op, wanted=text)  # type: ignore[arg-type]
