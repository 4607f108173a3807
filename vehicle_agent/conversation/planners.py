"""What the assistant needs of a planner."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import Planned
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier


class PlansText(Protocol):
    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """Text to what it means after what was ``earlier``, off the event loop. Cancelled, it ends soon."""


@runtime_checkable
class StreamsPlan(PlansText, Protocol):
    async def stream(self, text: str, on_early: Callable[[Early], None], earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """Like `plan_async`; ``on_early`` hears in the event loop of calls that are complete before the plan is."""


@runtime_checkable
class ReadsAhead(PlansText, Protocol):
    async def prepare(self, earlier: Earlier) -> None:
        """Reads what was ``earlier`` before the next utterance comes, so that it takes no time then."""
