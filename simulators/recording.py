"""Recordings of a bus in the formats that other tools read: candump, Vector's ASC and BLF, ASAM MDF 4."""

import asyncio
import contextlib
import math
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import can
from can.io.generic import MessageReader, MessageWriter

from simulators.errors import BusUnavailable, RecordingError
from simulators.mf4 import MISSING, to_candump

FORMATS: Final = {
    ".log": "candump's text",
    ".asc": "Vector's text",
    ".blf": "Vector's binary",
    ".mf4": "ASAM MDF 4, with the extra [mf4]",
}
_TEXT: Final = frozenset({".log", ".asc"})
_BLF_HEADER_BYTES: Final = 144
_CHANNEL: Final = "can0"  # the same in every format; a multicast address or a long name would fit none
_CLASSIC_BYTES: Final = 8
_READER_TIMEOUT_S: Final = 0.05
_REST_FRAMES: Final = 8192  # what is still read at the end from a bus that does not fall silent


def format_of(path: Path) -> str:
    """The suffix that decides the format. Raises RecordingError for one that is none of `FORMATS`."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(f"{key} ({what})" for key, what in FORMATS.items())
        raise RecordingError(f"{path}: the suffix decides the format and must be one of {known}")
    return suffix


# --- writing --------------------------------------------------------------------------------------------------------


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
        grows_in_place = suffix in _TEXT and not is_there
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
    if suffix in _TEXT:
        return path.open("w", encoding="utf-8", buffering=1, newline="\n")
    return path.open("w+b")


def _writer_of(suffix: str) -> Callable[..., MessageWriter]:
    return can.io.logger.MESSAGE_WRITERS[suffix]


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


# --- reading --------------------------------------------------------------------------------------------------------


def read_log(path: Path) -> Iterator[can.Message]:
    """The frames of a recording, of every kind, in order of time. Raises RecordingError where it is damaged.

    Also for a log without frames, and for times that are no numbers, negative or before those of the frame before.
    """
    suffix = format_of(path)
    if suffix == ".mf4":
        yield from _read_mf4(path)
        return
    yield from _read(path, path, suffix)


def _read_mf4(path: Path) -> Iterator[can.Message]:
    try:
        path.open("rb").close()
    except OSError as e:
        raise RecordingError(f"{path}: the recording cannot be read: {e.strerror or e}") from e
    with tempfile.TemporaryDirectory(prefix="va-mf4-") as folder:
        out = Path(folder) / "frames.log"
        to_candump(path, out)
        yield from _read(path, out, ".log")


def _read(path: Path, source: Path, suffix: str) -> Iterator[can.Message]:
    """``path`` is what the user calls it, ``source`` what is read."""
    count = 0
    before_s = 0.0
    try:
        with _open_to_read(source, suffix) as file:
            reader = _reader_of(path, suffix, file)
            try:
                frames = iter(reader)
                while (message := _next(frames, path, suffix, count)) is not None:
                    count += 1
                    _check(message, f"{path}, frame {count}", before_s)
                    before_s = message.timestamp
                    yield message
            finally:
                reader.stop()
    except OSError as e:
        raise RecordingError(f"{path}: the recording cannot be read: {e.strerror or e}") from e
    if not count:
        raise RecordingError(f"{path} holds no CAN frames; is it a recording in {FORMATS[format_of(path)]} format?")


def _open_to_read(path: Path, suffix: str) -> IO[str] | IO[bytes]:
    if suffix in _TEXT:
        # comments may be in any code page; what matters is plain ASCII
        return path.open("r", encoding="utf-8", errors="replace")
    return path.open("rb")


def _reader_of(path: Path, suffix: str, file: IO[str] | IO[bytes]) -> MessageReader:
    kind: Callable[..., MessageReader] = can.io.player.MESSAGE_READERS[suffix]
    try:
        reader = kind(file)
    except Exception as e:  # python-can lets whatever its parsers stumble over through
        raise _damaged(path, suffix, 0, e) from e
    if isinstance(reader, can.BLFReader):
        _check_blf_size(path, reader)
    return reader


def _check_blf_size(path: Path, reader: can.BLFReader) -> None:
    """A file that was cut off still has frames; its header tells how long it should be."""
    size = path.stat().st_size
    if size < reader.file_size:
        raise RecordingError(f"{path} is cut off: {size} of {reader.file_size} bytes are there; copy it again")
    if reader.file_size <= _BLF_HEADER_BYTES < size:
        raise RecordingError(
            f"{path} was not closed by who wrote it; record again, or repair it with the tool it is from"
        )


def _next(frames: Iterator[can.Message], path: Path, suffix: str, count: int) -> can.Message | None:
    try:
        return next(frames, None)
    except OSError:
        raise
    except Exception as e:  # as above
        raise _damaged(path, suffix, count, e) from e


def _damaged(path: Path, suffix: str, count: int, error: Exception) -> RecordingError:
    where = f"after frame {count}" if count else "at its beginning"
    cause = " ".join(str(error).split()) or type(error).__name__
    return RecordingError(
        f"{path} is damaged {where}, or no file in {FORMATS[suffix]} format ({cause}); record it again"
    )


def _check(message: can.Message, where: str, before_s: float) -> None:
    if not (math.isfinite(message.timestamp) and message.timestamp >= 0):
        raise RecordingError(f"{where}: {message.timestamp} s is no time; times are seconds from 0 up")
    if message.timestamp < before_s:
        raise RecordingError(
            f"{where}: its time {message.timestamp:.6f} s is before {before_s:.6f} s of the frame before it; "
            "sort the recording by time first"
        )
    highest = 0x1FFFFFFF if message.is_extended_id else 0x7FF
    if not 0 <= message.arbitration_id <= highest:
        raise RecordingError(f"{where}: {message.arbitration_id:#x} is no identifier of a CAN frame")
    if message.is_remote_frame or message.is_error_frame or message.is_fd:
        return
    # a classic frame may tell a length code above 8 and has 8 bytes then
    if len(message.data) != min(message.dlc, _CLASSIC_BYTES):
        raise RecordingError(
            f"{where}: {len(message.data)} bytes of data are there, its length says {message.dlc}; "
            "the recording is cut off or damaged"
        )
