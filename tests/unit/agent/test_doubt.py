"""A plan that may be misunderstood is asked about as a whole, and nothing of it is done before the yes."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.car import DRIVING, STANDSTILL, Clock, RunningClock
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from support.told import said_by
from support.waiting import until

from state_machines.dialogue import Accepted, Confirmation, ConfirmationRefused
from state_machines.verdict import Confirm
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.doubt import DOUBT
from vehicle_agent.conversation.turn_json import planned_json, turn_json
from vehicle_agent.planning.planner import Planned
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_apis.call import Plan
from vehicle_apis.codec import Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

FAN, WINDOW = call("set_fan_speed", level=3), call("control_window", position=50)
TEXT = call("send_text_message", recipient="mum", message="on my way")
VIDEO = call("play_video", title="film")
KNOWN: dict[str, Utterance] = {
    "fan": plan(FAN),
    "fan and window": plan(FAN, WINDOW),
    "text mum": plan(TEXT),
    "text mum and fan": plan(TEXT, FAN),
    "video": plan(VIDEO),
    "time and fan": plan(call("get_time"), FAN),
}


class Unsure(FakePlanner):
    """Doubts every plan that changes something, but those of ``sure``."""

    sure: frozenset[str] = frozenset()

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        planned = await super().plan_async(text, earlier)
        changes = any(not c.spec.reads_only for c in planned.plan.calls)
        return replace(planned, doubtful=changes and text not in self.sure, confidence=0.5)


class Talk:
    """An assistant that is unsure of everything."""

    def __init__(self, journal: Path | None = None, *, clock: Clock | None = None) -> None:
        self.shell = Shell(clock=clock)
        self.planner = Unsure(KNOWN)
        self.said = said_by(self.shell.events)
        self.journal = Journal(journal)
        record(self.shell.events, self.journal, CATALOGUE)
        self.assistant = Assistant(
            planner=self.planner,
            executor=self.shell.executor,
            history=self.shell.history,
            events=self.shell.events,
        )

    @property
    def sent(self) -> list[str]:
        return self.shell.backend.names


@pytest.fixture
async def talk() -> Talk:
    return Talk()


def statuses(turn: Turn) -> list[str]:
    return [o.status.value for o in turn.progress.outcomes]


async def test_yes_carries_it_out(talk: Talk) -> None:
    turn = await talk.assistant.ask("fan and window")
    question = turn.progress.question
    assert question is not None
    assert (question.step, turn.reply) == (0, question.text)
    assert turn.reply == "Did you mean: set the fan to 3 and open the driver's window to 50 percent?"
    assert (statuses(turn), talk.sent, talk.shell.judgements) == (["pending"] * 2, [], [])
    assert statuses(await talk.assistant.ask("yes")) == ["done"] * 2
    assert sorted(talk.sent) == ["control_window", "set_fan_speed"]
    # judged twice like any other call
    assert [j.binding for j in talk.shell.judgements].count(True) == 2


async def test_no_drops_it(talk: Talk) -> None:
    await talk.assistant.ask("fan and window")
    turn = await talk.assistant.ask("no")
    assert (statuses(turn), turn.reply, talk.sent) == (["refused"] * 2, "You said no.", [])
    assert {(o.verdict, o.rule) for o in turn.progress.outcomes} == {("confirm", DOUBT)}
    assert talk.shell.judgements == []


async def test_a_new_command_drops_it_too(talk: Talk) -> None:
    first = await talk.assistant.ask("fan and window")
    talk.planner.sure = frozenset({"fan"})
    assert statuses(await talk.assistant.ask("fan")) == ["done"]
    assert first.progress.question is not None
    late = await talk.assistant.answer(first.progress.question.id, yes=True)
    assert ("no open question" in late.reply, talk.sent) == (True, ["set_fan_speed"])


async def test_cancel_drops_it(talk: Talk) -> None:
    await talk.assistant.ask("fan and window")
    assert statuses(await talk.assistant.ask("cancel")) == ["skipped"] * 2
    assert talk.shell.executor.dialogue.question is None


async def test_ten_seconds_and_a_yes_is_too_late(talk: Talk) -> None:
    turn = await talk.assistant.ask("fan and window")
    assert turn.progress.question is not None
    talk.shell.clock.advance(10.01)
    late = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert (statuses(late), talk.sent) == (["expired"] * 2, [])


async def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_machines.limits.QUESTION_LIFE_S", 0.02)
    talk = Talk(clock=RunningClock())
    await talk.assistant.ask("fan and window")
    await until(lambda: bool(talk.said))
    assert (talk.said, talk.sent) == (["No answer came in time, so I left it."], [])


async def test_a_yes_counts_once(talk: Talk) -> None:
    turn = await talk.assistant.ask("fan")
    assert turn.progress.question is not None
    await talk.assistant.answer(turn.progress.question.id, yes=True)
    again = await talk.assistant.answer(turn.progress.question.id, yes=True)
    assert ("no open question" in again.reply, talk.sent) == (True, ["set_fan_speed"])


async def test_the_yes_is_judged_by_the_state_of_that_moment(talk: Talk) -> None:
    await talk.assistant.ask("video")
    talk.shell.drive(DRIVING)
    turn = await talk.assistant.ask("yes")
    assert (statuses(turn), turn.progress.outcomes[0].verdict, talk.sent) == (["refused"], "deny", [])


async def test_what_is_asked_about_anyway_is_asked_about_once(talk: Talk) -> None:
    turn = await talk.assistant.ask("text mum")
    assert turn.reply == "Send mum the text: on my way?"
    assert turn.progress.question is not None
    assert turn.progress.question.step == 1
    assert statuses(await talk.assistant.ask("yes")) == ["done"]


async def test_what_is_refused_anyway_is_not_asked_about(talk: Talk) -> None:
    talk.shell.drive(DRIVING)
    turn = await talk.assistant.ask("video")
    assert (statuses(turn), turn.progress.question) == (["refused"], None)


async def test_the_yes_to_a_plan_is_no_yes_to_a_call_of_it(talk: Talk) -> None:
    turn = await talk.assistant.ask("text mum and fan")
    assert turn.reply == "Did you mean: text mum: on my way and set the fan to 3?"
    turn = await talk.assistant.ask("yes")
    assert (statuses(turn), talk.sent) == (["pending", "done"], ["set_fan_speed"])
    assert turn.progress.question is not None
    assert turn.progress.question.text == "Send mum the text: on my way?"
    assert statuses(await talk.assistant.ask("yes")) == ["done", "done"]


def test_the_gate_takes_no_confirmation_of_a_plan() -> None:
    shell = Shell()
    shell.drive(STANDSTILL)
    trunk = call("operate_trunk", action="open")
    question = shell.executor.dialogue.ask("?", Plan.of(trunk))
    answer = shell.executor.dialogue.answer(question.id, yes=True)
    assert isinstance(answer, Accepted)
    verdict = shell.gate.judge(trunk, shell.world.signals_now, confirmation=answer.confirmation)
    assert isinstance(verdict, Confirm)


def test_a_confirmation_is_for_its_plan_alone() -> None:
    with pytest.raises(ConfirmationRefused, match=r"set_fan_speed.*not for"):
        Confirmation(Plan.of(FAN), 10.0).redeem(Plan.of(WINDOW), 1.0)


async def test_reading_waits_with_the_plan_but_is_never_asked_about_alone(talk: Talk) -> None:
    turn = await talk.assistant.ask("time and fan")
    assert statuses(turn) == ["pending"] * 2
    assert statuses(await talk.assistant.ask("yes")) == ["done"] * 2


async def test_the_json_says_what_would_be_done(talk: Talk) -> None:
    turn = await talk.assistant.ask("fan and window")
    document = turn_json(turn, text="fan and window")
    assert (document["calls"], document["understood"]) == ([], True)
    assert document["would"] == plan(FAN, WINDOW).to_json()
    assert document["clarify"] == {"name": "set_fan_speed", "missing": "confirmation", "question": turn.reply}
    planned = turn.planned
    assert planned is not None
    part = planned_json("x", replace(planned, begun=(1,)))
    assert part["calls"] == plan(FAN).to_json()
    assert part["clarify"] == {
        "name": "set_fan_speed",
        "missing": "confirmation",
        "question": "Did you mean: open the driver's window to 50 percent?",
    }
    assert "would" not in planned_json("x", replace(planned, doubtful=False))


async def test_the_journal_holds_doubt_and_answer(tmp_path: Path) -> None:
    talk = Talk(tmp_path / "j")
    await talk.assistant.ask("fan")
    await talk.assistant.ask("yes")
    talk.journal.close()
    events = list(read_journal(tmp_path / "j"))
    done = ["judgement", "judgement", "outcome"]
    assert [e["kind"] for e in events] == ["input", "plan", "question", "input", "answer", *done]
    assert (events[1]["doubtful"], events[1]["confidence"], events[4]["taken"]) == (True, 0.5, "Accepted")
