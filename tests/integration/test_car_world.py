"""Car and head unit together."""

import pytest

from simulators.errors import SimulatorError
from simulators.world import World


async def test_a_world_without_head_unit() -> None:
    async with World(with_head_unit=False) as world:
        world.car.set("speed", 20)
        assert world.car.state()["speed"] == 20
        assert world.dbus_address == ""
        with pytest.raises(SimulatorError):
            _ = world.head_unit


def test_each_world_has_its_own_bus() -> None:
    assert World().channel != World().channel


async def test_a_whole_world() -> None:
    headunit = pytest.importorskip("simulators.headunit")
    if not headunit.PrivateBus.installed():
        pytest.skip("dbus-daemon is not installed")
    async with World(time_scale=10) as world:
        assert world.dbus_address.startswith("unix:")
        assert world.head_unit.display is not None
        assert world.car.counts["sent"] >= 0
    assert world.dbus_address == ""


async def test_a_failing_start_leaves_nothing_running() -> None:
    world = World(interface="no_such_interface", with_head_unit=False)
    with pytest.raises(SimulatorError):
        await world.start()
    await world.stop()
