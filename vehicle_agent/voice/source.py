"""Live sound for the daemon: a microphone, a file, a FIFO or standard input, as a bounded stream of frames.

A thread does the blocking reads; the event loop gets the frames through a bounded queue. A full queue holds the thread
back (no word of a file is lost); what a microphone records meanwhile waits in the pipe, then in the recorder.
"""

import asyncio
import contextlib
import io
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from vehicle_agent.errors import AudioError
from vehicle_agent.voice.audio import STDIN, soxr
from vehicle_agent.voice.moments import Moments
from vehicle_agent.voice.types import SAMPLE_RATE_HZ, AudioFrame, Clock, frame_bytes
from vehicle_agent.voice.wav import WavFormat, foreign_kind, mono, read_header, to_pcm

MICROPHONE: Final = "microphone"
RAW_SUFFIXES: Final = frozenset({".raw", ".pcm", ".s16", ".s16le"})
_END_S: Final = 1.0  # for a recorder to end when it is told to
_PEEK: Final = os.WEXITED | os.WNOHANG | os.WNOWAIT
QUEUE_FRAMES: Final = 64  # 3.2 s of 50 ms frames
_RECORDERS: Final = (
    ("pw-record", "--rate=16000", "--channels=1", "--format=s16", "-"),
    ("parec", "--rate=16000", "--channels=1", "--format=s16le", "--raw"),
    ("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-r", "16000", "-c", "1"),
)


class _Input(Protocol):
    """A blocking byte stream; read1 gives what is there, empty bytes only at the end."""

    def read(self, n: int, /) -> bytes: ...
    def read1(self, n: int, /) -> bytes: ...


def recorder_command() -> tuple[str, ...]:
    """The command that records the default microphone to standard output as 16 kHz s16le. Raises AudioError."""
    for command in _RECORDERS:
        if shutil.which(command[0]):
            return command
    raise AudioError("no program to record a microphone was found; install one with: apt install alsa-utils")


def _record() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            recorder_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own: it ends with all that it started
        )
    except OSError as e:
        raise AudioError(f"the microphone cannot be recorded ({e.strerror}); check the recording program") from e


async def _recording() -> subprocess.Popen[bytes]:
    """The recorder. Who is cancelled while it starts leaves none behind that goes on. Raises AudioError."""
    starting = asyncio.get_running_loop().run_in_executor(None, _record)
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(AudioError):
            recorder = await starting
            await asyncio.to_thread(_end, recorder)
            if recorder.stdout is not None:
                recorder.stdout.close()
        raise


def _end(recorder: subprocess.Popen[bytes]) -> None:
    """Ends the recorder and whatever it started, also when it does not want to. Blocks."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(recorder.pid, number)
        until_s = time.monotonic() + _END_S
        # it is left unreaped until the whole group was told, so that the number means nobody else
        while time.monotonic() < until_s and os.waitid(os.P_PID, recorder.pid, _PEEK) is None:
            time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):  # what hangs in its driver cannot be ended
        recorder.wait(_END_S)


def _blocks(stream: _Input, size: int) -> Iterator[bytes]:
    while data := stream.read1(size):
        yield data


def _wav_pcm(stream: _Input, wav: WavFormat, size: int) -> Iterator[bytes]:
    """The samples of a WAV as 16 kHz s16le pieces, resampled as they come."""
    convert: Any = None
    if wav.rate_hz != SAMPLE_RATE_HZ:
        convert = soxr().ResampleStream(wav.rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
    left = wav.data_bytes
    rest = b""
    for data in _blocks(stream, size):
        # whatever follows the sound (tags, a list of cue points) is no sound
        piece = rest + (data if left is None else data[:left])
        left = None if left is None else left - min(left, len(data))
        whole = len(piece) - len(piece) % wav.block_bytes
        piece, rest = piece[:whole], piece[whole:]
        samples = mono(piece, wav)
        if convert is not None:
            samples = convert.resample_chunk(samples, last=False)
        if len(samples):
            yield to_pcm(samples)
        if left == 0:
            break
    if convert is not None:
        yield to_pcm(convert.resample_chunk(np.zeros(0, np.float32), last=True))


def pcm_frames(stream: _Input, name: str, *, frame_ms: int = 50, raw: bool = True) -> Generator[AudioFrame]:
    """Frames of a WAV or, where ``raw``, of bare 16 kHz mono s16le. Blocks. Raises AudioError."""
    size = frame_bytes(frame_ms)
    head = stream.read(12)
    if not head:
        raise AudioError(f"{name} gave no sound; check that the recording program runs")
    if head[:4] == b"RIFF" or not raw:
        wav = read_header(stream.read, name, head)
        pieces = _wav_pcm(stream, wav, max(wav.bytes_per_second * frame_ms // 1000, wav.block_bytes))
        head = b""
    elif kind := foreign_kind(head):
        raise AudioError(f"{name} is {kind}; give a WAV or bare 16 kHz mono s16le samples")
    else:
        pieces = _blocks(stream, size)
    buffer = bytearray(head)
    sent = 0
    for piece in pieces:
        buffer += piece
        while len(buffer) >= size:
            yield AudioFrame(pcm=bytes(buffer[:size]), start_s=sent / (2 * SAMPLE_RATE_HZ))
            del buffer[:size]
            sent += size
    tail = bytes(buffer[: len(buffer) - len(buffer) % 2])
    if tail:
        yield AudioFrame(pcm=tail, start_s=sent / (2 * SAMPLE_RATE_HZ))


class Pump:
    """Moves frames from a blocking reader's thread into the loop's queue, each with the moment when it was heard."""

    def __init__(
        self, frames: Generator[AudioFrame], name: str, queue_frames: int, clock: Clock = time.monotonic
    ) -> None:
        self._frames = frames
        self._clock = clock
        self._moments = Moments()
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[AudioFrame | AudioError | None] = asyncio.Queue()
        self._room = threading.Semaphore(queue_frames)  # the bound of the queue, held by the thread that fills it
        self._stopped = False
        # a daemon: a read of a silent terminal or FIFO cannot be interrupted and must not hold up the exit
        self._thread = threading.Thread(target=self._run, name="audio-source", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        end: AudioError | None = None
        try:
            for frame in self._frames:
                end_s = frame.start_s + frame.duration_s
                heard_s = self._moments.heard_s(frame.start_s, end_s, self._clock())  # before it waits for room
                self._room.acquire()
                if self._stopped:
                    return
                self._put(replace(frame, heard_s=heard_s))
        except AudioError as e:
            end = e
        except Exception as e:  # noqa: BLE001 - whatever it was, the listener must hear of it rather than wait for ever
            end = AudioError(f"{self._name} could not be read further ({e}); check the device or file")
        finally:
            with contextlib.suppress(OSError):
                self._frames.close()
        self._put(end)

    def _put(self, item: AudioFrame | AudioError | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    async def frames(self, *, paced: bool) -> AsyncGenerator[AudioFrame]:
        started = self._loop.time()
        while True:
            item = await self._queue.get()
            if item is None:
                return
            if isinstance(item, AudioError):
                raise item
            self._room.release()
            if paced:
                await asyncio.sleep(item.start_s + item.duration_s - (self._loop.time() - started))
                item = replace(item, heard_s=self._clock() - item.duration_s)  # it was read ahead of its time
            yield item

    def stop(self) -> None:
        self._stopped = True
        self._room.release()


def _path_frames(source: str, frame_ms: int) -> Generator[AudioFrame]:
    """Frames of a file or FIFO. Opened by the thread that reads: a FIFO waits for its writer."""
    path = Path(source)
    try:
        file = path.open("rb")
    except FileNotFoundError as e:
        raise AudioError(f"there is no file {source}; check the name, or give - for standard input") from e
    except OSError as e:
        raise AudioError(f"{source} cannot be opened ({e.strerror}); check the name and its permissions") from e
    with file:
        raw = path.suffix.lower() in RAW_SUFFIXES or not path.is_file()
        yield from pcm_frames(file, source, frame_ms=frame_ms, raw=raw)


def _recorder_frames(recorder: subprocess.Popen[bytes], name: str, frame_ms: int) -> Generator[AudioFrame]:
    if not isinstance(recorder.stdout, io.BufferedReader):
        raise AudioError(f"{name} gives no sound; check the recording program")
    with recorder.stdout as stream:
        yield from pcm_frames(stream, name, frame_ms=frame_ms)


def _stdin_frames(frame_ms: int) -> Generator[AudioFrame]:
    # a reader of our own: the interpreter aborts at exit when a thread still holds the lock of sys.stdin's
    with io.BufferedReader(io.FileIO(0, closefd=False)) as stream:
        yield from pcm_frames(stream, "standard input", frame_ms=frame_ms)


@asynccontextmanager
async def open_source(
    source: str,
    *,
    frame_ms: int = 50,
    queue_frames: int = QUEUE_FRAMES,
    paced: bool = False,
    clock: Clock = time.monotonic,
) -> AsyncIterator[AsyncGenerator[AudioFrame]]:
    """Frames of ``source``: "microphone", "-" (standard input), or the path of a WAV, raw file or FIFO.

    Pipes and ``.raw`` files may hold bare 16 kHz mono s16le. ``paced``: frames come no faster than they were spoken.
    ``clock``: that of the frames' ``heard_s``.
    Raises AudioError, at the start or while frames are read.
    """
    frame_bytes(frame_ms)
    recorder: subprocess.Popen[bytes] | None = None
    name = source
    if source == MICROPHONE:
        recorder, name = await _recording(), "the microphone"
        blocking = _recorder_frames(recorder, name, frame_ms)
    elif source == STDIN:
        blocking = _stdin_frames(frame_ms)
    else:
        blocking = _path_frames(source, frame_ms)
    pump = Pump(blocking, name, queue_frames, clock)
    frames = pump.frames(paced=paced)
    try:
        yield frames
    finally:
        pump.stop()
        await frames.aclose()
        if recorder is not None:
            await asyncio.to_thread(_end, recorder)
