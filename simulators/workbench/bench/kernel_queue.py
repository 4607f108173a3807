"""The kernel's queue of one UDP socket: what a python-can bus has not read yet, and what was dropped before that."""

import contextlib
import os
from pathlib import Path
from typing import Final, Self

import can

_TABLE: Final = Path("/proc/net/udp")
_QUEUES, _INODE, _DROPS = 4, 9, 12  # columns


class KernelQueue:
    """Made by `of`. Both figures are 0 once the socket is closed."""

    def __init__(self, inode: str) -> None:
        self._inode = inode

    @classmethod
    def of(cls, bus: can.BusABC) -> Self | None:
        """None for a bus without a UDP socket, or where the system has no such table."""
        with contextlib.suppress(NotImplementedError, OSError):
            queue = cls(str(os.fstat(bus.fileno()).st_ino))
            if queue._line():
                return queue
        return None

    def waiting_kib(self) -> float:
        """What is charged to the socket; a frame takes about 0.75 KiB."""
        line = self._line()
        return round(int(line[_QUEUES].partition(":")[2], 16) / 1024, 2) if line else 0.0

    def dropped(self) -> int:
        line = self._line()
        return int(line[_DROPS]) if line else 0

    def _line(self) -> list[str]:
        for line in _TABLE.read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[_INODE] == self._inode:
                return columns
        return []
