"""A pack's function on its whole way: command line, gate, bus, simulated control unit, and back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.packs import SEAT_PUMP, write_dist_info

from simulators.car import Car, load_wiring
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.config import BusConfig, Config
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue

COMMAND = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.syspath_prepend(SEAT_PUMP)
    from seat_pump import PACK  # type: ignore[import-not-found]

    return Catalogue(load_catalogue(with_packs=False).builtin, [PACK])


def test_call_from_the_command_line(tmp_path: Path) -> None:
    headunit = pytest.importorskip("simulators.headunit")
    if not headunit.PrivateBus.installed():
        pytest.skip("dbus-daemon is not installed")
    found_before = filter(None, [os.environ.get("PYTHONPATH")])
    path = os.pathsep.join([str(SEAT_PUMP), str(write_dist_info(tmp_path, SEAT_PUMP)), *found_before])
    done = subprocess.run(
        [*COMMAND, "call", "set_lumbar_support", "pressure=40", "seat=all", "--set", "driver_cushion=100", "--json"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (outcome,) = document["outcomes"]
    assert (outcome["verdict"], outcome["status"]) == ("allow", "done")
    assert outcome["observed"]["values"] == {"DriverCushion": 200, "PassengerCushion": 200}
    assert {frame["name"] for frame in document["frames"]} == {"LumbarCommand", "LumbarStatus"}


async def test_relative_and_reset_on_the_bus(catalogue: Catalogue) -> None:
    config = Config(bus=BusConfig(interface="virtual", channel="test-pack"))
    backend = CanBackend(catalogue, config, binding=load_binding(catalogue))
    assert [f"{backend.binding.function(s.name).status}" for s in catalogue.packs[0].apis] == ["LumbarStatus"] * 3  # type: ignore[union-attr]
    car = Car("test-pack", wiring=load_wiring(packs=catalogue.packs), time_scale=5)
    car.set("driver_cushion", 490)
    async with car, backend:
        for wanted, call in (
            (500, catalogue.call("adjust_lumbar_support", direction="up")),
            (400, catalogue.call("adjust_lumbar_support", direction="down", amount=100)),
            (0, catalogue.call("calibrate_seat_pump")),
        ):
            action = await backend.prepare(call)
            action.send(_Permit())  # type: ignore[arg-type]
            observed = await action.outcome()
            assert observed.values["DriverCushion"] == wanted
            assert car.state()["driver_cushion"] == wanted
        car.set("rear_left_door", "open")  # the car's own signal of the same name
        assert car.state()["lumbar_status.rear_left_door"] == "closed"


class _Permit:
    """Stands for the gate, which is not asked here."""

    def redeem(self, call: object, now_s: float) -> None:
        del call, now_s
