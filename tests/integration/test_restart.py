"""What a former run began does not outlive the states that allow it, however that run ended.

The whole table, about five minutes, with figures:
    VEHICLE_AGENT_WHOLE_TABLE=1 python -m pytest tests/integration/test_restart.py -s -k table
"""

import asyncio
import os
import signal
import statistics
import time

import pytest
from headunit_bench import needs_bus
from support.restarts import MOTIONS, PICTURES, Restarts, hang_and_abort, kill, restarts, terminate
from support.waiting import until

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.model_file import find_model

try:
    find_model()
    MODEL = True
except ModelError:
    MODEL = False

pytestmark = [needs_bus, pytest.mark.skipif(not MODEL, reason="the planner model is not there")]

WHOLE = bool(os.environ.get("VEHICLE_AGENT_WHOLE_TABLE"))
LIMIT_S, START_UP_S = 0.5, 2.0
BUSY = 20  # a machine that does something else takes so many times as long at most
WAYS = {"SIGKILL": kill, "watchdog": hang_and_abort, "SIGTERM": terminate}
CREEPING_ALLOWS = frozenset({"camera", "mirror"})  # by hand from the specification's rules


def must_end(motion: str, kmh: float) -> tuple[str, ...]:
    parts = (*PICTURES, motion)
    if not kmh:
        return ()
    return tuple(p for p in parts if kmh >= 8 or p not in CREEPING_ALLOWS)


async def once(bench: Restarts, way: str, kmh: float, motion: str) -> dict[str, float]:
    """One restart. Start-up in seconds, and of each activity how long after the start-up it was seen to end."""
    bench.drive(0)
    async with bench.agent() as former:
        await bench.begin(motion)
        await WAYS[way](former)
    if way == "SIGTERM":  # nobody watches afterwards: it has ended before
        assert not [part for part in (*PICTURES, motion) if bench.goes_on(part)]
    bench.drive(kmh)
    await asyncio.sleep(0.1)
    ends = must_end(motion, kmh)
    async with bench.agent() as agent:
        over = asyncio.create_task(bench.until_over(ends))
        watching_s = await agent.said("STATUS=watching")
        ended_s = await over
        stays = [p for p in (*PICTURES, motion) if p not in ends and way != "SIGTERM"]
        if stays:
            await asyncio.sleep(2.0)
            assert [p for p in stays if not bench.goes_on(p)] == [], "it ended though it is allowed"
            bench.drive(60)
            await bench.until_over(tuple(stays))
        await terminate(agent)
    figures = {"start-up": watching_s - agent.started_s}
    return {**figures, **{part: max(0.0, at_s - watching_s) for part, at_s in ended_s.items()}}


def check(figures: dict[str, float], busy: float = BUSY) -> None:
    assert figures.pop("start-up") <= START_UP_S * busy
    assert not figures or max(figures.values()) <= LIMIT_S * busy, figures


@pytest.mark.parametrize(
    ("way", "kmh", "motion"),
    [("SIGKILL", 60, "seat"), ("SIGKILL", 0, "trunk"), ("watchdog", 5, "mirror"), ("SIGTERM", 130, "seat")],
)
async def test_what_a_former_run_began_ends(way: str, kmh: float, motion: str) -> None:
    async with restarts() as bench:
        check(await once(bench, way, kmh, motion))


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not WHOLE, reason="takes minutes; see the head of this file")
async def test_the_whole_table() -> None:
    rows: dict[tuple[str, int], list[dict[str, float]]] = {}
    for way in WAYS:
        for kmh in (0, 5, 60, 130):
            for motion in MOTIONS:
                async with restarts() as bench:
                    rows.setdefault((way, kmh), []).append(await once(bench, way, kmh, motion))
    starts = sorted(f.pop("start-up") for row in rows.values() for f in row)
    median_ms = statistics.median(starts) * 1000
    print(f"\nstart-up of the watching part: median {median_ms:.0f} ms, worst {starts[-1] * 1000:.0f} ms")
    print("from then on to the end seen, ms:")
    for (way, kmh), row in rows.items():
        worst: dict[str, float] = {}
        for figures in row:
            for part, took_s in figures.items():
                worst[part] = max(worst.get(part, 0.0), took_s)
        told = ", ".join(f"{part} {took_s * 1000:.0f}" for part, took_s in worst.items()) or "nothing has to end here"
        print(f"  {way:9} {kmh:3} km/h: {told}")
    assert starts[-1] <= START_UP_S
    assert max((t for row in rows.values() for f in row for t in f.values()), default=0.0) <= LIMIT_S


async def test_a_hang_up_reads_the_configuration_again_and_kills_nothing() -> None:
    async with restarts() as bench, bench.agent() as agent:
        await agent.said("READY=1")
        agent.send(signal.SIGHUP)
        await agent.said("RELOADING=1")
        began_s = time.monotonic()
        await until(lambda: len([t for _, t in agent.heard if t == "READY=1"]) == 2, timeout_s=60)
        assert time.monotonic() - began_s < 30
        bench.config.write_text("[bus\n", encoding="utf-8")  # a wrong one changes nothing
        agent.send(signal.SIGHUP)
        await asyncio.sleep(0.5)
        assert agent.process is not None
        assert agent.process.returncode is None
        agent.send(signal.SIGTERM)
        status, errors = await agent.ended()
        assert status == 0
        assert "going on as before" in errors
        assert "Traceback" not in errors


async def test_the_car_is_watched_before_the_model_is_there_and_it_ends_cleanly_then() -> None:
    async with restarts() as bench, bench.agent() as agent:
        await agent.said("STATUS=watching")
        assert not [t for _, t in agent.heard if t == "READY=1"]  # the car is watched before
        agent.send(signal.SIGTERM)
        status, errors = await agent.ended()
        assert (status, errors) == (0, "")
