"""Stopping every motor that runs: which do, in what state of their turns, and what the driver hears."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from support.fake_ecu import FakeEcus
from support.patient import patient_binding
from support.waiting import until

from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.actions import CommandAction
from vehicle_agent.backends.can.motions import LONGEST_S, SHOWN_AFTER_S
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import NotConfirmed, Stopped
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

CONFIG = Config(bus=BusConfig(interface="virtual", channel="unused"))


class Clock:
    """Real time and what a test adds."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ecus(patient: CarBinding) -> FakeEcus:
    ecus = FakeEcus(patient)
    ecus.park()
    ecus.emit("WindowStatus", DriverWindow=0)
    ecus.emit("ClosureStatus", Trunk="closed", ChargePort="closed")
    ecus.emit("MirrorStatus")
    ecus.emit("RoofStatus")
    ecus.accept_only |= {"WindowStatus", "ClosureStatus", "MirrorStatus", "RoofStatus", "SeatPositionStatus"}
    return ecus


@pytest.fixture
def patient(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    return load_binding(catalogue, patient_binding(tmp_path_factory.mktemp("binding")))


@pytest.fixture
async def backend(catalogue: Catalogue, patient: CarBinding, ecus: FakeEcus, clock: Clock) -> AsyncIterator[CanBackend]:
    async with CanBackend(catalogue, CONFIG, clock, binding=patient, opener=ecus.opened) as backend:
        assert await backend.wait_for_signals(30)
        yield backend


async def begin(backend: CanBackend, call: Call) -> CommandAction:
    action = await backend.prepare(call)
    assert isinstance(action, CommandAction)
    action.hand_over()
    await until(lambda: action.is_accepted)
    return action


def selectors(ecus: FakeEcus) -> list[object]:
    return [values["Selector"] for _, values in ecus.commands]


async def stopped(backend: CanBackend) -> list[str]:
    return [one.text for one in await asyncio.gather(*backend.motions.stop())]


async def test_nothing_moves(backend: CanBackend, ecus: FakeEcus) -> None:
    assert not backend.motions.under_way
    assert backend.motions.stop() == ()
    assert ecus.commands == []


async def test_a_motion_somebody_waits_for(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    action = await begin(backend, catalogue.call("control_window", position=100))
    waiting = asyncio.create_task(action.outcome())
    ecus.emit("WindowStatus", DriverWindow=40, WindowsMoving=0)
    assert backend.motions.under_way
    stops = backend.motions.stop()
    await until(lambda: selectors(ecus) == ["position", "stop"])
    assert [one.text for one in await asyncio.gather(*stops)] == ["The driver window stopped at 40 percent."]
    with pytest.raises(Stopped, match="I stopped it"):
        await waiting
    assert not backend.motions.under_way
    assert ecus.commands[1][1]["WindowMask"] == "driver"


async def test_one_whose_confirmation_timed_out_and_one_whose_turn_was_cancelled(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue, clock: Clock
) -> None:
    action = await begin(backend, catalogue.call("control_window", position=100))
    ecus.emit("WindowStatus", DriverWindow=40, WindowsMoving=1)
    await until(lambda: (backend.store.values("WindowStatus") or {}).get("WindowsMoving") == 1)
    backend.requests.unwatch(action)  # as `outcome` does, whatever comes of it
    clock.ahead_s += 1
    assert backend.motions.under_way
    ecus.emit("WindowStatus", DriverWindow=60, WindowsMoving=0)
    await until(lambda: (backend.store.values("WindowStatus") or {}).get("WindowsMoving") == 0)
    clock.ahead_s += SHOWN_AFTER_S
    ecus.emit("WindowStatus")
    await until(lambda: backend.store.is_fresh("WindowStatus"))
    assert not backend.motions.under_way
    assert await stopped(backend) == []


async def test_what_the_status_does_not_tell_of_is_believed_to_run_for_a_minute(
    backend: CanBackend, catalogue: Catalogue, clock: Clock
) -> None:
    action = await begin(backend, catalogue.call("operate_trunk", action="open"))
    backend.requests.unwatch(action)
    clock.ahead_s += LONGEST_S - 1  # by then the status is silent
    assert backend.motions.under_way
    clock.ahead_s += 1.1
    assert not backend.motions.under_way


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("control_window", {"position": 50, "window": "all"}, "WindowCommand"),
        ("operate_sunroof", {"action": "open"}, "RoofCommand"),
        ("operate_sunshade", {"action": "open"}, "RoofCommand"),
        ("operate_trunk", {"action": "open"}, "ClosureCommand"),
        ("operate_charge_port", {"action": "open"}, "ClosureCommand"),
        ("fold_mirrors", {"action": "fold"}, "MirrorCommand"),
        ("adjust_mirror", {"mirror": "left", "direction": "up"}, "MirrorCommand"),
    ],
)
async def test_every_motor_has_a_stop(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue, name: str, arguments: dict[str, object], message: str
) -> None:
    await begin(backend, catalogue.call(name, **arguments))
    texts = await stopped(backend)
    assert [m for m, _ in ecus.commands] == [message, message]
    assert selectors(ecus)[1] == "stop"
    assert len(texts) == 1
    assert "top" in texts[0] or "closed" in texts[0], texts


async def test_what_only_the_car_knows_of_is_stopped_too(backend: CanBackend, ecus: FakeEcus) -> None:
    """Begun by a switch, or by this agent before it was started anew."""
    ecus.emit("WindowStatus", WindowsMoving=4)
    ecus.emit("ClosureStatus", Trunk="opening")
    await until(lambda: (backend.store.values("WindowStatus") or {}).get("WindowsMoving") == 4)
    await until(lambda: (backend.store.values("ClosureStatus") or {}).get("Trunk") == "opening")
    assert await stopped(backend) == [
        "The window control unit has stopped what was moving.",
        "The trunk control unit has stopped what was moving.",
    ]
    assert ecus.commands[0][1]["WindowMask"] == "rear_left"


async def test_several_units_at_once(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    await begin(backend, catalogue.call("control_window", position=100))
    await begin(backend, catalogue.call("operate_trunk", action="open"))
    ecus.emit("ClosureStatus", Trunk="stopped")
    assert await stopped(backend) == ["The driver window stopped at 0 percent.", "The trunk is stopped."]
    assert selectors(ecus) == ["position", "trunk", "stop", "stop"]


async def test_a_camera_picture_is_no_motion(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    ecus.emit("CameraStatus")
    await until(lambda: backend.store.is_fresh("CameraStatus"))
    await begin(backend, catalogue.call("show_camera", view="front"))
    assert not backend.motions.under_way


async def test_a_stop_that_the_unit_refuses_is_tried_again_and_told(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    action = await begin(backend, catalogue.call("operate_trunk", action="open"))
    ecus.rejects["ClosureStatus"] = "busy"
    (stop,) = await asyncio.gather(*backend.motions.stop())
    assert (stop.failed, stop.text) == (True, "I could not stop it: The trunk control unit refused: it is busy.")
    assert selectors(ecus) == ["trunk", "stop", "stop", "stop"]
    assert stop.sending is action
    assert backend.motions.under_way


async def test_a_bus_that_takes_nothing(backend: CanBackend, catalogue: Catalogue) -> None:
    await begin(backend, catalogue.call("operate_trunk", action="open"))
    await backend.stop()
    (stop,) = await asyncio.gather(*backend.motions.stop())
    assert stop.failed
    assert "not open" in stop.text


async def test_a_motion_that_is_done_needs_no_stop(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    ecus.accept_only.clear()
    ecus.effects["ClosureCommand"] = lambda _values: {"Trunk": "open"}
    action = await begin(backend, catalogue.call("operate_trunk", action="open"))
    await action.outcome()
    assert not backend.motions.under_way


async def test_one_the_unit_refused_is_over(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    ecus.rejects["ClosureStatus"] = "blocked"
    action = await begin(backend, catalogue.call("operate_trunk", action="open"))
    with pytest.raises(NotConfirmed):
        await action.outcome()
    assert not backend.motions.under_way
