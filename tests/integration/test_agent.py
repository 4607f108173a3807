"""The whole agent on the simulated car: what fails on the bus, what ends when the car drives off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from headunit_bench import needs_bus
from support.fakes import call, plan
from support.waiting import until

from simulators.workbench.session import Session, session
from vehicle_agent.conversation.assistant import Turn
from vehicle_agent.conversation.outcome import Outcome
from vehicle_agent.record.rejudge import rejudge
from vehicle_apis.ref import Ref

pytestmark = needs_bus


@pytest.fixture
async def car(tmp_path: Path) -> AsyncIterator[Session]:
    async with session(None, time_scale=10, journal=str(tmp_path / "journal.jsonl")) as s:
        await _state(s, "parked")
        yield s


async def _state(s: Session, word: str) -> None:
    await until(lambda: s.agent.gate.state.word == word, timeout_s=30)


def _one(turn: Turn) -> Outcome:
    (outcome,) = turn.progress.outcomes
    return outcome


async def _drive_off(s: Session, kmh: int = 50) -> None:
    s.world.car.set("gear", "D")
    s.world.car.set("speed", kmh)
    await _state(s, "driving")


async def test_an_unplugged_unit_fails_its_calls_and_the_agent_lives_on(car: Session) -> None:
    wanted = call("control_window", position=40)
    await car.assistant.call(wanted)
    car.world.car.inject("unplug Windows")
    lost = _one(await car.assistant.call(call("control_window", position=80)))
    assert (lost.status.value, "does not answer" in lost.reason) == ("failed", True)
    assert _one(await car.assistant.call(call("set_fan_speed", level=3))).status.value == "done"
    car.world.car.clear()
    await until(lambda: car.agent.backends.is_fresh("WindowStatus"), timeout_s=30)
    assert _one(await car.assistant.call(wanted)).status.value == "done"


@pytest.mark.parametrize("fault", ["corrupt_crc Gear", "silence Gear", "freeze_counter Gear", "speeds_apart 30"])
async def test_untrustworthy_frames_make_the_state_unknown_and_the_gate_strict(car: Session, fault: str) -> None:
    car.world.car.inject(fault)
    await _state(car, "unknown")
    assert _one(await car.assistant.call(call("play_video", title="otter parade"))).status.value == "refused"
    assert _one(await car.assistant.call(call("set_fan_speed", level=4))).status.value == "done"
    car.world.car.clear()
    await _state(car, "parked")
    assert _one(await car.assistant.call(call("play_video", title="otter parade"))).status.value == "done"


async def test_a_jammed_motor_is_not_reported_as_done(car: Session) -> None:
    car.world.car.inject("jam driver_window")
    outcome = _one(await car.assistant.call(call("control_window", position=90)))
    assert outcome.status.value == "failed"
    assert car.world.car.state()["driver_window"] != 90


async def test_a_video_and_a_camera_picture_end_when_the_car_drives_off(car: Session) -> None:
    await car.assistant.call(call("play_video", title="otter parade"))
    await car.assistant.call(call("show_camera", view="front"))
    await _drive_off(car)
    unit = car.world.head_unit
    await until(lambda: unit.player.get("PlaybackStatus") != "Playing" and bool(unit.picture.get("Blanked")))
    again = _one(await car.assistant.call(call("control_playback", action="play")))
    assert (again.status.value, again.verdict) == ("refused", "deny")


async def test_a_video_resumed_by_play_ends_too(car: Session) -> None:
    await car.assistant.call(call("play_video", title="otter parade"))
    await car.assistant.call(call("control_playback", action="pause"))
    car.agent.executor.standing.finished(call("play_video", title="otter parade"))  # as if the driver's own hand did it
    assert _one(await car.assistant.call(call("control_playback", action="play"))).status.value == "done"
    await _drive_off(car)
    await until(lambda: car.world.head_unit.player.get("PlaybackStatus") != "Playing")


async def test_undo_puts_back_what_the_car_showed_before(car: Session) -> None:
    await car.assistant.call(call("control_window", position=30))
    await car.assistant.call(call("control_window", position=70))
    assert _one(await car.assistant.call(call("undo_last_action"))).status.value == "done"
    assert abs(float(car.world.car.state()["driver_window"]) - 30) <= 2  # done is within the binding's tolerance


async def test_a_plan_of_can_dbus_and_own_calls_with_a_result(car: Session) -> None:
    wanted = plan(
        call("find_nearby", category="coffee"),
        call("navigate_to", destination=Ref(1)),
        call("control_window", position=10),
        call("set_timer", minutes=5),
    )
    progress = await car.agent.executor.start(wanted).progress()
    assert [o.status.value for o in progress.outcomes] == ["done"] * 4


async def test_a_recorded_drive_judged_again_gives_the_same_verdicts(car: Session, tmp_path: Path) -> None:
    await car.assistant.call(call("play_video", title="otter parade"))
    await _drive_off(car)
    await car.assistant.call(call("play_video", title="otter parade"))
    await car.assistant.call(call("control_window", position=20))
    car.agent.journal.close()
    report = rejudge(tmp_path / "journal.jsonl")
    assert (report["judged"] - report["binding"], report["differences"], report["lost"]) == (3, [], 0)
