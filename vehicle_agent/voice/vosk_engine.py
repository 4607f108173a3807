"""Streaming recognition with any Vosk model folder."""

import importlib
import json
import time
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

from vehicle_agent.errors import ModelError
from vehicle_agent.voice.levels import is_silent
from vehicle_agent.voice.style import NOTHING_HEARD, SILENT, spoken
from vehicle_agent.voice.types import (
    SAMPLE_RATE_HZ,
    AudioFrame,
    Clock,
    NoSpeech,
    Partial,
    Recording,
    Transcript,
    Word,
)

# the two layouts that Vosk reads: acoustic model, features, and a graph in one piece or two
_LAYOUTS: Final = (
    (("am/final.mdl", "conf/mfcc.conf"), (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"))),
    (("final.mdl", "mfcc.conf"), (("HCLG.fst",), ("HCLr.fst", "Gr.fst"))),
)


def check_folder(folder: Path) -> None:
    """Raises ModelError unless ``folder`` looks like a Vosk model: Vosk itself prints pages and says little."""
    if not folder.is_dir():
        raise ModelError(
            f"there is no Vosk model folder {folder}; install one with: vehicle-agent models install vosk-en"
        )
    acoustic = next((layout for layout in _LAYOUTS if (folder / layout[0][0]).exists()), None)
    if acoustic is None:
        inner = next((f for f in sorted(folder.iterdir()) if (f / "am" / "final.mdl").exists()), None)
        remedy = f"name {inner}" if inner else "install one with: vehicle-agent models install vosk-en"
        raise ModelError(f"{folder} holds no Vosk model (am/final.mdl is missing); {remedy}")
    needed, graphs = acoustic
    graph = next((g for g in graphs if (folder / g[0]).exists()), graphs[-1])
    for name in (*needed, *graph):
        file = folder / name
        if not file.is_file() or file.stat().st_size == 0:
            raise ModelError(f"the Vosk model in {folder} is damaged ({name} is missing or empty); install it again")


def _vosk() -> ModuleType:
    try:
        return importlib.import_module("vosk")
    except (ImportError, OSError) as e:  # OSError: its native library does not load on this machine
        raise ModelError(
            "the package vosk is not installed; install it with: pip install 'vehicle-agent[voice]'"
        ) from e


class _Recognizer(Protocol):
    """What is used of `vosk.KaldiRecognizer`; texts are JSON."""

    def AcceptWaveform(self, data: bytes, /) -> int: ...  # noqa: N802
    def Result(self) -> str: ...  # noqa: N802
    def PartialResult(self) -> str: ...  # noqa: N802
    def FinalResult(self) -> str: ...  # noqa: N802


class VoskStream:
    """One listening session; see `types.Stream`."""

    def __init__(self, recognizer: _Recognizer, engine: str, clock: Clock) -> None:
        self._recognizer = recognizer
        self._engine = engine
        self._clock = clock
        self._busy_s = 0.0
        self._audio_s = 0.0
        self._partial = ""
        self._answered = False
        self._fed_s = 0.0  # of the whole session, as its words' times
        self._ahead_s: float | None = None  # from a time of the session to the monotonic clock
        self._began_s: float | None = None  # of the utterance's first sound

    def feed(self, frame: AudioFrame) -> Partial | Transcript | NoSpeech | None:
        began = self._clock()
        if frame.heard_s is not None:
            self._ahead_s = frame.heard_s - self._fed_s
            self._began_s = frame.heard_s if self._began_s is None else self._began_s
        self._fed_s += frame.duration_s
        ended = self._recognizer.AcceptWaveform(frame.pcm)
        answer = self._recognizer.Result() if ended else self._recognizer.PartialResult()
        self._busy_s += self._clock() - began
        self._audio_s += frame.duration_s
        if ended:
            # the silence between utterances ends empty "utterances" too; they are nobody's failure
            heard = self._ended(answer)
            return heard if isinstance(heard, Transcript) else None
        partial = str(json.loads(answer).get("partial", ""))
        if partial in ("", self._partial):
            return None
        self._partial = partial
        return Partial(text=partial)

    def finish(self) -> Transcript | NoSpeech | None:
        began = self._clock()
        answer = self._recognizer.FinalResult()
        self._busy_s += self._clock() - began
        heard = self._ended(answer)
        return heard if isinstance(heard, Transcript) or not self._answered else None

    def _ended(self, answer: str) -> Transcript | NoSpeech:
        result = json.loads(answer)
        words = tuple(
            Word(text=w["word"], start_s=w["start"], end_s=w["end"], confidence=min(max(w["conf"], 0.0), 1.0))
            for w in result.get("result", ())
        )
        rtf = self._busy_s / self._audio_s if self._audio_s else 0.0
        self._busy_s = self._audio_s = 0.0
        self._partial = ""
        first_s, self._began_s = self._began_s, None
        text = spoken(str(result.get("text", "")))
        if not text:
            return NoSpeech(reason=NOTHING_HEARD, engine=self._engine)
        self._answered = True
        confidence = sum(w.confidence for w in words) / len(words) if words else 0.0
        # a word cannot begin before the sound it was heard in; without the words' times, that sound is the earliest
        began_s = first_s
        if words and first_s is not None and self._ahead_s is not None:
            began_s = max(first_s, words[0].start_s + self._ahead_s)
        return Transcript(text=text, confidence=confidence, engine=self._engine, rtf=rtf, words=words, began_s=began_s)


class VoskEngine:
    """A loaded Vosk model. ``name`` goes into every transcript; loading takes about a second."""

    def __init__(self, folder: Path, *, name: str | None = None, clock: Clock = time.perf_counter) -> None:
        check_folder(folder)
        self._vosk = _vosk()
        self._vosk.SetLogLevel(-1)
        self._name = name or f"vosk:{folder.name}"
        self._clock = clock
        try:
            self._model: list[Any] = [self._vosk.Model(str(folder))]
        except Exception as e:  # Vosk raises the bare class
            raise ModelError(f"Vosk cannot load the model in {folder}, it is damaged; install it again") from e
        # Vosk frees a model with functions that are gone at the very end of the program, so it goes before
        weakref.finalize(self, self._model.clear)

    @property
    def name(self) -> str:
        return self._name

    def stream(self) -> VoskStream:
        recognizer = self._vosk.KaldiRecognizer(self._model[0], SAMPLE_RATE_HZ)
        recognizer.SetWords(True)
        return VoskStream(recognizer, self._name, self._clock)

    def transcribe(self, recording: Recording) -> Transcript | NoSpeech:
        """The whole recording as one utterance, pauses included."""
        if is_silent(recording):
            return NoSpeech(reason=SILENT, engine=self._name)
        began = self._clock()
        stream = self.stream()
        heard = [stream.feed(frame) for frame in recording.frames(100)]
        parts = [h for h in (*heard, stream.finish()) if isinstance(h, Transcript)]
        if not parts:
            return NoSpeech(reason=NOTHING_HEARD, engine=self._name)
        words = tuple(w for part in parts for w in part.words)
        return Transcript(
            text=" ".join(part.text for part in parts),
            confidence=sum(w.confidence for w in words) / len(words) if words else 0.0,
            engine=self._name,
            rtf=(self._clock() - began) / recording.duration_s,
            words=words,
        )
