"""One question at a time, ten seconds, the answer names it."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.calls import CATALOGUE
from support.car import Clock
from transitions import MachineError

from state_machines.dialogue import (
    Accepted,
    Confirmation,
    ConfirmationRefused,
    Declined,
    Dialogue,
    Expired,
    NoSuchQuestion,
    QuestionOpen,
)

CALL = CATALOGUE.call("make_emergency_call")
OTHER = CATALOGUE.call("call_roadside_assistance")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dialogue(clock: Clock) -> Dialogue:
    return Dialogue(clock)


def test_nothing_is_open_at_first(dialogue: Dialogue) -> None:
    assert dialogue.state == "idle"
    assert dialogue.question is None
    assert dialogue.remaining_s == 0
    assert dialogue.expire() is None
    assert dialogue.answer(1, yes=True) == NoSuchQuestion(1)
    dialogue.withdraw()
    dialogue.spoken(1)
    assert dialogue.heard_by(0.0) is None


def test_it_opens_by_asking_and_closes_by_an_end(dialogue: Dialogue) -> None:
    for jump in ("to_idle", "to_asking"):
        assert not hasattr(dialogue, jump)
    with pytest.raises(MachineError):
        dialogue.trigger("close")  # type: ignore[attr-defined]  # added by transitions


def test_yes_gives_a_confirmation_of_exactly_that_call(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    assert (question.id, question.text, question.call) == (1, "Sure?", CALL)
    assert (dialogue.state, dialogue.question, dialogue.remaining_s) == ("asking", question, 10.0)
    answer = dialogue.answer(1, yes=True)
    assert isinstance(answer, Accepted)
    answer.confirmation.redeem(CALL, clock())
    assert dialogue.state == "idle"
    assert dialogue.question is None
    assert dialogue.remaining_s == 0


def test_no(dialogue: Dialogue) -> None:
    question = dialogue.ask("Sure?", CALL)
    assert dialogue.answer(question.id, yes=False) == Declined(question)
    assert dialogue.question is None


def test_one_at_a_time(dialogue: Dialogue) -> None:
    first = dialogue.ask("one", CALL)
    with pytest.raises(QuestionOpen, match="1"):
        dialogue.ask("two", OTHER)
    assert dialogue.question == first
    dialogue.answer(first.id, yes=False)
    assert dialogue.ask("two", OTHER).id == 2


@pytest.mark.parametrize("wrong", [0, 2, -1, 99])
def test_a_wrong_id_changes_nothing(dialogue: Dialogue, wrong: int) -> None:
    question = dialogue.ask("Sure?", CALL)
    assert dialogue.answer(wrong, yes=True) == NoSuchQuestion(wrong)
    assert dialogue.question == question


def test_an_answer_cannot_be_replayed(dialogue: Dialogue) -> None:
    first = dialogue.ask("one", CALL)
    dialogue.answer(first.id, yes=True)
    assert dialogue.answer(first.id, yes=True) == NoSuchQuestion(first.id)
    second = dialogue.ask("two", OTHER)
    assert dialogue.answer(first.id, yes=True) == NoSuchQuestion(first.id)
    assert dialogue.question == second


def test_ten_seconds(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(10.0)
    assert dialogue.question == question
    assert dialogue.expire() is None
    clock.advance(0.001)
    assert dialogue.question is None
    assert dialogue.remaining_s == 0
    assert dialogue.answer(question.id, yes=True) == Expired(question)
    assert dialogue.answer(question.id, yes=True) == NoSuchQuestion(question.id)
    assert dialogue.state == "idle"


def test_an_answer_in_the_last_moment_counts(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(10.0)
    answer = dialogue.answer(question.id, yes=True)
    assert isinstance(answer, Accepted)
    clock.advance(1.99)  # the call still has to be prepared
    answer.confirmation.redeem(CALL, clock())


@pytest.mark.parametrize(
    ("answered_s", "sent_s", "good"), [(0, 10, True), (0, 10.01, False), (9, 11, True), (9, 11.01, False)]
)
def test_how_long_a_yes_holds(dialogue: Dialogue, clock: Clock, answered_s: float, sent_s: float, good: bool) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(answered_s)
    answer = dialogue.answer(question.id, yes=True)
    assert isinstance(answer, Accepted)
    clock.advance(sent_s - answered_s)
    if good:
        answer.confirmation.redeem(CALL, clock())
    else:
        with pytest.raises(ConfirmationRefused, match="expired"):
            answer.confirmation.redeem(CALL, clock())


def test_expire_closes(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(10.5)
    assert dialogue.expire() == question
    assert dialogue.expire() is None
    assert dialogue.ask("again", CALL).id == 2


def test_withdraw_closes(dialogue: Dialogue) -> None:
    question = dialogue.ask("Sure?", CALL)
    dialogue.withdraw()
    assert dialogue.state == "idle"
    assert dialogue.answer(question.id, yes=True) == NoSuchQuestion(question.id)


def test_the_ten_seconds_begin_when_it_was_said(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(4)
    dialogue.spoken(question.id + 1)
    assert dialogue.remaining_s == 6
    dialogue.spoken(question.id)
    assert dialogue.remaining_s == 10
    clock.advance(9)
    assert dialogue.question == question
    dialogue.spoken(question.id)  # told twice: no second extension
    assert dialogue.remaining_s == 1
    clock.advance(1.5)
    dialogue.spoken(question.id)
    assert dialogue.question is None
    assert dialogue.answer(question.id, yes=True) == Expired(question)
    second = dialogue.ask("next", OTHER)
    clock.advance(3)
    dialogue.spoken(second.id)
    assert dialogue.remaining_s == 10


def test_an_expired_question_is_not_revived_by_being_said(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(11)
    dialogue.spoken(question.id)
    assert dialogue.question is None
    assert dialogue.expire() == question


@pytest.mark.parametrize(
    ("began_s", "counts"), [(-1000.0, False), (-0.001, False), (0.0, True), (0.001, True), (9.9, True)]
)
def test_speech_answers_only_what_had_been_put_before_it_began(
    dialogue: Dialogue, clock: Clock, began_s: float, counts: bool
) -> None:
    question = dialogue.ask("Sure?", CALL)
    clock.advance(3)
    assert dialogue.heard_by(clock()) is None  # asked, but not put yet
    put_s = clock()
    dialogue.spoken(question.id)
    assert dialogue.heard_by(put_s + began_s) == (question if counts else None)


def test_a_question_is_put_once(dialogue: Dialogue, clock: Clock) -> None:
    question = dialogue.ask("Sure?", CALL)
    dialogue.spoken(question.id)
    put_s = clock()
    clock.advance(5)
    dialogue.spoken(question.id)  # put again, for somebody who spoke too early: what began after the first time counts
    assert dialogue.heard_by(put_s) == question
    assert dialogue.heard_by(float("nan")) is None


def test_speech_answers_neither_a_closed_nor_an_expired_question_nor_the_next_one(
    dialogue: Dialogue, clock: Clock
) -> None:
    first = dialogue.ask("one", CALL)
    dialogue.spoken(first.id)
    began_s = clock()
    dialogue.answer(first.id, yes=True)
    assert dialogue.heard_by(began_s) is None
    clock.advance(1)
    second = dialogue.ask("two", OTHER)
    assert dialogue.heard_by(clock()) is None  # the first one's time is not the second one's
    dialogue.spoken(second.id)
    assert dialogue.heard_by(began_s) is None
    assert dialogue.heard_by(clock()) == second
    clock.advance(10)
    assert dialogue.heard_by(clock()) == second
    clock.advance(0.001)
    assert dialogue.heard_by(clock()) is None


def test_a_confirmation_is_good_once_for_one_call() -> None:
    yes = Confirmation(CALL, 10.0)
    yes.redeem(CALL, 10.0)
    with pytest.raises(ConfirmationRefused, match="used already"):
        yes.redeem(CALL, 1.0)
    for wanted, now_s in ((OTHER, 1.0), (CALL, 10.001)):
        yes = Confirmation(CALL, 10.0)
        with pytest.raises(ConfirmationRefused):
            yes.redeem(wanted, now_s)
        with pytest.raises(ConfirmationRefused, match="used already"):
            yes.redeem(CALL, 1.0)
    for double in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(ConfirmationRefused, match="cannot be copied"):
            double(Confirmation(CALL, 10.0))
    with pytest.raises(AttributeError):
        yes.expires_s = 99.0  # type: ignore[attr-defined]


_actions = st.one_of(
    st.tuples(st.just("ask"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 7)),
    st.tuples(st.sampled_from(["yes", "no", "spoken"]), st.integers(1, 6)),
    st.tuples(st.sampled_from(["expire", "withdraw"]), st.just(0)),
)


@given(st.lists(_actions, max_size=40))
def test_any_order_of_events(events: list[tuple[str, int]]) -> None:
    """Each question is answered at most once, within its time, by its own id."""
    clock = Clock()
    dialogue = Dialogue(clock)
    ends: dict[int, float] = {}
    spoken: set[int] = set()
    closed: set[int] = set()
    for what, n in events:
        is_open = [i for i in ends if i not in closed]
        match what:
            case "ask" if is_open:
                with pytest.raises(QuestionOpen):
                    dialogue.ask("?", CALL)
            case "ask":
                ends[dialogue.ask("?", CALL).id] = clock() + 10
            case "wait":
                clock.advance(n)
            case "spoken":
                dialogue.spoken(n)
                if n in is_open and clock() <= ends[n] and n not in spoken:
                    spoken.add(n)
                    ends[n] = clock() + 10
            case "expire":
                closed |= {i for i in is_open if clock() > ends[i]}
                dialogue.expire()
            case "withdraw":
                closed |= set(is_open)
                dialogue.withdraw()
            case _:
                answer = dialogue.answer(n, yes=what == "yes")
                if n not in is_open:
                    assert answer == NoSuchQuestion(n)
                else:
                    closed.add(n)
                    late = Expired if clock() > ends[n] else Accepted if what == "yes" else Declined
                    assert type(answer) is late
        heard = dialogue.heard_by(clock())
        assert {heard.id if heard else 0} <= {0, *(i for i in spoken - closed if clock() <= ends[i])}
        assert len([i for i in ends if i not in closed]) == (dialogue.state == "asking")
