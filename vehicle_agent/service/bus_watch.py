"""What is wrong with the CAN bus becomes part of what the daemon says about itself."""

import asyncio
from typing import Final, Protocol

from vehicle_agent.health import Health

PART: Final = "CAN bus"
EVERY_S: Final = 0.25


class _Wire(Protocol):
    @property
    def trouble(self) -> str: ...


async def watch_bus(wire: _Wire, health: Health, *, every_s: float = EVERY_S) -> None:
    """Tells ``health`` of the wire's troubles, and when they are over. Never ends by itself."""
    while True:
        if trouble := wire.trouble:
            health.degraded(PART, trouble)
        else:
            health.recovered(PART)
        await asyncio.sleep(every_s)
