"""The crash latch on disk, so that a restart keeps it."""

import os
from pathlib import Path

from vehicle_agent.errors import ConfigError


def read_latch(path: Path) -> bool:
    """Whether a crash is latched. A file that cannot be understood counts as latched: the strict reading."""
    try:
        return path.read_bytes().strip() != b"clear"
    except FileNotFoundError:
        return False
    except OSError:
        return True


def write_latch(path: Path, *, latched: bool) -> None:
    """Writes atomically and to the disk itself. Raises ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        with beside.open("w", encoding="ascii") as file:
            file.write("latched\n" if latched else "clear\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as e:
        raise ConfigError(f"cannot keep the crash latch in {path}: {e.strerror}") from e
