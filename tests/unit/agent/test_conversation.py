"""What one utterance means after others: what the planner is told, and what becomes of the open question."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.car import DRIVING
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from support.waiting import until

from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.conversation.turn_state import Idle
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.events import Answered, PlanMade
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import NOT_OURS, Planned
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn, WantedPiece
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import EarlierRef, Ref

FAN, LIGHT = call("set_fan_speed", level=3), call("set_cabin_light", state="on")
TEXT = call("send_text_message", recipient="mum", message="on my way")
LATER = TEXT.with_arguments(message="ten minutes late")
CAFE = call("find_nearby", category="coffee")
UNLOCK = call("set_door_locks", state="unlock")
UNDO = call("undo_last_action")
SEND = TEXT.with_arguments(message=Ref(1))
KNOWN: dict[str, Utterance] = {
    "fan": plan(FAN),
    "light": plan(LIGHT),
    "fan and light": plan(FAN, LIGHT),
    "text mum": plan(TEXT),
    "fan and text": plan(FAN, TEXT),
    "two texts": plan(TEXT, LATER),
    "unlock": plan(UNLOCK),
    "cafe": plan(CAFE),
    "text her a cafe": plan(CAFE, SEND),
    "take me there": plan(call("navigate_to", destination=EarlierRef(1, 1))),
    "light and take me there": plan(LIGHT, call("navigate_to", destination=EarlierRef(1, 1))),
    "undo that": plan(UNDO),
    "not that light": plan(UNDO, LIGHT),
    "yeah you may send that to her": Reply("yes"),
    "i would rather you did not send it": Reply("no"),
    "leave that whole thing be": Reply("cancel"),
    "say ten minutes late instead": plan(LATER),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
    "why do the windows fog up": Routed("manual", "why do windows fog up"),
    "thanks": Routed("talk", "thanks"),
    "light and why is it dim": Routed("manual", "why is the light dim", plan(LIGHT)),
    "text mum and what is a yard": Routed("knowledge", "what is a yard", plan(TEXT)),
}


class Talk:
    def __init__(self, planner: FakePlanner | None = None) -> None:
        self.shell = Shell()
        self.planner = planner or FakePlanner(KNOWN)
        self.planner.why = NOT_OURS
        self.plans: list[PlanMade] = []
        self.shell.events.subscribe(self.plans.append, PlanMade)
        self.answers: list[Answered] = []
        self.shell.events.subscribe(self.answers.append, Answered)
        self.assistant = Assistant(
            planner=self.planner, executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )

    async def say(self, *texts: str) -> Turn:
        """The last one's turn."""
        return [await self.assistant.ask(text) for text in texts][-1]

    @property
    def after(self) -> Earlier:
        """What the planner was told with the last utterance."""
        return self.planner.after[-1]

    @property
    def open(self) -> str:
        question = self.shell.executor.dialogue.question
        return "" if question is None else question.text

    @property
    def sent(self) -> list[str]:
        return [str(c) for c in self.shell.backend.sent]


@pytest.fixture
async def talk() -> Talk:
    return Talk()


def past(number: int, *calls: Call, declined: bool = False) -> PastTurn:
    return PastTurn(number, plan(*calls), declined)


def statuses(turn: Turn) -> list[str]:
    return [o.status.value for o in turn.progress.outcomes]


# --- what is context --------------------------------------------------------------------------------------------------


async def test_the_first_utterance_has_nothing_before_it(talk: Talk) -> None:
    await talk.say("fan")
    assert talk.after == NOTHING_BEFORE


async def test_the_last_two_turns_that_did_something_are_before_the_next(talk: Talk) -> None:
    await talk.say("fan", "what", "light", "cafe", "nothing")
    assert talk.after == Earlier(turns=(past(3, LIGHT), past(4, CAFE)))
    assert [one.turn for one in talk.plans] == [1, 2, 3, 4, 5]


async def test_what_the_gate_refused_is_no_context(talk: Talk) -> None:
    talk.shell.drive(DRIVING)
    assert statuses(await talk.say("unlock")) == ["refused"]
    await talk.say("more")
    assert talk.after == NOTHING_BEFORE


async def test_what_failed_is_no_context_and_what_was_done_beside_it_is(talk: Talk) -> None:
    talk.shell.backend.failures["set_cabin_light"] = [NotConfirmed("dark"), NotConfirmed("dark")]
    assert statuses(await talk.say("fan and light")) == ["done", "failed"]
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN),))


@pytest.mark.parametrize("word", ["no", "cancel"])
async def test_what_was_declined_is_known_as_declined(talk: Talk, word: str) -> None:
    await talk.say("text mum", word, "her")
    assert talk.after == Earlier(turns=(past(1, TEXT, declined=True),))


async def test_what_nobody_answered_too(talk: Talk) -> None:
    asked = (await talk.say("text mum")).progress.question
    assert asked is not None
    talk.shell.clock.advance(10.01)
    await talk.assistant.answer(asked.id, yes=True)
    await talk.say("her")
    assert talk.after == Earlier(turns=(past(1, TEXT, declined=True),))


async def test_one_of_two_declined(talk: Talk) -> None:
    await talk.say("two texts", "no", "yes", "her")
    sent = PastTurn(1, Plan(plan(TEXT, LATER).steps[1:]))
    assert talk.after == Earlier(turns=(sent, past(1, TEXT, declined=True)))
    assert talk.sent == [str(LATER)]


async def test_an_undo_takes_the_turn_from_the_context(talk: Talk) -> None:
    talk.shell.backend.undo = {"set_cabin_light": (call("set_cabin_light", state="off"),)}
    await talk.say("fan", "light", "undo that", "more")
    assert talk.after == Earlier(turns=(past(1, FAN),))


async def test_an_undo_that_could_not_be_done_leaves_it(talk: Talk) -> None:
    assert statuses(await talk.say("fan", "undo that")) == ["failed"]
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN),))


async def test_what_was_done_before_and_after_a_question_is_taken_back_together(talk: Talk) -> None:
    unsent, dark = call("set_fan_speed", level=1), call("set_cabin_light", state="off")
    talk.shell.backend.undo = {"set_fan_speed": (unsent,), "send_text_message": (dark,)}
    await talk.say("light", "fan and text", "yes", "undo that")
    assert talk.sent[-2:] == [str(dark), str(unsent)]
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, LIGHT),))


async def test_a_call_without_the_model_is_a_turn_like_any_other(talk: Talk) -> None:
    talk.shell.backend.undo = {"set_cabin_light": (call("set_cabin_light", state="off"),)}
    await talk.say("fan")
    await talk.assistant.call(LIGHT)
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN), past(2, LIGHT)))
    await talk.assistant.call(UNDO)
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN),))


# --- how long ---------------------------------------------------------------------------------------------------------


async def test_after_a_minute_it_is_a_new_conversation(talk: Talk) -> None:
    await talk.say("fan")
    talk.shell.clock.advance(60.01)
    await talk.say("more")
    assert (talk.after, talk.plans[-1].turn) == (NOTHING_BEFORE, 1)


async def test_at_a_minute_sharp_it_goes_on_and_what_means_nothing_keeps_it_alive(talk: Talk) -> None:
    await talk.say("fan")
    for _ in range(3):
        talk.shell.clock.advance(60)
        await talk.say("more")
        assert talk.after == Earlier(turns=(past(1, FAN),))


async def test_a_bare_answer_keeps_it_alive(talk: Talk) -> None:
    await talk.say("text mum")
    talk.shell.clock.advance(9)
    await talk.say("yes")
    talk.shell.clock.advance(55)
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, TEXT),))


async def test_the_minute_counts_from_the_end_of_what_took_long(talk: Talk) -> None:
    held = talk.shell.backend.held["set_fan_speed"] = asyncio.Event()
    slow = asyncio.create_task(talk.say("fan"))
    await until(lambda: talk.sent != [])
    talk.shell.clock.advance(70)
    held.set()
    await slow
    talk.shell.clock.advance(5)
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN),))


async def test_an_utterance_counts_from_when_it_was_said(talk: Talk) -> None:
    await talk.say("fan")
    began_s = talk.shell.clock() + 59
    talk.shell.clock.advance(61)
    await talk.assistant.ask("more", began_s=began_s)
    assert talk.after == Earlier(turns=(past(1, FAN),))


# --- an open yes/no question ------------------------------------------------------------------------------------------


async def test_the_planner_is_told_what_is_asked(talk: Talk) -> None:
    await talk.say("fan", "text mum", "hmm")
    assert talk.after == Earlier(turns=(past(1, FAN),), asked=plan(TEXT))


async def test_what_was_done_besides_is_not_asked_any_more(talk: Talk) -> None:
    await talk.say("fan and text", "hmm")
    assert talk.after == Earlier(turns=(past(1, FAN),), asked=Plan(plan(FAN, TEXT).steps[1:]))


async def test_a_look_up_stays_with_the_question_that_uses_it(talk: Talk) -> None:
    talk.shell.backend.results["find_nearby"] = Observed(
        text="a cafe", result=Place(name="Blue Cafe", address="Lane 1")
    )
    await talk.say("text her a cafe", "hmm")
    assert talk.after == Earlier(turns=(past(1, CAFE),), asked=plan(CAFE, SEND))


async def test_yes_in_many_words(talk: Talk) -> None:
    await talk.say("text mum")
    turn = await talk.say("yeah you may send that to her")
    assert (talk.sent, statuses(turn), talk.open) == ([str(TEXT)], ["done"], "")
    document = turn_json(turn)
    assert (document["answer"], document["calls"]) == ("yes", [])
    assert [(a.question, a.yes, a.taken) for a in talk.answers] == [(1, True, "Accepted")]
    assert (talk.plans[-1].answer, talk.plans[-1].asked) == ("yes", True)
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, TEXT),))


async def test_no_in_many_words(talk: Talk) -> None:
    await talk.say("text mum")
    assert statuses(await talk.say("i would rather you did not send it")) == ["refused"]
    assert (talk.sent, talk.open) == ([], "")


async def test_no_is_for_the_one_question_and_cancel_for_all(talk: Talk) -> None:
    turn = await talk.say("two texts", "i would rather you did not send it")
    assert statuses(turn) == ["refused", "pending"]
    turn = await talk.say("leave that whole thing be")
    assert (statuses(turn), talk.sent, talk.open) == (["refused", "skipped"], [], "")
    assert turn.planned is not None
    assert turn.planned.answer == "cancel"
    assert isinstance(talk.assistant.state, Idle)


async def test_an_unsure_yes_is_asked_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("text mum")
    real = talk.planner.plan_async

    async def unsure(text: str, earlier: Earlier) -> Planned:
        return replace(await real(text, earlier), doubtful=True)

    with monkeypatch.context() as once:
        once.setattr(talk.planner, "plan_async", unsure)
        turn = await talk.say("yeah you may send that to her")
    assert (talk.sent, turn.reply) == ([], talk.open)
    assert turn_json(turn)["calls"] == []
    assert statuses(await talk.say("yes")) == ["done"]


async def test_an_answer_counts_for_one_question(talk: Talk) -> None:
    await talk.say("two texts", "yeah you may send that to her")
    assert (talk.sent, talk.open != "") == ([str(TEXT)], True)


async def test_words_that_mean_nothing_leave_the_question_open_and_put_it_again(talk: Talk) -> None:
    asked = (await talk.say("text mum")).progress.question
    assert asked is not None
    turn = await talk.say("what")
    assert (turn.reply, turn.progress.question, statuses(turn)) == (asked.text, asked, ["pending"])
    assert (await talk.say("did you see that goal")).reply == asked.text
    assert statuses(await talk.say("yes")) == ["done"]


async def test_so_do_words_that_began_before_it_was_put(talk: Talk) -> None:
    began_s = talk.shell.clock() - 0.1
    await talk.say("text mum")
    turn = await talk.assistant.ask("did you see that goal", began_s=began_s)
    assert (turn.reply, talk.after) == (talk.open, NOTHING_BEFORE)
    assert statuses(await talk.say("yes")) == ["done"]


async def test_an_answer_in_many_words_that_began_before_the_question_is_none(talk: Talk) -> None:
    began_s = talk.shell.clock() - 0.1
    await talk.say("text mum")
    await talk.assistant.ask("yeah you may send that to her", began_s=began_s)
    assert (talk.sent, talk.open != "") == ([], True)


async def test_why_a_command_cannot_be_is_told_before_the_question(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("text mum")

    async def unusable(text: str, _earlier: Earlier) -> Planned:
        return Planned(heard=text, utterance=Refusal(), why="to set fan speed, the level is at most 7")

    monkeypatch.setattr(talk.planner, "plan_async", unusable)
    assert (await talk.say("fan ninety")).reply == f"Sorry, to set fan speed, the level is at most 7. {talk.open}"


async def test_a_correction_replaces_what_was_asked(talk: Talk) -> None:
    first = (await talk.say("fan", "text mum")).progress.question
    turn = await talk.say("say ten minutes late instead")
    assert first is not None
    assert turn.progress.question is not None
    assert turn.progress.question.id != first.id
    await talk.say("yes")
    assert talk.sent == [str(FAN), str(LATER)]
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, FAN), past(3, LATER)))


async def test_a_missing_piece_closes_the_question_too(talk: Talk) -> None:
    assert (await talk.say("text mum", "call")).reply == "Who should I call?"
    assert talk.open == ""
    await talk.say("anna")
    assert talk.sent == ["call_contact(name=anna)"]


async def test_a_question_that_expires_while_the_words_are_read_is_not_put_again(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.say("text mum")
    real = talk.planner.plan_async

    async def slow(text: str, earlier: Earlier) -> Planned:
        talk.shell.clock.advance(11)
        return await real(text, earlier)

    monkeypatch.setattr(talk.planner, "plan_async", slow)
    assert (await talk.say("what")).reply == f"Sorry, {NOT_OURS}."
    assert (talk.sent, talk.open) == ([], "")


async def test_nor_does_a_late_yes_count(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("text mum")
    real = talk.planner.plan_async

    async def slow(text: str, earlier: Earlier) -> Planned:
        talk.shell.clock.advance(11)
        return await real(text, earlier)

    monkeypatch.setattr(talk.planner, "plan_async", slow)
    assert (await talk.say("yeah you may send that to her")).reply == "There is nothing waiting for an answer."
    assert talk.sent == []


async def test_a_cancel_meanwhile_wins(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("text mum")
    began, go_on = asyncio.Event(), asyncio.Event()
    real = talk.planner.plan_async

    async def slow(text: str, earlier: Earlier) -> Planned:
        began.set()
        await go_on.wait()
        return await real(text, earlier)

    monkeypatch.setattr(talk.planner, "plan_async", slow)
    answering = asyncio.create_task(talk.say("yeah you may send that to her"))
    await began.wait()
    assert statuses(await talk.say("cancel")) == ["skipped"]
    go_on.set()
    assert (await answering).reply == "Cancelled."
    assert (talk.sent, talk.answers) == ([], [])


# --- a missing piece --------------------------------------------------------------------------------------------------


async def test_the_planner_is_told_what_is_missing(talk: Talk) -> None:
    await talk.say("call", "dad")
    assert talk.planner.after[1] == Earlier(wanted=WantedPiece("call", "call_contact", "name"))
    assert (talk.plans[-1].wanted, talk.plans[0].clarify) == (True, ("call_contact", "name"))


@pytest.mark.parametrize("word", ["never mind", "cancel", "no"])
async def test_what_was_left_is_not_missing_any_more(talk: Talk, word: str) -> None:
    await talk.say("call", word, "dad")
    assert talk.after == NOTHING_BEFORE


async def test_nor_after_ten_seconds_or_for_what_was_said_before(talk: Talk) -> None:
    await talk.say("call")
    talk.shell.clock.advance(10.01)
    await talk.say("dad")
    assert talk.after == NOTHING_BEFORE
    began_s = talk.shell.clock()
    talk.shell.clock.advance(1)
    await talk.say("call")
    await talk.assistant.ask("dad", began_s=began_s)
    assert talk.after == NOTHING_BEFORE


# --- results of earlier turns -----------------------------------------------------------------------------------------


async def test_a_place_found_two_turns_before(talk: Talk) -> None:
    talk.shell.backend.results["find_nearby"] = Observed(
        text="a cafe", result=Place(name="Blue Cafe", address="Lane 1")
    )
    turn = await talk.say("cafe", "light", "take me there")
    assert talk.sent[-1] == "navigate_to(destination=Blue Cafe, Lane 1)"
    assert turn_json(turn)["calls"] == [
        {"id": 1, "name": "navigate_to", "arguments": {"destination": "$1.1", "route": "fastest"}, "after": []}
    ]
    await talk.say("more")
    kept = call("navigate_to", destination=EarlierRef(1, 1))
    assert talk.after == Earlier(turns=(past(2, LIGHT), past(3, kept)))


@pytest.mark.parametrize("before", [(), ("cafe",)])
async def test_a_result_that_is_not_there(talk: Talk, before: tuple[str, ...]) -> None:
    """Never asked for, or nothing was found."""
    turn = await talk.say(*before, "light and take me there")
    assert turn.reply == "Sorry, I do not have that any more; please say what you mean."
    assert "set_cabin_light" not in talk.shell.backend.names
    assert turn_json(turn)["understood"] is False


async def test_a_result_of_a_conversation_that_is_over(talk: Talk) -> None:
    talk.shell.backend.results["find_nearby"] = Observed(
        text="a cafe", result=Place(name="Blue Cafe", address="Lane 1")
    )
    await talk.say("cafe")
    talk.shell.clock.advance(61)
    assert (await talk.say("take me there")).reply.startswith("Sorry, I do not have that")
    assert talk.shell.backend.names == ["find_nearby"]


async def test_a_long_result_is_cut(talk: Talk) -> None:
    talk.shell.backend.results["find_nearby"] = Observed(text="a cafe", result=Place(name="x" * 600, address="Lane 1"))
    await talk.say("cafe", "take me there")
    assert talk.shell.backend.sent[-1].arguments["destination"] == "x" * MAX_TEXT_CHARS


# --- requests for a specialist ----------------------------------------------------------------------------------------


async def test_nobody_answers_a_routed_request_yet(talk: Talk) -> None:
    turn = await talk.say("why do the windows fog up")
    assert "manual" in turn.reply
    assert turn_json(turn)["route"] == {"to": "manual", "query": "why do windows fog up"}


async def test_the_calls_beside_it_are_carried_out(talk: Talk) -> None:
    turn = await talk.say("light and why is it dim")
    assert talk.sent == [str(LIGHT)]
    assert turn.reply.startswith("Set_cabin_light shown. Sorry, ")
    assert "manual" in turn.reply
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, LIGHT),))


async def test_a_question_stays_the_last_word(talk: Talk) -> None:
    assert (await talk.say("text mum and what is a yard")).reply.endswith(talk.open)


async def test_thanks_leave_a_question_open(talk: Talk) -> None:
    await talk.say("text mum")
    turn = await talk.say("thanks")
    assert turn.reply.endswith(talk.open)
    assert talk.open
    assert statuses(await talk.say("yes")) == ["done"]


# --- early starts -----------------------------------------------------------------------------------------------------


class Streaming(FakePlanner):
    """Tells of ``early`` first; ``then`` happens before the whole plan is there."""

    early: Plan = Plan()
    then: Callable[[], None] = staticmethod(lambda: None)

    async def stream(self, text: str, on_early: Callable[[Early], None], earlier: Earlier = NOTHING_BEFORE) -> Planned:
        for step in self.early:
            on_early(Early(step=step, least=1.0, confidence=1.0))
        await asyncio.sleep(0)
        self.then()
        for _ in range(20):
            await asyncio.sleep(0)
        return await self.plan_async(text, earlier)


async def test_what_began_early_stays_done_and_is_context_when_a_result_is_gone() -> None:
    planner = Streaming(KNOWN)
    talk = Talk(planner)
    planner.early = plan(LIGHT)
    turn = await talk.say("light and take me there")
    assert (talk.sent, statuses(turn)) == ([str(LIGHT)], ["done"])
    assert "could not use the rest: I do not have that any more" in turn.reply
    assert isinstance(talk.assistant.state, Idle)
    planner.early = Plan()
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, LIGHT),))


async def test_what_began_early_of_a_cancelled_utterance_is_context() -> None:
    planner = Streaming(KNOWN)
    talk = Talk(planner)
    planner.early = plan(LIGHT)
    stopped: list[asyncio.Task[Turn]] = []

    def cancel_soon() -> None:
        async def cancel() -> Turn:
            for _ in range(10):
                await asyncio.sleep(0)
            return await talk.say("cancel")

        stopped.append(asyncio.create_task(cancel()))

    planner.then = cancel_soon
    turn = await talk.say("light and take me there")
    await asyncio.gather(*stopped)
    assert (talk.sent, statuses(turn)) == ([str(LIGHT)], ["done"])
    planner.early, planner.then = Plan(), lambda: None
    await talk.say("more")
    assert talk.after == Earlier(turns=(past(1, LIGHT),))


async def test_nothing_begins_early_while_a_question_is_open() -> None:
    planner = Streaming(KNOWN)
    talk = Talk(planner)
    await talk.say("text mum")
    planner.early = plan(LIGHT)
    await talk.say("what")
    assert talk.sent == []


# --- reading ahead ----------------------------------------------------------------------------------------------------


class Ahead(FakePlanner):
    """``read``: what it was told to read ahead; ``broken``: it cannot."""

    broken = False

    def __init__(self) -> None:
        super().__init__(KNOWN)
        self.read: list[Earlier] = []

    async def prepare(self, earlier: Earlier) -> None:
        self.read.append(earlier)
        if self.broken:
            raise RuntimeError("no model")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_before_the_next_utterance_is_read_ahead() -> None:
    planner = Ahead()
    talk = Talk(planner)
    for text in ("fan", "text mum", "what", "yes", "nothing"):
        await talk.say(text)
        await settle()
    assert planner.read[:3] == [*planner.after[1:3], planner.after[2]]
    assert planner.read[3] == planner.after[3] == Earlier(turns=(past(1, FAN), past(2, TEXT)))


async def test_a_planner_that_cannot_read_ahead_hinders_nobody(caplog: pytest.LogCaptureFixture) -> None:
    planner = Ahead()
    planner.broken = True
    talk = Talk(planner)
    await talk.say("fan")
    await settle()
    assert statuses(await talk.say("light")) == ["done"]
    assert "could not read ahead: no model" in caplog.text
    await talk.assistant.close()


async def test_after_the_end_nothing_is_read_ahead() -> None:
    planner = Ahead()
    talk = Talk(planner)
    held = talk.shell.backend.held["set_fan_speed"] = asyncio.Event()
    under_way = asyncio.create_task(talk.say("fan"))
    await until(lambda: talk.sent != [])
    await talk.assistant.close()
    held.set()
    await under_way
    await settle()
    assert planner.read == []
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "reading ahead"]
