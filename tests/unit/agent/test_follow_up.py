"""A command that lacks something, the question, and what the driver says next."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan

from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.planning.planner import Planned
from vehicle_apis.codec import Incomplete, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier
from vehicle_apis.ref import Ref

MIRROR = CATALOGUE["adjust_mirror"]
KNOWN: dict[str, Utterance] = {
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
    "call open the window": plan(call("call_contact", name="open the window")),
    "open the window": plan(call("control_window", position=100)),
    "lower the window": Incomplete(CATALOGUE["control_window"], "position"),
    "thirty percent": plan(call("set_volume", level=30)),
    "lower the window thirty percent": plan(call("control_window", position=30)),
    "remind me": Incomplete(CATALOGUE["create_reminder"], "text"),
    "remind me to buy milk": plan(call("create_reminder", text="buy milk")),
    "tilt the mirror": Incomplete(MIRROR, "mirror"),
    "tilt the mirror left": Incomplete(MIRROR, "direction"),
    "tilt the mirror left up": plan(call("adjust_mirror", mirror="left", direction="up")),
    "add a stop": Incomplete(CATALOGUE["add_waypoint"], "place"),
    "the next pharmacy": plan(call("find_nearby", category="pharmacy")),
    "add a stop at the next pharmacy": plan(
        call("find_nearby", category="pharmacy"), call("add_waypoint", place=Ref(1))
    ),
    "send a message": Incomplete(CATALOGUE["send_text_message"], "recipient"),
    "to anna": plan(call("navigate_to", destination="anna")),
    "send a message to anna": Incomplete(CATALOGUE["send_text_message"], "message"),
}
CONFIDENCE = {"call open the window": 0.6, "open the window": 0.99, "thirty percent": 0.7, "to anna": 0.8}


class Sure(FakePlanner):
    """With a confidence for some texts; 0.9 for the others."""

    confidence: Mapping[str, float] = CONFIDENCE

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        planned = await super().plan_async(text, earlier)
        return replace(planned, confidence=self.confidence.get(text, 0.9))


class Talk:
    def __init__(self) -> None:
        self.shell = Shell()
        self.planner = Sure(KNOWN)
        self.assistant = Assistant(
            planner=self.planner, executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )

    async def say(self, *texts: str) -> Turn:
        """The last one's turn."""
        turns = [await self.assistant.ask(text) for text in texts]
        return turns[-1]

    @property
    def sent(self) -> list[str]:
        return [str(c) for c in self.shell.backend.sent]


@pytest.fixture
async def talk() -> Talk:
    return Talk()


async def test_the_answer_completes_the_command(talk: Talk) -> None:
    assert (await talk.say("call")).reply == "Who should I call?"
    turn = await talk.say("anna")
    assert (talk.sent, turn.planned and turn.planned.heard) == (["call_contact(name=anna)"], "call anna")


async def test_a_linking_word_is_tried_first(talk: Talk) -> None:
    await talk.say("remind me", "buy milk")
    assert talk.sent == ["create_reminder(text=buy milk)"]


async def test_two_things_may_be_missing_one_after_the_other(talk: Talk) -> None:
    assert (await talk.say("tilt the mirror")).reply == "Which mirror, left or right?"
    assert (await talk.say("left")).reply == "Which way should I tilt the mirror?"
    await talk.say("up")
    assert talk.sent == ["adjust_mirror(mirror=left, direction=up)"]


async def test_a_command_of_its_own_is_no_answer(talk: Talk) -> None:
    await talk.say("call", "open the window")
    assert talk.sent == ["control_window(position=100)"]


async def test_what_fits_better_as_an_answer_is_one(talk: Talk) -> None:
    await talk.say("lower the window", "thirty percent")
    assert talk.sent == ["control_window(position=30)"]


async def test_an_answer_may_need_to_be_looked_up(talk: Talk) -> None:
    await talk.say("add a stop", "the next pharmacy")
    assert talk.shell.backend.names[0] == "find_nearby"
    assert talk.planner.asked[-1] == "add a stop at the next pharmacy"


async def test_half_an_answer_is_better_than_an_unlikely_command(talk: Talk) -> None:
    assert (await talk.say("send a message", "to anna")).reply == "What should the message say?"


async def test_the_whole_command_said_again_is_taken_as_it_is(talk: Talk) -> None:
    await talk.say("call", "call anna")
    assert (talk.sent, talk.planner.asked) == (["call_contact(name=anna)"], ["call", "call anna"])


async def test_what_fits_nothing_is_an_utterance_like_any_other(talk: Talk) -> None:
    turn = await talk.say("call", "the weather is nice")
    assert (turn.reply, talk.sent) == ("Sorry, that is nothing.", [])
    # and the question is over
    await talk.say("anna")
    assert talk.sent == []


async def test_after_ten_seconds_it_is_a_new_utterance(talk: Talk) -> None:
    await talk.say("call")
    talk.shell.clock.advance(10.01)
    await talk.say("anna")
    assert (talk.sent, talk.planner.asked) == ([], ["call", "anna"])


async def test_at_ten_seconds_sharp_it_still_is_an_answer(talk: Talk) -> None:
    await talk.say("call")
    talk.shell.clock.advance(10.0)
    await talk.say("anna")
    assert talk.sent == ["call_contact(name=anna)"]


@pytest.mark.parametrize("word", ["never mind", "cancel", "No.", "stop"])
async def test_it_can_be_left(talk: Talk, word: str) -> None:
    turn = await talk.say("call", word)
    assert (turn.reply, turn.progress.outcomes) == ("All right.", ())
    await talk.say("anna")
    assert (talk.sent, talk.planner.asked) == ([], ["call", "anna"])


async def test_a_call_without_the_model_ends_the_question(talk: Talk) -> None:
    await talk.say("call")
    await talk.assistant.call(call("get_time"))
    await talk.say("anna")
    assert talk.sent == ["get_time()"]


async def test_the_same_question_may_come_again(talk: Talk) -> None:
    assert (await talk.say("call", "call")).reply == "Who should I call?"
    await talk.say("anna")
    assert talk.sent == ["call_contact(name=anna)"]
