"""Which time a simulation runs in: the clocks and the bus that belong together."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import can

from simulators.bus import open_simulator_bus
from simulators.simulated_time import SimulatedTimeLoop
from simulators.wire import Wire

EPOCH_S: Final = 1_750_000_000.0  # where simulated wall clocks begin, so that recordings can be repeated

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """``clock``: monotonic seconds; ``wall_clock``: of the frames' time stamps; ``opener``: makes buses.

    ``starting``: while other programs are started or stopped. ``stand_while`` and ``flow_while``: as the simulated loop
    has them; in real time they do nothing.
    """

    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    opener: Callable[..., can.BusABC]
    starting: Callable[[], AbstractContextManager[None]]
    stand_while: Callable[[Callable[[], bool]], None]
    flow_while: Callable[[Callable[[], bool]], None]

    @asynccontextmanager
    async def started(self, what: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
        """Enters and leaves ``what``, each in real time."""
        with self.starting():
            value = await what.__aenter__()
        try:
            yield value
        finally:
            with self.starting():
                await what.__aexit__(None, None, None)


def _nothing(_working: Callable[[], bool]) -> None:
    pass


def real_timing() -> Timing:
    """Everybody's clock; buses are python-can's."""
    return Timing(
        clock=time.monotonic,
        wall_clock=time.time,
        opener=open_simulator_bus,
        starting=contextlib.nullcontext,
        stand_while=_nothing,
        flow_while=_nothing,
    )


def timing() -> Timing:
    """That of the running event loop: simulated with a wire of its own, or real."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, SimulatedTimeLoop):
        return real_timing()
    wire = Wire(lambda: EPOCH_S + loop.time())
    loop.stand_while(lambda: wire.is_busy)
    return Timing(
        clock=loop.time,
        wall_clock=wire.wall_clock,
        opener=wire.open,
        starting=loop.real_time,
        stand_while=loop.stand_while,
        flow_while=loop.flow_while,
    )
