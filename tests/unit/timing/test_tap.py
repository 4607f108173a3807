"""The tap hears everybody, decodes, checks, and says what it could not."""

import asyncio

import can

from simulators.car import load_wiring
from simulators.simulated_time import run_simulated
from simulators.tap import BusTap, Heard
from simulators.timing import timing
from simulators.world import World
from vehicle_apis.e2e import E2EStatus


def test_every_frame_is_heard_with_values_and_check() -> None:
    async def main() -> tuple[list[Heard], BusTap]:
        times = timing()
        world = World(with_head_unit=False, timing=times, wiring=load_wiring())
        tap = BusTap(world.car.wiring, world.open_bus, clock=times.clock)
        heard: list[Heard] = []
        end = tap.subscribe(heard.append)

        def defect(_frame: Heard) -> None:
            raise RuntimeError("a reader's defect")

        async with times.started(world), times.started(tap):
            world.car.set("speed", 42)
            await asyncio.sleep(1)
            spoken = world.open_bus(can_filters=[{"can_id": 0x1FFFFFFF, "can_mask": 0x1FFFFFFF, "extended": True}])
            spoken.send(can.Message(arbitration_id=0x7FE, is_extended_id=False, data=b"\x01"))
            spoken.send(can.Message(arbitration_id=256, is_extended_id=False, data=b"\x00" * 8))
            spoken.send(can.Message(arbitration_id=513, is_extended_id=False, data=b"\x00"))
            spoken.send(can.Message(arbitration_id=256, is_remote_frame=True))
            await asyncio.sleep(0.001)
            end()
            count = len(heard)
            await asyncio.sleep(0.1)
            assert len(heard) == count
            spoken.shutdown()
        return heard, tap

    heard, tap = run_simulated(main())
    speeds = [h for h in heard if h.name == "VehicleSpeed" and h.is_good]
    assert speeds[-1].values is not None
    assert speeds[-1].values["VehicleSpeed"] == 42
    assert next(h.e2e for h in heard if h.name == "VehicleSpeed") is E2EStatus.INITIAL
    bad = [h for h in heard if not h.is_good]
    assert [(h.name, h.frame_id) for h in bad] == [("", 0x7FE), ("VehicleSpeed", 256), ("ClimateStatus", 513)]
    assert (tap.counts["unknown"], tap.counts["wrong_crc"], tap.counts["undecodable"]) == (1, 1, 1)
    latest = tap.latest("Gear")
    assert latest is not None
    assert latest.values is not None
    assert latest.values["Gear"] == "P"
    assert tap.latest("Nothing") is None
