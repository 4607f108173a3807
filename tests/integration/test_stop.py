""" "stop" while something moves: the motor stands, whoever waits, in every driving state."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from headunit_bench import needs_bus
from support.fakes import FakePlanner, call, plan
from support.waiting import until

from simulators.workbench.session import Session, session
from vehicle_apis.call import Call
from vehicle_apis.codec import Utterance

pytestmark = needs_bus

WINDOWS = call("control_window", position=100, window="all")
KNOWN: dict[str, Utterance] = {
    "window then seat": plan(WINDOWS, call("adjust_seat_position", direction="forward", amount=50), after={2: (1,)}),
    "window and text": plan(WINDOWS, call("send_text_message", recipient="mum", message="hello")),
    "play": plan(call("control_playback", action="play")),
}


@pytest.fixture
async def car() -> AsyncIterator[Session]:
    async with session(FakePlanner(KNOWN)) as s:
        await s.agent.ready()
        await until(lambda: s.agent.gate.state.word == "parked", timeout_s=30)
        yield s


async def moving(s: Session) -> None:
    await until(lambda: s.agent.executor.moves, timeout_s=30)
    await asyncio.sleep(0.3)


def commands(s: Session, name: str) -> int:
    return sum(frame["name"] == name and frame["direction"] == "sent" for frame in s.take_frames())


@pytest.mark.parametrize("word", ["stop", "that's enough", "stop the windows", "cancel", "halt"])
async def test_the_motor_stands_and_the_turn_says_so(car: Session, word: str) -> None:
    turn = asyncio.create_task(car.assistant.call(WINDOWS))
    await moving(car)
    reply = (await car.assistant.ask(word)).reply
    assert "stopped at" in reply
    (outcome,) = (await turn).progress.outcomes
    assert (outcome.status.value, outcome.reason) == ("failed", "I stopped it before it was finished.")
    stands = car.world.car.state()["driver_window"]
    assert 0 < float(stands) < 100
    assert str(round(float(stands))) in reply
    await asyncio.sleep(0.4)
    assert car.world.car.state()["driver_window"] == stands
    assert commands(car, "WindowCommand") == 2  # the command and its stop: no retry begins it anew
    assert not car.agent.executor.moves


@pytest.mark.parametrize(
    "wanted",
    [
        call("operate_trunk", action="open"),
        call("operate_charge_port", action="open"),
        call("operate_sunroof", action="open"),
        call("operate_sunshade", action="open"),
        call("adjust_seat_position", direction="forward", amount=80),
        call("recall_seat_memory", slot=2),
        call("fold_mirrors", action="fold"),
    ],
    ids=str,
)
async def test_every_motor(car: Session, wanted: Call) -> None:
    turn = asyncio.create_task(car.assistant.call(wanted))
    await moving(car)
    reply = (await car.assistant.cancel()).reply  # as over D-Bus and by `vehicle-agent cancel`
    assert "stopped" in reply
    assert (await turn).progress.outcomes[0].status.value == "failed"
    await until(lambda: not car.agent.executor.moves)


async def test_at_speed(car: Session) -> None:
    car.world.car.set("gear", "D")
    car.world.car.set("speed", 140)
    await until(lambda: car.agent.gate.state.word == "fast", timeout_s=30)
    turn = asyncio.create_task(car.assistant.call(call("operate_sunshade", action="open")))
    await moving(car)
    assert "stopped at" in (await car.assistant.ask("stop")).reply
    await turn


async def test_the_rest_of_the_plan_is_left(car: Session) -> None:
    turn = asyncio.create_task(car.assistant.ask("window then seat"))
    await moving(car)
    await car.assistant.ask("stop it")
    assert [o.status.value for o in (await turn).progress.outcomes] == ["failed", "skipped"]
    assert commands(car, "SeatPositionCommand") == 0


async def test_with_a_question_open_both_end(car: Session) -> None:
    turn = asyncio.create_task(car.assistant.ask("window and text"))
    await moving(car)
    await car.assistant.ask("stop")
    assert [o.status.value for o in (await turn).progress.outcomes] == ["failed", "skipped"]
    assert car.agent.executor.dialogue.question is None


async def test_a_motion_that_nobody_waits_for_any_more(car: Session) -> None:
    turn = asyncio.create_task(car.assistant.call(WINDOWS))
    await moving(car)
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    assert "stopped at" in (await car.assistant.ask("stop")).reply


async def test_a_stop_once_all_is_still_is_an_utterance_like_any_other(car: Session) -> None:
    turn = await car.assistant.ask("stop")
    assert turn.reply == "Sorry, that is nothing."
    assert (await car.assistant.cancel()).reply == "There is nothing to cancel."
