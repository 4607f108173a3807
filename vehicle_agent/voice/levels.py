"""Loudness: is there anything to hear, and where does an utterance end."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from vehicle_agent.voice.types import AudioFrame, Recording

SILENCE_DBFS: Final = -60.0  # the loudest 50 ms of a recording below this: a muted or unplugged microphone
_FLOOR_WINDOW_S: Final = 4.0
_FLOOR_SETTLED_S: Final = 1.0
_LOUD_START_DBFS: Final = -35.0
_FLOOR_DBFS: Final = -100.0


def level_dbfs(pcm: bytes) -> float:
    """Root mean square of s16le samples relative to full scale."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    rms = float(np.sqrt(np.square(samples - samples.mean()).mean())) / 2.0**15
    return max(20 * float(np.log10(rms)), _FLOOR_DBFS) if rms > 0 else _FLOOR_DBFS


def is_silent(recording: Recording) -> bool:
    return max(level_dbfs(frame.pcm) for frame in recording.frames()) < SILENCE_DBFS


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLimits:
    """When an utterance starts and ends; seconds, dBFS, and dB over the noise floor."""

    start_s: float = 0.10
    end_s: float = 0.70
    before_s: float = 0.30
    longest_s: float = 20.0
    quietest_dbfs: float = -50.0
    start_db: float = 8.0
    stay_db: float = 5.0


class NoiseFloor:
    """The level of the quietest moment of the last seconds; speech has a pause in any of them, a road has none."""

    def __init__(self) -> None:
        self._levels: deque[tuple[float, float]] = deque()  # when, dBFS
        self._now_s = 0.0

    def feed(self, frame: AudioFrame) -> float:
        """Takes a frame and gives its own level."""
        level = level_dbfs(frame.pcm)
        self._now_s += frame.duration_s
        self._levels.append((self._now_s, level))
        while self._levels[0][0] < self._now_s - _FLOOR_WINDOW_S:
            self._levels.popleft()
        return level

    @property
    def dbfs(self) -> float:
        lowest = min((level for _, level in self._levels), default=_FLOOR_DBFS)
        # a source may start in the middle of a word; until a second is heard, nothing louder counts as noise
        return lowest if self._now_s >= _FLOOR_SETTLED_S else min(lowest, _LOUD_START_DBFS)


class Endpointer:
    """Cuts frames into utterances by loudness over a tracked noise floor, for recognisers that need whole ones."""

    def __init__(self, limits: EndpointLimits | None = None) -> None:
        self._limits = limits or EndpointLimits()
        self._floor = NoiseFloor()
        self._frames: list[AudioFrame] = []
        self._loud_s = 0.0
        self._quiet_s = 0.0
        self._speaking = False
        self._began_s: float | None = None  # when the first loud frame was heard

    def _is_loud(self, frame: AudioFrame) -> bool:
        level = self._floor.feed(frame)
        over_db = self._limits.stay_db if self._speaking else self._limits.start_db
        return level > max(self._floor.dbfs + over_db, self._limits.quietest_dbfs)

    def _buffered_s(self) -> float:
        return sum(f.duration_s for f in self._frames)

    def feed(self, frame: AudioFrame) -> Recording | None:
        """Takes a frame; gives the utterance that ended with it."""
        loud = self._is_loud(frame)
        self._frames.append(frame)
        if loud and not self._loud_s:
            self._began_s = frame.heard_s
        self._loud_s = self._loud_s + frame.duration_s if loud else (self._loud_s if self._speaking else 0.0)
        self._quiet_s = 0.0 if loud else self._quiet_s + frame.duration_s
        limits = self._limits
        if not self._speaking:
            if self._loud_s >= limits.start_s - 1e-6:
                self._speaking = True
            else:
                while self._buffered_s() > limits.before_s + limits.start_s:
                    self._frames.pop(0)
            return None
        if self._quiet_s >= limits.end_s - 1e-6 or self._buffered_s() >= limits.longest_s:
            return self.finish()
        return None

    def finish(self) -> Recording | None:
        """The utterance under way, if any."""
        frames, speaking, began_s = self._frames, self._speaking, self._began_s
        self._frames, self._speaking, self._loud_s, self._quiet_s = [], False, 0.0, 0.0
        return Recording(pcm=b"".join(f.pcm for f in frames), began_s=began_s) if speaking else None
