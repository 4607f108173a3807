"""The witness knows what the car really does."""

from simulators import scenario
from simulators.workbench.play import play

LYING = """\
name: both speed sources and the gear stand still on the wire
{residual}
steps:
  - at: 0
    fault: [freeze VehicleSpeed, freeze WheelSpeedAverage, freeze Gear]
  - at: 1
    set: {{gear: D, speed: 50}}
  - at: {at}
    call: operate_trunk action=open
    expect: [agent.verdict is allow]
"""


def test_what_signals_cannot_show_is_found() -> None:
    report = play(scenario.parse(LYING.format(residual="", at=3)))
    assert [check.met for check in report.checks] == [True]  # nothing the gate could have seen
    assert not report.passed
    unsafe = report.unsafe[0]  # the car refuses, so it may be tried a second time
    assert "operate_trunk" in unsafe
    assert "was sent as parked; the car had been driving for" in unsafe
    assert "UNSAFE" in report.to_text()


def test_a_residual_risk_that_is_named_does_not_fail() -> None:
    report = play(scenario.parse(LYING.format(residual="residual: all sources lie alike", at=3)))
    assert report.passed
    assert report.unsafe


def test_the_time_to_notice_is_granted() -> None:
    assert play(scenario.parse(LYING.format(residual="", at=1.4))).unsafe == ()


def test_what_is_refused_is_never_unsafe() -> None:
    text = LYING.format(residual="", at=3).replace("freeze Gear]", "freeze Gear, silence Gear]")
    report = play(scenario.parse(text.replace("is allow", "is deny")))
    assert report.passed, report.to_text()
