"""What figures must be quoted with: the computer, the day, and whether anything else was running."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """``date``: "YYYY-MM-DD"; ``load_average``: of the last minute."""

    date: str
    computer: str
    load_average: float

    @classmethod
    def here(cls) -> Self:
        cpu = line_of(Path("/proc/cpuinfo"), "model name") or platform.processor() or "an unknown CPU"
        cores = len(os.sched_getaffinity(0))
        return cls(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            computer=f"{cpu}, {cores} cores, {platform.system()} {platform.machine()}",
            load_average=round(os.getloadavg()[0], 2),
        )


def mib_of_process(key: str) -> float | None:
    """This process's VmRSS or VmHWM in MiB; None where the system does not tell."""
    found = line_of(Path("/proc/self/status"), key)
    return None if found is None else round(float(found.split()[0]) / 1024, 1)


def line_of(file: Path, key: str) -> str | None:
    """The value of the first line "key: value"; None where there is none."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip() == key:
            return value.strip()
    return None
