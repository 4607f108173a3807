"""Reads an MF4 recording in a process of its own and writes it as candump text: ``python -m simulators.mf4 IN OUT``.

asammdf may take the whole process with it when a file is damaged, so it never reads one in ours. Exit status 0, 1 with
the problem on standard output, 2 when the package is not installed.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import can

from simulators.errors import RecordingError

MISSING: Final = (
    "{path}: MF4 files need the package asammdf: `pip install 'vehicle-agent[mf4]'`; .log, .asc and .blf need nothing"
)
_LONGEST_S: Final = 600.0


def to_candump(path: Path, out: Path) -> None:
    """Raises RecordingError, also when reading ``path`` ends the other process. Blocks."""
    command = [sys.executable, "-m", "simulators.mf4", str(path), str(out)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LONGEST_S, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired as e:
        raise RecordingError(f"{path}: reading it takes more than {_LONGEST_S:g} s; split the recording") from e
    if done.returncode == 0:
        return
    if done.returncode == 2:
        raise RecordingError(MISSING.format(path=path))
    cause = " ".join(done.stdout.split()) or f"its reader ended with status {done.returncode}"
    raise RecordingError(f"{path} is damaged, or no file in ASAM MDF 4 format ({cause}); record it again")


def _convert(path: Path, out: Path) -> int:
    try:
        reader = can.MF4Reader(path)
        with can.CanutilsLogWriter(out) as writer:
            for message in reader:
                writer.on_message_received(message)
    except NotImplementedError:
        return 2
    except Exception as e:  # python-can and asammdf let whatever their parsers stumble over through
        print(e or type(e).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_convert(Path(sys.argv[1]), Path(sys.argv[2])))
