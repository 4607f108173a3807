"""Sounds made up for tests."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def tone(seconds: float = 0.5, rate_hz: int = RATE_HZ, hz: float = 440.0, level: float = 0.5) -> NDArray[np.float64]:
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def noise(seconds: float, level: float, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0.0, level, round(seconds * RATE_HZ))


def s16(samples: NDArray[np.float64]) -> bytes:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def encode(samples: NDArray[np.float64], bits: int, *, is_float: bool = False) -> bytes:
    if is_float:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.clip(np.rint(samples * 128 + 128), 0, 255).astype(np.uint8).tobytes()
    full = 2 ** (bits - 1)
    whole = np.clip(np.rint(samples * full), -full, full - 1).astype("<i8")
    if bits == 24:
        return bytes(whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return bytes(whole.astype(f"<i{bits // 8}").tobytes())


def wav(
    channels: Sequence[NDArray[np.float64]],
    *,
    rate_hz: int = RATE_HZ,
    bits: int = 16,
    is_float: bool = False,
    extensible: bool = False,
    extra: bytes = b"",
    data_size: int | None = None,
    tag: int | None = None,
) -> bytes:
    """A WAV file; ``data_size`` and ``tag`` overwrite what the header would rightly say."""
    data = encode(np.stack(channels, axis=1).reshape(-1), bits, is_float=is_float)
    kind = tag if tag is not None else (FLOAT if is_float else PCM)
    block = len(channels) * bits // 8
    head = (EXTENSIBLE if extensible else kind, len(channels), rate_hz, rate_hz * block, block, bits)
    fmt = struct.pack("<HHIIHH", *head)
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, 0, kind) + b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x008\x9bq"
    size = len(data) if data_size is None else data_size
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + extra + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", len(body) & 0xFFFFFFFF) + body
