"""WAV headers and samples, from files and pipes.

Own reader: the standard library's `wave` (3.11) knows neither float nor the extensible header that 24-bit recorders
write, and wants to seek.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vehicle_agent.errors import AudioError

MIN_RATE_HZ: Final = 4_000  # below, speech is unintelligible and the resampler's filters grow absurd
MAX_RATE_HZ: Final = 384_000
MAX_CHANNELS: Final = 32

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODECS: Final = {2: "ADPCM", 6: "A-law", 7: "mu-law", 0x11: "ADPCM", 0x31: "GSM", 0x55: "MP3", 0xFF: "AAC"}
_UNKNOWN_SIZES: Final = frozenset({0, 0x7FFFFFFF, 0xFFFFFFFF})  # writers that could not seek back to fill it in
_PIPED_FROM: Final = 0x7FFF0000  # sox and espeak-ng on a pipe write nearly 2 GiB less the header
_MAX_CHUNK: Final = 1 << 20
_MAX_CHUNKS: Final = 256
_MAGICS: Final = (
    (b"ID3", "an MP3 file"),
    (b"\xff\xfb", "an MP3 file"),
    (b"\xff\xf3", "an MP3 file"),
    (b"fLaC", "a FLAC file"),
    (b"OggS", "an Ogg file"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska file"),
    (b"FORM", "an AIFF file"),
    (b"RF64", "a 64-bit RF64 file"),
    (b"RIFX", "a big-endian RIFX file"),
    (b".snd", "a Sun AU file"),
    (b"\x7fELF", "a program"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
)

Reader = Callable[[int], bytes]
"""Reads up to n bytes; fewer only at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavFormat:
    """``data_bytes``: what the header promises, None when the writer could not know."""

    is_float: bool
    channels: int
    rate_hz: int
    bits: int
    data_bytes: int | None

    @property
    def block_bytes(self) -> int:
        return self.channels * self.bits // 8

    @property
    def bytes_per_second(self) -> int:
        return self.block_bytes * self.rate_hz


def foreign_kind(head: bytes) -> str | None:
    """What a file that starts with ``head`` is, where it is known and not a WAV."""
    if head[4:8] == b"ftyp":
        return "an MP4 or M4A file"
    if head[:4] == b"RIFF" and not b"WAVE".startswith(head[8:12]):
        return "a RIFF file, but not a WAV"
    return next((kind for magic, kind in _MAGICS if head.startswith(magic)), None)


def convert_hint(name: str) -> str:
    """The command that makes a usable WAV of ``name``."""
    return f'convert it with: ffmpeg -i "{name}" -ac 1 -ar 16000 out.wav'


def _exactly(read: Reader, size: int, name: str) -> bytes:
    data = read(size)
    if len(data) < size:
        raise AudioError(f"{name} is cut short inside its WAV header; record or copy it again")
    return data


def _parse_fmt(body: bytes, name: str) -> WavFormat:
    if len(body) < 16:
        raise AudioError(f"{name} has a damaged WAV header; record or export it again")
    tag, channels, rate_hz, _, block, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack_from("<H", body, 24)
    if tag not in (_PCM, _FLOAT):
        codec = _CODECS.get(tag, f"codec 0x{tag:04x}")
        raise AudioError(f"{name} holds compressed sound ({codec}); {convert_hint(name)}")
    if bits not in ((32, 64) if tag == _FLOAT else (8, 16, 24, 32)):
        raise AudioError(f"{name} has {bits}-bit samples, 8, 16, 24 or 32 are understood; {convert_hint(name)}")
    if not 1 <= channels <= MAX_CHANNELS or block != channels * bits // 8:
        raise AudioError(f"{name} has a damaged WAV header; record or export it again")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise AudioError(
            f"{name} has {rate_hz} samples a second, {MIN_RATE_HZ} to {MAX_RATE_HZ} are understood; "
            "record it at 16000 samples a second"
        )
    return WavFormat(is_float=tag == _FLOAT, channels=channels, rate_hz=rate_hz, bits=bits, data_bytes=None)


def read_header(read: Reader, name: str, head: bytes = b"") -> WavFormat:
    """Reads up to the first sample. ``head``: bytes already taken, at most 12. Raises AudioError."""
    head += read(12 - len(head))
    if not head:
        raise AudioError(f"{name} is empty; record it again")
    kind = foreign_kind(head)
    if kind is not None:
        raise AudioError(f"{name} is {kind}, not a WAV file; {convert_hint(name)}")
    if not (head[:4] == b"RIFF"[: len(head)]):
        raise AudioError(f"{name} is not a WAV file; {convert_hint(name)}")
    if len(head) < 12:
        raise AudioError(f"{name} is cut short inside its WAV header; record or copy it again")
    found: WavFormat | None = None
    for _ in range(_MAX_CHUNKS):
        chunk, size = struct.unpack("<4sI", _exactly(read, 8, name))
        if chunk == b"data":
            if found is None:
                break
            known = size not in _UNKNOWN_SIZES and not _PIPED_FROM <= size < 1 << 31
            return WavFormat(
                is_float=found.is_float,
                channels=found.channels,
                rate_hz=found.rate_hz,
                bits=found.bits,
                data_bytes=size if known else None,
            )
        if size > _MAX_CHUNK:
            break
        body = _exactly(read, size + size % 2, name)
        if chunk == b"fmt ":
            found = _parse_fmt(body, name)
    raise AudioError(f"{name} has a damaged WAV header; record or export it again")


def _as_float(data: bytes, wav: WavFormat) -> NDArray[np.float32]:
    """Interleaved samples, -1..1. ``data`` holds whole blocks."""
    if wav.is_float:
        raw = np.frombuffer(data, dtype=f"<f{wav.bits // 8}")
        finite = np.nan_to_num(raw, nan=0.0, posinf=1.0, neginf=-1.0)
        # clipped before it is narrowed: a 64-bit sample may be beyond what 32 bits hold
        clipped: NDArray[np.float32] = finite.clip(-1.0, 1.0).astype(np.float32)
        return clipped
    match wav.bits:
        case 8:
            return (np.frombuffer(data, np.uint8).astype(np.float32) - 128.0) / 128.0
        case 16:
            return np.frombuffer(data, "<i2").astype(np.float32) / 2.0**15
        case 24:
            # three bytes become the upper three of a little-endian 32-bit sample
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return wide.reshape(-1).view("<i4").astype(np.float32) / np.float32(2.0**31)
        case _:
            return np.frombuffer(data, "<i4").astype(np.float32) / np.float32(2.0**31)


def mono(data: bytes, wav: WavFormat) -> NDArray[np.float32]:
    """Whole blocks of ``data`` as one channel, -1..1: the mean, or the loudest channel where the mean cancels out."""
    whole = data[: len(data) - len(data) % wav.block_bytes]
    samples = _as_float(whole, wav)
    if wav.channels == 1:
        return samples
    table = samples.reshape(-1, wav.channels)
    mean: NDArray[np.float32] = table.mean(axis=1, dtype=np.float32)
    power = np.square(table).mean(axis=0) if len(table) else np.zeros(wav.channels)
    loudest = int(power.argmax())
    if np.square(mean).sum() < 0.1 * len(table) * power[loudest] / wav.channels**2:
        return np.ascontiguousarray(table[:, loudest])
    return mean


def to_pcm(samples: NDArray[np.float32]) -> bytes:
    """-1..1 as s16le."""
    pcm: bytes = np.clip(np.rint(samples * 2.0**15), -(2**15), 2**15 - 1).astype("<i2").tobytes()
    return pcm
