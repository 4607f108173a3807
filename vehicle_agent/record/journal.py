"""The journal: what was said, judged, sent and seen, as JSON lines; append-only, written off the event loop.

The kinds of events and their fields are in docs/journal.md.
"""

import contextlib
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from vehicle_agent.errors import ConfigError
from vehicle_agent.record.journal_files import LINE_BEGINS, LineFile, next_seq, read_journal

__all__ = ["LINE_BEGINS", "Journal", "read_journal"]

log = logging.getLogger(__name__)

MAX_QUEUED: Final = 10_000
MAX_BYTES: Final = 20_000_000
KEEP: Final = 4
MAX_LINE_CHARS: Final = 60_000
_KEPT_CHARS: Final = 500  # of each text of a line that is too long
_SYNC_EVERY_S: Final = 1.0
_CLOSE_WITHIN_S: Final = 5.0


class Journal:
    """Appends events to ``path`` (None = nowhere). What of an event is kept is not its matter: `lines`.

    ``clock`` is the wall clock in seconds. When the disk cannot keep up, events are dropped; the next event tells how
    many, and their numbers (``seq``) are missing. At ``max_bytes`` a new file is begun; ``keep`` old ones stay.

    A written line survives the end of this process at once, and a loss of power about a second later.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        clock: Callable[[], float] = time.time,
        max_bytes: int = MAX_BYTES,
        keep: int = KEEP,
    ) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._seq = 1
        self._dropped = 0
        self._queue: queue.Queue[str | None] = queue.Queue(MAX_QUEUED)
        self._thread: threading.Thread | None = None
        if path is not None:
            try:
                file = LineFile(path, max_bytes=max_bytes, keep=keep)
                self._seq = next_seq(path)
            except OSError as e:
                raise ConfigError(f"cannot write the journal {path}: {e.strerror}; name another file") from e
            self._thread = threading.Thread(target=self._write_all, args=(file,), name="journal", daemon=True)
            self._thread.start()

    def write(self, kind: str, **event: object) -> None:
        """Queues one event; never blocks. May be called from any thread."""
        if self._thread is None:
            return
        with self._lock:
            if self._dropped:
                event["dropped_before"] = self._dropped
            line = _line({"t": round(self._clock(), 3), "seq": self._seq, "kind": kind}, event)
            self._seq += 1
            try:
                self._queue.put_nowait(line)
                self._dropped = 0
            except queue.Full:
                self._dropped += 1

    def close(self) -> None:
        """Writes what is queued and ends the thread."""
        if self._thread is not None:
            thread, self._thread = self._thread, None
            with contextlib.suppress(queue.Full):  # a disk that takes nothing must not hold up the end
                self._queue.put(None, timeout=_CLOSE_WITHIN_S)
            thread.join(timeout=_CLOSE_WITHIN_S)
            if thread.is_alive():
                log.error("the journal %s takes no more lines; the last ones may be lost", self.path)

    def _write_all(self, file: LineFile) -> None:
        failed = False
        synced_s = time.monotonic()
        is_synced = True
        while True:
            try:
                line = self._queue.get(timeout=None if is_synced else _SYNC_EVERY_S)
            except queue.Empty:
                line = ""
            if line is None:
                break
            if line:
                try:
                    file.append(line.encode("utf-8", "backslashreplace"))
                    is_synced = False
                except (OSError, ValueError) as e:
                    if not failed:
                        log.error("the journal %s cannot be written: %s", self.path, e)  # noqa: TRY400 - a sentence
                    failed = True  # the thread goes on: the queue must drain, and the disk may have room again
            now_s = time.monotonic()
            if not is_synced and now_s - synced_s >= _SYNC_EVERY_S:
                file.sync()
                is_synced, synced_s = True, now_s
        file.close()


def _line(head: Mapping[str, object], event: Mapping[str, object]) -> str:
    line = json.dumps({**head, **event}, default=str, ensure_ascii=False)
    if len(line) <= MAX_LINE_CHARS:
        return line
    cut = {k: v[:_KEPT_CHARS] if isinstance(v, str) else v for k, v in event.items()}
    line = json.dumps({**head, **cut, "cut_from_chars": len(line)}, default=str, ensure_ascii=False)
    if len(line) <= MAX_LINE_CHARS:
        return line
    return json.dumps({**head, "cut_from_chars": len(line)})
