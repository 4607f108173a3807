"""What the assistant needs of a planner."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import Planned


class PlansText(Protocol):
    async def plan_async(self, text: str) -> Planned:
        """Text to what it means, off the event loop. Cancelled, it ends soon."""


@runtime_checkable
class StreamsPlan(PlansText, Protocol):
    async def stream(self, text: str, on_early: Callable[[Early], None]) -> Planned:
        """Like `plan_async`; ``on_early`` hears in the event loop of calls that are complete before the plan is."""
