"""Readiness and watchdog messages to systemd over $NOTIFY_SOCKET; silent where there is none."""

import os
import socket
import time
from pathlib import Path


def notify(message: str) -> bool:
    """Sends e.g. "READY=1". Returns whether anybody was there to hear it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        # whoever should hear it may hang: that must not hang the car's watching
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as s:
            s.sendto(message.encode(), address)
    except OSError:
        return False
    return True


def since_process_start_s() -> float:
    """Seconds since the kernel started this process, 0 where it does not tell; the kernel counts in 10 ms."""
    try:
        stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
        started_ticks = int(stat.rpartition(")")[2].split()[19])  # field 22; the name, field 2, may hold anything
    except (OSError, ValueError, IndexError):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")
