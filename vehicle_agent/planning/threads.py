"""How the model's threads wait for each other, so that a busy computer does not stall them.

The threads of one step meet at some two hundred barriers. Who comes first spins until the last one is there. On an idle
computer that is quick, and sleeping instead costs up to twice the time of a command. On a busy one the spinning keeps
the other thread from the processor it waits for: seconds a command instead of 40 ms. So:

* spinning is bounded (`SPIN_COUNT`), whatever happens;
* while other programs leave fewer cores than the step has threads, waiting threads sleep at once (`Crowd`);
* where they cannot be made to sleep (another OpenMP than libgomp, or none), the step takes as many threads as cores are
  free, one at least: one thread waits for nobody.
"""

import contextlib
import ctypes
import logging
import os
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

log = logging.getLogger(__name__)

SPIN_VARIABLE: Final = "GOMP_SPINCOUNT"
# Rounds of libgomp's loop: some tenths of a millisecond. More than threads of one pace need at a barrier and than
# Python needs between two steps; less than the slice of about three milliseconds that another program may run.
SPIN_COUNT: Final = 30_000
_SAID_BY_USER: Final = (SPIN_VARIABLE, "OMP_WAIT_POLICY")

HOLD_S: Final = 1.0  # a computer counts as busy for so long after the last sign of it
WAITED_MS: Final = 2.0  # a step that waited less met an interrupt, which is no sign
WAITED_SHARE: Final = 0.4  # of the step's time
SPINS_ON_S: Final = 0.002  # our own helpers may still spin so long after a step; they are no other program
MOST_CROWDED: Final = 16  # cores; a crowd has one thread more
_LOADAVG: Final = Path("/proc/loadavg")
_LIBGOMP: Final = "libgomp.so.1"


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


def runnable_threads(path: Path = _LOADAVG) -> int | None:
    """Threads of the whole computer that run or wait for a core at this moment, the caller among them; None where the
    system does not tell."""
    try:
        return int(path.read_bytes().split()[3].partition(b"/")[0])
    except (OSError, ValueError, IndexError):
        return None


class Sleeps(Protocol):
    """What makes waiting threads sleep at once: `Crowd`."""

    @property
    def works(self) -> bool: ...

    def open(self) -> None: ...

    def close(self) -> None: ...


class ChoosesThreads(Protocol):
    """What `Llama` asks before each step and tells after it: `StepThreads`."""

    @property
    def most(self) -> int: ...

    def look(self) -> int: ...

    def took(self, threads: int, wall_s: float, cpu_s: float) -> None: ...

    def close(self) -> None: ...


class Crowd:
    """While it is open, libgomp's waiting threads sleep at once.

    libgomp does without spinning while it has more threads than there are cores to run on. So one more than these is
    started and put to sleep, in a team of its own. ``works`` is False without libgomp and on computers of many cores.
    """

    def __init__(self, cores: int | None = None, library: Callable[[], ctypes.CDLL | None] | None = None) -> None:
        self._cores = usable_cores() if cores is None else cores
        self._library = (library or _loaded_libgomp)() if self._cores <= MOST_CROWDED else None
        self._leave: threading.Event | None = None
        self._team: threading.Thread | None = None

    @property
    def works(self) -> bool:
        return self._library is not None

    def open(self) -> None:
        if self._team is not None or self._library is None:
            return
        begun, self._leave = threading.Event(), threading.Event()
        parts = (self._library, begun, self._leave)
        self._team = threading.Thread(target=self._gather, args=parts, name="model crowd", daemon=True)
        try:
            self._team.start()
        except RuntimeError as e:  # no more threads allowed
            log.warning("the model's threads go on spinning on a busy computer: %s", e)
            self._team, self._library = None, None
            return
        begun.wait()

    def close(self) -> None:
        """The team ends with the thread that called it together."""
        if self._team is not None and self._leave is not None:
            self._leave.set()
            self._team.join()
            self._team = None

    def _gather(self, library: ctypes.CDLL, begun: threading.Event, leave: threading.Event) -> None:
        try:
            # any C function without effect will do for the team's work
            nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
            library.GOMP_parallel(nothing, None, ctypes.c_uint(self._cores + 1), ctypes.c_uint(0))
        finally:
            begun.set()
        leave.wait()


def _loaded_libgomp() -> ctypes.CDLL | None:
    """The libgomp that is part of this process; None where there is none."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(_LIBGOMP, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
        library.GOMP_parallel.restype = None
        return library
    return None


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

    ``most``: as configured; no more than there are cores are taken. ``runnable``: as `runnable_threads`; ``clock``:
    monotonic seconds.

    Two signs of a busy computer. Two looks in a row find more runnable threads of others than there are cores to spare
    (somebody's short burst is none). Or a step had to wait itself, for whatever reason: other programs on the cores
    left to this process, a quota. Each holds for ``HOLD_S``.
    """

    def __init__(
        self,
        most: int,
        *,
        cores: Cores | None = None,
        runnable: Callable[[], int | None] = runnable_threads,
        sleeps: Sleeps | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cores = Cores.of_this_computer() if cores is None else cores
        self.most = max(1, min(most, self._cores.usable))
        self._runnable = runnable
        self._sleeps = sleeps
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
        """Threads for a step that begins now, 1 to ``most``; afterwards these wait as is best now."""
        if self.most == 1:
            return 1
        now_s = self._clock()
        before, self._others = self._others, self._count_others(now_s)
        free = self._cores.installed - min(before, self._others)
        if free < self.most:
            self._busy_until_s = now_s + HOLD_S
        elif self._busy_until_s is not None and now_s >= self._busy_until_s:
            self._busy_until_s = None
        if self._sleeps is None:
            self._sleeps = Crowd(self._cores.usable)
        if not self.is_busy:
            self._sleeps.close()
            return self.most
        self._sleeps.open()
        if self._sleeps.works:
            return self.most
        return max(1, min(free, self.most - 1))

    def took(self, threads: int, wall_s: float, cpu_s: float) -> None:
        """A step of ``threads`` is over: ``wall_s`` by the clock, of which the calling thread ran ``cpu_s``."""
        self._last = threads
        self._ended_s = self._clock()
        waited_s = wall_s - cpu_s
        if threads > 1 and not self.is_busy and waited_s * 1000 > WAITED_MS and waited_s > WAITED_SHARE * wall_s:
            self._busy_until_s = self._ended_s + HOLD_S

    def close(self) -> None:
        if self._sleeps is not None:
            self._sleeps.close()

    def _count_others(self, now_s: float) -> int:
        runnable = self._runnable()
        if runnable is None:
            return 0
        may_spin = self._ended_s is not None and now_s - self._ended_s < SPINS_ON_S
        return max(0, runnable - (self._last if may_spin else 1))
