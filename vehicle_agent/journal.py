"""The journal: what was said, judged, sent and seen, as JSON lines; append-only, written off the event loop."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

from vehicle_agent.errors import ConfigError

MAX_QUEUED: Final = 10_000
MAX_BYTES: Final = 20_000_000
_PRIVATE: Final = frozenset({"text", "heard"})


class Journal:
    """Appends events to ``path`` (None = nowhere). ``transcripts`` False leaves out what was said.

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
        self._queue: queue.Queue[str | None] = queue.Queue(MAX_QUEUED)
        self._thread: threading.Thread | None = None
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = path.open("a", encoding="utf-8")
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

    def _write_all(self, file: TextIO) -> None:
        while (line := self._queue.get()) is not None:
            file.write(line + "\n")
            if self._queue.empty():
                file.flush()
            if file.tell() > MAX_BYTES and self._path is not None:
                file.close()
                self._path.replace(self._path.with_name(self._path.name + ".1"))
                file = self._path.open("a", encoding="utf-8")
        file.close()


def read_journal(path: Path) -> Iterator[dict[str, object]]:
    """The events of ``path``; a last line that a crash cut off becomes ``{"kind": "cut_off"}``. Raises ConfigError."""
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
            if number == len(lines):
                yield {"kind": "cut_off", "line": number}
                return
            raise ConfigError(f"{path}, line {number}: not a journal line") from e
        if not isinstance(event, dict):
            raise ConfigError(f"{path}, line {number}: not a journal line")
        yield event
