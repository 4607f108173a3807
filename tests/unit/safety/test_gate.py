"""The gate: binding judgements, permits, confirmations."""

import copy
import pickle
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE, calls
from support.car import BY_STATE, CRASHED, CREEPING, DRIVING, FAST, PARKED, STANDSTILL, UNKNOWN, Clock, signals

from state_machines import limits
from state_machines.crash_latch import CrashLatch, Latch
from state_machines.dialogue import Accepted, Confirmation, Dialogue
from state_machines.driving_state import DrivingState, raw_state
from state_machines.expansion import Context
from state_machines.gate import Gate, Judge
from state_machines.permit import Permit, PermitRefused
from state_machines.rulebook import Decision
from state_machines.verdict import Allow, Confirm, Deny, Verdict
from vehicle_apis.call import Call
from vehicle_apis.signals import Reading, Signals

Anything: TypeAlias = Any  # wrong types are part of what is tried

call = CATALOGUE.call
VIDEO = call("play_video", title="x")
TEXT = call("send_text_message", recipient="mom", message="hello")
VOLUME = call("set_volume", level=5)


class Bench:
    """A gate whose car stands in one state for more than a second."""

    def __init__(self, car: Signals = PARKED, **more: Anything) -> None:
        self.clock = Clock()
        self.changes: list[tuple[DrivingState, DrivingState]] = []
        self.gate = Gate(CATALOGUE, self.clock, on_change=lambda a, b: self.changes.append((a, b)), **more)
        self.settle(car)

    def settle(self, car: Signals) -> None:
        self.gate.observe(car)
        self.clock.advance(1.5)
        self.gate.observe(car)

    def permit(self, car: Signals = PARKED, wanted: Call = VOLUME) -> Permit:
        verdict = self.gate.judge(wanted, car)
        assert isinstance(verdict, Allow)
        return verdict.permit

    def confirmation(self, wanted: Call) -> Confirmation:
        dialogue = Dialogue(self.clock)
        answer = dialogue.answer(dialogue.ask("?", wanted).id, yes=True)
        assert isinstance(answer, Accepted)
        return answer.confirmation


# --- verdicts


@given(calls(), st.sampled_from([*BY_STATE]))
@settings(max_examples=300)
def test_in_a_settled_state_the_gate_says_what_the_judge_says(wanted: Call, word: str) -> None:
    car = BY_STATE[word]
    bench = Bench(car)
    assert bench.gate.state.word == word
    single = Judge(CATALOGUE).settled(wanted.name, wanted.json_arguments(), car)
    assert single.decision is bench.gate.assess(wanted, car).decision
    verdict = bench.gate.judge(wanted, car)
    kinds = {Decision.ALLOW: Allow, Decision.CONFIRM: Confirm, Decision.DENY: Deny}
    assert type(verdict) is kinds[single.decision]
    assert verdict.rule == single.rule
    assert verdict.reason == single.reason
    assert verdict.reason[0].isupper()
    assert verdict.reason[-1] in ".?"


def test_at_start_the_state_is_unknown_whatever_the_signals_say() -> None:
    gate = Gate(CATALOGUE, Clock())
    assert gate.state is DrivingState.UNKNOWN
    assert isinstance(gate.judge(VIDEO, PARKED), Deny)


def test_the_judgement_itself_takes_the_worse_state_into_account() -> None:
    bench = Bench(PARKED)
    assert isinstance(bench.gate.judge(VIDEO, PARKED), Allow)
    assert isinstance(bench.gate.judge(VIDEO, CREEPING), Deny)
    assert bench.gate.state is DrivingState.CREEPING
    bench.clock.advance(0.9)
    assert isinstance(bench.gate.judge(VIDEO, PARKED), Deny)
    bench.clock.advance(1.0)
    assert isinstance(bench.gate.judge(VIDEO, PARKED), Allow)


def test_a_latched_crash_holds_for_the_gate_too() -> None:
    bench = Bench(CRASHED)
    bench.settle(PARKED)
    assert bench.gate.state is DrivingState.CRASHED
    assert isinstance(bench.gate.judge(call("make_emergency_call"), PARKED), Allow)
    bench.settle(signals(ignition="off"))
    assert bench.gate.state is DrivingState.CRASHED
    old = signals(ignition="on", crash=Reading("detected", age_ms=60_000))
    bench.settle(old)
    assert bench.gate.state.word == "parked"


def test_a_restored_latch() -> None:
    assert Bench(PARKED, latch=CrashLatch(Latch(latched=True))).gate.state is DrivingState.CRASHED


def test_an_assessment_gives_no_permit_and_revokes_none() -> None:
    bench = Bench()
    permit = bench.permit()
    assessment = bench.gate.assess(VOLUME, PARKED)
    assert not hasattr(assessment, "permit")
    permit.redeem(VOLUME, bench.clock())


# --- permits


def test_a_permit_is_good_once() -> None:
    bench = Bench()
    permit = bench.permit()
    permit.redeem(VOLUME, bench.clock())
    with pytest.raises(PermitRefused, match="used already"):
        permit.redeem(VOLUME, bench.clock())


@pytest.mark.parametrize(
    ("after_s", "good"), [(0.0, True), (0.05, True), (0.0999, True), (0.1001, False), (1.0, False), (-0.001, False)]
)
def test_a_permit_lives_a_tenth_of_a_second(after_s: float, good: bool) -> None:
    assert limits.PERMIT_LIFE_S == 0.1
    bench = Bench()
    permit = bench.permit()
    bench.clock.advance(after_s)
    if good:
        permit.redeem(VOLUME, bench.clock())
    else:
        with pytest.raises(PermitRefused, match="expired"):
            permit.redeem(VOLUME, bench.clock())


def test_a_permit_at_exactly_its_end_still_holds() -> None:
    clock = Clock(0.0)
    gate = Gate(CATALOGUE, clock)
    for clock.now_s in (-2.0, 0.0):
        gate.observe(PARKED)
    verdict = gate.judge(VOLUME, PARKED)
    assert isinstance(verdict, Allow)
    verdict.permit.redeem(VOLUME, 0.1)


def test_a_refused_permit_is_used_up() -> None:
    for wanted, after_s in ((call("set_volume", level=6), 0.0), (VOLUME, 5.0)):
        bench = Bench()
        permit = bench.permit()
        bench.clock.advance(after_s)
        with pytest.raises(PermitRefused):
            permit.redeem(wanted, bench.clock())
        with pytest.raises(PermitRefused, match="used already"):
            permit.redeem(VOLUME, bench.clock.now_s - after_s)


@given(calls(), calls())
def test_a_permit_is_for_one_call(one: Call, other: Call) -> None:
    bench = Bench()
    verdict = bench.gate.judge(one, PARKED)
    if isinstance(verdict, Allow) and one != other:
        with pytest.raises(PermitRefused, match="not for"):
            verdict.permit.redeem(other, bench.clock())


def test_a_new_permit_makes_the_one_before_worthless() -> None:
    bench = Bench()
    first, second = bench.permit(), bench.permit()
    with pytest.raises(PermitRefused):
        first.redeem(VOLUME, bench.clock())
    second.redeem(VOLUME, bench.clock())


@pytest.mark.parametrize("car", [STANDSTILL, CREEPING, DRIVING, FAST, UNKNOWN, CRASHED])
def test_a_change_of_state_revokes_the_permit(car: Signals) -> None:
    bench = Bench()
    permit = bench.permit()
    bench.gate.observe(car)
    with pytest.raises(PermitRefused):
        permit.redeem(VOLUME, bench.clock())
    assert bench.changes[-1] == (DrivingState.PARKED, raw_state(car))


def test_a_better_state_revokes_it_as_well() -> None:
    bench = Bench(DRIVING)
    bench.gate.observe(PARKED)
    bench.clock.advance(0.95)
    permit = bench.permit(PARKED)
    bench.clock.advance(0.05)
    assert bench.gate.observe(PARKED) is DrivingState.PARKED
    with pytest.raises(PermitRefused):
        permit.redeem(VOLUME, bench.clock())


def test_a_permit_survives_what_changes_nothing() -> None:
    bench = Bench()
    permit = bench.permit()
    bench.gate.observe(PARKED)
    permit.redeem(VOLUME, bench.clock())


def test_permits_cannot_be_made_copied_or_stored() -> None:
    permit = Bench().permit()
    for key in (None, object(), "gate"):
        with pytest.raises(PermitRefused, match="only the safety gate"):
            Permit(VOLUME, 0.0, key=key)
    for double in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(PermitRefused, match="cannot be copied"):
            double(permit)
    # one made without its constructor has nothing to redeem
    with pytest.raises(AttributeError):
        Permit.__new__(Permit).redeem(VOLUME, 0.0)
    with pytest.raises(AttributeError):
        permit.extra = 1  # type: ignore[attr-defined]


# --- confirmations


def test_a_yes_turns_one_confirm_into_an_allow() -> None:
    bench = Bench(DRIVING)
    assert isinstance(bench.gate.judge(TEXT, DRIVING), Confirm)
    yes = bench.confirmation(TEXT)
    verdict = bench.gate.judge(TEXT, DRIVING, confirmation=yes)
    assert isinstance(verdict, Allow)
    verdict.permit.redeem(TEXT, bench.clock())
    assert isinstance(bench.gate.judge(TEXT, DRIVING, confirmation=yes), Confirm)


def test_a_yes_to_another_call_is_none() -> None:
    bench = Bench(DRIVING)
    other = call("send_text_message", recipient="boss", message="hello")
    yes = bench.confirmation(TEXT)
    assert isinstance(bench.gate.judge(other, DRIVING, confirmation=yes), Confirm)
    # and it was used up by the attempt
    assert isinstance(bench.gate.judge(TEXT, DRIVING, confirmation=yes), Confirm)


def test_a_yes_bypasses_nothing() -> None:
    bench = Bench(STANDSTILL)
    trunk = call("operate_trunk", action="open")
    yes = bench.confirmation(trunk)
    assert isinstance(bench.gate.judge(trunk, DRIVING, confirmation=yes), Deny)
    # ... and does not wait for a better moment
    bench.settle(STANDSTILL)
    assert isinstance(bench.gate.judge(trunk, STANDSTILL, confirmation=yes), Confirm)


def test_a_yes_that_was_not_needed_is_used_up_too() -> None:
    bench = Bench(PARKED)
    trunk = call("operate_trunk", action="open")
    yes = bench.confirmation(trunk)
    assert isinstance(bench.gate.judge(trunk, PARKED, confirmation=yes), Allow)
    assert isinstance(bench.gate.judge(trunk, STANDSTILL, confirmation=yes), Confirm)


def test_an_old_yes_is_none() -> None:
    bench = Bench(DRIVING)
    yes = bench.confirmation(TEXT)
    bench.clock.advance(10.01)
    assert isinstance(bench.gate.judge(TEXT, DRIVING, confirmation=yes), Confirm)


def test_a_yes_to_undo_holds_for_the_undo_and_no_other_call() -> None:
    bench = Bench(DRIVING)
    undo, inverse = call("undo_last_action"), call("set_headlights", mode="off")
    context = Context(undo=(inverse,))
    assert isinstance(bench.gate.judge(undo, DRIVING, context), Confirm | Deny)
    yes = bench.confirmation(undo)
    assert not isinstance(bench.gate.judge(TEXT, DRIVING, confirmation=yes), Allow)


@given(st.lists(st.tuples(st.sampled_from([*BY_STATE]), st.integers(0, 600), st.booleans()), max_size=25))
@settings(max_examples=150)
def test_no_permit_is_good_in_a_state_that_denies(steps: list[tuple[str, int, bool]]) -> None:
    """Whatever the drive: a permit that can be redeemed belongs to a state whose rule allows the call."""
    bench = Bench()
    judge = Judge(CATALOGUE)
    kept: Permit | None = None
    for word, wait_ms, ask in steps:
        bench.clock.advance(wait_ms / 1000)
        car = BY_STATE[word]
        bench.gate.observe(car)
        if ask:
            verdict: Verdict = bench.gate.judge(VIDEO, car)
            kept = verdict.permit if isinstance(verdict, Allow) else kept
        elif kept is not None:
            try:
                kept.redeem(VIDEO, bench.clock())
            except PermitRefused:
                continue
            assert judge.assess(VIDEO, bench.gate.state, car).decision is Decision.ALLOW
            assert word == "parked"
