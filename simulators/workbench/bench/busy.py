"""Text to plan while other programs have all cores, beside an idle computer and the former way of waiting."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median
from typing import Final, Protocol

from simulators.workbench.bench.figures import percentile
from simulators.workbench.bench.planner_process import PlannerProcess
from simulators.workbench.bench.undertaking import Undertaking
from vehicle_agent.planning import native
from vehicle_agent.planning.threads import HOLD_S, runnable_threads, usable_cores

BUSY_MEDIAN_MS: Final = 120.0
BUSY_P95_MS: Final = 300.0
IDLE_RATIO: Final = 1.10  # of the former median, on the same computer in the same run
REST_S: Final = HOLD_S + 0.5  # a computer counts as busy for a while after the load of the round before
ROUND_S: Final = 3.0  # for one planner in one round: the former one may need twenty seconds for a sentence
# ends with its parent too, so that nothing goes on when the measurement itself is killed
_LOOP: Final = """\
import os
parent = int(os.sys.argv[1])
while os.getppid() == parent:
    for _ in range(200_000):
        pass
"""


class BusyPrograms(Undertaking):
    """``processes`` programs that do nothing but compute, while the context is open."""

    def __init__(self, processes: int) -> None:
        self._wanted = processes
        self.running: list[subprocess.Popen[bytes]] = []

    def _begin(self) -> None:
        for _ in range(self._wanted):
            self.running.append(subprocess.Popen([sys.executable, "-c", _LOOP, str(os.getpid())]))

    def _end(self) -> None:
        for process in self.running:
            process.kill()
        for process in self.running:
            process.wait()


class Measures(Protocol):
    """What is measured: `PlannerProcess`."""

    def measure(self, limit_s: float) -> list[float]: ...


def run_busy(
    model: Path | None, threads: int, rounds: int, per_core: int, tell: Callable[[str], None]
) -> dict[str, object]:
    """Figures of both ways of waiting, idle and busy, in turn. Raises ModelError.

    ``per_core``: programs that compute, for each core. ``tell`` hears how far it is.
    """
    native.folder()  # what is missing is told here, not by a process that ends
    with ExitStack() as stack:
        planners = {
            "now": stack.enter_context(PlannerProcess("now", threads, model)),
            "former": stack.enter_context(PlannerProcess("former", threads, model)),
        }
        return measure_busy(planners, rounds, per_core * usable_cores(), tell)


def measure_busy(
    planners: Mapping[str, Measures],
    rounds: int,
    processes: int,
    tell: Callable[[str], None],
    load: Callable[[int], AbstractContextManager[object]] = BusyPrograms,
    rest: Callable[[float], None] = time.sleep,
) -> dict[str, object]:
    """``planners``: "now" and "former". The order changes from round to round, so that a slow minute meets both."""
    times: dict[tuple[str, str], list[float]] = {}
    others: list[int] = []
    for number in range(rounds):
        rest(REST_S)
        order = list(planners)[:: -1 if number % 2 else 1]
        others.append((runnable_threads() or 1) - 1)
        for name in order:
            times.setdefault(("without_load", name), []).extend(planners[name].measure(ROUND_S))
        with load(processes):
            for name in order:
                times.setdefault(("with_load", name), []).extend(planners[name].measure(ROUND_S))
        tell(f"round {number + 1} of {rounds}")
    report: dict[str, object] = {
        "busy_rounds": rounds,
        "busy_load_processes": processes,
        "busy_threads_of_others_running_without_load_max": max(others),
    }
    for (when, name), found in times.items():
        report |= _spread(f"busy_{when}_{name}", found)
    return report | _judged(times)


def _spread(name: str, samples: Sequence[float]) -> dict[str, object]:
    return {
        f"{name}_commands": len(samples),
        f"{name}_median_ms": round(median(samples), 1),
        f"{name}_p95_ms": round(percentile(samples, 95), 1),
        f"{name}_max_ms": round(max(samples), 1),
    }


def _judged(times: dict[tuple[str, str], list[float]]) -> dict[str, object]:
    middle = {key: median(found) for key, found in times.items()}
    idle_ratio = middle["without_load", "now"] / middle["without_load", "former"]
    busy = times["with_load", "now"]
    return {
        "busy_without_load_median_now_to_former": round(idle_ratio, 3),
        "busy_median_with_load_to_without_now": round(middle["with_load", "now"] / middle["without_load", "now"], 2),
        "busy_median_with_load_to_without_former": round(
            middle["with_load", "former"] / middle["without_load", "former"], 2
        ),
        "busy_target_median_ms": BUSY_MEDIAN_MS,
        "busy_target_p95_ms": BUSY_P95_MS,
        "busy_target_without_load_now_to_former": IDLE_RATIO,
        "busy_target_reached": median(busy) <= BUSY_MEDIAN_MS
        and percentile(busy, 95) <= BUSY_P95_MS
        and idle_ratio <= IDLE_RATIO,
    }
