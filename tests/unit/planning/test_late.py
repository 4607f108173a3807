"""Utterances while the model is still being loaded."""

import asyncio
import time

import pytest
from support.fakes import FakePlanner, call, plan

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.late import NOT_READY, LatePlanner
from vehicle_agent.planning.planned import Planned
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

WINDOW = plan(call("control_window", position=30))


class StreamingPlanner(FakePlanner):
    async def stream(self, text: str, on_early: object, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        del on_early
        return await self.plan_async(text, earlier)


def nobody(_early: Early) -> None:
    raise AssertionError("nothing is begun early here")


@pytest.mark.parametrize("how", ["plan_async", "stream"])
async def test_it_waits_for_the_model_and_not_for_ever(how: str) -> None:
    late = LatePlanner(wait_s=0.05)

    async def ask() -> Planned:
        return await (late.plan_async("open") if how == "plan_async" else late.stream("open", nobody))

    planned = await ask()
    assert (planned.plan.steps, planned.why, planned.heard) == ((), NOT_READY, "open")
    waiting = asyncio.create_task(ask())
    await asyncio.sleep(0)
    late.give(StreamingPlanner({"open": WINDOW}))  # type: ignore[arg-type]  # what is needed of one
    assert (await waiting).plan == WINDOW
    assert (await ask()).plan == WINDOW


async def test_one_utterance_that_is_cancelled_costs_the_others_nothing() -> None:
    late = LatePlanner(wait_s=30)
    first, second = (asyncio.create_task(late.plan_async("open")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    late.give(StreamingPlanner({"open": WINDOW}))  # type: ignore[arg-type]  # what is needed of one
    assert (await second).plan == WINDOW


async def test_at_the_end_nobody_waits_for_it_any_more() -> None:
    late = LatePlanner(wait_s=30)
    waiting = asyncio.create_task(late.plan_async("open"))
    await asyncio.sleep(0)
    began_s = time.monotonic()
    late.give_up()
    assert (await waiting).why == NOT_READY
    assert time.monotonic() - began_s < 10
    late.give_up()
