"""What is lost on a message bus is won back: told once, tried again with growing pauses, told when it is there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from vehicle_agent.errors import Unavailable
from vehicle_agent.health import Health

_LOG = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
STEADY_S: Final = 10.0
"""A connection that was up for so long is tried again at once when it is lost; one that comes and goes is not."""


class Recovery:
    """Keeps one thing on a bus. ``part`` and what `lost` is told name it in ``health``.

    ``win``: wins it back or raises Unavailable. ``clock``: monotonic seconds of the event loop.
    """

    def __init__(
        self,
        part: str,
        health: Health,
        win: Callable[[], Awaitable[object]],
        *,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._part = part
        self._health = health
        self._win = win
        self._clock = clock or asyncio.get_running_loop().time
        self._gone = asyncio.Event()
        self._pause_s = FIRST_PAUSE_S

    def lost(self, why: str) -> None:
        """May be told several times, and by a callback."""
        self._health.degraded(self._part, why)
        self._gone.set()

    async def run(self) -> None:
        """Never ends by itself."""
        won_s = self._clock()
        while True:
            await self._gone.wait()
            if self._clock() - won_s > STEADY_S:
                self._pause_s = FIRST_PAUSE_S
            await self._win_back()
            won_s = self._clock()

    async def _win_back(self) -> None:
        while self._gone.is_set():
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            self._gone.clear()  # before: what is lost while it is being won counts
            try:
                await self._win()
            except Unavailable:
                self._gone.set()
            except Exception:  # noqa: BLE001 - a defect must not leave the agent without its bus for good
                _LOG.exception("%s could not be won back", self._part)
                self._gone.set()
        self._health.recovered(self._part)
