"""A planner that is still being loaded: the car is watched before the model is there."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import Planned
from vehicle_apis.codec import Refusal
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

if TYPE_CHECKING:
    from vehicle_agent.planning.planner import Planner

WAIT_S: Final = 3.0  # an utterance just after the start waits for the model so long, and no longer
NOT_READY: Final = "I am still starting; please say that again in a moment"


class LatePlanner:
    """Answers as the planner that it is `given`, and before that with NOT_READY."""

    def __init__(self, *, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._planner: asyncio.Future[Planner | None] = asyncio.get_running_loop().create_future()

    def give(self, planner: "Planner") -> None:
        self._planner.set_result(planner)

    def give_up(self) -> None:
        """Nobody waits any longer for a planner that has not come."""
        if not self._planner.done():
            self._planner.set_result(None)

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        planner = await self._waited()
        return _not_ready(text) if planner is None else await planner.plan_async(text, earlier)

    async def stream(self, text: str, on_early: Callable[[Early], None], earlier: Earlier = NOTHING_BEFORE) -> Planned:
        planner = await self._waited()
        return _not_ready(text) if planner is None else await planner.stream(text, on_early, earlier)

    async def prepare(self, earlier: Earlier) -> None:
        """As `Planner.prepare`; nothing is prepared before the model is there."""
        if self._planner.done() and (planner := self._planner.result()) is not None:
            await planner.prepare(earlier)

    async def _waited(self) -> "Planner | None":
        try:
            async with asyncio.timeout(self._wait_s):
                return await asyncio.shield(self._planner)
        except TimeoutError:
            return None


def _not_ready(text: str) -> Planned:
    return Planned(heard=text, utterance=Refusal(), why=NOT_READY)
