"""CanBackend against fake control units: confirmation, rejection, silence, undo, standing stops."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import can
import pytest
from support.car import Clock
from support.fake_ecu import FakeEcus
from support.patient import patient_binding
from support.waiting import until

from state_machines.permit import Permit, PermitRefused, issue
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.can import CanBackend, NotFitted
from vehicle_agent.config import BusConfig, CarConfig, Config
from vehicle_agent.errors import Impossible, NotConfirmed, Unavailable
from vehicle_agent.events import Events, Frame
from vehicle_apis.binding import BindingError, CarBinding, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

CONFIG = Config(bus=BusConfig(interface="virtual"))
Open: TypeAlias = Callable[[CarBinding], Awaitable[CanBackend]]


@pytest.fixture(scope="module")
def patient(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    """The example car with time-outs that a slow computer cannot reach."""
    return load_binding(catalogue, patient_binding(tmp_path_factory.mktemp("patient")))


@pytest.fixture(scope="module")
def deaf(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    """Units count as not answering almost at once."""
    return load_binding(catalogue, patient_binding(tmp_path_factory.mktemp("deaf"), accept_ms=50))


@pytest.fixture(scope="module")
def hasty(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    """What was accepted must be reached almost at once."""
    return load_binding(catalogue, patient_binding(tmp_path_factory.mktemp("hasty"), reach_ms=50))


@pytest.fixture
def clock() -> Clock:
    """Stands still, so that nothing grows old while the computer is busy."""
    return Clock()


@pytest.fixture
def ecus(patient: CarBinding) -> FakeEcus:
    ecus = FakeEcus(patient)
    ecus.park()
    ecus.emit("WindowStatus", DriverWindow=10, PassengerWindow=0, RearLeftWindow=0, RearRightWindow=0)
    ecus.emit("ClimateStatus", DriverTemperature=20, PassengerTemperature=20, RearTemperature=20, FanSpeed=2)
    ecus.emit("MirrorStatus", LeftMirrorVertical=0)
    ecus.emit("CameraStatus", CameraView="off")
    ecus.effects["WindowCommand"] = lambda c: {"DriverWindow": c["TargetPosition"]}
    ecus.effects["ClimateCommand"] = lambda c: {"DriverTemperature": c["TargetTemperature"]}
    return ecus


@pytest.fixture
def frames() -> list[Frame]:
    return []


@pytest.fixture
async def opened(catalogue: Catalogue, ecus: FakeEcus, frames: list[Frame], clock: Clock) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_backend(binding: CarBinding) -> CanBackend:
            events = Events()
            events.subscribe(frames.append, Frame)
            backend = CanBackend(
                catalogue,
                CONFIG,
                clock,
                binding=binding,
                opener=ecus.opened,
                rng=random.Random(1),
                events=events,
            )
            await stack.enter_async_context(backend)
            assert await backend.wait_for_signals(30)
            return backend

        yield open_backend


@pytest.fixture
async def backend(opened: Open, patient: CarBinding) -> CanBackend:
    return await opened(patient)


@pytest.fixture
async def deaf_backend(opened: Open, deaf: CarBinding) -> CanBackend:
    return await opened(deaf)


@pytest.fixture
async def hasty_backend(opened: Open, hasty: CarBinding) -> CanBackend:
    return await opened(hasty)


def permit(backend: CanBackend, call: Call) -> Permit:
    return issue(call, backend.clock())


async def carry_out(backend: CanBackend, call: Call) -> Observed:
    action = await backend.prepare(call)
    action.send(permit(backend, call))
    return await action.outcome()


@pytest.fixture
def half_open(catalogue: Catalogue) -> Call:
    return catalogue.call("control_window", position=50)


# --- the whole way --------------------------------------------------------------------------------------------------


async def test_a_command_is_sent_accepted_and_shown(
    backend: CanBackend, ecus: FakeEcus, half_open: Call, frames: list[Frame]
) -> None:
    action = await backend.prepare(half_open)
    assert ecus.commands == []  # preparing sends nothing
    assert [str(c) for c in action.undo] == ["control_window(position=10)"]
    action.send(permit(backend, half_open))
    observed = await action.outcome()
    assert observed == Observed(text="the driver window is at 50 percent", values={"DriverWindow": 50})
    ((name, values),) = ecus.commands
    assert (name, values["WindowMask"], values["TargetPosition"]) == ("WindowCommand", "driver", 50)
    assert values["TimeToLive"] == 2550
    assert [(f.name, f.direction) for f in frames] == [
        ("WindowCommand", "sent"),
        ("WindowStatus", "received"),
        ("WindowStatus", "received"),
    ]
    assert len(backend.accept_ms) == 1


async def test_only_a_fresh_permit_for_this_very_call_sends(
    backend: CanBackend, ecus: FakeEcus, half_open: Call, catalogue: Catalogue
) -> None:
    action = await backend.prepare(half_open)
    with pytest.raises(PermitRefused):
        action.send(permit(backend, catalogue.call("control_window", position=100)))
    with pytest.raises(PermitRefused):
        action.send(issue(half_open, backend.clock() - 0.2))
    good = permit(backend, half_open)
    action.send(good)
    with pytest.raises(PermitRefused):
        action.send(good)
    await action.outcome()
    assert len(ecus.commands) == 1


async def test_a_retry_is_a_new_request(backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    ecus.rejects["WindowStatus"] = "busy"
    action = await backend.prepare(half_open)
    action.send(permit(backend, half_open))
    with pytest.raises(NotConfirmed):
        await action.outcome()
    ecus.rejects.clear()
    action.send(permit(backend, half_open))
    assert (await action.outcome()).text == "the driver window is at 50 percent"
    first, second = (values["RequestId"] for _, values in ecus.commands)
    assert first != second


async def test_two_commands_to_one_unit_at_once(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    ecus.effects["WindowCommand"] = lambda c: {
        ("DriverWindow" if c["WindowMask"] == "driver" else "PassengerWindow"): c["TargetPosition"]
    }
    calls = [catalogue.call("control_window", position=40 + i, window=w) for i, w in enumerate(("driver", "passenger"))]
    actions = [await backend.prepare(c) for c in calls]
    for action in actions:
        action.send(permit(backend, action.call))
    texts = [o.text for o in await asyncio.gather(*(a.outcome() for a in actions))]
    assert texts == ["the driver window is at 40 percent", "the passenger window is at 41 percent"]


async def test_a_relative_call_reads_before_it_is_sent(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    call = catalogue.call("adjust_climate_temperature", direction="up", amount=2)
    action = await backend.prepare(call)
    action.send(permit(backend, call))
    assert (await action.outcome()).text == "the driver's side is set to 22 degrees"
    action.send(permit(backend, call))  # again: the same target, not another two degrees
    assert (await action.outcome()).text == "the driver's side is set to 22 degrees"
    assert [v["TargetTemperature"] for _, v in ecus.commands] == [22, 22]


async def test_a_step_that_nobody_can_check_is_confirmed_by_done(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    call = catalogue.call("adjust_mirror", mirror="left", direction="up")
    ecus.effects["MirrorCommand"] = lambda _: {"LeftMirrorVertical": 2}
    assert (await carry_out(backend, call)).text == "the left mirror has moved up"


# --- what can go wrong ----------------------------------------------------------------------------------------------


async def test_a_rejection_names_its_reason(backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    ecus.rejects["WindowStatus"] = "blocked"
    with pytest.raises(NotConfirmed, match=r"^The window control unit refused: something is in the way\.$") as caught:
        await carry_out(backend, half_open)
    assert caught.value.seen == {"DriverWindow": 10, "Result": "rejected", "reason": "blocked"}


async def test_a_unit_that_accepts_and_does_nothing(hasty_backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    ecus.accept_only.add("WindowStatus")
    with pytest.raises(NotConfirmed) as caught:
        await carry_out(hasty_backend, half_open)
    assert str(caught.value) == (
        "The window control unit accepted the command, but the driver window is at 10 percent."
    )
    assert caught.value.seen == {"DriverWindow": 10}


async def test_a_unit_that_does_not_answer_the_command(
    deaf_backend: CanBackend, ecus: FakeEcus, half_open: Call
) -> None:
    ecus.mute.add("WindowStatus")
    with pytest.raises(NotConfirmed, match=r"^The window control unit does not answer\.$"):
        await carry_out(deaf_backend, half_open)


async def test_a_state_without_the_echo_confirms_nothing(
    deaf_backend: CanBackend, ecus: FakeEcus, half_open: Call
) -> None:
    ecus.mute.add("WindowStatus")
    action = await deaf_backend.prepare(half_open)
    action.send(permit(deaf_backend, half_open))
    ecus.emit("WindowStatus", DriverWindow=50, RequestId=0, Result="done")  # somebody used the switch
    with pytest.raises(NotConfirmed):
        await action.outcome()


async def test_an_old_echo_is_not_taken_for_a_new_one(backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    """The next request id avoids what the unit echoes from a time before."""
    await carry_out(backend, half_open)
    following = int(ecus.commands.pop()[1]["RequestId"]) % 255 + 1
    ecus.emit("WindowStatus", RequestId=following, Result="done")
    await until(lambda: (backend.store.values("WindowStatus") or {})["RequestId"] == following)
    await carry_out(backend, half_open)
    assert ecus.commands[0][1]["RequestId"] == following % 255 + 1


async def test_request_ids_stay_in_their_byte(backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    for _ in range(300):
        await carry_out(backend, half_open)
    ids = [int(values["RequestId"]) for _, values in ecus.commands]
    assert min(ids) == 1
    assert max(ids) == 255
    assert all(a != b for a, b in pairwise(ids))


async def test_an_unplugged_unit_is_unavailable_before_anything_is_sent(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    with pytest.raises(Unavailable, match=r"^The roof control unit does not answer\.$"):
        await backend.prepare(catalogue.call("operate_sunroof", action="close"))
    assert ecus.commands == []
    assert backend.reception.awaited_by("RoofStatus") == 0


async def test_a_unit_that_comes_in_time_is_waited_for(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vehicle_agent.backends.can.backend._FIRST_STATUS_S", 60)
    preparing = asyncio.create_task(backend.prepare(catalogue.call("operate_sunroof", action="close")))
    await asyncio.sleep(0.02)
    ecus.emit("RoofStatus", SunroofPosition=30)
    action = await preparing
    assert [str(c) for c in action.undo] == ["operate_sunroof(action=open, intensity=30)"]


async def test_bus_off_is_told(backend: CanBackend, ecus: FakeEcus, half_open: Call, clock: Clock) -> None:
    ecus.send_error = can.CanOperationError("bus off")
    action = await backend.prepare(half_open)
    action.send(permit(backend, half_open))
    await until(lambda: backend.link.counts["send_errors"] > 0)
    clock.advance(2.56)  # more than the command's time to live
    with pytest.raises(Unavailable, match=r"could not be put on the CAN bus virtual vehicle in time \(bus off\)"):
        await action.outcome()
    assert ecus.commands == []


async def test_what_the_car_has_not(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    with pytest.raises(NotFitted, match="this car has no rear wiper") as caught:
        await backend.prepare(catalogue.call("set_wipers", mode="slow", window="rear"))
    assert isinstance(caught.value, Impossible)
    with pytest.raises(NotFitted, match="cannot do that"):
        await backend.prepare(catalogue.call("get_time"))
    assert ecus.commands == []


async def test_a_closed_bus_is_unavailable(
    catalogue: Catalogue, patient: CarBinding, ecus: FakeEcus, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vehicle_agent.backends.can.backend._FIRST_STATUS_S", 60)
    backend = CanBackend(catalogue, CONFIG, clock, binding=patient, opener=ecus.opened)
    with pytest.raises(Unavailable, match="is not open"):
        await backend.prepare(catalogue.call("set_fan_speed", level=1))
    async with backend:
        action = await backend.prepare(catalogue.call("set_fan_speed", level=1))
    with pytest.raises(Unavailable, match="is not open"):
        action.send(permit(backend, action.call))
    assert backend.requests.pending == ()


async def test_a_bus_that_cannot_be_opened(catalogue: Catalogue, patient: CarBinding) -> None:
    def fail(_config: BusConfig) -> can.BusABC:
        raise Unavailable("no bus")

    backend = CanBackend(catalogue, CONFIG, binding=patient, opener=fail)
    with pytest.raises(Unavailable, match="no bus"):
        await backend.start()
    with pytest.raises(Unavailable, match="no bus"):
        await backend.start()  # may be tried again
    await backend.stop()


def test_the_configuration_names_the_binding(catalogue: Catalogue, edited: Callable[..., Path]) -> None:
    path = edited(('name = "example car"', 'name = "another car"'))
    config = Config(bus=BusConfig(interface="virtual"), car=CarConfig(binding=str(path)))
    assert CanBackend(catalogue, config).binding.name == "another car"
    with pytest.raises(BindingError, match="nowhere"):
        CanBackend(catalogue, Config(car=CarConfig(binding="/nowhere/vehicle.toml")))


async def test_nothing_stays_behind(backend: CanBackend, ecus: FakeEcus, half_open: Call) -> None:
    await carry_out(backend, half_open)
    ecus.rejects["WindowStatus"] = "busy"
    with pytest.raises(NotConfirmed):
        await carry_out(backend, half_open)
    ecus.mute.add("WindowStatus")
    action = await backend.prepare(half_open)
    action.send(permit(backend, half_open))
    waiting = asyncio.create_task(action.outcome())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert backend.requests.pending == ()


# --- readings -------------------------------------------------------------------------------------------------------


async def test_a_reading_needs_a_permit_and_sends_nothing(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    ecus.emit("EnergyState", FuelLevel=42, BatteryLevel=50, Range=300)
    call = catalogue.call("get_vehicle_status", item="fuel_level")
    action = await backend.prepare(call)
    with pytest.raises(PermitRefused):
        action.send(issue(call, backend.clock() - 1))
    action.send(permit(backend, call))
    text = "the fuel level is 42 percent"
    assert await action.outcome() == Observed(text=text, values={"FuelLevel": 42}, result=text)
    assert (ecus.commands, action.undo) == ([], ())


async def test_a_value_that_is_not_reported(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    with pytest.raises(Unavailable, match=r"^The instrument cluster does not answer\.$"):
        await backend.prepare(catalogue.call("get_vehicle_status", item="odometer"))
    for _ in range(2):
        ecus.emit("VehicleSpeed", VehicleSpeed="invalid")
    await until(lambda: (backend.store.values("VehicleSpeed") or {}).get("VehicleSpeed") == "invalid")
    with pytest.raises(Unavailable, match="drive control unit"):
        await carry_out(backend, catalogue.call("get_vehicle_status", item="speed"))


async def test_trouble_codes_are_gathered_over_several_frames(
    backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue
) -> None:
    ecus.emit("TroubleCodes", TroubleCodeCount=2, TroubleCodeIndex=1, TroubleCode=0x420)
    call = catalogue.call("run_diagnostics")
    action = await backend.prepare(call)
    action.send(permit(backend, call))
    outcome = asyncio.create_task(action.outcome())
    await asyncio.sleep(0)
    ecus.emit("TroubleCodes", TroubleCodeCount=3, TroubleCodeIndex=2, TroubleCode=0x999)  # then one is cleared
    ecus.emit("TroubleCodes", TroubleCodeCount=2, TroubleCodeIndex=0, TroubleCode=0x171)
    ecus.emit("TroubleCodes", TroubleCodeCount=2, TroubleCodeIndex=1, TroubleCode=0x420)
    observed = await asyncio.wait_for(outcome, 30)
    assert observed.values == {"codes": "P0171 P0420"}
    assert observed.result == observed.text
    assert backend.reception.awaited_by("TroubleCodes") == 0


# --- the gate's side ------------------------------------------------------------------------------------------------


async def test_the_gate_hears_of_every_safety_frame_at_once(backend: CanBackend, ecus: FakeEcus) -> None:
    seen: list[float | str | None] = []

    def observe() -> None:
        speed = backend.signals().speed_kmh[0]
        seen.append(speed.value if speed else None)

    end = backend.on_signals(observe)
    for kmh in (1, 2, 3):
        ecus.emit("VehicleSpeed", VehicleSpeed=kmh)
    ecus.emit("WindowStatus")  # no safety signal
    await until(lambda: len(seen) == 3)
    assert seen == [1, 2, 3]
    end()
    ecus.emit("VehicleSpeed", VehicleSpeed=4)
    await until(lambda: (backend.store.values("VehicleSpeed") or {}).get("VehicleSpeed") == 4)
    assert seen == [1, 2, 3]


async def test_start_takes_the_observer_too(catalogue: Catalogue, patient: CarBinding, ecus: FakeEcus) -> None:
    heard = asyncio.Event()
    backend = CanBackend(catalogue, CONFIG, binding=patient, opener=ecus.opened)
    await backend.start(on_signals=heard.set)
    try:
        await asyncio.wait_for(heard.wait(), 30)
    finally:
        await backend.stop()


async def test_missing_safety_signals_are_told(catalogue: Catalogue, patient: CarBinding) -> None:
    silent = FakeEcus(patient)
    async with CanBackend(catalogue, CONFIG, binding=patient, opener=silent.opened) as backend:
        assert not await backend.wait_for_signals(0.05)


# --- standing rules -------------------------------------------------------------------------------------------------


async def test_standing_stops_need_no_permit(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    await backend.motions.stop_motion(catalogue.call("adjust_mirror", mirror="right", direction="up"))
    await backend.motions.close_camera()
    (first, mirror), (second, camera) = ecus.commands
    assert (first, mirror["Selector"], mirror["Mirror"]) == ("MirrorCommand", "stop", "right")
    assert (second, camera["View"]) == ("CameraCommand", "off")
    assert backend.requests.pending == ()


async def test_what_has_no_stop_is_left_alone(backend: CanBackend, ecus: FakeEcus, catalogue: Catalogue) -> None:
    await backend.motions.stop_motion(catalogue.call("set_fan_speed", level=3))
    await backend.motions.stop_motion(catalogue.call("get_time"))
    await backend.motions.stop_motion(catalogue.call("run_diagnostics"))
    assert ecus.commands == []


async def test_a_stop_that_nobody_takes_is_told(deaf_backend: CanBackend, ecus: FakeEcus) -> None:
    ecus.mute.add("CameraStatus")
    with pytest.raises(NotConfirmed, match="camera control unit does not answer"):
        await deaf_backend.motions.close_camera()


async def test_a_stop_that_is_refused_is_told(backend: CanBackend, ecus: FakeEcus) -> None:
    ecus.rejects["CameraStatus"] = "busy"
    with pytest.raises(NotConfirmed, match="it is busy"):
        await backend.motions.close_camera()
