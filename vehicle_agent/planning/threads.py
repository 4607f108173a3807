"""How many threads the model's next step takes, so that a busy computer does not stall it.

The threads of one step meet at some two hundred barriers. Who comes first spins until the last one is there. On an idle
computer that is quick, and sleeping instead costs up to twice the time of a command. On a busy one the spinning keeps
the other thread from the processor it waits for: seconds a command instead of 40 ms. So spinning is bounded
(`SPIN_COUNT`), whatever happens, and while other programs have the cores a step takes one thread, which waits for
nobody.
"""

import contextlib
import os
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

SPIN_VARIABLE: Final = "GOMP_SPINCOUNT"
# Rounds of libgomp's loop: some tenths of a millisecond. More than threads of one pace need at a barrier and than
# Python needs between two steps; less than the slice of about three milliseconds that another program may run.
SPIN_COUNT: Final = 100_000
_SAID_BY_USER: Final = (SPIN_VARIABLE, "OMP_WAIT_POLICY")

HOLD_S: Final = 1.0  # a computer counts as busy for so long after the last sign of it
WAITED_MS: Final = 2.0  # a step that waited less met an interrupt, which is no sign
WAITED_SHARE: Final = 0.4  # of the step's time
SPINS_ON_S: Final = 0.002  # our own helpers may still spin so long after a step; they are no other program
_LOADAVG: Final = Path("/proc/loadavg")


def bound_spinning(environ: MutableMapping[str, str] = os.environ) -> None:
    """Bounds the waiting at libgomp's barriers; it reads this when it is loaded. What the user set stays."""
    if not any(environ.get(name) for name in _SAID_BY_USER):
        environ[SPIN_VARIABLE] = str(SPIN_COUNT)


def usable_cores() -> int:
    """Cores this process may run on: all, or those that a container or `taskset` leaves it."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except (AttributeError, OSError):
        return max(1, os.cpu_count() or 1)


class RunnableThreads:
    """Threads of the whole computer that run or wait for a core at this moment, the caller among them; None where the
    system does not tell. The file is kept open, so that a look costs little."""

    def __init__(self, path: Path = _LOADAVG) -> None:
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __call__(self) -> int | None:
        if self._file is None:
            return None
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(os.pread(self._file, 128, 0).split()[3].partition(b"/")[0])
        return None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def runnable_threads(path: Path = _LOADAVG) -> int | None:
    """One look of `RunnableThreads`."""
    count = RunnableThreads(path)
    try:
        return count()
    finally:
        count.close()


class ChoosesThreads(Protocol):
    """What `Llama` asks before each step and tells after it: `StepThreads`."""

    @property
    def most(self) -> int: ...

    def look(self) -> int: ...

    def took(self, threads: int, wall_s: float, cpu_s: float) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """``usable`` by this process, ``installed``: those that the computer's runnable threads are spread over."""

    usable: int
    installed: int

    @classmethod
    def of_this_computer(cls) -> "Cores":
        usable = usable_cores()
        return cls(usable=usable, installed=max(usable, os.cpu_count() or 1))


class StepThreads:
    """The threads of each step of one context. Not thread-safe, like the context itself.

    ``most``: as configured; no more than there are cores are taken. ``runnable``: as `RunnableThreads`, None = of
    this computer; ``clock``: monotonic seconds.

    Two signs of a busy computer. Two looks in a row find as many runnable threads of others as there are cores
    (somebody's short burst is none, and one more runnable thread than ours is nearly always somewhere). Or a step had
    to wait itself, for whatever reason: other programs on the cores left to this process, a quota. Each holds for
    ``HOLD_S``.
    """

    def __init__(
        self,
        most: int,
        *,
        cores: Cores | None = None,
        runnable: Callable[[], int | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cores = Cores.of_this_computer() if cores is None else cores
        self.most = max(1, min(most, self._cores.usable))
        self._own: RunnableThreads | None = None
        if runnable is None:
            runnable = self._own = RunnableThreads()
        self._runnable = runnable
        self._clock = clock
        self._others = 0
        self._last = 1
        self._ended_s: float | None = None
        self._busy_until_s: float | None = None

    @property
    def is_busy(self) -> bool:
        """By the last look."""
        return self._busy_until_s is not None

    def look(self) -> int:
        """Threads for a step that begins now, 1 to ``most``."""
        if self.most == 1:
            return 1
        now_s = self._clock()
        before, self._others = self._others, self._count_others(now_s)
        free = self._cores.installed - min(before, self._others)
        if free < 1:
            self._busy_until_s = now_s + HOLD_S
        elif self._busy_until_s is not None and now_s >= self._busy_until_s:
            self._busy_until_s = None
        return 1 if self.is_busy else self.most

    def took(self, threads: int, wall_s: float, cpu_s: float) -> None:
        """A step of ``threads`` is over: ``wall_s`` by the clock, of which the calling thread ran ``cpu_s``."""
        self._last = threads
        self._ended_s = self._clock()
        waited_s = wall_s - cpu_s
        if threads > 1 and not self.is_busy and waited_s * 1000 > WAITED_MS and waited_s > WAITED_SHARE * wall_s:
            self._busy_until_s = self._ended_s + HOLD_S

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    def _count_others(self, now_s: float) -> int:
        runnable = self._runnable()
        if runnable is None:
            return 0
        may_spin = self._ended_s is not None and now_s - self._ended_s < SPINS_ON_S
        return max(0, runnable - (self._last if may_spin else 1))
