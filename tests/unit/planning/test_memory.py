"""What a conversation remembers, rule by rule."""

import pytest
from support.calls import CATALOGUE

from vehicle_agent.planning.memory import EXPIRES_S, MAX_TURNS, Memory
from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, WantedPiece
from vehicle_apis.ref import EarlierRef

CALL = CATALOGUE.call
FAN, LIGHT, TRUNK = (
    CALL("set_fan_speed", level=3),
    CALL("set_cabin_light", state="on"),
    CALL("operate_trunk", action="open"),
)
WINDOW, VOLUME, ETA = CALL("control_window", position=50), CALL("set_volume", level=20), CALL("get_eta")
FIND = CALL("find_nearby", category="atm")
UNDO = CALL("undo_last_action")
WHO = Incomplete(CATALOGUE["call_contact"], "name")


def said(memory: Memory, meaning: Utterance, words: str = "words", *, asked: bool = False) -> int:
    number = memory.begin(0.0)
    memory.understood(meaning, words, asked=asked)
    return number


def after(*meanings: Utterance) -> Memory:
    memory = Memory()
    for meaning in meanings:
        said(memory, meaning)
    return memory


def turns(earlier: Earlier) -> list[tuple[int, tuple[Call, ...], bool]]:
    return [(turn.number, turn.plan.calls, turn.declined) for turn in earlier.turns]


# --- when a conversation ends -----------------------------------------------------------------------------------------


def test_a_conversation_lasts_while_no_turn_is_more_than_a_minute_after_the_one_before() -> None:
    assert EXPIRES_S == 60
    memory = Memory()
    assert memory.number == 0
    for number, now_s in enumerate((100.0, 160.0, 220.0), 1):  # a minute each, and more than one in all
        assert memory.begin(now_s) == memory.number == number
        memory.understood(Plan.of(FAN), "fan three")
    assert memory.begin(280.001) == 1
    assert memory.earlier() == NOTHING_BEFORE


def test_a_turn_that_did_nothing_keeps_the_conversation_going() -> None:
    memory = Memory()
    memory.begin(0.0)
    memory.understood(Plan.of(FAN), "fan three")
    memory.begin(50.0)
    memory.understood(Refusal(), "thanks")
    memory.begin(100.0)
    assert turns(memory.earlier()) == [(1, (FAN,), False)]


def test_the_open_piece_ends_with_the_conversation() -> None:
    memory = after(WHO)
    memory.begin(61.0)
    assert memory.earlier() == NOTHING_BEFORE


def test_turns_may_be_numbered_from_outside() -> None:
    memory = Memory()
    assert memory.begin(0.0, 7) == 7
    memory.understood(Plan.of(FIND), "find an atm")
    memory.begin(0.0)
    assert memory.number == 8
    assert memory.earlier().result_for("destination") == EarlierRef(7, 1)


# --- what is context --------------------------------------------------------------------------------------------------


def test_the_last_turns_that_acted_are_seen_oldest_first() -> None:
    assert MAX_TURNS == 2
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Refusal(), Plan.of(WINDOW, ETA))
    assert turns(memory.earlier()) == [(2, (LIGHT,), False), (4, (WINDOW, ETA), False)]


@pytest.mark.parametrize("nothing", [Refusal(), Plan(), Routed("talk"), Routed("manual", "how do i jump start it")])
def test_thanks_talk_and_what_was_refused_are_no_context(nothing: Utterance) -> None:
    assert turns(after(Plan.of(FAN), nothing).earlier()) == [(1, (FAN,), False)]


def test_what_was_done_beside_a_question_for_a_specialist_is_context() -> None:
    assert turns(after(Routed("knowledge", "how old is rome", Plan.of(FAN))).earlier()) == [(1, (FAN,), False)]


def test_of_a_plan_that_is_carried_out_what_came_about_is_context_under_its_number() -> None:
    memory = after(Plan.of(FAN))
    number = memory.begin(0.0)
    memory.wants(Plan.of(LIGHT, FIND, TRUNK), "words")
    assert turns(memory.earlier()) == [(1, (FAN,), False)]  # nothing is known of it yet
    found = Plan((Step(id=2, call=FIND),))
    assert turns(memory.meanwhile(number, found, Plan(), Plan())) == [(1, (FAN,), False), (2, (FIND,), False)]
    open_one = memory.meanwhile(number, found, Plan(), Plan.of(TRUNK))
    assert (turns(open_one), open_one.asked) == ([(2, (FIND,), False)], Plan.of(TRUNK))
    memory.begin(0.0)
    memory.came_about(number, found, Plan.of(TRUNK))
    assert turns(memory.earlier()) == [(2, (FIND,), False), (2, (TRUNK,), True)]
    assert memory.earlier().result_for("place") == EarlierRef(2, 2)
    memory.came_about(3, Plan())  # all of it was refused
    assert turns(memory.earlier()) == [(2, (FIND,), False), (2, (TRUNK,), True)]


def test_while_work_goes_on_the_conversation_does() -> None:
    memory = Memory()
    memory.goes_on(10.0)  # before the first turn there is none
    memory.begin(0.0)
    memory.understood(Plan.of(FAN), "fan three")
    memory.goes_on(50.0)
    memory.goes_on(20.0)  # what is told late takes nothing back
    assert memory.begin(110.0) == 2
    memory.goes_on(110.0)
    assert memory.begin(170.001) == 1


# --- undo -------------------------------------------------------------------------------------------------------------


def test_after_an_undo_the_context_is_the_command_before() -> None:
    memory = after(Plan.of(FAN), Plan.of(LIGHT, WINDOW), Plan.of(UNDO))
    assert turns(memory.earlier()) == [(1, (FAN,), False)]
    said(memory, Plan.of(UNDO))
    said(memory, Plan.of(UNDO))  # there is nothing left, and that is no error
    assert memory.earlier() == NOTHING_BEFORE


def test_what_is_done_in_place_of_what_was_undone_is_the_new_command() -> None:
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Plan.of(UNDO, WINDOW))
    assert turns(memory.earlier()) == [(1, (FAN,), False), (3, (WINDOW,), False)]


def test_an_undo_passes_over_what_was_declined() -> None:
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Plan.of(TRUNK))
    said(memory, Reply("no"), asked=True)
    said(memory, Plan.of(UNDO))
    assert turns(memory.earlier()) == [(1, (FAN,), False)]


def test_enough_is_kept_for_a_few_undos() -> None:
    memory = after(*(Plan.of(CALL("set_fan_speed", level=level)) for level in range(7)), *[Plan.of(UNDO)] * 4)
    assert [t.plan.calls[0].arguments["level"] for t in memory.earlier().turns] == [1, 2]


# --- an open yes/no question ------------------------------------------------------------------------------------------


def test_while_a_question_is_open_its_calls_are_asked_about_and_the_turn_before_is_seen() -> None:
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Plan.of(TRUNK))
    earlier = memory.earlier(asked=True)
    assert (turns(earlier), earlier.asked) == ([(2, (LIGHT,), False)], Plan.of(TRUNK))
    assert after(Plan.of(TRUNK)).earlier(asked=True) == Earlier(asked=Plan.of(TRUNK))
    assert Memory().earlier(asked=True) == NOTHING_BEFORE  # a question about nothing that was said


def test_a_yes_makes_it_the_last_command() -> None:
    memory = after(Plan.of(FAN), Plan.of(TRUNK))
    said(memory, Reply("yes"), asked=True)
    assert turns(memory.earlier()) == [(1, (FAN,), False), (2, (TRUNK,), False)]


@pytest.mark.parametrize("answer", ["no", "cancel"])
def test_what_was_declined_is_seen_as_such_until_something_else_is_done(answer: str) -> None:
    text = CALL("send_text_message", recipient="anna", message="late")
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Plan.of(text))
    said(memory, Reply(answer), asked=True)  # type: ignore[arg-type]  # a parameter is no literal
    earlier = memory.earlier()
    assert turns(earlier) == [(2, (LIGHT,), False), (3, (text,), True)]  # "call her" is anna still
    assert earlier.calls_of("send_text_message") == []
    assert memory.earlier(asked=True) == earlier  # nothing is open any more
    said(memory, Plan.of(VOLUME))
    assert turns(memory.earlier()) == [(2, (LIGHT,), False), (5, (VOLUME,), False)]


def test_a_correction_while_a_question_is_open_takes_the_place_of_what_was_asked_about() -> None:
    memory = after(Plan.of(FAN), Plan.of(TRUNK))
    said(memory, Plan.of(WINDOW), asked=True)
    assert turns(memory.earlier()) == [(1, (FAN,), False), (3, (WINDOW,), False)]


def test_an_undo_while_a_question_is_open_undoes_the_command_before_it() -> None:
    memory = after(Plan.of(FAN), Plan.of(LIGHT), Plan.of(TRUNK))
    said(memory, Plan.of(UNDO), asked=True)
    assert turns(memory.earlier()) == [(1, (FAN,), False)]


def test_what_is_neither_answer_nor_command_leaves_the_question() -> None:
    memory = after(Plan.of(TRUNK))
    said(memory, Refusal(), asked=True)
    assert memory.earlier(asked=True).asked == Plan.of(TRUNK)


def test_a_command_after_a_declined_one_takes_nothing_elses_place() -> None:
    memory = after(Plan.of(FAN), Plan.of(TRUNK))
    said(memory, Reply("no"), asked=True)
    said(memory, Plan.of(LIGHT), asked=True)
    said(memory, Reply("no"), asked=True)
    assert turns(memory.earlier()) == [(1, (FAN,), False), (4, (LIGHT,), True)]
    said(memory, Reply("no"), asked=True)  # a second no declines nothing more
    assert turns(memory.earlier()) == [(1, (FAN,), False), (4, (LIGHT,), True)]


# --- a missing piece --------------------------------------------------------------------------------------------------


def test_what_lacks_a_piece_waits_for_it_for_one_turn() -> None:
    memory = after(Plan.of(FAN))
    said(memory, WHO, "call")
    assert memory.earlier().wanted == WantedPiece("call", "call_contact", "name")
    assert turns(memory.earlier()) == [(1, (FAN,), False)]
    said(memory, Plan.of(LIGHT))
    assert memory.earlier().wanted is None


def test_a_piece_that_leaves_another_open_is_kept_with_the_words_before() -> None:
    memory = Memory()
    said(memory, Incomplete(CATALOGUE["send_text_message"], "recipient"), "send a message")
    said(memory, Incomplete(CATALOGUE["send_text_message"], "message"), "to anna")
    assert memory.earlier().wanted == WantedPiece("send a message to anna", "send_text_message", "message")
    said(memory, WHO, "call")  # another command begins with its own words
    assert memory.earlier().wanted == WantedPiece("call", "call_contact", "name")


def test_no_piece_is_wanted_while_a_yes_is() -> None:
    memory = after(Plan.of(TRUNK))
    said(memory, WHO, "call", asked=True)
    assert memory.earlier(asked=True).wanted is None
    assert memory.earlier().wanted is not None
