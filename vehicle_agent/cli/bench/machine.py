"""What a figure must be quoted with: the computer and the day."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


def describe_machine() -> dict[str, object]:
    """A high load average means that something else was running and the figures are not to be quoted."""
    return {
        "date_utc": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "version": version("vehicle-agent"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu_model": _first("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cpu_cores": os.cpu_count(),
        "cpu_cores_usable": len(os.sched_getaffinity(0)),
        "memory_total_mib": kib_of("/proc/meminfo", "MemTotal", to_mib=True),
        "load_average_1_min_at_start": round(os.getloadavg()[0], 2),
    }


def kib_of(file: str, key: str, *, to_mib: bool = False) -> float | None:
    """A line such as "VmRSS:  1234 kB" of a file of /proc; None where there is none."""
    text = _first(file, key)
    if text is None:
        return None
    kib = float(text.split()[0])
    return round(kib / 1024, 1) if to_mib else kib


def _first(file: str, key: str) -> str | None:
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip() == key:
            return value.strip()
    return None
