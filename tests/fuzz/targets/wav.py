"""Audio headers and samples."""

import io
import struct
from collections.abc import Hashable

from fuzz.target import Target
from vehicle_agent.errors import AudioError
from vehicle_agent.voice.audio import MAX_UTTERANCE_S, decode_wav, wav_bytes
from vehicle_agent.voice.source import pcm_frames
from vehicle_agent.voice.types import SAMPLE_RATE_HZ, Recording
from vehicle_agent.voice.wav import MAX_RATE_HZ, MIN_RATE_HZ

_BYTES_PER_S = 2 * SAMPLE_RATE_HZ


class _Stream(io.BytesIO):
    """Counts what is asked for: a header must not make the reader ask for gigabytes."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None, "reads without a bound"
        assert size >= 0, "reads without a bound"
        self.asked = max(self.asked, size)
        return super().read(size)


def run(data: bytes) -> Hashable:
    live = _live(data)
    stream = _Stream(data)
    try:
        recording = decode_wav(stream, "x.wav")
    finally:
        # 32 channels of 32 bits at the highest rate, for as long as an utterance may be
        assert stream.asked <= MAX_UTTERANCE_S * MAX_RATE_HZ * 32 * 8 + 1, "the header decides how much is read"
    assert len(recording.pcm) % 2 == 0
    assert 0 < len(recording.pcm) <= (MAX_UTTERANCE_S + 1) * _BYTES_PER_S
    most = len(data) * SAMPLE_RATE_HZ / MIN_RATE_HZ * 2 + _BYTES_PER_S
    assert len(recording.pcm) <= most, "more sound than there are bytes for"
    assert decode_wav(io.BytesIO(wav_bytes(recording)), "again.wav") == recording, "not the same when read again"
    return ("sound", live, len(recording.pcm).bit_length())


def _live(data: bytes) -> str:
    """The same bytes as live sound: frames, or the documented error."""
    try:
        frames = list(pcm_frames(io.BufferedReader(io.BytesIO(data)), "pipe"))
    except AudioError:
        return "error"
    assert all(len(frame.pcm) % 2 == 0 for frame in frames)
    return "frames" if frames else "nothing"


def wav(
    *,
    tag: int = 1,
    channels: int = 1,
    rate: int = 16_000,
    bits: int = 16,
    sound: bytes = b"\1\0" * 1600,
    more: bytes = b"",
) -> bytes:
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    body = (
        b"WAVE" + more + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(sound)) + sound
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def seeds() -> list[bytes]:
    silent = b"\0" * 3200
    extensible = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 16_000, 48_000, 3, 24, 22, 24, 4, 1) + b"\0" * 14
    body = b"WAVEfmt " + struct.pack("<I", 40) + extensible + b"data" + struct.pack("<I", 3000) + silent[:3000]
    return [
        wav(),
        wav(rate=8_000, sound=silent),
        wav(rate=44_100, channels=2, sound=silent * 3),
        wav(bits=8, sound=b"\x80" * 1600),
        wav(tag=3, bits=32, sound=struct.pack("<800f", *[0.5, -0.5] * 400)),
        wav(tag=3, bits=64, sound=struct.pack("<800d", *[0.5, float("nan")] * 400)),
        wav(more=b"LIST" + struct.pack("<I", 4) + b"INFO"),
        b"RIFF" + struct.pack("<I", len(body)) + body,
        Recording(pcm=silent).pcm,
        b"ID3",
        b"",
    ]


TARGET = Target(
    name="wav",
    run=run,
    allowed=(AudioError,),
    seeds=seeds,
    dictionary=(
        b"RIFF",
        b"WAVE",
        b"fmt ",
        b"data",
        b"LIST",
        b"\xfe\xff",
        b"\xff\xff\xff\xff",
        b"\3\0",
        b"\6\0",
        b"OggS",
    ),
    max_bytes=12_000,
    share=3,
)
