"""Reads an MF4 recording in a process of its own and writes it as candump text: ``python -m simulators.mf4 IN OUT``.

asammdf may take the whole process with it when a file is damaged, so it never reads one in ours. Exit status 0 with
what was left out on standard output, one sentence a line, 1 with the problem there, 2 when the package is not
installed.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import can

from simulators.errors import RecordingError

MISSING: Final = (
    "{path}: MF4 files need the package asammdf: `pip install -e '.[mf4]'`; .log, .asc and .blf need nothing"
)
_LONGEST_S: Final = 600.0


def to_candump(path: Path, out: Path) -> list[str]:
    """What was left out. Raises RecordingError, also when reading ``path`` ends the other process. Blocks."""
    command = [sys.executable, "-m", "simulators.mf4", str(path), str(out)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LONGEST_S, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired as e:
        raise RecordingError(f"{path}: reading it takes more than {_LONGEST_S:g} s; split the recording") from e
    if done.returncode == 0:
        return done.stdout.splitlines()
    if done.returncode == 2:
        raise RecordingError(MISSING.format(path=path))
    cause = " ".join(done.stdout.split()) or f"its reader ended with status {done.returncode}"
    raise RecordingError(f"{path} is damaged, or no file in ASAM MDF 4 format ({cause}); record it again")


def convert(path: Path, out: Path) -> int:
    # the reader of its own text would import this module
    from simulators.reading.candump import candump_line

    try:
        reader = can.MF4Reader(path)
        count = 0
        with out.open("w", encoding="ascii", newline="\n") as file:
            for message in reader:
                if message.channel is None:
                    message.channel = "1"
                file.write(candump_line(message, message.timestamp))
                count += 1
        for sentence in _left_out(reader, count):
            print(sentence)
    except NotImplementedError:
        return 2
    except Exception as e:  # noqa: BLE001 - python-can and asammdf let whatever their parsers stumble over through
        print(e or type(e).__name__)
        return 1
    return 0


def _left_out(reader: can.MF4Reader, count: int) -> list[str]:
    """The reader passes over every group of channels that holds no CAN frames."""
    records = sum(int(group.channel_group.cycles_nr) for group in reader._mdf.groups)
    return [f"{records - count} records left out that are no CAN frames"] if records > count else []


if __name__ == "__main__":
    sys.exit(convert(Path(sys.argv[1]), Path(sys.argv[2])))
