"""A WAV file as one `Recording`: any rate, width and channel count becomes 16 kHz mono s16le."""

import importlib
import io
import sys
import wave
from pathlib import Path
from types import ModuleType
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from vehicle_agent.errors import AudioError
from vehicle_agent.packages import missing, problem
from vehicle_agent.voice.types import SAMPLE_RATE_HZ, Recording
from vehicle_agent.voice.wav import WavFormat, mono, read_header, to_pcm

MAX_UTTERANCE_S: Final = 60.0
_MIN_UTTERANCE_S: Final = 0.05
STDIN: Final = "-"


def soxr() -> ModuleType:
    """The resampler's module; comes with the voice extra."""
    try:
        return importlib.import_module("soxr")
    except ImportError as e:
        raise AudioError(
            f"sound that is not recorded at 16000 samples a second must be converted: {problem(e) or missing('soxr')}"
        ) from e


def _resampled(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    if rate_hz == SAMPLE_RATE_HZ:
        return samples
    result: NDArray[np.float32] = soxr().resample(samples, rate_hz, SAMPLE_RATE_HZ)
    return result


def _too_long(name: str, seconds: float, limit_s: float) -> AudioError:
    lasts = f"lasts {seconds:.0f} s" if seconds < 86_400 else "lasts days"
    return AudioError(
        f'{name} {lasts}, at most {limit_s:.0f} s are taken; cut it with: sox "{name}" out.wav trim 0 {limit_s:.0f}'
    )


def _samples(stream: IO[bytes], wav: WavFormat, name: str, max_seconds: float) -> bytes:
    limit = int(max_seconds * wav.rate_hz) * wav.block_bytes
    if wav.data_bytes is not None and wav.data_bytes > limit:
        raise _too_long(name, wav.data_bytes / wav.bytes_per_second, max_seconds)
    data = stream.read(limit + 1 if wav.data_bytes is None else wav.data_bytes)
    if len(data) > limit:
        raise AudioError(
            f"{name} lasts longer than the {limit / wav.bytes_per_second:.0f} s that are taken; "
            f'cut it with: sox "{name}" out.wav trim 0 {max_seconds:.0f}'
        )
    if wav.data_bytes is not None and len(data) < wav.data_bytes:
        # a command whose end is missing may mean another one, so it is refused rather than guessed at
        raise AudioError(
            f"{name} is cut short: its header promises {wav.data_bytes / wav.bytes_per_second:.1f} s of sound, "
            f"{len(data) / wav.bytes_per_second:.1f} s are there; record or copy it again"
        )
    return data


def decode_wav(stream: IO[bytes], name: str, *, max_seconds: float = MAX_UTTERANCE_S) -> Recording:
    """The WAV in ``stream``, called ``name`` in messages. Raises AudioError: one sentence with the remedy."""
    wav = read_header(stream.read, name)
    samples = mono(_samples(stream, wav, name, max_seconds), wav)
    if len(samples) == 0:
        raise AudioError(f"{name} holds no sound, only a WAV header; record it again")
    if len(samples) < _MIN_UTTERANCE_S * wav.rate_hz:
        raise AudioError(
            f"{name} lasts {1000 * len(samples) / wav.rate_hz:.0f} ms, too short for a word; record it again"
        )
    return Recording(pcm=to_pcm(_resampled(samples, wav.rate_hz)))


def wav_bytes(recording: Recording) -> bytes:
    """The recording as a WAV file's content."""

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(recording.pcm)
    return buffer.getvalue()


def read_wav(path: Path | str, *, max_seconds: float = MAX_UTTERANCE_S) -> Recording:
    """The WAV file at ``path``, or on standard input for "-". Raises AudioError: one sentence with the remedy."""
    if str(path) == STDIN:
        return decode_wav(sys.stdin.buffer, "standard input", max_seconds=max_seconds)
    file = Path(path)
    try:
        with file.open("rb") as stream:
            return decode_wav(stream, str(path), max_seconds=max_seconds)
    except FileNotFoundError as e:
        raise AudioError(f"there is no file {path}; check the name") from e
    except IsADirectoryError as e:
        raise AudioError(f"{path} is a folder; name a WAV file in it") from e
    except PermissionError as e:
        raise AudioError(f'{path} may not be read; change its permissions with: chmod a+r "{path}"') from e
    except (OSError, ValueError) as e:
        if isinstance(e, AudioError):
            raise
        raise AudioError(f"{path} cannot be read ({e}); check the file and its disk") from e
