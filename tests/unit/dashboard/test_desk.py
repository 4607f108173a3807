"""What the pages' commands do to car and agent."""

import asyncio
import itertools

import pytest
from support.dashboard import FakeAgent, FakeTap, heard
from support.waiting import until

from simulators.car import Car
from simulators.dashboard import AgentRefused, Desk, OpenQuestion, Said, StateChanged
from simulators.dashboard.commands import known, parse_command
from simulators.dashboard.faults_menu import faults_menu
from simulators.dashboard.pedal import STEP_KMH
from simulators.errors import SimulatorError


async def _do(desk: Desk, text: str) -> object:
    return await desk.run(parse_command(text))


async def test_settings_and_faults_reach_the_car(desk: Desk, car: Car) -> None:
    await _do(desk, '{"do": "set", "name": "rain", "value": "yes"}')
    await _do(desk, '{"do": "inject", "fault": "silence Gear"}')
    await _do(desk, '{"do": "inject", "fault": "jam trunk"}')
    board = desk.board()
    assert car.state()["rain"] == board["car"]["rain"] == "yes"
    assert set(board["faults"]) == {"silence Gear", "jam trunk"}
    await _do(desk, '{"do": "clear", "fault": "silence Gear"}')
    assert set(desk.board()["faults"]) == {"jam trunk"}
    await _do(desk, '{"do": "clear"}')
    assert not desk.board()["faults"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('{"do": "set", "name": "sped", "value": 3}', "did you mean 'speed'"),
        ('{"do": "set", "name": "gear", "value": "X"}', "gear must be one of"),
        ('{"do": "inject", "fault": "explode Gear"}', "a fault is one of"),
        ('{"do": "inject", "fault": "silence Nothing"}', "Nothing"),
        ('{"do": "clear", "fault": "silence Gear"}', "silence Gear"),
        ('{"do": "say", "text": "   "}', "the text is empty"),
    ],
)
async def test_what_the_car_has_not_is_told_in_a_sentence(desk: Desk, command: str, says: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        await _do(desk, command)
    assert says in str(caught.value)


def test_every_fault_of_the_menu_can_be_injected_as_offered(car: Car) -> None:
    menu = faults_menu(car)
    assert {"silence", "unplug", "corrupt_crc", "jam", "speeds_apart"} <= {entry["kind"] for entry in menu}
    for entry in menu:
        targets = entry["targets"]
        assert isinstance(targets, list)
        assert entry["target"] == "" or entry["target"] in targets
        car.inject(" ".join(str(entry[part]) for part in ("kind", "target", "example") if entry[part]))
        car.clear()


async def test_the_speed_rises_and_falls_in_steps_that_both_sources_can_follow(
    desk: Desk, car: Car, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds = [0.0]
    real = car.set

    def watched(name: str, value: object) -> None:
        real(name, value)
        if name == "speed":
            speeds.append(float(str(value)))

    monkeypatch.setattr(car, "set", watched)
    async with desk:
        await _do(desk, '{"do": "speed", "kmh": 13}')
        assert car.state()["gear"] == "D"  # nobody drives off in P
        await until(lambda: car.state()["speed"] == 13)
        await _do(desk, '{"do": "speed", "kmh": 0}')
        await until(lambda: car.state()["speed"] == 0)
    assert max(abs(a - b) for a, b in itertools.pairwise(speeds)) <= STEP_KMH
    assert desk.board()["drive"] == {"target_kmh": 0.0}


async def test_a_gear_that_was_chosen_is_kept(desk: Desk, car: Car) -> None:
    async with desk:
        await _do(desk, '{"do": "set", "name": "gear", "value": "R"}')
        await _do(desk, '{"do": "speed", "kmh": 4}')
        assert car.state()["gear"] == "R"


async def test_a_speed_that_is_set_outright_ends_the_driving(desk: Desk, car: Car) -> None:
    async with desk:
        await _do(desk, '{"do": "speed", "kmh": 200}')
        await _do(desk, '{"do": "set", "name": "speed", "value": 7}')
        await asyncio.sleep(0.15)
        assert car.state()["speed"] == 7
        assert desk.board()["drive"] == {"target_kmh": 7.0}


async def test_turns_are_shown_while_they_last_and_after(desk: Desk, agent: FakeAgent) -> None:
    agent.held = asyncio.Event()
    async with desk:
        task = asyncio.create_task(_do(desk, '{"do": "say", "text": "hello car"}'))
        await until(lambda: bool(agent.done))
        (turn,) = desk.board()["turns"].values()
        assert isinstance(turn, dict)
        assert (turn["said"], turn["busy"]) == ("hello car", True)
        agent.held.set()
        assert await task == {"reply": "ask done"}
    (turn,) = desk.board()["turns"].values()
    assert isinstance(turn, dict)
    assert (turn["reply"], turn["busy"]) == ("ask done", False)


async def test_what_the_agent_cannot_do_is_told_and_ends_the_turn(desk: Desk, agent: FakeAgent) -> None:
    agent.fails = AgentRefused("there is no function 'fly'")
    with pytest.raises(AgentRefused):
        await _do(desk, '{"do": "call", "name": "fly"}')
    (turn,) = desk.board()["turns"].values()
    assert isinstance(turn, dict)
    assert (turn["error"], turn["busy"]) == ("there is no function 'fly'", False)


async def test_answers_cancel_and_undo_reach_the_agent(desk: Desk, agent: FakeAgent) -> None:
    agent.open = OpenQuestion(id=4, text="Really?", remaining_s=8.5)
    assert desk.board()["agent"]["question"] == {"id": 4, "text": "Really?"}
    assert desk.question_left_s() == 8.5
    for command in ('{"do": "answer", "question": 4, "yes": true}', '{"do": "cancel"}', '{"do": "undo"}'):
        await _do(desk, command)
    assert agent.done == [("answer", 4, True), ("cancel",), ("undo",)]


async def test_the_log_tells_events_in_order_and_the_desk_leaves_no_listener_behind(
    desk: Desk, agent: FakeAgent, tap: FakeTap
) -> None:
    async with desk:
        agent.tell(StateChanged(state="unknown"))
        agent.tell(Said(text="Your timer is over."))
        tap.hear(heard())
    assert [(e.number, e.kind, e.text, e.tone) for e in desk.log] == [
        (1, "state", "unknown", "bad"),
        (2, "agent", "Your timer is over.", ""),
    ]
    assert desk.board()["signals"] == {"Gear": {"Gear": "P"}}
    assert not agent.listeners
    assert not tap.listeners


def test_the_page_is_told_all_it_can_choose_from(desk: Desk) -> None:
    hello = desk.hello()
    assert {"messages", "settings", "faults", "functions", "understands_text", "top_speed_kmh"} == hello.keys()
    assert "watch" in known()
