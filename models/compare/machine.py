"""What figures must be quoted with: the computer, the day, and whether anything else was running."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from vehicle_agent.evaluation.procfs import kib_of, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """``date``: "YYYY-MM-DD"; ``load_average``: of the last minute."""

    date: str
    computer: str
    load_average: float

    @classmethod
    def here(cls) -> Self:
        cpu = line_of("/proc/cpuinfo", "model name") or platform.processor() or "an unknown CPU"
        cores = len(os.sched_getaffinity(0))
        return cls(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            computer=f"{cpu}, {cores} cores, {platform.system()} {platform.machine()}",
            load_average=round(os.getloadavg()[0], 2),
        )


def mib_of_process(key: str) -> float | None:
    """This process's VmRSS or VmHWM in MiB; None where the system does not tell."""
    return kib_of("/proc/self/status", key, to_mib=True)
