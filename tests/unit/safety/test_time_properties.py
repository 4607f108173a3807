"""Time: random histories against a reading of the specification's words that searches the whole history each time.

Times are multiples of 1/1024 s, so that sums and limits are exact.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, precondition, rule
from safety_spec import matrix
from safety_spec.oracle import Oracle, reading
from support.calls import CATALOGUE
from support.car import BY_STATE, PARKED, Clock, signals

from state_machines.dialogue import (
    Accepted,
    Confirmation,
    ConfirmationRefused,
    Declined,
    Dialogue,
    Expired,
    NoSuchQuestion,
    Question,
)
from state_machines.driving_state import DrivingState
from state_machines.gate import Gate, Judge
from state_machines.permit import Permit, PermitRefused
from state_machines.verdict import Allow, Confirm, Deny
from vehicle_apis.call import Call
from vehicle_apis.signals import Reading, Signals

Line: TypeAlias = dict[str, Any]
ORACLE = Oracle()
TICK_S = 1 / 1024
ORDER = ("parked", "standstill", "creeping", "driving", "fast", "unknown", "crashed")  # as safety.yaml orders them
SECOND_S = 1.0
PERMIT_S = 0.1
QUESTION_S = 10.0
ANSWERED_S = 2.0  # a yes holds at least this long
call = CATALOGUE.call


@pytest.fixture(scope="module", autouse=True)
def one_judge() -> Iterator[None]:
    """The judge keeps nothing, and making its rules ready is what costs in a new gate."""
    judge = Judge(CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("state_machines.gate.Judge", lambda _catalogue: judge)
        yield


# --- histories --------------------------------------------------------------------------------------------------------

_SPEEDS = st.sampled_from([0, 0, 0, 0.4, 0.5, 3, 7.9, 8, 60, 129, 130, 200, 301, -1, math.nan, "invalid", None])
_AGES_MS = st.sampled_from([0, 0, 0, 20, 499, 500, 501, 5000, -1])
_VALID = st.sampled_from([True] * 9 + [False])
# the clock may stand, creep, miss the gate's rhythm, or jump
_STEPS = st.sampled_from([0, 1, 20, 20, 51, 51, 102, 102, 102, 512, 513, 1023, 1024, 1025, 3000])


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """One snapshot in the `judge` format: mostly sound, sometimes anything but."""
    first = draw(_SPEEDS)
    second = first if draw(st.integers(0, 9)) else draw(_SPEEDS)
    gear = draw(st.sampled_from(["P", "P", "P", "D", "D", "R", "N", "X", None]))
    return {
        "signals": {"speed": [first, second], **({} if gear is None else {"gear": gear})},
        "age_ms": {"speed": [draw(_AGES_MS), draw(_AGES_MS)], "gear": draw(_AGES_MS)},
        "valid": {"speed": [draw(_VALID), draw(_VALID)], "gear": draw(_VALID)},
    }


CALM = [{"signals": {"speed": [v, v], "gear": g}} for g, v in (("P", 0), ("D", 0), ("D", 5), ("D", 60), ("D", 140))]
HISTORIES = st.lists(st.tuples(_STEPS, lines() | st.sampled_from(CALM)), min_size=1, max_size=60)


def as_signals(line: Line) -> Signals:
    def read(key: str, index: int | None = None) -> Reading | None:
        seen = reading(line, key, index)
        return None if seen is None else Reading(value=seen.value, age_ms=seen.age_ms, valid=seen.valid)

    return Signals(speed_kmh=(read("speed", 0), read("speed", 1)), gear=read("gear"))


def specified(history: list[tuple[float, str]]) -> str:
    """The live state after ``history`` (time, raw state): the best one for which there is a second of evidence.

    Evidence for a state is an unbroken run of snapshots up to now of which none is worse. Before the first: unknown.
    """
    now_s = history[-1][0]
    for word in ORDER:
        since_s = None
        for at_s, raw in reversed(history):
            if ORDER.index(raw) > ORDER.index(word):
                break
            since_s = at_s
        else:
            if ORDER.index(word) >= ORDER.index("unknown"):
                return word
        if since_s is not None and now_s - since_s >= SECOND_S:
            return word
    return "crashed"


@given(HISTORIES)
@settings(max_examples=250)
def test_the_live_state_is_the_one_a_search_of_the_history_finds(steps: list[tuple[int, Line]]) -> None:
    clock, history = Clock(), list[tuple[float, str]]()
    gate = Gate(CATALOGUE, clock)
    for ticks, line in steps:
        clock.advance(ticks * TICK_S)
        raw = ORACLE.state(line)
        history.append((clock(), raw))
        live = gate.observe(as_signals(line)).word
        # the worse at once, whatever was before
        assert ORDER.index(live) >= ORDER.index(raw)
        assert live == specified(history)


@given(HISTORIES, st.sampled_from(CALM), st.lists(st.integers(1, 102), min_size=1, max_size=30))
@settings(max_examples=150)
def test_better_needs_a_whole_second_from_the_first_good_snapshot(
    before: list[tuple[int, Line]], calm: Line, rhythm: list[int]
) -> None:
    clock = Clock()
    gate = Gate(CATALOGUE, clock)
    for ticks, line in before:
        clock.advance(ticks * TICK_S)
        gate.observe(as_signals(line))
    began, target = gate.state, DrivingState[ORACLE.state(calm).upper()]
    clock.advance(TICK_S)
    first_s = clock()
    gate.observe(as_signals(calm))
    for ticks in rhythm * 40:
        if clock() - first_s > 1.2:
            break
        assert gate.state >= target
        if began > target and clock() - first_s < SECOND_S and gate.state == target:
            # only where the evidence for it had begun before
            assert ORACLE.state(before[-1][1]) in ORDER[: ORDER.index(target.word) + 1]
        clock.advance(ticks * TICK_S)
        gate.observe(as_signals(calm))
    if clock() - first_s >= SECOND_S:
        assert gate.state is target


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["crash", "none", "off", "on", "moves"])), max_size=40))
@settings(max_examples=150)
def test_a_crash_holds_until_the_ignition_went_off_and_on(steps: list[tuple[int, str]]) -> None:
    clock, crashed, was_off, ignition = Clock(), False, False, "on"
    gate = Gate(CATALOGUE, clock)
    for ticks, what in steps:
        clock.advance(ticks * TICK_S + TICK_S)
        ignition = what if what in {"on", "off"} else ignition
        if ignition == "off":
            was_off = True
        elif was_off:
            crashed = was_off = False
        crashed = crashed or what == "crash"
        car = signals(
            "D", 60 if what == "moves" else 0, crash="detected" if what == "crash" else "none", ignition=ignition
        )
        gate.observe(car)
        assert (gate.state is DrivingState.CRASHED) or not crashed
        if not crashed and gate.state is DrivingState.CRASHED:
            clock.advance(SECOND_S)
            gate.observe(signals("D", 0, ignition=ignition))
            assert gate.state is not DrivingState.CRASHED


# --- gate, dialogue and permits together ------------------------------------------------------------------------------

CALLS = (
    call("play_video", title="x"),
    call("operate_trunk", action="open"),
    call("send_text_message", recipient="mom", message="hello"),
    call("recall_seat_memory", slot=1, seat="passenger"),
    call("adjust_mirror", mirror="left", direction="up"),
    call("control_window", position=50),
    call("make_emergency_call"),
    call("set_volume", level=5),
    call("set_valet_mode", state="off"),
)
VERDICTS = {
    (str(wanted), word): ORACLE.judge(
        {"call": {"name": wanted.name, "arguments": wanted.json_arguments()}, **matrix.car(word)}
    ).verdict
    for wanted in CALLS
    for word in ORDER
}
SOME_CALL = st.sampled_from(CALLS)


@dataclass(eq=False)
class KnownYes:
    """What the test knows of a confirmation."""

    confirmation: Confirmation
    call: Call
    until_s: float
    used: bool = False


@dataclass(eq=False)
class KnownPermit:
    permit: Permit
    call: Call
    from_s: float
    state_changes: int
    used: bool = False


@dataclass
class Asked:
    question: Question
    until_s: float
    spoken: bool = False


@dataclass
class Model:
    """What must be true by the specification's words, kept beside the product."""

    history: list[tuple[float, str]] = field(default_factory=list)
    latched: bool = False
    state_changes: int = 0
    open: Asked | None = None
    latest: KnownPermit | None = None


class GateAndDialogue(RuleBasedStateMachine):
    """Driving, asking, answering, judging and redeeming in any order."""

    yeses: Bundle[KnownYes] = Bundle("yeses")
    permits: Bundle[KnownPermit] = Bundle("permits")
    questions: Bundle[Question] = Bundle("questions")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.gate = Gate(CATALOGUE, self.clock)
        self.dialogue = Dialogue(self.clock)
        self.car = PARKED
        self.word = "parked"
        self.m = Model()
        self.look()

    def look(self) -> None:
        """One observation, by the product and by the model."""
        before = self.gate.state
        self.note()
        self.gate.observe(self.car)
        self.compare(before)

    def note(self) -> None:
        self.m.latched = self.m.latched or self.word == "crashed"
        self.m.history.append((self.clock(), "crashed" if self.m.latched else self.word))

    def compare(self, before: DrivingState) -> None:
        assert self.gate.state.word == specified(self.m.history)
        self.m.state_changes += self.gate.state is not before

    @rule(ticks=st.sampled_from([0, 1, 51, 102, 103, 512, 1023, 1024, 2048, 2049, 5000, 10240, 10241]))
    def time_passes(self, ticks: int) -> None:
        self.clock.advance(ticks * TICK_S)

    @rule(word=st.sampled_from(ORDER))
    def drive(self, word: str) -> None:
        self.word, self.car = word, BY_STATE[word]
        self.look()

    @rule(word=st.sampled_from(["parked", "standstill"]))
    def settle(self, word: str) -> None:
        """Long enough for a better state."""
        self.drive(word)
        for _ in range(12):
            self.clock.advance(102 * TICK_S)
            self.look()

    @rule()
    def restart_the_car(self) -> None:
        for ignition in ("off", "on"):
            self.word, self.car = "parked", signals(ignition=ignition)
            if ignition == "on":
                self.m.latched = False
            self.look()

    # --- questions ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.m.open is None)
    @rule(target=questions, wanted=SOME_CALL)
    def ask(self, wanted: Call) -> Question:
        question = self.dialogue.ask("Sure?", wanted)
        self.m.open = Asked(question, self.clock() + QUESTION_S)
        return question

    @rule()
    def speak(self) -> None:
        if self.m.open is None:
            return
        self.dialogue.spoken(self.m.open.question.id)
        if not self.m.open.spoken and self.clock() <= self.m.open.until_s:
            self.m.open.spoken = True
            self.m.open.until_s = self.clock() + QUESTION_S

    @rule(target=yeses)
    def say_yes(self) -> Any:  # noqa: ANN401 - a bundle takes none or one
        return multiple() if self.m.open is None else self.answered(self.m.open.question, yes=True)

    @rule(target=yeses, question=questions, yes=st.booleans())
    def answer(self, question: Question, yes: bool) -> Any:  # noqa: ANN401
        return self.answered(question, yes=yes)

    def answered(self, question: Question, *, yes: bool) -> Any:  # noqa: ANN401
        asked = self.m.open
        answer = self.dialogue.answer(question.id, yes=yes)
        if asked is None or asked.question is not question:
            assert answer == NoSuchQuestion(question.id)
            return multiple()
        self.m.open = None
        if self.clock() > asked.until_s:
            assert answer == Expired(question)
            return multiple()
        if not yes:
            assert answer == Declined(question)
            return multiple()
        assert isinstance(answer, Accepted)
        assert isinstance(question.call, Call)
        until_s = max(asked.until_s, self.clock() + ANSWERED_S)
        return KnownYes(answer.confirmation, question.call, until_s)

    @rule()
    def withdraw(self) -> None:
        self.dialogue.withdraw()
        self.m.open = None

    @rule()
    def expire(self) -> None:
        gone = self.dialogue.expire()
        if self.m.open is not None and self.clock() > self.m.open.until_s:
            assert gone is self.m.open.question
            self.m.open = None
        else:
            assert gone is None

    # --- judging --------------------------------------------------------------------------------------------------

    @rule(target=permits, wanted=SOME_CALL)
    def judge(self, wanted: Call) -> Any:  # noqa: ANN401
        return self.judged(wanted, None)

    @rule(target=permits, wanted=SOME_CALL, yes=yeses)
    def judge_with_a_yes_to_some_call(self, wanted: Call, yes: KnownYes) -> Any:  # noqa: ANN401
        return self.judged(wanted, yes)

    @rule(target=permits, yes=yeses)
    def judge_with_its_yes(self, yes: KnownYes) -> Any:  # noqa: ANN401
        return self.judged(yes.call, yes)

    @rule(target=permits, wanted=SOME_CALL, ticks=st.sampled_from([0, 102, 103, 1024, 5000]))
    def ask_say_yes_and_judge_twice(self, wanted: Call, ticks: int) -> Any:  # noqa: ANN401
        self.withdraw()
        self.ask(wanted)
        yes = self.say_yes()
        assert isinstance(yes, KnownYes)
        self.time_passes(ticks)
        self.judged(wanted, yes)
        return self.judged(wanted, yes)

    def judged(self, wanted: Call, yes: KnownYes | None) -> Any:  # noqa: ANN401
        before = self.gate.state
        self.note()
        verdict = self.gate.judge(wanted, self.car, confirmation=None if yes is None else yes.confirmation)
        self.compare(before)
        word = VERDICTS[str(wanted), self.gate.state.word]
        confirmed = yes is not None and not yes.used and yes.call == wanted and self.clock() <= yes.until_s
        if yes is not None:
            yes.used = True  # whatever came of it
        if word == "deny":
            assert type(verdict) is Deny
            return multiple()
        if word == "confirm" and not confirmed:
            assert type(verdict) is Confirm
            return multiple()
        assert type(verdict) is Allow
        self.m.latest = KnownPermit(verdict.permit, wanted, self.clock(), self.m.state_changes)
        return self.m.latest

    # --- sending --------------------------------------------------------------------------------------------------

    @rule(wanted=SOME_CALL, ticks=st.sampled_from([0, 1, 102, 103]), word=st.sampled_from([None, *ORDER]))
    def judge_and_send_later(self, wanted: Call, ticks: int, word: str | None) -> None:
        known = self.judged(wanted, None)
        self.time_passes(ticks)
        if word is not None:
            self.drive(word)
        if isinstance(known, KnownPermit):
            self.redeem(known, wanted)

    @rule(known=permits)
    def send(self, known: KnownPermit) -> None:
        self.redeem(known, known.call)

    @rule(known=permits, wanted=SOME_CALL)
    def send_some_call(self, known: KnownPermit, wanted: Call) -> None:
        self.redeem(known, wanted)

    def redeem(self, known: KnownPermit, wanted: Call) -> None:
        holds = (
            not known.used
            and wanted == known.call
            and known is self.m.latest
            and self.m.state_changes == known.state_changes
            and self.clock() - known.from_s <= PERMIT_S
        )
        known.used = True
        if holds:
            known.permit.redeem(wanted, self.clock())
        else:
            with pytest.raises(PermitRefused):
                known.permit.redeem(wanted, self.clock())

    @rule(yes=yeses, wanted=SOME_CALL)
    def redeem_a_yes_by_hand(self, yes: KnownYes, wanted: Call) -> None:
        holds = not yes.used and yes.call == wanted and self.clock() <= yes.until_s
        yes.used = True
        if holds:
            yes.confirmation.redeem(wanted, self.clock())
        else:
            with pytest.raises(ConfirmationRefused):
                yes.confirmation.redeem(wanted, self.clock())

    @invariant()
    def one_question_at_most_and_none_after_its_time(self) -> None:
        asked = self.m.open
        still = asked is not None and self.clock() <= asked.until_s
        assert (self.dialogue.question is not None) is still
        if asked is not None and still:
            assert self.dialogue.question is asked.question
            assert 0 <= self.dialogue.remaining_s <= QUESTION_S


GateAndDialogue.TestCase.settings = settings(max_examples=120, stateful_step_count=40)
TestGateAndDialogue = GateAndDialogue.TestCase
