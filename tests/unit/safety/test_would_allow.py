"""`Gate.would_allow`: answers as a judgement would, and leaves nothing behind.

Each history is lived through twice, by a gate that is asked in between and by one that is not.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE
from support.car import BY_STATE, CRASHED, CREEPING, DRIVING, PARKED, Clock, signals

from state_machines.crash_latch import CLEAR, CrashLatch, Latch
from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Gate
from state_machines.permit import Permit, PermitRefused
from state_machines.rulebook import Decision
from state_machines.verdict import Allow, Verdict
from vehicle_apis.call import Call
from vehicle_apis.signals import Reading, Signals

call = CATALOGUE.call
VIDEO = call("play_video", title="x")
CALLS = (VIDEO, call("set_volume", level=5), call("set_door_locks", state="unlock"), call("make_emergency_call"))
SNAPSHOTS = (
    *BY_STATE.values(),
    signals(ignition="off"),
    signals(ignition="on"),
    signals(ignition="on", crash=Reading("detected", age_ms=800)),
    signals(crash=Reading("detected", valid=False)),
)
# the edges of a second's evidence and of a permit's life, and a clock that steps back
STEPS_S = (0.0, 0.02, 0.1, 0.101, 0.999, 1.0, 1.5, -0.5)


@dataclass
class Life:
    """A gate with all that can be seen of it from outside."""

    clock: Clock = field(default_factory=Clock)
    changes: list[tuple[DrivingState, DrivingState]] = field(default_factory=list)
    stored: list[Latch] = field(default_factory=list)
    permit: Permit | None = None

    def __post_init__(self) -> None:
        self.latch = CrashLatch(on_change=self.stored.append)
        on_change = lambda old, new: self.changes.append((old, new))  # noqa: E731
        self.gate = Gate(CATALOGUE, self.clock, latch=self.latch, on_change=on_change)

    def seen(self) -> object:
        return self.gate.state, self.latch.latched, self.latch.stored, list(self.changes), list(self.stored)

    def judged(self, wanted: Call, car: Signals) -> tuple[type[Verdict], str, str]:
        verdict = self.gate.judge(wanted, car)
        if isinstance(verdict, Allow):
            self.permit = verdict.permit
        return type(verdict), verdict.rule, verdict.reason

    def redeemed(self, wanted: Call) -> str:
        if self.permit is None:
            return "none"
        try:
            self.permit.redeem(wanted, self.clock())
        except PermitRefused as e:
            return str(e)
        return "redeemed"


ASKED = st.lists(st.tuples(st.sampled_from(CALLS), st.sampled_from(SNAPSHOTS)), max_size=3)
HISTORY = st.lists(
    st.tuples(
        st.sampled_from(STEPS_S),
        ASKED,
        st.sampled_from(["observe", "assess", "judge", "redeem"]),
        st.sampled_from(CALLS),
        st.sampled_from(SNAPSHOTS),
    ),
    min_size=1,
    max_size=20,
)


@given(HISTORY)
@settings(max_examples=200)
def test_being_asked_changes_nothing_that_anybody_could_notice(
    history: list[tuple[float, list[tuple[Call, Signals]], str, Call, Signals]],
) -> None:
    asked, unasked = Life(), Life()

    def done(life: Life, what: str, wanted: Call, car: Signals) -> object:
        match what:
            case "observe":
                return life.gate.observe(car)
            case "assess":
                return life.gate.assess(wanted, car)
            case "judge":
                return life.judged(wanted, car)
            case _:
                return life.redeemed(wanted)

    for step_s, questions, what, wanted, car in history:
        asked.clock.advance(step_s)
        unasked.clock.advance(step_s)
        for question, snapshot in questions:
            asked.gate.would_allow(question, snapshot)
            assert asked.seen() == unasked.seen()
        assert done(asked, what, wanted, car) == done(unasked, what, wanted, car)
        assert asked.seen() == unasked.seen()


@given(HISTORY)
@settings(max_examples=200)
def test_it_says_what_a_judgement_of_the_same_moment_says(
    history: list[tuple[float, list[tuple[Call, Signals]], str, Call, Signals]],
) -> None:
    life = Life()
    for step_s, _, _, wanted, car in history:
        life.clock.advance(step_s)
        said = life.gate.would_allow(wanted, car)
        assert said is (life.gate.assess(wanted, car).decision is Decision.ALLOW)


def parked() -> Life:
    life = Life()
    life.gate.observe(PARKED)
    life.clock.advance(1.5)
    life.gate.observe(PARKED)
    life.changes.clear()
    return life


@pytest.mark.parametrize("car", [CREEPING, DRIVING, CRASHED, Signals()])
def test_a_worse_snapshot_counts_for_the_answer_and_for_nothing_else(car: Signals) -> None:
    life = parked()
    assert life.judged(VIDEO, PARKED)[0] is Allow
    assert not life.gate.would_allow(VIDEO, car)
    assert life.gate.state is DrivingState.PARKED
    assert not life.changes
    assert not life.stored
    assert not life.latch.latched
    assert life.redeemed(VIDEO) == "redeemed"
    assert life.gate.would_allow(VIDEO, PARKED)


def test_a_snapshot_it_was_asked_about_is_no_evidence_for_a_better_state() -> None:
    life = parked()
    life.gate.observe(CREEPING)
    life.clock.advance(0.01)
    life.gate.would_allow(VIDEO, PARKED)  # were this the first good look, a second of evidence would begin here
    life.clock.advance(1.0)
    assert not life.gate.would_allow(VIDEO, PARKED)
    life.gate.observe(PARKED)
    assert life.gate.state is DrivingState.CREEPING


def test_a_crash_is_cleared_only_by_what_was_observed() -> None:
    life = parked()
    life.gate.observe(CRASHED)
    assert life.gate.would_allow(call("make_emergency_call"), PARKED)
    life.gate.would_allow(VIDEO, signals(ignition="off"))
    life.gate.observe(signals(ignition="on"))
    assert life.latch.latched
    assert life.stored == [Latch(latched=True)]
    life.gate.observe(signals(ignition="off"))
    life.clock.advance(2.0)
    life.gate.would_allow(VIDEO, signals(ignition="on"))
    assert life.latch.stored == Latch(latched=True, was_off=True)
    life.gate.observe(signals(ignition="on"))
    assert life.latch.stored == CLEAR


def test_the_context_counts() -> None:
    life = parked()
    resume = call("control_playback", action="play")
    assert life.gate.would_allow(resume, PARKED, Context(video_title="a film"))
    life.gate.observe(DRIVING)
    assert life.gate.would_allow(resume, DRIVING)
    assert not life.gate.would_allow(resume, DRIVING, Context(video_title="a film"))
