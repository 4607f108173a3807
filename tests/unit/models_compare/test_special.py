"""Conversations, routes, and what is done, asked or ignored."""

import pytest
from support.compare_rows import CATALOGUE, FAN, HORN, labelled, plan

from models.compare.answers import Alone, Answer, Row, evenly
from models.compare.special import decision, decisions, heeding, leans, routes, talks
from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Routed

ASKS = Incomplete(CATALOGUE["set_fan_speed"], "confirmation")


def turn(dialogue: str, number: int, right: bool, *tags: str) -> Row:
    line = labelled(
        text="mute",
        calls=[{"id": 1, "name": "set_mute", "arguments": {"state": "on"}}],
        dialogue=dialogue,
        turn=number,
        tags=list(tags),
    )
    return Row.of(line, Answer(utterance=line.plan if right else Refusal()))


def test_a_conversation_is_right_if_all_its_turns_are() -> None:
    found = talks(
        [
            turn("a", 1, True, "first"), turn("a", 2, True, "relative"), turn("b", 1, True, "first"),
            turn("b", 2, False, "value"), turn("b", 3, True, "standalone"),
        ]
    )  # fmt: skip
    assert found is not None
    assert (found.first.k, found.first.n) == (2, 2)
    assert (found.follow_ups.k, found.follow_ups.n) == (2, 3)
    assert (found.leaning.k, found.leaning.n) == (1, 2)
    assert (found.whole.k, found.whole.n) == (1, 2)
    assert talks([Row.of(FAN, Answer(utterance=FAN.plan))]) is None


@pytest.mark.parametrize(
    ("number", "tags", "expected"), [(1, [], False), (2, ["value"], True), (2, ["standalone"], False)]
)
def test_which_turns_lean_on_what_was_before(number: int, tags: list[str], expected: bool) -> None:
    assert leans(turn("a", number, True, *tags)) is expected


def asked_of(to: str | None, got: str | None) -> Row:
    line = labelled(text="what", route=False if to is None else {"to": to, "query": "what"})
    return Row.of(line, Answer(utterance=Refusal(), route=None if got is None else (got, "what")))


def test_routes_are_counted_by_specialist_and_false_ones_apart() -> None:
    found = routes(
        [asked_of("manual", "manual"), asked_of("manual", None), asked_of("talk", "manual"), asked_of(None, "talk"),
         asked_of(None, None)]
    )  # fmt: skip
    assert found is not None
    assert (found.right.k, found.right.n) == (1, 3)
    assert {to: (s.k, s.n) for to, s in found.by_specialist.items()} == {"manual": (1, 2), "talk": (0, 1)}
    assert (found.false.k, found.false.n) == (1, 2)
    assert routes([Row.of(FAN, Answer(utterance=FAN.plan))]) is None


def test_a_line_for_nobody_that_is_sent_to_a_specialist_is_wrong() -> None:
    assert not asked_of(None, "talk").score.exact
    assert asked_of(None, None).score.exact
    assert asked_of("talk", "talk").score.exact


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(utterance=Refusal()), "ignored"),
        (Answer(utterance=Refusal(), route=("talk", "hi")), "ignored"),
        (Answer(utterance=ASKS), "asked"),
        (Answer(utterance=plan("set_fan_speed", level=3), asks=ASKS), "asked"),
        (Answer(utterance=plan("get_time")), "acted"),
    ],
)
def test_what_is_done_with_speech_for_somebody_else(answer: Answer, expected: str) -> None:
    assert decision(Row.of(HORN, answer)) == expected


def test_looking_something_up_acts_and_changes_nothing() -> None:
    found = decisions([Row.of(HORN, Answer(utterance=plan("get_time"))), Row.of(HORN, Answer(utterance=FAN.plan))])
    assert (found.acted.k, found.changes.k, found.asked.k, found.ignored.k) == (2, 1, 0, 0)


def test_a_route_is_taken_apart_from_its_calls() -> None:
    alone = Answer.meaning(Routed("manual", "tyres"))
    assert (alone.route, alone.utterance) == (("manual", "tyres"), Refusal())
    both = Answer.meaning(Routed("manual", "tyres", FAN.plan), confidence=0.4)
    assert (both.utterance, both.confidence) == (FAN.plan, 0.4)
    assert Answer.meaning(FAN.plan).route is None


def test_who_hears_every_line_alone_is_told_its_text() -> None:
    class Says:
        name = "says"

        def answer(self, text: str) -> Answer:
            return Answer(utterance=Plan(), confidence=float(len(text)))

    assert Alone(Says()).hear(SpokenLine(text="four", dialogue="a", turn=3)).confidence == 4.0


def test_the_right_answer_to_a_question_counts() -> None:
    line = labelled(text="nah", dialogue="a", turn=2, asked="shall i", answer="no")
    assert Row.of(line, Answer(utterance=Refusal(), reply="cancel")).score.exact
    assert not Row.of(line, Answer(utterance=Refusal())).score.exact


def test_of_conversations_whole_ones_are_chosen() -> None:
    rows = [turn(d, n, True) for d in "abcd" for n in (1, 2, 3)]
    chosen = evenly([row.label for row in rows], 6)
    assert [label.spoken.dialogue for label in chosen] == ["a", "a", "a", "c", "c", "c"]


def test_the_less_is_heeded_the_more_commands_are_lost() -> None:
    rows = [
        Row.of(FAN, Answer(utterance=FAN.plan, meant=0.9)),
        Row.of(FAN, Answer(utterance=FAN.plan, meant=0.25)),
        Row.of(HORN, Answer(utterance=Refusal(), meant=0.04)),
    ]
    found = {h.threshold: (h.lost.k, h.heard.k, h.in_use) for h in heeding(rows, 0.28)}
    assert found[0.0] == (0, 1, False)
    assert found[0.05] == (0, 0, False)
    assert found[0.28] == (1, 0, True)
    assert heeding([Row.of(FAN, Answer(utterance=FAN.plan))], 0.0) == []
