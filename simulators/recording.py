"""Recordings of a bus in the formats that other tools read: candump, Vector's ASC and BLF, ASAM MDF 4."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self

import can

from simulators.errors import BusUnavailable, RecordingError
from simulators.log_formats import FORMATS, TEXT, format_of
from simulators.mf4 import MISSING
from simulators.reading import read_log
from simulators.reading.candump import CandumpWriter

__all__ = ["FORMATS", "LogWriter", "Recorder", "format_of", "read_log"]

_CHANNEL: Final = "can0"  # the same in every format; a multicast address or a long name would fit none
_READER_TIMEOUT_S: Final = 0.05
_REST_FRAMES: Final = 8192  # what is still read at the end from a bus that does not fall silent


# --- writing --------------------------------------------------------------------------------------------------------


class _Writes(Protocol):
    """A writer of one format, as python-can has them."""

    def on_message_received(self, message: can.Message, /) -> None: ...
    def stop(self) -> None: ...


class LogWriter:
    """One recording; a context manager. Raises RecordingError when it cannot be written or is there already.

    The text formats grow frame by frame. The others are whole only when they are closed, and get their name then;
    until then they are called ``NAME.part``, and so is what takes the place of another file (``overwrite``). A
    recording without any frame leaves no file, and the one before it as it was.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        suffix = format_of(path)
        is_there = path.exists()
        if is_there and not overwrite:
            raise RecordingError(f"{path} is there already; choose another name, or say --overwrite")
        self.path = path
        self.frames = 0
        grows_in_place = suffix in TEXT and not is_there
        self._growing = path if grows_in_place else path.with_name(f"{path.name}.part")
        try:
            self._file = _open_to_write(self._growing, suffix)
            try:
                self._writer = _writer_of(suffix)(self._file)
            except NotImplementedError as e:  # python-can's way to say that asammdf is not there
                self._file.close()
                self._growing.unlink(missing_ok=True)
                raise RecordingError(MISSING.format(path=path)) from e
        except OSError as e:
            raise _unwritable(path, e) from e
        self._is_open = True

    def write(self, message: can.Message) -> None:
        """Takes a frame of any kind. Not thread-safe. Raises RecordingError."""
        try:
            self._writer.on_message_received(_renamed(message))
        except OSError as e:
            raise _unwritable(self.path, e) from e
        self.frames += 1

    def close(self) -> None:
        """Makes the file whole. May be called twice. Raises RecordingError."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            with contextlib.closing(self._file):
                self._writer.stop()
            if not self.frames:
                self._growing.unlink()
            elif self._growing != self.path:
                self._growing.replace(self.path)
        except OSError as e:
            raise _unwritable(self.path, e) from e

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _unwritable(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"{path}: the recording cannot be written: {error.strerror or error}; choose another place")


def _open_to_write(path: Path, suffix: str) -> IO[str] | IO[bytes]:
    if suffix in TEXT:
        return path.open("w", encoding="utf-8", buffering=1, newline="\n")
    return path.open("w+b")


def _writer_of(suffix: str) -> Callable[..., _Writes]:
    return CandumpWriter if suffix == ".log" else can.io.logger.MESSAGE_WRITERS[suffix]


def _renamed(message: can.Message) -> can.Message:
    """The same frame on a channel that every format can write."""
    return can.Message(
        timestamp=message.timestamp,
        arbitration_id=message.arbitration_id,
        is_extended_id=message.is_extended_id,
        is_remote_frame=message.is_remote_frame,
        is_error_frame=message.is_error_frame,
        is_fd=message.is_fd,
        bitrate_switch=message.bitrate_switch,
        error_state_indicator=message.error_state_indicator,
        is_rx=message.is_rx,
        channel=_CHANNEL,
        dlc=message.dlc,
        data=None if message.is_remote_frame else message.data,
    )


class Recorder:
    """Writes what ``bus`` hears into ``writer``; an async context manager that closes the writer, not the bus.

    ``only``: identifiers (number, is extended) to write; left out, every frame. ``failed`` is set when no more can be
    written or heard; leaving then raises RecordingError or BusUnavailable, with all frames so far in the file.
    """

    def __init__(self, bus: can.BusABC, writer: LogWriter, *, only: Collection[tuple[int, bool]] | None = None) -> None:
        self.failed = asyncio.Event()
        self._bus = bus
        self._writer = writer
        self._only = None if only is None else frozenset(only)
        self._stopping = threading.Event()
        self._error: RecordingError | BusUnavailable | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="CAN recorder", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._writer.close)
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._take(self._bus.recv(_READER_TIMEOUT_S))
            for _ in range(_REST_FRAMES):  # what had come before the end
                if not self._take(self._bus.recv(0)):
                    break
        except RecordingError as e:
            self._error = e
        except (can.CanError, OSError) as e:
            self._error = BusUnavailable(f"the CAN bus cannot be heard any more: {e}; what came before is recorded")
        if self._error is not None and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed under a recorder that was not left
                self._loop.call_soon_threadsafe(self.failed.set)

    def _take(self, message: can.Message | None) -> bool:
        if message is None:
            return False
        if self._only is None or (message.arbitration_id, message.is_extended_id) in self._only:
            self._writer.write(message)
        return True
