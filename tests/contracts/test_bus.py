"""One contract for every CAN interface: the backend and the simulated car find each other and agree."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import can
import pytest
from can.interfaces.udp_multicast import UdpMulticastBus
from support.buses import KINDS, bus_config, hear
from support.patient import patient_binding
from support.waiting import until

from simulators.bus import DEFAULT_PORT, open_simulator_bus
from simulators.car import Car
from simulators.car.car import QUEUE_FRAMES
from simulators.recording import LogWriter, Recorder
from simulators.scenario import Stage, parse, run
from simulators.tap import BusTap
from simulators.timing import real_timing
from simulators.workbench.recordings import received
from simulators.world import World
from state_machines.permit import issue
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import channel_of, open_bus
from vehicle_agent.backends.can.link import RECEIVE_BOUND
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import NotConfirmed, Unavailable
from vehicle_agent.record.drives import judge_drive
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.e2e import E2ESender
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Reading

CATALOGUE = load_catalogue(with_packs=False)


@pytest.fixture
def config(request: pytest.FixtureRequest) -> BusConfig:
    return bus_config(request.param)


@pytest.fixture(scope="session")
def patient(tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    """The example car with time-outs that a busy computer cannot reach."""
    return load_binding(CATALOGUE, patient_binding(tmp_path_factory.mktemp("patient")))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vehicle_agent.backends.can.backend._FIRST_STATUS_S", 5)


def simulator_bus(config: BusConfig, **options: object) -> can.BusABC:
    """A bus object of the simulators' side."""
    return open_simulator_bus(interface=config.interface, channel=channel_of(config), port=config.port, **options)


@pytest.mark.parametrize("config", KINDS, indirect=True)
class TestBus:
    @pytest.fixture
    async def car(self, config: BusConfig) -> AsyncIterator[Car]:
        async with Car(
            channel_of(config),
            interface=config.interface,
            bus_options={"port": config.port},
            opener=open_simulator_bus,
            time_scale=50,
        ) as car:
            yield car

    @pytest.fixture
    def ear(self, config: BusConfig) -> Iterator[can.BusABC]:
        """Somebody else on the bus."""
        with simulator_bus(config) as bus:
            yield bus

    @pytest.fixture
    async def backend(self, car: Car, config: BusConfig, patient: CarBinding) -> AsyncIterator[CanBackend]:
        del car  # it must run before the backend looks for it
        async with CanBackend(CATALOGUE, Config(bus=config), binding=patient) as backend:
            assert await backend.wait_for_signals(30)
            yield backend

    async def carry_out(self, backend: CanBackend, call: Call) -> Observed:
        action = await backend.prepare(call)
        action.send(issue(call, backend.clock()))
        return await action.outcome()

    async def test_the_gate_sees_the_car(self, car: Car, backend: CanBackend) -> None:
        signals = backend.signals()
        assert signals.gear is not None
        assert signals.gear.value == "P"
        assert all(r is not None and r.valid and r.value == 0 and r.age_ms >= 0 for r in signals.speed_kmh)
        car.set("gear", "D")
        car.set("speed", 50)

        def arrived() -> bool:
            seen = backend.signals()
            return seen.gear == replace(seen.gear or Reading(""), value="D") and all(
                r is not None and r.value == 50 for r in seen.speed_kmh
            )

        await until(arrived)

    async def test_a_command_comes_back_confirmed(self, car: Car, backend: CanBackend) -> None:
        observed = await self.carry_out(backend, CATALOGUE.call("set_fan_speed", level=5))
        assert observed.text == "the fan is at level 5"
        assert car.state()["fan_speed"] == 5

    async def test_a_motion_takes_its_time(self, car: Car, backend: CanBackend) -> None:
        observed = await self.carry_out(backend, CATALOGUE.call("control_window", position=50, window="rear"))
        assert observed.text == "the rear windows are at 50 percent"
        assert (car.state()["rear_left_window"], car.state()["driver_window"]) == (50, 0)

    async def test_what_was_done_can_be_undone(self, car: Car, backend: CanBackend) -> None:
        call = CATALOGUE.call("set_headlights", mode="high")
        before = car.state()["headlights"]
        action = await backend.prepare(call)
        action.send(issue(call, backend.clock()))
        await action.outcome()
        assert car.state()["headlights"] == "high"
        for inverse in action.undo:
            await self.carry_out(backend, inverse)
        assert car.state()["headlights"] == before

    async def test_a_rejection_comes_back(self, car: Car, backend: CanBackend) -> None:
        assert car.state()["plugged_in"] == "no"
        with pytest.raises(NotConfirmed, match="no charging cable is plugged in"):
            await self.carry_out(backend, CATALOGUE.call("control_charging", action="start"))

    async def test_many_commands_keep_their_counters(self, car: Car, backend: CanBackend) -> None:
        for level in (1, 2, 3, 4, 5, 6, 7) * 5:
            await self.carry_out(backend, CATALOGUE.call("set_fan_speed", level=level))
        assert car.counts["commands"] == 35
        assert car.counts["dropped_bad"] == 0

    async def test_a_second_agent_is_understood_too(
        self, car: Car, backend: CanBackend, config: BusConfig, patient: CarBinding
    ) -> None:
        """A restarted agent begins its counters anew; the control unit takes its commands all the same."""
        await self.carry_out(backend, CATALOGUE.call("set_fan_speed", level=1))
        await backend.stop()
        for level in (2, 3):
            async with CanBackend(CATALOGUE, Config(bus=config), binding=patient) as restarted:
                await self.carry_out(restarted, CATALOGUE.call("set_fan_speed", level=level))
        assert car.state()["fan_speed"] == 3

    async def test_it_can_be_opened_again(self, backend: CanBackend) -> None:
        await backend.stop()
        await backend.start()
        assert (await self.carry_out(backend, CATALOGUE.call("set_fan_speed", level=4))).values == {"FanSpeed": 4}

    async def test_protected_frames_come_in_order(self, car: Car, ear: can.BusABC) -> None:
        """Counter and CRC of every transmission, as they were made in the sending thread, and none is missing."""
        published = next(p for p in car.wiring.published if p.name == "VehicleSpeed")
        assert published.protection is not None
        frames = await asyncio.to_thread(hear, ear, lambda m: m.arbitration_id == published.frame_id, 40)
        counters = [m.data[1] & 0x0F for m in frames]
        assert counters == [(counters[0] + n) % published.protection.modulus for n in range(40)]
        assert all(published.protection.crc_is_right(bytes(m.data)) for m in frames)
        assert [m.timestamp for m in frames] == sorted(m.timestamp for m in frames)

    async def test_11_and_29_bit_identifiers_are_two_things(self, backend: CanBackend, ear: can.BusABC) -> None:
        """The number of a speed frame with 29 bits is no speed, and comes through as what it is."""
        with simulator_bus(backend.link.config) as speaker:
            before = backend.store.counts["", "unknown"]
            for extended in (True, False):
                speaker.send(can.Message(arbitration_id=0x7F1, is_extended_id=extended, data=b"\x01\x02"))
            speaker.send(can.Message(arbitration_id=0x100, is_extended_id=True, data=bytes(8)))
            speaker.send(can.Message(arbitration_id=0x1FFFFFFF, is_extended_id=True, data=b""))
            heard = await asyncio.to_thread(
                hear, ear, lambda m: m.arbitration_id in {0x7F1, 0x1FFFFFFF} or m.is_extended_id, 4
            )
        assert [(m.arbitration_id, m.is_extended_id, bytes(m.data)) for m in heard] == [
            (0x7F1, True, b"\x01\x02"),
            (0x7F1, False, b"\x01\x02"),
            (0x100, True, bytes(8)),
            (0x1FFFFFFF, True, b""),
        ]
        await until(lambda: backend.store.counts["", "unknown"] == before + 4)
        assert backend.store.counts["VehicleSpeed", "wrong_crc"] == 0

    async def test_a_command_that_waited_too_long_is_rejected(
        self, car: Car, ear: can.BusABC, config: BusConfig
    ) -> None:
        """Time to live, told by the frame itself: the car was busy for longer."""
        with simulator_bus(config) as speaker:
            speaker.send(fan_command(car, request_id=77, level=6, time_to_live_ms=100))
            block_the_loop(0.4)
        status = car.wiring.network.message("ClimateStatus")

        def answers(message: can.Message) -> bool:
            return message.arbitration_id == status.frame_id and message.data[0] == 77

        (answer,) = await asyncio.to_thread(hear, ear, answers, 1)
        values = car.wiring.network.decode(status, bytes(answer.data))
        assert values is not None
        assert (values["Result"], values["Reason"]) == ("rejected", "expired")
        assert (car.counts["expired"], car.state()["fan_speed"] == 6) == (1, False)

    async def test_a_full_inbox_keeps_the_newest(self, car: Car, config: BusConfig) -> None:
        """More commands than the car can keep while it is busy: the oldest go, the last one is carried out."""
        sender = E2ESender(car.wiring.network.protections["ClimateCommand"])
        count = QUEUE_FRAMES + 40
        with simulator_bus(config) as speaker:
            for number in range(1, count + 1):
                speaker.send(fan_command(car, request_id=number, level=number % 8, time_to_live_ms=2550, sender=sender))
            block_the_loop(0.2)
        await until(lambda: car.counts["commands"] + car.counts["dropped_full"] == count)
        assert car.counts["dropped_full"] >= 1
        assert car.counts["dropped_bad"] == 0
        await until(lambda: car.state()["fan_speed"] == count % 8)

    async def test_a_full_receiving_queue_drops_the_oldest_and_goes_on(self, backend: CanBackend) -> None:
        sent = RECEIVE_BOUND + 500
        with simulator_bus(backend.link.config) as speaker:
            for number in range(sent):
                speaker.send(can.Message(arbitration_id=0x7F2, is_extended_id=False, data=number.to_bytes(2, "big")))
                if number % 100 == 0:
                    time.sleep(0.005)  # noqa: ASYNC251 - the loop is to be busy, the reading thread is not
            block_the_loop(0.2)
        assert backend.link.counts["overrun"] >= 400
        observed = await self.carry_out(backend, CATALOGUE.call("set_fan_speed", level=5))
        assert observed.text == "the fan is at level 5"

    async def test_closing_leaves_no_thread_and_no_file(self, config: BusConfig, patient: CarBinding) -> None:
        await asyncio.to_thread(lambda: None)  # the loop's own pool
        threads, files = bus_threads(), open_files()
        for _ in range(3):
            car = Car(
                channel_of(config),
                interface=config.interface,
                bus_options={"port": config.port},
                opener=open_simulator_bus,
            )
            async with car, CanBackend(CATALOGUE, Config(bus=config), binding=patient) as backend:
                assert await backend.wait_for_signals(30)
                assert bus_threads() != threads
            await backend.stop()  # a second time
            await car.stop()
        assert bus_threads() == threads
        assert open_files() == files

    async def test_a_scenario_step_reaches_the_agent(self, config: BusConfig, patient: CarBinding) -> None:
        """`set` of a scenario -> frames on this bus -> the tap's expectation and the agent's signals."""
        scenario = parse(
            "name: contract\nsteps:\n  - at: 0\n    set: {gear: D, speed: 50}\n"
            "    expect: [within 20 s Gear.Gear is D, within 20 s VehicleSpeed.VehicleSpeed >= 50]\n"
        )

        def opener(**options: object) -> can.BusABC:
            return open_simulator_bus(**{**options, "port": config.port})  # type: ignore[arg-type]

        world = World(
            interface=config.interface,
            channel=channel_of(config),
            timing=replace(real_timing(), opener=opener),
            with_head_unit=False,
        )
        async with (
            world,
            BusTap(world.car.wiring, world.open_bus) as tap,
            CanBackend(CATALOGUE, Config(bus=config), binding=patient) as backend,
        ):
            report = await run(scenario, Stage(world=world, tap=tap))
            assert report.passed, report.checks

            def arrived() -> bool:
                seen = backend.signals()
                return (
                    seen.gear is not None
                    and seen.gear.value == "D"
                    and all(r is not None and r.valid and r.value == 50 for r in seen.speed_kmh)
                )

            await until(arrived)

    async def test_a_recording_of_this_bus_can_be_judged(self, car: Car, config: BusConfig, tmp_path: Path) -> None:
        """Recorded here, replayed without a bus: the same car."""
        car.set("gear", "D")
        car.set("speed", 50)
        log = tmp_path / "drive.log"
        with simulator_bus(config) as bus:
            async with Recorder(bus, LogWriter(log)):
                await until(lambda: log.stat().st_size > 40_000, 60)  # two seconds of traffic
        drive = judge_drive(received(log, Counter()), CATALOGUE, load_binding(CATALOGUE))
        assert drive.changes
        assert drive.changes[0].new == "driving"
        assert "(unknown)" not in drive.messages


def fan_command(
    car: Car, *, request_id: int, level: int, time_to_live_ms: int, sender: E2ESender | None = None
) -> can.Message:
    """A right command, made by hand."""
    network = car.wiring.network
    message = network.message("ClimateCommand")
    values: dict[str, Scalar] = {
        "Selector": "fan_speed",
        "RequestId": request_id,
        "TimeToLive": time_to_live_ms,
        "TargetFanSpeed": level,
    }
    data = (sender or E2ESender(network.protections["ClimateCommand"])).protect(network.encode(message.name, values))
    return can.Message(arbitration_id=message.frame_id, is_extended_id=message.is_extended_frame, data=data)


def block_the_loop(seconds: float) -> None:
    """What shares the event loop is busy; threads go on."""
    time.sleep(seconds)


def bus_threads() -> set[str]:
    """By name and number; without asyncio's pool, which stays."""
    return {f"{t.name} {t.ident}" for t in threading.enumerate() if not t.name.startswith("asyncio_")}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


CAR_PROCESS = """
import asyncio, sys
from simulators.bus import open_simulator_bus
from simulators.car import Car

async def main():
    options = {"port": int(sys.argv[1])}
    async with Car("239.74.163.2", interface="udp_multicast", bus_options=options, opener=open_simulator_bus):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


async def test_agent_and_car_in_two_processes(patient: CarBinding) -> None:
    config = bus_config("udp_multicast")
    car = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CAR_PROCESS, str(config.port), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert car.stdin is not None
    assert car.stdout is not None
    try:
        assert await car.stdout.readline() == b"ready\n"
        async with CanBackend(CATALOGUE, Config(bus=config), binding=patient) as backend:
            assert await backend.wait_for_signals(30)
            call = CATALOGUE.call("set_fan_speed", level=6)
            action = await backend.prepare(call)
            action.send(issue(call, backend.clock()))
            assert (await action.outcome()).text == "the fan is at level 6"
            car.stdin.close()
            await asyncio.wait_for(car.wait(), 30)
            # the car is gone: the next call finds nobody, and nothing is sent
            await until(lambda: not backend.store.is_fresh("ClimateStatus"))
            with pytest.raises(Unavailable, match="climate control unit does not answer"):
                await backend.prepare(call)
    finally:
        if car.returncode is None:
            car.kill()
            await car.wait()


def test_frames_stay_on_this_computer() -> None:
    """Hop limit 0 on both sides: multicast goes to nobody but this host's own listeners."""
    config = bus_config("udp_multicast")
    for bus in (open_bus(config), simulator_bus(config)):
        with bus:
            assert isinstance(bus, UdpMulticastBus)
            assert bus._multicast._socket.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 0


def test_simulators_and_agent_mean_the_same_port() -> None:
    assert BusConfig().port == DEFAULT_PORT
