"""One conversation on fakes: answers, words that bypass the model, cancel, undo, what goes unanswered."""

import asyncio
import json
from pathlib import Path

import pytest
from support.car import DRIVING, Clock, RunningClock
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from support.told import said_by
from support.waiting import until

from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.conversation.turn_state import Idle
from vehicle_agent.conversation.world_view import History
from vehicle_agent.errors import ModelError, NotConfirmed
from vehicle_agent.planning.planner import Planned
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.earlier import Earlier

TEXT = call("send_text_message", recipient="mum", message="on my way")
KNOWN: dict[str, Utterance] = {
    "text mum": plan(TEXT),
    "text them": plan(TEXT, TEXT.with_arguments(recipient="dad")),
    "fan three": plan(call("set_fan_speed", level=3)),
    "fan three and window": plan(call("set_fan_speed", level=3), call("control_window", position=50)),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "undo": plan(call("undo_last_action")),
}


class Talk:
    """An assistant on fakes."""

    def __init__(self, journal: Path | None = None, *, transcripts: bool = True, clock: Clock | None = None) -> None:
        self.shell = Shell(clock=clock)
        self.planner = FakePlanner(KNOWN)
        self.said = said_by(self.shell.events)
        self.journal = Journal(journal)
        record(self.shell.events, self.journal, CATALOGUE, words=transcripts)
        self.assistant = Assistant(
            planner=self.planner,
            executor=self.shell.executor,
            history=self.shell.history,
            events=self.shell.events,
        )

    async def statuses(self, text: str) -> list[str]:
        return [o.status.value for o in (await self.assistant.ask(text)).progress.outcomes]


@pytest.fixture
async def talk() -> Talk:
    return Talk()


async def test_an_utterance_is_carried_out_and_told(talk: Talk) -> None:
    turn = await talk.assistant.ask("fan three")
    assert turn.reply == "Set_fan_speed shown."
    document = turn_json(turn, text="fan three")
    assert json.loads(json.dumps(document)) == document
    assert document["understood"] is True


async def test_nothing_understood_is_said(talk: Talk) -> None:
    turn = await talk.assistant.ask("why is the sky blue")
    assert (turn.reply, turn.progress.outcomes) == ("Sorry, that is nothing.", ())


async def test_what_was_taken_back_is_told_without_an_apology(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def taken_back(text: str, _earlier: Earlier) -> Planned:
        return Planned(heard=text, utterance=Refusal(), why="you took that back", taken_back=True)

    monkeypatch.setattr(talk.planner, "plan_async", taken_back)
    turn = await talk.assistant.ask("fan three no forget it")
    assert (turn.reply, turn.progress.outcomes) == ("All right, nothing done.", ())


async def test_an_incomplete_command_is_asked_back(talk: Talk) -> None:
    turn = await talk.assistant.ask("call")
    assert turn.reply == "Who should I call?"
    assert turn_json(turn)["clarify"] == {"name": "call_contact", "missing": "name", "question": "Who should I call?"}


@pytest.mark.parametrize("word", ["yes", "Yes!", "yes, please.", "OK", "go ahead"])
async def test_yes_bypasses_the_model(talk: Talk, word: str) -> None:
    assert await talk.statuses("text mum") == ["pending"]
    assert await talk.statuses(word) == ["done"]
    assert talk.planner.asked == ["text mum"]


@pytest.mark.parametrize("word", ["no", "No.", "don\u2019t", "never mind", "No, thanks!"])
async def test_no_bypasses_the_model(talk: Talk, word: str) -> None:
    await talk.assistant.ask("text mum")
    assert await talk.statuses(word) == ["refused"]
    assert talk.shell.backend.sent == []


@pytest.mark.parametrize("word", ["cancel", "Stop!", "cancel that"])
async def test_cancel_and_stop_bypass_the_model_while_something_is_open(talk: Talk, word: str) -> None:
    await talk.assistant.ask("text mum")
    assert await talk.statuses(word) == ["skipped"]
    assert talk.planner.asked == ["text mum"]


async def test_yes_without_a_question_is_an_utterance_like_any_other(talk: Talk) -> None:
    await talk.assistant.ask("yes")
    assert talk.planner.asked == ["yes"]


async def test_stop_reaches_a_turn_under_way(talk: Talk) -> None:
    talk.shell.backend.held["set_fan_speed"] = asyncio.Event()
    under_way = asyncio.create_task(talk.assistant.ask("fan three"))
    await until(lambda: bool(talk.shell.backend.sent))
    await talk.assistant.ask("stop")
    assert [o.status.value for o in (await under_way).progress.outcomes] == ["failed"]


async def test_an_answer_names_its_question(talk: Talk) -> None:
    turn = await talk.assistant.ask("text mum")
    assert turn.progress.question is not None
    wrong = await talk.assistant.answer(turn.progress.question.id + 1, yes=True)
    assert (wrong.progress.outcomes, "no open question" in wrong.reply) == ((), True)
    right = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert [o.status.value for o in right.progress.outcomes] == ["done"]
    again = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert "no open question" in again.reply
    assert len(talk.shell.backend.sent) == 1


async def test_an_answer_that_comes_too_late_does_nothing(talk: Talk) -> None:
    turn = await talk.assistant.ask("text them")
    assert turn.progress.question is not None
    talk.shell.clock.advance(10.01)
    late = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert [o.status.value for o in late.progress.outcomes] == ["expired", "expired"]
    assert talk.shell.backend.sent == []


async def test_at_ten_seconds_sharp_yes_still_counts(talk: Talk) -> None:
    turn = await talk.assistant.ask("text mum")
    assert turn.progress.question is not None
    talk.shell.clock.advance(10.0)
    answered = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert [o.status.value for o in answered.progress.outcomes] == ["done"]


async def test_a_question_nobody_answers_is_told_and_journaled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_machines.limits.QUESTION_LIFE_S", 0.02)
    talk = Talk(tmp_path / "j", clock=RunningClock())
    assert await talk.statuses("text mum") == ["pending"]
    await until(lambda: bool(talk.said))
    assert talk.said == ["No answer came in time, so I left it."]
    talk.journal.close()
    assert [e["status"] for e in read_journal(tmp_path / "j") if e["kind"] == "outcome"] == ["expired"]


async def test_a_new_command_closes_the_old_question(talk: Talk) -> None:
    turn = await talk.assistant.ask("text mum")
    assert turn.progress.question is not None
    assert await talk.statuses("fan three") == ["done"]
    assert "no open question" in (await talk.assistant.answer(turn.progress.question.id, yes=True)).reply
    assert talk.shell.backend.names == ["set_fan_speed"]


async def test_a_second_utterance_waits_for_the_first(talk: Talk) -> None:
    held = talk.shell.backend.held["set_fan_speed"] = asyncio.Event()
    first = asyncio.create_task(talk.assistant.ask("fan three"))
    second = asyncio.create_task(talk.assistant.ask("text mum"))
    for _ in range(30):
        await asyncio.sleep(0)
    assert talk.planner.asked == ["fan three"]
    held.set()
    await first
    assert (await second).progress.question is not None
    await talk.assistant.close()


async def test_undo_takes_the_last_turn_back_in_reverse_order(talk: Talk) -> None:
    talk.shell.backend.undo = {
        "set_fan_speed": (call("set_fan_speed", level=1),),
        "control_window": (call("control_window", position=0),),
    }
    await talk.assistant.ask("fan three and window")
    assert await talk.statuses("undo") == ["done"]
    assert [str(c) for c in talk.shell.backend.sent[2:]] == ["control_window(position=0)", "set_fan_speed(level=1)"]
    assert await talk.statuses("undo") == ["failed"]  # an undo is not undone


async def test_what_failed_is_not_undone(talk: Talk) -> None:
    talk.shell.backend.undo = {"set_fan_speed": (call("set_fan_speed", level=1),)}
    talk.shell.backend.failures = {"set_fan_speed": [NotConfirmed("no"), NotConfirmed("no")]}
    await talk.assistant.ask("fan three")
    assert await talk.statuses("undo") == ["failed"]


async def test_undo_is_judged_in_the_state_of_that_moment(talk: Talk) -> None:
    talk.shell.backend.undo = {"set_fan_speed": (call("set_child_lock", state="off"),)}
    await talk.assistant.ask("fan three")
    talk.shell.drive(DRIVING)
    assert await talk.statuses("undo") == ["refused"]


def test_the_history_is_bounded_newest_first_out() -> None:
    history = History(limit=3)
    for level in range(5):
        history.remember((call("set_fan_speed", level=level),))
    history.remember(())  # nothing to take back is no entry
    assert [history.take()[0].arguments["level"] for _ in range(3)] == [4, 3, 2]
    assert (history.take(), history.peek()) == ((), ())


async def test_a_planner_that_fails_leaves_the_assistant_usable(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_text: str, _earlier: Earlier) -> Planned:
        raise ModelError("the model is gone")

    with monkeypatch.context() as once:
        once.setattr(talk.planner, "plan_async", broken)
        with pytest.raises(ModelError):
            await talk.assistant.ask("fan three")
    assert talk.assistant.state == Idle()
    assert await talk.statuses("fan three") == ["done"]


@pytest.mark.parametrize("word", ["cancel", "fan three"])
async def test_of_a_question_that_is_dropped_nothing_is_said_but_the_turn(tmp_path: Path, word: str) -> None:
    talk = Talk(tmp_path / "j")
    await talk.assistant.ask("text mum")
    for _ in range(5):
        await asyncio.sleep(0)  # who waits for an answer that does not come has begun to
    await talk.assistant.ask(word)
    for _ in range(5):
        await asyncio.sleep(0)
    talk.journal.close()
    assert talk.said == []
    assert "skipped" in [e["status"] for e in read_journal(tmp_path / "j") if e["kind"] == "outcome"]
    assert len(asyncio.all_tasks()) == 1


async def test_cancel_with_nothing_open(talk: Talk) -> None:
    assert (await talk.assistant.cancel()).reply == "There is nothing to cancel."


async def test_closing_ends_the_open_question(talk: Talk) -> None:
    await talk.assistant.ask("text mum")
    await talk.assistant.close()
    assert talk.shell.executor.dialogue.question is None
    assert len(asyncio.all_tasks()) == 1


async def test_the_journal_holds_the_whole_exchange(tmp_path: Path) -> None:
    talk = Talk(tmp_path / "j")
    await talk.assistant.ask("text mum")
    await talk.assistant.ask("yes")
    talk.journal.close()
    events = list(read_journal(tmp_path / "j"))
    asked, answered = ["input", "plan", "judgement", "question"], ["input", "answer", "judgement", "outcome"]
    assert [e["kind"] for e in events] == asked + answered
    assert (events[0]["text"], events[4]["text"], events[7]["status"]) == ("text mum", "yes", "done")


async def test_without_transcripts_the_words_are_left_out(tmp_path: Path) -> None:
    talk = Talk(tmp_path / "j", transcripts=False)
    await talk.assistant.ask("text mum")
    await talk.assistant.ask("yes")
    await talk.assistant.call(call("play_media", query="on my way"))
    talk.journal.close()
    assert "mum" not in (tmp_path / "j").read_text()
    assert "on my way" not in (tmp_path / "j").read_text()
