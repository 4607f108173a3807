"""A yes or no counts only for the question that had been put before it began to be spoken."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from support.waiting import until

from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.events import Asked
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_apis.codec import Incomplete, Utterance

TEXT = call("send_text_message", recipient="mum", message="on my way")
CALL = call("make_emergency_call")
FAN = call("set_fan_speed", level=3)
KNOWN: dict[str, Utterance] = {
    "text mum": plan(TEXT),
    "emergency": plan(CALL),
    "text and emergency": plan(TEXT, CALL),
    "fan": plan(FAN),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
    "undo": plan(call("undo_last_action")),
    "yes and fan": plan(FAN),
    "no the fan instead": plan(FAN),
}
EARLY = "I had just asked something new: "


class Talk:
    """An assistant on fakes, with a clock that stands until it is moved."""

    def __init__(self, journal: Path | None = None) -> None:
        self.shell = Shell()
        self.planner = FakePlanner(KNOWN)
        self.journal = Journal(journal)
        record(self.shell.events, self.journal, CATALOGUE)
        self.assistant = Assistant(
            planner=self.planner, executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )

    @property
    def sent(self) -> list[str]:
        return self.shell.backend.names

    @property
    def open(self) -> str:
        question = self.shell.executor.dialogue.question
        return "" if question is None else question.text

    def hold(self, name: str) -> asyncio.Event:
        held = self.shell.backend.held[name] = asyncio.Event()
        return held


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def ticks(n: int) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


@pytest.mark.parametrize("word", ["yes", "yep go on", "please do", "no", "nah", "no thank you"])
@pytest.mark.parametrize("early_s", [0.001, 0.3, 100.0])
async def test_speech_that_began_before_the_question_was_put_does_not_answer_it(
    talk: Talk, word: str, early_s: float
) -> None:
    question = (await talk.assistant.ask("emergency")).progress.question
    assert question is not None
    began_s = talk.shell.clock() - early_s
    talk.shell.clock.advance(0.2)  # recognition takes its time
    turn = await talk.assistant.ask(word, began_s=began_s)
    assert (talk.sent, turn.reply) == ([], EARLY + question.text)
    assert turn.progress.question == question
    assert [o.status.value for o in turn.progress.outcomes] == ["pending"]
    assert talk.planner.asked == ["emergency"]
    # the question is still open, and an answer to it counts
    assert [o.status.value for o in (await talk.assistant.ask("yes")).progress.outcomes] == ["done"]


@pytest.mark.parametrize(("word", "status"), [("yes", "done"), ("no", "refused")])
async def test_speech_that_began_at_that_moment_or_later_does(talk: Talk, word: str, status: str) -> None:
    await talk.assistant.ask("emergency")
    put_s = talk.shell.clock()
    talk.shell.clock.advance(3)
    turn = await talk.assistant.ask(word, began_s=put_s)
    assert [o.status.value for o in turn.progress.outcomes] == [status]


@pytest.mark.parametrize("began_s", [float("nan"), float("inf"), 1e12])
async def test_a_beginning_that_is_no_time_in_the_past_is_now(talk: Talk, began_s: float) -> None:
    await talk.assistant.ask("emergency")
    turn = await talk.assistant.ask("yes", began_s=began_s)
    assert [o.status.value for o in turn.progress.outcomes] == ["done"]


async def test_a_second_yes_right_behind_the_first_does_not_answer_the_next_question(talk: Talk) -> None:
    await talk.assistant.ask("text and emergency")
    held = talk.hold("send_text_message")
    first = asyncio.create_task(talk.assistant.ask("yes"))
    await until(lambda: talk.sent == ["send_text_message"])
    talk.shell.clock.advance(0.007)
    second = asyncio.create_task(talk.assistant.ask("yes"))
    await ticks(10)
    held.set()
    asked = (await first).progress.question
    assert asked is not None
    assert (await second).reply == EARLY + asked.text
    assert talk.sent == ["send_text_message"]


async def test_two_at_once_answer_one_question(talk: Talk) -> None:
    """The clock stands: what the second one was meant for does not hang on the clock alone."""
    await talk.assistant.ask("text and emergency")
    first, second = await asyncio.gather(talk.assistant.ask("yes"), talk.assistant.ask("yes"))
    assert talk.sent == ["send_text_message"]
    assert first.progress.question is not None
    assert second.reply == EARLY + first.progress.question.text


async def test_a_yes_that_waits_while_its_question_is_replaced_does_not_answer_the_new_one(talk: Talk) -> None:
    await talk.assistant.ask("text mum")
    replacing = asyncio.create_task(talk.assistant.ask("emergency"))
    await ticks(1)  # it has the turn; the first question is still open
    began_s = talk.shell.clock()
    yes = asyncio.create_task(talk.assistant.ask("yes", began_s=began_s))
    asked = (await replacing).progress.question
    assert asked is not None
    turn = await yes
    assert (talk.sent, turn.reply) == ([], EARLY + asked.text)
    assert talk.open == asked.text


async def test_a_yes_whose_question_is_gone_when_it_has_its_turn_says_so(talk: Talk) -> None:
    """It comes in the tick in which the question is put; a command that waits for the turn drops the question."""
    late: list[asyncio.Task[Turn]] = []

    def answer_at_once(_asked: Asked) -> None:
        late.append(asyncio.create_task(talk.assistant.ask("yes")))

    talk.shell.events.subscribe(answer_at_once, Asked)
    asked, _ = await asyncio.gather(talk.assistant.ask("emergency"), talk.assistant.ask("fan"))
    assert asked.progress.question is not None
    assert [(await task).reply for task in late] == ["There is nothing waiting for an answer."]
    assert (talk.sent, talk.planner.asked) == (["set_fan_speed"], ["emergency", "fan"])


async def test_a_question_that_no_turn_has_told_yet_is_not_answered_but_put(talk: Talk) -> None:
    """The turn that would have told it was broken off."""
    asking = asyncio.create_task(talk.assistant.ask("emergency"))
    while not talk.open:  # noqa: ASYNC110 - the very tick counts
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await talk.assistant.ask("yes")).reply.startswith(EARLY)
    assert talk.sent == []
    assert [o.status.value for o in (await talk.assistant.ask("yes")).progress.outcomes] == ["done"]


async def test_answers_by_number_name_their_question_whenever_they_come(talk: Talk) -> None:
    first = (await talk.assistant.ask("text mum")).progress.question
    second = (await talk.assistant.ask("emergency")).progress.question
    assert first is not None
    assert second is not None
    assert "no open question of that number" in (await talk.assistant.answer(first.id, yes=True)).reply
    assert talk.sent == []
    await talk.assistant.answer(second.id, yes=True)
    assert talk.sent == ["make_emergency_call"]


async def test_the_question_of_an_undo(talk: Talk) -> None:
    talk.shell.history.remember((CALL,))
    asked = (await talk.assistant.ask("undo")).progress.question
    assert asked is not None
    assert (await talk.assistant.ask("yes", began_s=talk.shell.clock() - 0.1)).reply == EARLY + asked.text
    assert talk.sent == []


async def test_an_answer_that_began_before_something_missing_was_asked_for_is_a_command_of_its_own(talk: Talk) -> None:
    began_s = talk.shell.clock() - 0.1
    await talk.assistant.ask("call")
    await talk.assistant.ask("anna", began_s=began_s)
    assert (talk.sent, talk.planner.asked) == ([], ["call", "anna"])
    await talk.assistant.ask("call")
    await talk.assistant.ask("anna")
    assert talk.sent == ["call_contact"]


async def test_one_that_waited_for_the_turn_too(talk: Talk) -> None:
    first = asyncio.create_task(talk.assistant.ask("call"))
    second = asyncio.create_task(talk.assistant.ask("anna"))
    await asyncio.gather(first, second)
    assert talk.sent == []


async def test_a_no_that_began_before_leaves_the_missing_question_open(talk: Talk) -> None:
    began_s = talk.shell.clock() - 0.1
    await talk.assistant.ask("call")
    assert (await talk.assistant.ask("no", began_s=began_s)).reply == EARLY + "Who should I call?"
    await talk.assistant.ask("anna")
    assert talk.sent == ["call_contact"]


async def test_a_cancel_takes_away_and_tells_what_it_was_not_meant_for(talk: Talk) -> None:
    began_s = talk.shell.clock() - 0.1
    asked = (await talk.assistant.ask("emergency")).progress.question
    assert asked is not None
    reply = (await talk.assistant.ask("cancel", began_s=began_s)).reply
    assert reply == f"Cancelled. I had just asked something new, and dropped that too: {asked.text}"
    assert talk.open == ""
    began_s = talk.shell.clock() - 0.1
    await talk.assistant.ask("call")
    reply = (await talk.assistant.ask("cancel", began_s=began_s)).reply
    assert reply == "All right. I had just asked something new, and dropped that too: Who should I call?"


async def test_cancel_over_dbus_leaves_the_missing_question(talk: Talk) -> None:
    await talk.assistant.ask("call")
    assert (await talk.assistant.cancel()).reply == "All right."
    await talk.assistant.ask("anna")
    assert talk.sent == []


@pytest.mark.parametrize("text", ["yes and fan", "no the fan instead"])
async def test_more_than_a_yes_is_a_new_utterance_and_closes_the_question(talk: Talk, text: str) -> None:
    await talk.assistant.ask("emergency")
    await talk.assistant.ask(text)
    assert (talk.sent, talk.open, talk.planner.asked) == (["set_fan_speed"], "", ["emergency", text])


async def test_the_journal_tells_of_it(tmp_path: Path) -> None:
    talk = Talk(tmp_path / "j")
    await talk.assistant.ask("emergency")
    await talk.assistant.ask("yes", began_s=0.0)
    talk.journal.close()
    answers = [e for e in read_journal(tmp_path / "j") if e["kind"] == "answer"]
    assert [(e["question"], e["yes"], e["taken"]) for e in answers] == [(1, True, "TooEarly")]


async def test_no_interleaving_answers_a_question_that_had_not_been_put() -> None:
    """600 schedules of two callers who command, answer and cancel at any tick of the event loop."""
    confirmed = 0
    for seed in range(600):
        rng, talk = random.Random(seed), Talk()
        asked_about: dict[str, float] = {}  # what may be sent -> when the newest question about it was told
        yes: list[tuple[float, str]] = []
        wrong: list[str] = []

        async def say(text: str, talk: Talk, asked: dict[str, float], yes: list[tuple[float, str]]) -> Any:  # noqa: ANN401
            began_s = talk.shell.clock()
            if text == "yes":
                yes.append((began_s, talk.open if talk.open in asked else ""))
            turn = await talk.assistant.ask(text, began_s=began_s)
            if turn.progress.question is not None:
                asked.setdefault(turn.progress.question.text, talk.shell.clock())
            return turn

        async def caller(rng: random.Random, say: Any, talk: Talk, *more: Any) -> None:  # noqa: ANN401
            for _ in range(4):
                await ticks(rng.randrange(12))
                talk.shell.clock.advance(rng.choice([0.0, 0.001]))
                text = rng.choice(["emergency", "text mum", "text and emergency", "yes", "yes", "yes", "no", "cancel"])
                await say(text, talk, *more)

        await asyncio.gather(
            caller(random.Random(rng.random()), say, talk, asked_about, yes),
            caller(random.Random(rng.random()), say, talk, asked_about, yes),
        )
        # nothing is sent but by a yes that found its question told
        wrong += talk.sent if len(talk.sent) > sum(1 for _, question in yes if question) else []
        confirmed += len(talk.sent)
        assert not wrong, f"seed {seed}: {talk.sent}, {yes}"
        await talk.assistant.close()
    assert confirmed > 100
