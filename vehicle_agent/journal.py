"""The journal: what was said, judged, sent and seen, as JSON lines; append-only, written off the event loop."""

import contextlib
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from vehicle_agent.errors import ConfigError

log = logging.getLogger(__name__)

MAX_QUEUED: Final = 10_000
MAX_BYTES: Final = 20_000_000
_LINE_BEGINS: Final = '{"t": '
# What was said, or repeats it: a message's words come back in the plan, the question and the answer.
_PRIVATE: Final = frozenset({"text", "heard", "calls", "reason", "observed"})


class Journal:
    """Appends events to ``path`` (None = nowhere). ``transcripts`` False leaves out what was said: functions stay,
    their words do not.

    ``clock`` is the wall clock in seconds. When the disk cannot keep up, events are dropped and counted; the count is
    written with the next event. At MAX_BYTES the file is renamed to ``.1`` and begun anew.
    """

    def __init__(
        self, path: Path | None = None, *, transcripts: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._transcripts = transcripts
        self._clock = clock
        self._dropped = 0
        self._failed = False
        self._queue: queue.Queue[str | None] = queue.Queue(MAX_QUEUED)
        self._thread: threading.Thread | None = None
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = path.open("ab", buffering=0)
                if _is_cut_off(path):
                    file.write(b"\n")
            except OSError as e:
                raise ConfigError(f"cannot write the journal {path}: {e.strerror}; name another file") from e
            self._thread = threading.Thread(target=self._write_all, args=(file,), name="journal", daemon=True)
            self._thread.start()

    def write(self, kind: str, **event: object) -> None:
        """Queues one event; never blocks."""
        if self._thread is None:
            return
        if not self._transcripts:
            event = {key: value for key, value in event.items() if key not in _PRIVATE}
            if "call" in event:
                event["call"] = str(event["call"]).partition("(")[0]
        if self._dropped:
            event["dropped_before"] = self._dropped
        line = json.dumps({"t": round(self._clock(), 3), "kind": kind, **event}, default=str, ensure_ascii=False)
        try:
            self._queue.put_nowait(line)
            self._dropped = 0
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Writes what is queued and ends the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=5)
            self._thread = None

    def _write_all(self, file: BinaryIO) -> None:
        while (line := self._queue.get()) is not None:
            try:
                file = self._append(file, line)
            except (OSError, ValueError) as e:
                if not self._failed:
                    log.error("the journal %s cannot be written: %s", self._path, e)  # noqa: TRY400 - a sentence
                self._failed = True  # the thread goes on: the queue must drain, and the disk may have room again
        with contextlib.suppress(OSError):
            file.close()

    def _append(self, file: BinaryIO, line: str) -> BinaryIO:
        # unbuffered: what fails is not tried again at the next event
        file.write(line.encode("utf-8", "backslashreplace") + b"\n")
        if file.tell() > MAX_BYTES and self._path is not None:
            file.close()
            with contextlib.suppress(OSError):  # better a file too long than none
                self._path.replace(self._path.with_name(self._path.name + ".1"))
            return self._path.open("ab", buffering=0)
        return file


def _is_cut_off(path: Path) -> bool:
    """Whether a crash left a last line without its end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def read_journal(path: Path) -> Iterator[dict[str, object]]:
    """The events of ``path``; a line that a crash cut off becomes ``{"kind": "cut_off"}``. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as e:
        raise ConfigError(f"cannot read the journal {path}: {e.strerror}") from e
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            event = json.loads(line)
        except ValueError as e:
            if line.startswith(_LINE_BEGINS) or number == len(lines):
                yield {"kind": "cut_off", "line": number}
                continue
            raise ConfigError(f"{path}, line {number}: not a journal line") from e
        if not isinstance(event, dict) or not isinstance(event.get("kind"), str):
            raise ConfigError(f"{path}, line {number}: not a journal line")
        yield event
