"""The values that cross the voice part's edges, and the contract of a recogniser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

SAMPLE_RATE_HZ: Final = 16_000
BYTES_PER_SAMPLE: Final = 2
MIN_FRAME_MS: Final = 20
MAX_FRAME_MS: Final = 100
_BYTES_PER_SECOND: Final = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE

Clock = Callable[[], float]
"""Monotonic seconds."""


def _check_pcm(pcm: bytes) -> None:
    if not pcm or len(pcm) % BYTES_PER_SAMPLE:
        raise ValueError(f"PCM of {len(pcm)} bytes is no whole number of 16-bit samples")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFrame:
    """Up to 100 ms of 16 kHz mono s16le; ``start_s`` counts from the start of its source.

    ``heard_s``: when its first sample was heard, on the monotonic clock; None when that is not known.
    """

    pcm: bytes = field(repr=False)
    start_s: float
    heard_s: float | None = None

    def __post_init__(self) -> None:
        _check_pcm(self.pcm)
        if self.duration_s > MAX_FRAME_MS / 1000:
            raise ValueError(f"a frame lasts at most {MAX_FRAME_MS} ms, this one {self.duration_s * 1000:.0f} ms")

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / _BYTES_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One utterance: 16 kHz mono s16le. ``began_s``: when its speech began, on the monotonic clock, if known."""

    pcm: bytes = field(repr=False)
    began_s: float | None = None

    def __post_init__(self) -> None:
        _check_pcm(self.pcm)

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / _BYTES_PER_SECOND

    def frames(self, frame_ms: int = 50) -> Iterator[AudioFrame]:
        """The recording in frames of ``frame_ms`` (20 to 100); the last may be shorter."""
        size = frame_bytes(frame_ms)
        for at in range(0, len(self.pcm), size):
            yield AudioFrame(pcm=self.pcm[at : at + size], start_s=at / _BYTES_PER_SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said, in the planner's style. ``confidence`` 0..1; ``engine``: which one heard it; ``rtf``: real-time
    factor, computing time over the length of the audio. ``began_s``: when the speech began, on the monotonic clock, if
    that is known."""

    text: str
    confidence: float
    engine: str
    rtf: float
    words: tuple[Word, ...] = ()
    began_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSpeech:
    """Nothing to act on. ``reason``: one sentence for the user."""

    reason: str
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What the recogniser has so far; for display alone, never acted on."""

    text: str


Heard = Partial | Transcript | NoSpeech


class Stream(Protocol):
    """One listening session. Blocking calls, one thread at a time."""

    def feed(self, frame: AudioFrame) -> Heard | None:
        """Takes a frame; answers when words ended or the partial text changed, else None. Noise is no answer."""
        ...

    def finish(self) -> Transcript | NoSpeech | None:
        """Ends the utterance under way. NoSpeech when the whole session held none; None when all was answered."""
        ...


class Engine(Protocol):
    """A loaded recogniser. Its calls block: run them off the event loop (`listening`)."""

    @property
    def name(self) -> str: ...

    def transcribe(self, recording: Recording) -> Transcript | NoSpeech: ...

    def stream(self) -> Stream: ...


def frame_bytes(frame_ms: int) -> int:
    """Bytes of a frame of ``frame_ms``. Raises ValueError outside 20 to 100 ms."""
    if not MIN_FRAME_MS <= frame_ms <= MAX_FRAME_MS:
        raise ValueError(f"a frame lasts {MIN_FRAME_MS} to {MAX_FRAME_MS} ms, not {frame_ms} ms")
    return frame_ms * SAMPLE_RATE_HZ // 1000 * BYTES_PER_SAMPLE
