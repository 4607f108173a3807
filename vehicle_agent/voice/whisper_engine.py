"""Recognition of whole utterances with Whisper base in CTranslate2, int8 on the CPU; never touches the network."""

import importlib
import math
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vehicle_agent.errors import ModelError
from vehicle_agent.voice.levels import Endpointer, is_silent
from vehicle_agent.voice.style import NOTHING_HEARD, SILENT, spoken
from vehicle_agent.voice.types import SAMPLE_RATE_HZ, AudioFrame, Clock, NoSpeech, Recording, Transcript

_FILES: Final = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
_WINDOW_S: Final = 30.0  # what Whisper reads at once
_FRAMES_PER_S: Final = 100
_SHORT_WINDOW_S: Final = 15.0
_ROOM_S: Final = 5.0  # of window behind the speech; with less, the decoder starts over at the end
_PAUSE_S: Final = 0.5  # silence laid behind the speech: without it the last word may be lost
HINTS: Final = (
    "turn on the defroster, set the fan to level three, tune the radio, open the sunroof, tire pressure, navigate home"
)
_MAX_TOKENS: Final = 120
_MIN_CONFIDENCE: Final = 0.25
_MAX_REPEATS: Final = 6
_SHORTEST_CYCLE: Final = 4  # "stop stop" and "yes yes" are said


def check_folder(folder: Path) -> None:
    """Raises ModelError unless ``folder`` holds every file of a CTranslate2 Whisper model."""
    missing = [name for name in _FILES if not (folder / name).is_file() or (folder / name).stat().st_size == 0]
    if missing:
        what = f"is damaged ({missing[0]} is missing or empty)" if folder.is_dir() else "is not there"
        raise ModelError(f"the Whisper model in {folder} {what}; run: vehicle-agent models install whisper-base")


def _package(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as e:
        raise ModelError(
            "the package faster-whisper is not installed; install it with: pip install 'vehicle-agent[voice]'"
        ) from e


def repeats(text: str) -> bool:
    """Whether the decoder ran in circles: the whole text over and over, or one word most of the time."""
    words = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split()
    for size in range(1, len(words) // 2 + 1):
        cycle = words[:size]
        if size * 2 >= _SHORTEST_CYCLE and all(word == cycle[i % size] for i, word in enumerate(words)):
            return True
    return len(words) > _MAX_REPEATS and Counter(words).most_common(1)[0][1] > len(words) / 2


class WhisperStream:
    """One listening session: utterances are cut out by loudness and recognised when they end; no partial texts."""

    def __init__(self, engine: "WhisperEngine") -> None:
        self._engine = engine
        self._endpointer = Endpointer()
        self._answered = False

    def _heard(self, utterance: Recording | None) -> Transcript | None:
        heard = None if utterance is None else self._engine.transcribe(utterance)
        if not isinstance(heard, Transcript):
            return None
        self._answered = True
        return replace(heard, began_s=None if utterance is None else utterance.began_s)

    def feed(self, frame: AudioFrame) -> Transcript | None:
        return self._heard(self._endpointer.feed(frame))

    def finish(self) -> Transcript | NoSpeech | None:
        heard = self._heard(self._endpointer.finish())
        return heard or (None if self._answered else NoSpeech(reason=NOTHING_HEARD, engine=self._engine.name))


class WhisperEngine:
    """A loaded Whisper model. ``beam_size`` 1 (fast) to 5 (careful); loading takes about a second.

    ``window_s``: least length of sound the encoder is given, padded with silence. Whisper was trained with 30 s and its
    computing time grows with them; from 10 s down it starts to repeat itself.
    ``hints``: words it should expect, as if they had been said before.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "whisper-base",
        beam_size: int = 5,
        threads: int = 2,
        window_s: float = _SHORT_WINDOW_S,
        hints: str = HINTS,
        clock: Clock = time.perf_counter,
    ) -> None:
        if not 1 <= beam_size <= 5:
            raise ValueError(f"a beam of 1 to 5, not {beam_size}")
        if not 5 <= window_s <= _WINDOW_S:
            raise ValueError(f"a window of 5 to 30 s, not {window_s}")
        check_folder(folder)
        package = _package("faster_whisper")
        self._name, self._beam_size, self._window_s, self._clock = name, beam_size, window_s, clock
        self._vad = _package("faster_whisper.vad")
        try:
            self._model: Any = package.WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
            self._tokenizer: Any = _package("faster_whisper.tokenizer").Tokenizer(
                self._model.hf_tokenizer,
                True,
                task="transcribe",
                language="en",
            )
            self._hints: list[int] = self._tokenizer.encode(" " + hints) if hints else []
        except Exception as e:  # CTranslate2 and tokenizers raise what their bindings make of it
            raise ModelError(
                f"the Whisper model in {folder} is damaged; remove it, run: vehicle-agent models install whisper-base"
            ) from e

    @property
    def name(self) -> str:
        return self._name

    def stream(self) -> WhisperStream:
        return WhisperStream(self)

    def _speech(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """From the first to the last speech, by the bundled voice-activity model; empty where there is none."""
        found = self._vad.get_speech_timestamps(samples)
        if not found:
            return samples[:0]
        margin = int(0.2 * SAMPLE_RATE_HZ)
        return samples[max(found[0]["start"] - margin, 0) : found[-1]["end"] + margin]

    def _decode(self, samples: NDArray[np.float32], window_s: float) -> tuple[str, float]:
        """Text and mean probability of its pieces, of less than 30 s, within a window of at least ``window_s``."""
        padded = np.concatenate([samples, np.zeros(int(_PAUSE_S * SAMPLE_RATE_HZ), np.float32)])
        features = self._model.feature_extractor(padded)
        size = int(min(max(len(samples) / SAMPLE_RATE_HZ + _ROOM_S, window_s), _WINDOW_S) * _FRAMES_PER_S)
        features = features[:, :size]
        features = np.pad(features, ((0, 0), (0, size - features.shape[-1])))
        prompt = self._model.get_prompt(self._tokenizer, self._hints, without_timestamps=True)
        result = self._model.model.generate(
            self._model.encode(features),
            [prompt],
            beam_size=self._beam_size,
            max_length=len(prompt) + _MAX_TOKENS,
            return_scores=True,
        )[0]
        return str(self._tokenizer.decode(result.sequences_ids[0])).strip(), math.exp(min(result.scores[0], 0.0))

    def _careful(self, samples: NDArray[np.float32]) -> tuple[str, float]:
        """`_decode` in the short window, and in the full one where that went round in circles."""
        text, confidence = self._decode(samples, self._window_s)
        if self._window_s < _WINDOW_S and repeats(text):
            return self._decode(samples, _WINDOW_S)
        return text, confidence

    def transcribe(self, recording: Recording) -> Transcript | NoSpeech:
        """The recording as one utterance; longer ones in pieces of 30 s."""
        if is_silent(recording):
            return NoSpeech(reason=SILENT, engine=self._name)
        began = self._clock()
        samples = np.frombuffer(recording.pcm, "<i2").astype(np.float32) / np.float32(2.0**15)
        samples = self._speech(samples)
        piece = int((_WINDOW_S - 2 * _PAUSE_S) * SAMPLE_RATE_HZ)
        parts = [self._careful(samples[at : at + piece]) for at in range(0, len(samples), piece)]
        text = spoken(" ".join(part for part, _ in parts))
        confidence = min((probability for _, probability in parts), default=0.0)
        if not text or confidence < _MIN_CONFIDENCE or repeats(text):
            return NoSpeech(reason=NOTHING_HEARD, engine=self._name)
        return Transcript(
            text=text,
            confidence=confidence,
            engine=self._name,
            rtf=(self._clock() - began) / recording.duration_s,
        )
