"""What a figure must be quoted with: the computer and the day."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

from vehicle_agent.evaluation.procfs import kib_of, line_of


def describe_machine() -> dict[str, object]:
    """A high load average means that something else was running and the figures are not to be quoted."""
    return {
        "date_utc": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "version": version("vehicle-agent"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu_model": line_of("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cpu_cores": os.cpu_count(),
        "cpu_cores_usable": len(os.sched_getaffinity(0)),
        "memory_total_mib": kib_of("/proc/meminfo", "MemTotal", to_mib=True),
        "load_average_1_min_at_start": round(os.getloadavg()[0], 2),
    }
