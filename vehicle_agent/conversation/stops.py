"""Stopping every motor that runs."""

import asyncio
from collections.abc import Awaitable

from state_machines.standing import StandingRules
from vehicle_agent.backends.base import StoppedMotion


class Stops:
    """Stops on their way. Goes on when nobody waits for it."""

    def __init__(self, stopping: tuple[Awaitable[StoppedMotion], ...], standing: StandingRules) -> None:
        self._standing = standing
        self._all = asyncio.ensure_future(asyncio.gather(*stopping)) if stopping else None

    async def done(self) -> tuple[StoppedMotion, ...]:
        """What came of them; may be asked again."""
        if self._all is None:
            return ()
        stopped = tuple(await asyncio.shield(self._all))
        for one in stopped:
            if one.call is not None and not one.failed:
                self._standing.settled(one.call, sending=one.sending)
        return stopped
