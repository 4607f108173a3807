"""What was allowed is seen to end, on bus and head unit, within 500 ms of the first frame that shows the car leave."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import can
import pytest
from headunit_bench import needs_bus
from support.fakes import call, plan
from support.waiting import until

from simulators.workbench.session import Session, session
from vehicle_agent.conversation.run import Run
from vehicle_apis.binding import CarBinding
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar

pytestmark = needs_bus

LIMIT_S = 0.5
SLOWLY = 0.1  # motions that are still under way when the car drives off
STARVED = 3  # so often a machine that was busy elsewhere may try again


def _no_video(s: Session) -> bool:
    unit = s.world.head_unit
    return unit.player.get("PlaybackStatus") != "Playing" and bool(unit.picture.get("Blanked"))


# activity -> the call that begins it, the status message that shows its end, and the signals with the ended value
ON_THE_BUS: dict[str, tuple[Call, str, dict[str, Scalar]]] = {
    "camera": (call("show_camera", view="front"), "CameraStatus", {"CameraView": "off"}),
    "rear view": (call("show_camera", view="rear"), "CameraStatus", {"CameraView": "off"}),
    "seat": (call("adjust_seat_position", direction="up"), "SeatPositionStatus", {"DriverSeatMoving": "no"}),
    "memory": (
        call("recall_seat_memory", slot=2, seat="passenger"),
        "SeatPositionStatus",
        {"PassengerSeatMoving": "no"},
    ),
    "trunk": (call("operate_trunk", action="open"), "ClosureStatus", {"Trunk": "stopped"}),
    "mirror": (call("adjust_mirror", mirror="right", direction="up"), "MirrorStatus", {"MirrorsMoving": "no"}),
    "folding": (call("fold_mirrors", action="fold"), "MirrorStatus", {"MirrorsMoving": "no"}),
}
ON_THE_HEAD_UNIT: dict[str, tuple[Call, Callable[[Session], bool]]] = {
    "video": (call("play_video", title="otter parade"), _no_video),
    "app": (call("open_app", app="netflix"), lambda s: s.world.head_unit.display.app == "home"),
}


class Ear(can.Listener):
    """Hears the bus beside the agent; ``left_s``: when the first frame came that shows no parked car."""

    def __init__(self, binding: CarBinding) -> None:
        super().__init__()
        self._binding = binding
        self.left_s = math.inf
        self.shown: dict[str, dict[str, Scalar]] = {}
        self.ended_s: dict[str, float] = {}

    def on_message_received(self, msg: can.Message) -> None:
        now_s = time.monotonic()
        message = self._binding.network.message_of(msg.arbitration_id)
        values = None if message is None else self._binding.network.decode(message, bytes(msg.data))
        if message is None or values is None:
            return
        moves = values.get("VehicleSpeed", 0) != 0 or values.get("WheelSpeedAverage", 0) != 0
        if moves or values.get("Gear", "P") != "P":
            self.left_s = min(self.left_s, now_s)
        self.shown[message.name] = dict(values)
        for activity, (_, status, ended) in ON_THE_BUS.items():
            if message.name == status and now_s >= self.left_s and ended.items() <= values.items():
                self.ended_s.setdefault(activity, now_s)

    def on_error(self, exc: Exception) -> None:
        raise exc


@dataclass
class Drive:
    """One car with its agent, listened to."""

    session: Session
    ear: Ear
    runs: list[Run] = field(default_factory=list)

    async def begin(self, *activities: str) -> None:
        """Starts them and waits until each is seen."""
        for name in activities:
            wanted = ON_THE_BUS[name][0] if name in ON_THE_BUS else ON_THE_HEAD_UNIT[name][0]
            self.runs.append(self.session.agent.executor.start(plan(wanted)))
            await until(partial(self.is_seen, name), timeout_s=30)

    def is_seen(self, activity: str) -> bool:
        return not self.is_over(activity)

    def is_over(self, activity: str) -> bool:
        """Whether ``activity`` has ended, or has not begun."""
        if activity in ON_THE_HEAD_UNIT:
            return ON_THE_HEAD_UNIT[activity][1](self.session)
        _, status, ended = ON_THE_BUS[activity]
        return ended.items() <= self.ear.shown.get(status, {}).items()

    async def leave(self, *activities: str, gear: str = "D", kmh: float = 50) -> dict[str, float]:
        """Drives off; how long after the first such frame each activity was seen to end, in seconds."""
        self.session.world.car.set("gear", gear)
        self.session.world.car.set("speed", kmh)
        ended_s: dict[str, float] = {}
        async with asyncio.timeout(30):
            while len(ended_s) < len(activities):
                for name in activities:
                    if name in ended_s:
                        continue
                    if name in self.ear.ended_s:
                        ended_s[name] = self.ear.ended_s[name]
                    elif name in ON_THE_HEAD_UNIT and self.ear.left_s < math.inf and self.is_over(name):
                        ended_s[name] = time.monotonic()
                await asyncio.sleep(0.001)
        return {name: at - self.ear.left_s for name, at in ended_s.items()}


@asynccontextmanager
async def drive() -> AsyncIterator[Drive]:
    async with session(None, time_scale=SLOWLY) as s:
        await until(lambda: s.agent.gate.state.word == "parked", timeout_s=30)
        ear = Ear(s.agent.backends.binding)
        bus = can.Bus(interface="virtual", channel=s.world.channel, receive_own_messages=False)
        notifier = can.Notifier(bus, [ear], timeout=0.05)
        going = Drive(s, ear)
        try:
            yield going
        finally:
            for run in going.runs:
                await run.cancel()
            await asyncio.to_thread(notifier.stop, 2)
            bus.shutdown()


async def measured(*activities: str) -> dict[str, float]:
    async with drive() as d:
        await d.begin(*activities)
        return await d.leave(*activities)


TOGETHER = ("camera", "seat", "memory", "trunk", "folding", "video", "app")


@pytest.mark.parametrize("activities", [TOGETHER, ("mirror",)], ids=["seven at once", "mirror"])
async def test_it_is_seen_to_end_within_half_a_second_of_the_first_frame(activities: tuple[str, ...]) -> None:
    for attempt in range(1, STARVED + 1):
        took_s = await measured(*activities)
        assert took_s.keys() == set(activities)
        if max(took_s.values()) <= LIMIT_S or attempt == STARVED:
            break
    assert max(took_s.values()) <= LIMIT_S, took_s
    assert min(took_s.values()) >= 0


async def test_the_rear_view_goes_when_the_gear_leaves_reverse_at_the_same_speed() -> None:
    """The live state is "driving" before and after, so no change of state ends it."""
    async with drive() as d:
        agent, world_car = d.session.agent, d.session.world.car
        await d.begin("rear view")
        world_car.set("gear", "R")
        await until(lambda: agent.gate.state.word == "standstill", timeout_s=30)
        world_car.set("speed", 9)
        await until(lambda: agent.gate.state.word == "driving", timeout_s=30)
        assert [c.name for c in agent.executor.standing.ongoing] == ["show_camera"]
        assert d.ear.shown["CameraCommand"]["View"] == "rear"
        world_car.set("gear", "N")
        await until(lambda: d.ear.shown["CameraCommand"]["View"] == "off", timeout_s=30)
        assert agent.gate.state.word == "driving"
        assert agent.executor.standing.ongoing == ()
