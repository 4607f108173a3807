"""Conversations with the whole agent on the simulated car; only the language model is a stand-in."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from headunit_bench import needs_bus
from support.fakes import CATALOGUE, FakePlanner, call, plan
from support.waiting import until

from simulators.dashboard import Planned
from simulators.workbench.dashboard import SessionAgent
from simulators.workbench.last_ask import file
from simulators.workbench.session import Session, session
from simulators.workbench.simulated import ask_on_simulated_car
from vehicle_agent.conversation.assistant import Turn
from vehicle_apis.codec import Incomplete, Reply, Routed, Utterance
from vehicle_apis.earlier import Earlier, PastTurn
from vehicle_apis.ref import EarlierRef

pytestmark = needs_bus

WINDOW, WIDER = call("control_window", position=50), call("control_window", position=75)
TEXT = call("send_text_message", recipient="mum", message="on my way")
FIND = call("find_nearby", category="coffee")
KNOWN: dict[str, Utterance] = {
    "window half": plan(WINDOW),
    "a bit more": plan(WIDER),
    "back please": plan(call("undo_last_action")),
    "find a cafe": plan(FIND),
    "take me there": plan(call("navigate_to", destination=EarlierRef(1, 1))),
    "take me there again": plan(call("navigate_to", destination=EarlierRef(9, 1))),
    "text mum": plan(TEXT),
    "yes do send her that": Reply("yes"),
    "better not send her that": Reply("no"),
    "say five minutes instead": plan(TEXT.with_arguments(message="five minutes")),
    "open the trunk": plan(call("operate_trunk", action="open")),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call mum": plan(call("call_contact", name="mum")),
    "why is the light on": Routed("manual", "warning light"),
}


@pytest.fixture
def planner() -> FakePlanner:
    return FakePlanner(KNOWN)


@pytest.fixture
async def car(planner: FakePlanner) -> AsyncIterator[Session]:
    async with session(planner, time_scale=10) as s:
        await until(lambda: s.agent.gate.state.word == "parked", timeout_s=30)
        yield s


async def say(s: Session, *texts: str) -> Turn:
    return [await s.assistant.ask(text) for text in texts][-1]


def statuses(turn: Turn) -> list[str]:
    return [o.status.value for o in turn.progress.outcomes]


async def test_a_follow_up_and_what_takes_it_back(car: Session, planner: FakePlanner) -> None:
    await say(car, "window half", "a bit more")
    assert planner.after[-1] == Earlier(turns=(PastTurn(1, plan(WINDOW)),))
    assert car.world.car.state()["driver_window"] == 75
    assert statuses(await say(car, "back please")) == ["done"]
    await say(car, "hm")
    assert planner.after[-1] == Earlier(turns=(PastTurn(1, plan(WINDOW)),))
    assert car.world.car.state()["driver_window"] == 50


async def test_a_place_found_two_turns_before(car: Session) -> None:
    found = (await say(car, "find a cafe")).progress.outcomes[0].observed
    assert found is not None
    turn = await say(car, "window half", "take me there")
    assert statuses(turn) == ["done"]
    place = str(turn.progress.plan.calls[0].arguments["destination"])
    assert place.split(",", maxsplit=1)[0] in found.text
    assert (await say(car, "take me there again")).reply.startswith("Sorry, I do not have that any more")


async def test_a_text_is_asked_about_corrected_and_sent(car: Session) -> None:
    first = (await say(car, "text mum")).progress.question
    assert first is not None
    assert (await say(car, "look at that dog")).progress.question == first
    turn = await say(car, "say five minutes instead")
    assert turn.progress.question is not None
    assert "five minutes" in turn.progress.question.text
    assert statuses(await say(car, "yes do send her that")) == ["done"]


async def test_no_in_many_words(car: Session) -> None:
    assert statuses(await say(car, "text mum", "better not send her that")) == ["refused"]


async def test_a_yes_in_many_words_is_judged_again(car: Session) -> None:
    """The trunk is asked about at a standstill, and stays shut when the car has driven off meanwhile."""
    car.world.car.set("gear", "D")
    await until(lambda: car.agent.gate.state.word == "standstill", timeout_s=30)
    assert (await say(car, "open the trunk")).progress.question is not None
    car.world.car.set("speed", 50)
    await until(lambda: car.agent.gate.state.word == "driving", timeout_s=30)
    assert statuses(await say(car, "yes do send her that")) == ["refused"]
    assert car.world.car.state()["trunk"] == "closed"


async def test_the_dashboard_hears_whom_it_is_for_and_what_it_answers(car: Session) -> None:
    told: list[object] = []
    agent = SessionAgent(car, understands_text=True)
    agent.subscribe(told.append)
    document = await agent.ask("why is the light on")
    assert document["route"] == {"to": "manual", "query": "warning light"}
    assert "manual" in str(document["reply"])
    await agent.ask("text mum")
    assert (await agent.ask("yes do send her that"))["answer"] == "yes"
    notes = [event.note for event in told if isinstance(event, Planned)]
    assert notes == ["for the manual: warning light", "", "answers the question: yes"]


# --- ask --continue ---------------------------------------------------------------------------------------------------


class Program:
    """`ask`, one process after another as far as the car and the agent go."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def ask(self, text: str, *, go_on: bool = True, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """The document, with `status` and `err`."""
        planner = FakePlanner(KNOWN)
        status = ask_on_simulated_car(
            planner, text, options.get("settings", []), None, json_out=True, keep=True, go_on=go_on
        )
        out, err = self._capsys.readouterr()
        return {**json.loads(out), "status": int(status), "err": err, "after": planner.after}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    monkeypatch.setenv("VEHICLE_AGENT_DATA", str(tmp_path))
    return Program(capsys)


def test_ask_goes_on_with_the_last_ask(program: Program) -> None:
    assert program.ask("find a cafe", go_on=False)["status"] == 0
    there = program.ask("take me there")
    assert (there["status"], there["calls"][0]["arguments"]["destination"], there["err"]) == (0, "$1.1", "")
    assert there["after"] == [Earlier(turns=(PastTurn(1, plan(FIND)),))]


def test_an_open_question_of_the_last_ask_is_answered(program: Program) -> None:
    assert program.ask("text mum", go_on=False)["status"] == 3
    sent = program.ask("yes please")
    assert (sent["status"], [o["status"] for o in sent["outcomes"]]) == (0, ["done"])
    assert program.ask("hm")["after"] == [Earlier(turns=(PastTurn(1, plan(TEXT)),))]


def test_many_words_answer_it_too_and_others_leave_it_open(program: Program) -> None:
    program.ask("text mum", go_on=False)
    assert program.ask("look at that dog")["status"] == 3
    assert program.ask("better not send her that")["outcomes"][0]["status"] == "refused"


def test_a_missing_piece_of_the_last_ask(program: Program) -> None:
    assert program.ask("call", go_on=False)["clarify"]["missing"] == "name"
    assert program.ask("mum")["calls"][0]["arguments"]["name"] == "mum"


def test_without_the_option_nothing_was_before(program: Program) -> None:
    program.ask("text mum", go_on=False)
    assert program.ask("yes", go_on=False)["outcomes"] == []


def test_the_car_is_a_new_one(program: Program) -> None:
    program.ask("window half", go_on=False)
    undone = program.ask("back please")
    assert undone["outcomes"][0]["status"] == "failed"


def test_nothing_to_go_on_with(program: Program) -> None:
    assert "begins anew" in program.ask("window half")["err"]
    file().write_text("{")
    assert "is ignored" in program.ask("window half")["err"]
