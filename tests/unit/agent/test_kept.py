"""A conversation that is put away and taken up again on another car."""

import json
from typing import Any

import pytest
from support.car import DRIVING
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan

from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.kept import Damaged, Kept
from vehicle_agent.conversation.turn_state import Idle
from vehicle_apis.codec import Incomplete, Reply, Utterance
from vehicle_apis.earlier import Earlier, PastTurn
from vehicle_apis.ref import EarlierRef, Ref

FAN, LIGHT = call("set_fan_speed", level=3), call("set_cabin_light", state="on")
TEXT = call("send_text_message", recipient="mum", message="on my way")
CAFE = call("find_nearby", category="coffee")
UNLOCK = call("set_door_locks", state="unlock")
KNOWN: dict[str, Utterance] = {
    "fan": plan(FAN),
    "text mum": plan(TEXT),
    "fan and text": plan(FAN, TEXT),
    "trunk and light": plan(call("operate_trunk", action="open"), LIGHT),
    "cafe": plan(CAFE),
    "text her a cafe": plan(CAFE, TEXT.with_arguments(message=Ref(1))),
    "text her that": plan(TEXT.with_arguments(message=EarlierRef(1, 1))),
    "take me there": plan(call("navigate_to", destination=EarlierRef(1, 1))),
    "you may send that": Reply("yes"),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
}
FOUND = Observed(text="a cafe", result=Place(name="Blue Cafe", address="Lane 1"))


class Part:
    """One process: a car and an agent of its own."""

    def __init__(self) -> None:
        self.shell = Shell()
        self.shell.backend.results["find_nearby"] = FOUND
        self.planner = FakePlanner(KNOWN)
        self.assistant = Assistant(
            planner=self.planner, executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )

    async def say(self, *texts: str) -> Turn:
        return [await self.assistant.ask(text) for text in texts][-1]

    def kept(self) -> Kept:
        """By way of a file."""
        return Kept.from_json(json.loads(json.dumps(self.assistant.put_away().to_json())), CATALOGUE)

    @property
    def sent(self) -> list[str]:
        return [str(c) for c in self.shell.backend.sent]


async def parts(*texts: str) -> tuple[Part, Turn | None]:
    """The second part, after ``texts`` in the first one."""
    first = Part()
    await first.say(*texts)
    second = Part()
    return second, await second.assistant.take_up(first.kept())


def statuses(turn: Turn) -> list[str]:
    return [o.status.value for o in turn.progress.outcomes]


@pytest.mark.parametrize(
    "texts", [("fan",), ("fan and text",), ("text mum", "no"), ("cafe", "call"), ("text her a cafe",), ("cancel",)]
)
async def test_nothing_is_lost_on_the_way_through_a_file(texts: tuple[str, ...]) -> None:
    first = Part()
    await first.say(*texts)
    assert first.kept() == first.assistant.put_away()


async def test_the_context_goes_on_and_nothing_is_done_for_that() -> None:
    second, turn = await parts("fan", "text mum", "yes", "no")
    assert (turn, second.sent, second.assistant.state) == (None, [], Idle())
    await second.say("more")
    assert second.planner.after == [Earlier(turns=(PastTurn(1, plan(FAN)), PastTurn(2, plan(TEXT))))]


async def test_a_result_of_the_first_part() -> None:
    second, _ = await parts("cafe")
    await second.say("take me there")
    assert second.sent == ["navigate_to(destination=Blue Cafe, Lane 1)"]


@pytest.mark.parametrize("word", ["yes", "you may send that"])
async def test_an_open_question_is_put_again_and_answered(word: str) -> None:
    second, turn = await parts("fan", "text mum")
    assert turn is not None
    assert turn.progress.question is not None
    assert (turn.reply, second.sent) == ("Send mum the text: on my way?", [])
    assert statuses(await second.say(word)) == ["done"]
    assert second.sent == [str(TEXT)]
    assert second.planner.after in ([], [Earlier(turns=(PastTurn(1, plan(FAN)),), asked=plan(TEXT))])


async def test_no_to_it() -> None:
    second, _ = await parts("fan and text")
    assert statuses(await second.say("no")) == ["refused"]
    assert second.sent == []


async def test_a_result_of_the_first_part_in_the_question() -> None:
    second, turn = await parts("cafe", "text her that")
    assert turn is not None
    assert turn.reply == "Send mum the text: Blue Cafe, Lane 1?"
    await second.say("yes")
    assert second.sent == ["send_text_message(recipient=mum, message=Blue Cafe, Lane 1)"]


async def test_what_the_new_car_would_do_unasked_waits_for_the_yes() -> None:
    """The light waits for nobody on the new car; the first car had not come to it."""
    first = Part()
    first.planner.known["text and light"] = plan(TEXT, LIGHT)
    await first.say("text mum")
    kept = first.kept()
    assert kept.asked is not None
    second = Part()
    loose = {**kept.to_json(), "asked": {"text": "Open it?", "turn": 1, "calls": plan(LIGHT).to_json()}}
    turn = await second.assistant.take_up(Kept.from_json(loose, CATALOGUE))
    assert turn is not None
    assert (turn.reply, second.sent) == ("Open it?", [])
    await second.say("yes")
    assert second.sent == [str(LIGHT)]


async def test_what_the_new_car_refuses_is_not_asked() -> None:
    first = Part()
    await first.say("text mum")
    kept = {**first.kept().to_json(), "asked": {"text": "Unlock?", "turn": 1, "calls": plan(UNLOCK).to_json()}}
    second = Part()
    second.shell.drive(DRIVING)
    turn = await second.assistant.take_up(Kept.from_json(kept, CATALOGUE))
    assert turn is not None
    assert (statuses(turn), turn.progress.question, second.sent) == (["refused"], None, [])


async def test_a_missing_piece() -> None:
    second, _ = await parts("fan", "call")
    await second.say("anna")
    assert second.sent == ["call_contact(name=anna)"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"number": True},
        {"number": -1},
        {"turns": None},
        {"turns": [{"number": 0, "declined": False, "calls": plan(FAN).to_json()}]},
        {"turns": [{"number": 1, "declined": False, "calls": []}]},
        {
            "turns": [
                {"number": 1, "declined": False, "calls": [{"id": 1, "name": "fly", "arguments": {}, "after": []}]}
            ]
        },
        {"results": {"1": "x"}},
        {"results": {"1.1": 5}},
        {"results": {"1.1": "x" * 501}},
        {"asked": {"text": "?", "turn": 1, "calls": [{"id": 1}]}},
        {"asked": {"text": 1, "turn": 1, "calls": plan(FAN).to_json()}},
        {"missing": {"words": "call", "function": "call_contact", "piece": "wings"}},
        {"missing": "call"},
    ],
)
def test_what_is_damaged_is_refused_whole(change: dict[str, Any]) -> None:
    whole = Kept(number=1, turns=(PastTurn(1, plan(FAN)),), results={(1, 1): "x"}).to_json()
    assert Kept.from_json(whole, CATALOGUE).number == 1
    with pytest.raises(Damaged):
        Kept.from_json({**whole, **change}, CATALOGUE)


@pytest.mark.parametrize("document", [None, 5, [], {}, "x"])
def test_something_else(document: object) -> None:
    with pytest.raises(Damaged):
        Kept.from_json(document, CATALOGUE)
