"""Simulated time: an event loop whose clock jumps to the next timer as soon as nobody has anything to do.

A minute of driving then takes a few seconds, and a run no longer depends on how busy the computer is: while a thread
holds frames the clock stands, while another program or a model works it goes on with real time.
"""

import asyncio
import contextlib
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from typing import Any, Final, TypeVar, TypeVarTuple, Unpack

START_S: Final = 1000.0  # the first reading of the clock; not 0, which is easily taken for "never"
_LEAST_JUMP_S: Final = 1e-9  # less would be lost in a float, and the timer would never come
_POLL_S: Final = 0.0005  # how soon the end of a thread's work is noticed

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _JumpingSelector(selectors.DefaultSelector):
    """Waits as a selector does, but skips a wait that nothing could end early."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = START_S
        self.stands_while: list[Callable[[], bool]] = []
        self.real_while: list[Callable[[], bool]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        left_s = timeout
        while True:
            # asked before looking for events: who ends work posts its result first
            stands = any(work() for work in self.stands_while)
            real = not stands and any(work() for work in self.real_while)
            if not stands and not real:
                break
            began_s = time.monotonic()
            events = super().select(_POLL_S if left_s is None else min(_POLL_S, max(0.0, left_s)))
            if real:
                passed_s = time.monotonic() - began_s
                self.now_s += passed_s
                left_s = None if left_s is None else left_s - passed_s
            if events or (left_s is not None and left_s <= 0):
                return events
        events = super().select(0)
        if events or (left_s is not None and left_s <= 0):
            return events
        if left_s is None:
            return super().select(None)  # nothing is planned: only another thread or a signal can go on from here
        self.now_s += max(left_s, _LEAST_JUMP_S)
        return events


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """Its `time` is the simulated one; hand it to everything that takes a clock."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self._jobs = 0
        super().__init__(self._jumping)
        self._jumping.real_while.append(lambda: self._jobs > 0)

    def time(self) -> float:
        """Simulated seconds, from START_S; may be read in any thread."""
        return self._jumping.now_s

    def stand_while(self, working: Callable[[], bool]) -> None:
        """No time passes while ``working`` says so. For what is over within microseconds, such as frames in a thread.

        Who stops working must have posted what came of it (`call_soon_threadsafe`) before it says so.
        """
        self._jumping.stands_while.append(working)

    def flow_while(self, working: Callable[[], bool]) -> None:
        """Real time passes while ``working`` says so. For what others do: a bus daemon, a model in a thread."""
        self._jumping.real_while.append(working)

    @contextlib.contextmanager
    def real_time(self) -> Iterator[None]:
        """Real time passes within. For starting and stopping other programs."""
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> "asyncio.Future[T]":
        """As asyncio's; real time passes until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _future: "asyncio.Future[Any]") -> None:
        self._jobs -= 1


def run_simulated(main: Coroutine[Any, Any, T]) -> T:
    """Runs ``main`` to its end in a `SimulatedTimeLoop`, as `asyncio.run` does in a usual one."""
    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner:
        return runner.run(main)
