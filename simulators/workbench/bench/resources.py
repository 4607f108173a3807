"""What a process holds of memory, threads and files, and how much of a processor it takes."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from vehicle_agent.evaluation.procfs import kib_of, line_of

_STATUS: Final = "/proc/self/status"
_DESCRIPTORS: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """One moment. ``at_s``: the computer's monotonic clock, which all processes share; ``cpu_s``: used so far.

    ``threads`` counts those of libraries too. What the system does not tell is 0.
    """

    at_s: float
    cpu_s: float
    rss_kib: float
    threads: int
    open_files: int

    @classmethod
    def of_this_process(cls) -> Self:
        return cls(
            at_s=time.monotonic(),
            cpu_s=time.process_time(),
            rss_kib=kib_of(_STATUS, "VmRSS") or 0.0,
            threads=int(line_of(_STATUS, "Threads") or 0),
            open_files=_open_files(),
        )

    def cpu_percent_since(self, before: "Resources") -> float:
        """Of one core."""
        return round(100 * (self.cpu_s - before.cpu_s) / max(1e-9, self.at_s - before.at_s), 1)

    @property
    def rss_mib(self) -> float:
        return round(self.rss_kib / 1024, 1)


def _open_files() -> int:
    try:
        return sum(1 for _ in _DESCRIPTORS.iterdir()) - 1  # without the one that lists them
    except OSError:
        return 0
