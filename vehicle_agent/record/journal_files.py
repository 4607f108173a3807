"""The journal on disk: lines appended whole, files rotated, what a crash tore off found again.

The present file is ``path``; at ``max_bytes`` it becomes ``path.1``, what was that becomes ``path.2``, and so on.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from vehicle_agent.errors import ConfigError

LINE_BEGINS: Final = '{"t": '
_TAIL_BYTES: Final = 1 << 18  # more than the longest line


class LineFile:
    """Appends lines. One writer: one thread, one process. Raises OSError; a line that failed spoils no other."""

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO | None = path.open("ab", buffering=0)
        self._is_torn = _is_torn(path)

    def append(self, line: bytes) -> None:
        """Writes ``line`` and its end; then begins a new file when this one is full."""
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        whole = (b"\n" if self._is_torn else b"") + line + b"\n"
        self._is_torn = True
        left = memoryview(whole)
        while left:  # a full disk takes a part, then raises
            left = left[self._file.write(left) or 0 :]
        self._is_torn = False
        if self._file.tell() >= self._max_bytes:
            self._rotate()

    def sync(self) -> None:
        """Waits until what was written would survive a loss of power. Never raises: some files cannot be synced."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                os.fdatasync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self.sync()
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _rotate(self) -> None:
        self.close()
        with contextlib.suppress(OSError):  # better a file too long than none
            for n in range(self._keep, 1, -1):
                younger = _numbered(self._path, n - 1)
                if younger.exists():
                    younger.replace(_numbered(self._path, n))
            self._path.replace(_numbered(self._path, 1))
            for n, old in _rotated(self._path):
                if n > self._keep:  # the configuration may have asked for more before
                    old.unlink()


def next_seq(path: Path) -> int:
    """The number that the next line gets: one more than the last line's, and one more if that was torn off."""
    for file in reversed(files_of(path)):
        torn = 0
        for line in reversed(_tail(file)):
            event = _parsed(line.decode("utf-8", "replace"))
            seq = event.get("seq") if isinstance(event, dict) else None
            if _is_number(seq):
                return int(str(seq)) + 1 + torn
            torn += event is None
    return 1


def files_of(path: Path) -> list[Path]:
    """The files of one journal, oldest first; ``path`` alone when nothing of it exists."""
    older = [file for _, file in sorted(_rotated(path), reverse=True)]
    return [*older, path] if path.exists() or not older else older


def read_journal(path: Path) -> Iterator[dict[str, object]]:
    """The events of one file; a line that a crash cut off becomes ``{"kind": "cut_off"}``. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = raw.decode("utf-8", "replace").removesuffix("\n")
                if not line:
                    continue
                event = _parsed(line)
                if event is None and _is_fragment(line):
                    yield {"kind": "cut_off", "line": number}
                elif isinstance(event, dict) and isinstance(event.get("kind"), str):
                    yield event
                else:
                    raise ConfigError(f"{path}, line {number}: not a journal line; name a file that the agent wrote")
    except OSError as e:
        raise ConfigError(f"cannot read the journal {path}: {e.strerror}; name another file") from e


def read_drive(path: Path) -> Iterator[dict[str, object]]:
    """The events of all files of a journal in order, with what is missing between them. Raises ConfigError.

    ``{"kind": "lost", "lines": n}``: n numbers are missing. ``{"kind": "disorder"}``: the numbers go back here.
    ``{"kind": "crash"}``: the agent begins anew and had not ended.
    """
    expected: int | None = None
    runs = False
    for file in files_of(path):
        for event in read_journal(file):
            seq = event.get("seq")
            if event["kind"] == "cut_off":
                expected = None if expected is None else expected + 1
            elif _is_number(seq):
                now = int(str(seq))
                if expected is not None and now > expected:
                    yield {"kind": "lost", "lines": now - expected, "before": now}
                elif expected is not None and now < expected:
                    yield {"kind": "disorder", "after": expected - 1, "before": now}
                expected = now + 1
            if event["kind"] == "start" and runs:
                yield {"kind": "crash"}
            if event["kind"] in {"start", "stop"}:
                runs = event["kind"] == "start"
            yield event


def _parsed(line: str) -> object | None:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return parsed


def _is_fragment(line: str) -> bool:
    """Whether a crash may have left this of a line. A loss of power may leave zeros where a line was to be."""
    rest = line.strip("\0")
    return LINE_BEGINS.startswith(rest) or rest.startswith(LINE_BEGINS)


def _is_number(seq: object) -> bool:
    return isinstance(seq, int) and not isinstance(seq, bool) and seq >= 0


def _is_torn(path: Path) -> bool:
    """Whether the last line has no end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _tail(path: Path) -> list[bytes]:
    """The last lines, without empty ones."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read(min(size, _TAIL_BYTES)).split(b"\n")
    except OSError:
        return []
    return [line for line in (lines[1:] if size > _TAIL_BYTES else lines) if line]


def _numbered(path: Path, n: int) -> Path:
    return path.with_name(f"{path.name}.{n}")


def _rotated(path: Path) -> list[tuple[int, Path]]:
    found = []
    with contextlib.suppress(OSError):
        for file in path.parent.iterdir():
            number = file.name.removeprefix(f"{path.name}.")
            if number != file.name and number.isascii() and number.isdigit() and number == str(int(number)):
                found.append((int(number), file))
    return found


def shown(event: Mapping[str, object]) -> str:
    """One event as a line for people."""
    match event["kind"]:
        case "cut_off":
            return f"-- line {event['line']} was cut off by a crash"
        case "lost":
            return f"-- {event['lines']} lines are missing before number {event['before']}"
        case "disorder":
            return f"-- the numbers go back here, from {event['after']} to {event['before']}"
        case "crash":
            return "-- the agent ended without a stop: a crash, or the power was cut"
        case kind:
            rest = ", ".join(f"{k}={v}" for k, v in event.items() if k not in {"t", "seq", "kind"})
            return f"{event.get('t', '')}  {event.get('seq', ''):>6}  {kind:<10} {rest}"
