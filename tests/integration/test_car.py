"""The simulated car on an in-process CAN bus."""

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import can
import pytest
from support.buses import group_of_its_own

from simulators.car import Car, Wiring, load_wiring
from simulators.errors import BadValue, BusUnavailable, SimulatorError, UnknownName
from vehicle_apis.e2e import E2EReceiver, E2ESender, E2EStatus, protect
from vehicle_apis.params import Scalar

_channels = itertools.count()


class Peer:
    """Somebody else on the bus: sends commands as the agent would, keeps what the car sends."""

    def __init__(self, car: Car, channel: str, interface: str = "virtual") -> None:
        self.network = car.wiring.network
        self.bus = can.Bus(interface=interface, channel=channel)
        self.frames: list[tuple[str, can.Message]] = []
        self._senders: dict[str, E2ESender] = {}
        self._ids = itertools.count(1)

    def data(self, message: str, **values: Scalar) -> bytes:
        plain = self.network.encode(message, {"RequestId": next(self._ids), "TimeToLive": 500, **values})
        sender = self._senders.setdefault(message, E2ESender(self.network.protections[message]))
        return sender.protect(plain)

    def send(self, message: str, data: bytes) -> None:
        frame_id = self.network.message(message).frame_id
        self.bus.send(can.Message(arbitration_id=frame_id, data=data, is_extended_id=False))

    def command(self, message: str, **values: Scalar) -> None:
        self.send(message, self.data(message, **values))

    def poll(self) -> None:
        while (message := self.bus.recv(0)) is not None:
            known = self.network.message_of(message.arbitration_id)
            assert known is not None
            self.frames.append((known.name, message))

    def seen(self, name: str) -> list[dict[str, Scalar]]:
        self.poll()
        decoded = (self.network.decode(self.network.message(n), bytes(m.data)) for n, m in self.frames if n == name)
        return [d for d in decoded if d is not None]

    def raw(self, name: str) -> list[bytes]:
        self.poll()
        return [bytes(m.data) for n, m in self.frames if n == name]

    def names(self) -> set[str]:
        self.poll()
        return {name for name, _ in self.frames}

    def forget(self) -> None:
        self.poll()
        self.frames.clear()


async def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # what is waited for arrives on a bus, not as an event
            await asyncio.sleep(0.005)


@pytest.fixture
def channel() -> str:
    return f"test-car-{next(_channels)}"


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    return load_wiring()


@pytest.fixture
async def car(channel: str, wiring: Wiring) -> AsyncIterator[Car]:
    async with Car(channel, time_scale=20, wiring=wiring) as car:
        yield car


@pytest.fixture
def peer(car: Car, channel: str) -> Iterator[Peer]:
    peer = Peer(car, channel)
    yield peer
    peer.bus.shutdown()


# --- cyclic frames ------------------------------------------------------------------------------------------------


async def test_every_message_is_sent_in_its_cycle(car: Car, peer: Peer) -> None:
    wanted = {p.name for p in car.wiring.published}
    await until(lambda: peer.names() == wanted)
    peer.forget()
    await asyncio.sleep(0.5)
    peer.poll()
    # wide bounds: the computer may be busy
    assert 5 <= sum(name == "VehicleSpeed" for name, _ in peer.frames) <= 40
    assert 1 <= sum(name == "WindowStatus" for name, _ in peer.frames) <= 4


@pytest.mark.parametrize(
    "message", ["VehicleSpeed", "WheelSpeedAverage", "Gear", "Crash", "Ignition", "Environment", "ChargePlug"]
)
async def test_protected_frames_pass_the_check(car: Car, peer: Peer, message: str) -> None:
    await until(lambda: len(peer.raw(message)) >= 4)
    receiver = E2EReceiver(car.wiring.network.protections[message])
    statuses = [receiver.receive(data) for data in peer.raw(message)]
    assert statuses[0] is E2EStatus.INITIAL
    assert set(statuses[1:]) == {E2EStatus.OK}


async def test_what_is_set_shows_on_the_bus(car: Car, peer: Peer) -> None:
    for name, value in {"speed": 50, "gear": "D", "rain": "yes", "ambient_light": "night", "crash": "detected"}.items():
        car.set(name, value)
    await until(lambda: bool(peer.seen("Environment")) and peer.seen("Environment")[-1]["Rain"] == "yes")
    await until(lambda: peer.seen("VehicleSpeed")[-1]["VehicleSpeed"] == 50)
    assert peer.seen("WheelSpeedAverage")[-1]["WheelSpeedAverage"] == 50
    await until(lambda: bool(peer.seen("Gear")) and peer.seen("Gear")[-1]["Gear"] == "D")
    await until(lambda: bool(peer.seen("Crash")) and peer.seen("Crash")[-1]["Crash"] == "detected")


async def test_trouble_codes_come_in_turn(car: Car, peer: Peer) -> None:
    car.set("trouble_codes", "P0420,C1201")
    await until(
        lambda: {f["TroubleCode"] for f in peer.seen("TroubleCodes") if f["TroubleCodeCount"] == 2} == {0x0420, 0x5201}
    )


# --- commands -------------------------------------------------------------------------------------------------------


async def test_a_command_is_echoed_then_done(peer: Peer) -> None:
    peer.command("WindowCommand", Selector="position", WindowMask=5, TargetPosition=100)
    await until(lambda: any(s["Result"] == "done" for s in peer.seen("WindowStatus")))
    answers = [s for s in peer.seen("WindowStatus") if s["RequestId"] == 1]
    assert answers[0]["Result"] == "accepted"
    assert answers[0]["DriverWindow"] != 100
    assert answers[-1] | {"DriverWindow": 100, "RearLeftWindow": 100, "PassengerWindow": 0} == answers[-1]
    positions = [s["DriverWindow"] for s in answers]
    assert positions == sorted(positions)
    assert len(set(positions)) > 2


async def test_the_answer_comes_at_once(car: Car, peer: Peer) -> None:
    peer.forget()
    peer.command("ValetCommand", TargetState="on")
    await until(lambda: any(s["RequestId"] == 1 for s in peer.seen("ValetStatus")))
    assert [s["Result"] for s in peer.seen("ValetStatus") if s["RequestId"] == 1][:2] == ["accepted", "done"]
    assert car.state()["valet_mode"] == "on"


async def test_a_rejection_names_the_reason(car: Car, peer: Peer) -> None:
    car.set("speed", 60)
    peer.command("ClosureCommand", Selector="trunk", Action="open")
    await until(lambda: any(s["RequestId"] == 1 for s in peer.seen("ClosureStatus")))
    answer = next(s for s in peer.seen("ClosureStatus") if s["RequestId"] == 1)
    assert (answer["Result"], answer["Reason"]) == ("rejected", "vehicle_moving")


async def test_bad_frames_are_not_carried_out(car: Car, peer: Peer) -> None:
    good = peer.data("ValetCommand", TargetState="on")
    peer.send("ValetCommand", bytes([good[0] ^ 1]) + good[1:])
    peer.send("ValetCommand", good[:7])
    without_id = bytes([*good[:2], 0, *good[3:]])
    peer.send("ValetCommand", protect(car.wiring.network.protections["ValetCommand"], without_id, counter=5))
    await until(lambda: car.counts["dropped_bad"] == 3)
    assert car.state()["valet_mode"] == "off"
    peer.send("ValetCommand", good)
    await until(lambda: car.state()["valet_mode"] == "on")


async def test_a_repeated_frame_is_carried_out_once(car: Car, peer: Peer) -> None:
    tilt = peer.data("MirrorCommand", Selector="tilt", Mirror=1, Direction="up")
    peer.send("MirrorCommand", tilt)
    peer.send("MirrorCommand", tilt)
    await until(lambda: car.counts["dropped_bad"] == 1)
    await until(lambda: car.state()["left_mirror_vertical"] == 2)


async def test_an_old_command_is_rejected(channel: str) -> None:
    # the car's clock is ahead by more than the time to live: the frame looks as if it had waited so long
    async with Car(channel, wall_clock=lambda: time.time() + 10) as car:
        peer = Peer(car, channel)
        peer.command("ValetCommand", TargetState="on")
        await until(lambda: any(s["RequestId"] == 1 for s in peer.seen("ValetStatus")))
        answer = next(s for s in peer.seen("ValetStatus") if s["RequestId"] == 1)
        assert (answer["Result"], answer["Reason"]) == ("rejected", "expired")
        assert car.state()["valet_mode"] == "off"
        peer.bus.shutdown()


async def test_a_flood_of_commands_stays_bounded(car: Car, peer: Peer) -> None:
    for _ in range(200):
        peer.command("ValetCommand", TargetState="on")
    await until(lambda: car.state()["valet_mode"] == "on")
    await until(lambda: car.counts["commands"] + car.counts["dropped_full"] + car.counts["dropped_bad"] >= 200)


async def test_across_processes_over_udp_multicast(wiring: Wiring) -> None:
    group = group_of_its_own()
    car = Car(group, interface="udp_multicast", wiring=wiring)
    try:
        await car.start()
    except BusUnavailable:
        pytest.skip("this computer has no multicast")
    try:
        peer = Peer(car, group, "udp_multicast")
        peer.command("ValetCommand", TargetState="on")
        await until(lambda: car.state()["valet_mode"] == "on")
        await until(lambda: any(s["Result"] == "done" for s in peer.seen("ValetStatus")))
        assert car.counts["commands"] == 1
        peer.bus.shutdown()
    finally:
        await car.stop()


# --- faults ---------------------------------------------------------------------------------------------------------


async def test_an_unplugged_unit_is_silent_and_deaf(car: Car, peer: Peer) -> None:
    car.inject("unplug Windows")
    await asyncio.sleep(0.05)
    peer.forget()
    peer.command("WindowCommand", Selector="lock", TargetLock="on")
    await until(lambda: len(peer.raw("DoorStatus")) >= 2)
    assert not peer.raw("WindowStatus")
    assert car.state()["window_lock"] == "off"
    car.clear()
    await until(lambda: bool(peer.raw("WindowStatus")))


async def test_one_message_can_stop(car: Car, peer: Peer) -> None:
    car.inject("silence Gear")
    await asyncio.sleep(0.05)
    peer.forget()
    await until(lambda: len(peer.raw("VehicleSpeed")) >= 10)
    assert not peer.raw("Gear")


@pytest.mark.parametrize(
    ("fault", "status"),
    [("corrupt_crc VehicleSpeed", E2EStatus.WRONG_CRC), ("freeze_counter VehicleSpeed", E2EStatus.REPEATED)],
)
async def test_protection_faults(car: Car, peer: Peer, fault: str, status: E2EStatus) -> None:
    await until(lambda: len(peer.raw("VehicleSpeed")) >= 2)
    car.inject(fault)
    await asyncio.sleep(0.05)
    peer.forget()
    await until(lambda: len(peer.raw("VehicleSpeed")) >= 4)
    receiver = E2EReceiver(car.wiring.network.protections["VehicleSpeed"])
    assert [receiver.receive(d) for d in peer.raw("VehicleSpeed")][1:4] == [status] * 3


async def test_the_speed_sources_come_apart(car: Car, peer: Peer) -> None:
    car.set("speed", 50)
    car.inject("speeds_apart 20")
    await until(
        lambda: bool(peer.seen("WheelSpeedAverage")) and peer.seen("WheelSpeedAverage")[-1]["WheelSpeedAverage"] == 70
    )
    assert peer.seen("VehicleSpeed")[-1]["VehicleSpeed"] == 50
    car.clear()
    await until(lambda: peer.seen("WheelSpeedAverage")[-1]["WheelSpeedAverage"] == 50)


async def test_a_jam_is_reported(car: Car, peer: Peer) -> None:
    car.inject("jam driver_window")
    peer.command("WindowCommand", Selector="position", WindowMask=1, TargetPosition=100)
    await until(lambda: any(s["Reason"] == "blocked" for s in peer.seen("WindowStatus")))


@pytest.mark.parametrize("fault", ["unplug Nobody", "silence Nothing", "corrupt_crc WindowStatus", "jam gear"])
async def test_a_fault_needs_something_to_strike(car: Car, fault: str) -> None:
    with pytest.raises(UnknownName, match="there are: "):
        car.inject(fault)
    assert car.faults == ()


@pytest.mark.parametrize("fault", ["", "explode", "unplug", "unplug Windows now", "speeds_apart far"])
async def test_a_fault_must_be_understood(car: Car, fault: str) -> None:
    with pytest.raises(BadValue):
        car.inject(fault)


# --- life ---------------------------------------------------------------------------------------------------------


async def test_it_leaves_nothing_behind(channel: str) -> None:
    async with Car(channel):
        pass  # the first call also starts the loop's worker thread, which stays
    tasks, threads = asyncio.all_tasks(), threading.active_count()
    for _ in range(3):
        async with Car(channel) as car:
            await asyncio.sleep(0.01)
        await car.stop()
    assert asyncio.all_tasks() == tasks
    assert threading.active_count() <= threads + 1  # the worker pool may grow by one


async def test_it_can_start_again(channel: str) -> None:
    car = Car(channel)
    for _ in range(2):
        async with car:
            sent = car.counts["sent"]
            await until(lambda before=sent: car.counts["sent"] > before + 5)  # type: ignore[misc]


async def test_starting_twice_is_an_error(car: Car) -> None:
    with pytest.raises(SimulatorError, match="running already"):
        await car.start()


async def test_a_missing_bus_is_named() -> None:
    with pytest.raises(BusUnavailable, match="the CAN bus no_such_interface x cannot be opened"):
        await Car("x", interface="no_such_interface").start()


async def test_it_can_be_set_before_the_start(channel: str) -> None:
    car = Car(channel)
    car.set("speed", 30)
    async with car:
        assert car.state()["speed"] == 30


async def test_a_time_scale_of_nothing_is_an_error() -> None:
    with pytest.raises(SimulatorError, match="time_scale"):
        Car("x", time_scale=0)
