"""One contract for every CAN interface: the backend and the simulated car find each other and agree."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from support.patient import patient_binding
from support.waiting import until

from simulators.car import Car
from state_machines.permit import issue
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import channel_of, open_bus
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.errors import NotConfirmed, Unavailable
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.signals import Reading

CATALOGUE = load_catalogue(with_packs=False)


def usable(config: BusConfig) -> BusConfig:
    """The interface, or a skip with the reason why this computer lacks it."""
    try:
        open_bus(config).shutdown()
    except Unavailable as e:
        pytest.skip(str(e))
    return config


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def config(request: pytest.FixtureRequest) -> BusConfig:
    match request.param:
        case "virtual":
            return BusConfig(interface="virtual", channel=f"contract-{random.randrange(1 << 30)}")
        case "udp_multicast":
            return usable(BusConfig(interface="udp_multicast", port=free_port()))
        case _:
            return usable(BusConfig(interface="socketcan", channel=os.environ.get("VEHICLE_AGENT_TEST_CAN", "vcan0")))


@pytest.fixture(scope="session")
def patient(tmp_path_factory: pytest.TempPathFactory) -> CarBinding:
    """The example car with time-outs that a busy computer cannot reach."""
    return load_binding(CATALOGUE, patient_binding(tmp_path_factory.mktemp("patient")))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vehicle_agent.backends.can.backend._FIRST_STATUS_S", 5)


@pytest.mark.parametrize("config", ["virtual", "udp_multicast", "socketcan"], indirect=True)
class TestBus:
    @pytest.fixture
    async def car(self, config: BusConfig) -> AsyncIterator[Car]:
        options = {"port": config.port} if config.interface == "udp_multicast" else {}
        async with Car(channel_of(config), interface=config.interface, bus_options=options, time_scale=50) as car:
            yield car

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


CAR_PROCESS = """
import asyncio, sys
from simulators.car import Car

async def main():
    async with Car("239.74.163.2", interface="udp_multicast", bus_options={"port": int(sys.argv[1])}):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


async def test_agent_and_car_in_two_processes(patient: CarBinding) -> None:
    config = usable(BusConfig(interface="udp_multicast", port=free_port()))
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
