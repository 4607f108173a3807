"""The engines' own logic, with the recognisers' packages replaced."""

import json
import math
import types as python_types
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds import noise, s16, tone

from vehicle_agent.errors import ModelError
from vehicle_agent.voice import engines, vosk_engine, whisper_engine
from vehicle_agent.voice.engines import Preference, choose_engine
from vehicle_agent.voice.listening import listen, transcribe
from vehicle_agent.voice.style import spoken
from vehicle_agent.voice.types import AudioFrame, Heard, NoSpeech, Partial, Recording, Transcript
from vehicle_agent.voice.vosk_engine import VoskEngine
from vehicle_agent.voice.whisper_engine import WhisperEngine, repeats

SOUND = Recording(pcm=s16(noise(1.0, 0.1)))
SILENCE = Recording(pcm=bytes(32_000))


def ticking() -> Callable[[], float]:
    """Each look at the clock takes 10 ms."""
    ticks = count()
    return lambda: next(ticks) / 100


def model_folder(root: Path, files: tuple[str, ...]) -> Path:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


VOSK_FILES = ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")
WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")


class FakeRecognizer:
    """Ends an utterance at each 10th frame with the next of ``results``."""

    results: Iterator[dict[str, Any]] = iter(())

    def __init__(self, _model: object, rate_hz: int) -> None:
        assert rate_hz == 16_000
        self.frames = 0

    def SetWords(self, on: bool) -> None:  # noqa: N802
        assert on

    def AcceptWaveform(self, _data: bytes) -> int:  # noqa: N802
        self.frames += 1
        return int(self.frames % 10 == 0)

    def PartialResult(self) -> str:  # noqa: N802
        return json.dumps({"partial": "open the" if self.frames % 10 > 4 else ""})

    def Result(self) -> str:  # noqa: N802
        return json.dumps(next(type(self).results, {"text": ""}))

    FinalResult = Result


@pytest.fixture
def vosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VoskEngine:
    module = python_types.SimpleNamespace(
        SetLogLevel=lambda _: None, Model=lambda _: object(), KaldiRecognizer=FakeRecognizer
    )
    monkeypatch.setattr(vosk_engine, "_vosk", lambda: module)
    return VoskEngine(model_folder(tmp_path / "vosk-model", VOSK_FILES), clock=ticking())


def result(text: str, conf: float = 0.9) -> dict[str, Any]:
    words = [{"word": w, "start": i / 2, "end": i / 2 + 0.4, "conf": conf} for i, w in enumerate(text.split())]
    return {"text": text, "result": words}


def test_vosk_streams_partials_and_utterances(vosk: VoskEngine) -> None:
    FakeRecognizer.results = iter([result("open the window"), {"text": ""}, result("stop", 0.5)])
    stream = vosk.stream()
    heard = [stream.feed(frame) for frame in SOUND.frames(50)]
    assert [h for h in heard[:9] if h] == [Partial(text="open the")]
    first = heard[9]
    assert isinstance(first, Transcript)
    assert (first.text, first.engine) == ("open the window", "vosk:vosk-model")
    assert first.confidence == pytest.approx(0.9)
    assert [w.text for w in first.words] == ["open", "the", "window"]
    assert first.rtf == pytest.approx(10 * 0.01 / 0.5)
    assert heard[19] is None  # an empty utterance is nobody's failure
    last = stream.finish()
    assert isinstance(last, Transcript)
    assert last.text == "stop"
    assert stream.finish() is None


def test_vosk_hears_nothing_in_a_whole_session(vosk: VoskEngine) -> None:
    FakeRecognizer.results = iter([result("the"), result("huh")])
    stream = vosk.stream()
    assert {stream.feed(frame) for frame in SOUND.frames(100)} <= {None, Partial(text="open the")}
    assert isinstance(stream.finish(), NoSpeech)


def test_vosk_joins_a_recording_with_pauses(vosk: VoskEngine) -> None:
    FakeRecognizer.results = iter([result("open the window"), result("and lock the doors", 0.5)])
    heard = vosk.transcribe(SOUND)
    assert isinstance(heard, Transcript)
    assert heard.text == "open the window and lock the doors"
    assert heard.confidence == pytest.approx((3 * 0.9 + 4 * 0.5) / 7)


def test_vosk_on_silence_and_noise(vosk: VoskEngine) -> None:
    silent = vosk.transcribe(SILENCE)
    assert isinstance(silent, NoSpeech)
    assert "microphone" in silent.reason
    FakeRecognizer.results = iter([{"text": ""}, {"text": "the"}])
    assert isinstance(vosk.transcribe(SOUND), NoSpeech)


def test_other_languages_pass_as_they_are(vosk: VoskEngine) -> None:
    FakeRecognizer.results = iter([result("창문 을 열어")])
    heard = vosk.transcribe(SOUND)
    assert isinstance(heard, Transcript)
    assert heard.text == "창문 을 열어"


@pytest.mark.parametrize("missing", VOSK_FILES)
def test_a_vosk_folder_that_lacks_a_file(tmp_path: Path, missing: str) -> None:
    folder = model_folder(tmp_path / "m", VOSK_FILES)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=r"install"):
        VoskEngine(folder)
    (folder / missing).write_bytes(b"")
    with pytest.raises(ModelError, match="missing or empty"):
        VoskEngine(folder)


def test_vosk_folders_of_other_layouts(tmp_path: Path) -> None:
    vosk_engine.check_folder(model_folder(tmp_path / "a", ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst")))
    vosk_engine.check_folder(model_folder(tmp_path / "b", ("final.mdl", "mfcc.conf", "HCLr.fst", "Gr.fst")))


def test_folders_that_are_no_vosk_model(tmp_path: Path) -> None:
    model_folder(tmp_path / "outer" / "inner", VOSK_FILES)
    with pytest.raises(ModelError, match="there is no Vosk model folder"):
        VoskEngine(tmp_path / "none")
    with pytest.raises(ModelError, match=r"holds no Vosk model.*name .*inner"):
        VoskEngine(tmp_path / "outer")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="models install vosk-en"):
        VoskEngine(tmp_path / "empty")


class FakeWhisper:
    """Decodes into the next of ``answers``; notes the window it was given."""

    def __init__(self, *answers: tuple[str, float]) -> None:
        self.answers = iter(answers)
        self.windows: list[float] = []
        self.model = self
        self.hf_tokenizer = None

    def __call__(self, *_: object, **options: object) -> "FakeWhisper":
        assert options["local_files_only"] is True
        return self

    def feature_extractor(self, samples: np.ndarray) -> np.ndarray:
        return np.zeros((80, len(samples) // 160))

    def get_prompt(self, *_: object, **__: object) -> list[int]:
        return [1, 2]

    def encode(self, features: np.ndarray) -> np.ndarray:
        self.windows.append(features.shape[1] / 100)
        return features

    def generate(self, *_: object, **__: object) -> list[Any]:
        text, probability = next(self.answers)
        return [python_types.SimpleNamespace(sequences_ids=[text], scores=[np.log(probability)])]


def whisper(folder: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeWhisper) -> WhisperEngine:
    tokenizer = python_types.SimpleNamespace(encode=lambda _: [1], decode=lambda text: text)

    def speech(samples: np.ndarray) -> list[dict[str, int]]:
        loud = np.flatnonzero(np.abs(samples) > 0.01)
        return [{"start": int(loud[0]), "end": int(loud[-1])}] if len(loud) else []

    packages = {
        "faster_whisper": python_types.SimpleNamespace(WhisperModel=fake),
        "faster_whisper.vad": python_types.SimpleNamespace(get_speech_timestamps=speech),
        "faster_whisper.tokenizer": python_types.SimpleNamespace(Tokenizer=lambda *_, **__: tokenizer),
    }
    monkeypatch.setattr(whisper_engine, "_package", packages.__getitem__)
    return WhisperEngine(model_folder(folder, WHISPER_FILES), clock=ticking())


def test_whisper_text_is_in_the_planners_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = whisper(tmp_path, monkeypatch, FakeWhisper((" Set it to 21 degrees, please.", 0.8)))
    heard = engine.transcribe(SOUND)
    assert heard == Transcript(
        text="set it to twenty one degrees please", confidence=math.exp(math.log(0.8)), engine="whisper-base", rtf=0.01
    )


def test_whisper_reads_again_in_the_full_window_when_it_went_in_circles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeWhisper(("Open the trunk. Open the trunk.", 0.9), ("Open the trunk.", 0.7))
    heard = whisper(tmp_path, monkeypatch, fake).transcribe(SOUND)
    assert isinstance(heard, Transcript)
    assert heard.text == "open the trunk"
    assert fake.windows == [15.0, 30.0]


@pytest.mark.parametrize(
    ("text", "probability"),
    [("Thank you.", 0.2), ("you", 0.9), ("...", 0.9), ("", 0.9), ("la la la la la la la la", 0.9)],
)
def test_whisper_on_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, probability: float) -> None:
    engine = whisper(tmp_path, monkeypatch, FakeWhisper((text, probability), (text, probability)))
    assert isinstance(engine.transcribe(SOUND), NoSpeech)


def test_whisper_without_speech_does_not_decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = whisper(tmp_path, monkeypatch, FakeWhisper())
    assert isinstance(engine.transcribe(SILENCE), NoSpeech)
    assert isinstance(engine.transcribe(Recording(pcm=s16(noise(1.0, 0.001)))), NoSpeech)


def test_whisper_windows_grow_with_the_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeWhisper(*[("go on", 0.9)] * 5)
    engine = whisper(tmp_path, monkeypatch, fake)
    for seconds in (9.0, 14.0, 58.0):
        engine.transcribe(Recording(pcm=s16(noise(seconds, 0.1))))
    assert fake.windows == pytest.approx([15.0, 19.0, 30.0, 30.0], abs=0.1)


def test_whisper_streams_whole_utterances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = whisper(tmp_path, monkeypatch, FakeWhisper(("Open the window.", 0.9), ("uh", 0.9)))
    quiet = noise(1.5, 0.0005)
    sound = np.concatenate([quiet, tone(1.0), quiet, tone(0.5), quiet])
    stream = engine.stream()
    heard = [h for f in Recording(pcm=s16(sound)).frames() if (h := stream.feed(f)) is not None]
    assert [h.text for h in heard] == ["open the window"]
    assert stream.finish() is None
    assert isinstance(engine.stream().finish(), NoSpeech)


@pytest.mark.parametrize("options", [{"beam_size": 0}, {"beam_size": 6}, {"window_s": 4.9}, {"window_s": 30.1}])
def test_whisper_settings_outside_their_range(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"beam|window"):
        WhisperEngine(model_folder(tmp_path, WHISPER_FILES), **options)


@pytest.mark.parametrize("missing", WHISPER_FILES)
def test_a_whisper_folder_that_lacks_a_file(tmp_path: Path, missing: str) -> None:
    folder = model_folder(tmp_path, WHISPER_FILES)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=rf"{missing} is missing .* models install whisper-base"):
        WhisperEngine(folder)
    with pytest.raises(ModelError, match="is not there"):
        WhisperEngine(folder / "none")


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("open the trunk open the trunk", True),
        ("Open the trunk. Open the trunk. Open the", True),
        ("stop stop", False),
        ("no no no", False),
        ("next next next next", True),
        ("open the trunk and open the sunroof", False),
        ("call bob call bob", True),
        ("", False),
        ("and then we we we we we we we go", True),
    ],
)
def test_running_in_circles(text: str, circles: bool) -> None:
    assert repeats(text) is circles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Turn it to 98.7, please!", "turn it to ninety eight point seven please"),
        ("The", ""),
        ("[BLANK]", "blank"),
        ("...", ""),
        ("♪♪", ""),
        ("창문 을  열어", "창문 을 열어"),
    ],
)
def test_style(text: str, expected: str) -> None:
    assert spoken(text) == expected


class OneWord:
    """An engine that hears each frame as a word."""

    name = "one-word"

    def __init__(self) -> None:
        self.frames = 0

    def stream(self) -> "OneWord":
        return self

    def feed(self, _: AudioFrame) -> Heard | None:
        self.frames += 1
        return Partial(text=f"{self.frames}") if self.frames % 2 else None

    def finish(self) -> Transcript | NoSpeech | None:
        return NoSpeech(reason="nothing", engine=self.name)

    def transcribe(self, recording: Recording) -> Transcript | NoSpeech:
        return NoSpeech(reason=f"{recording.duration_s}", engine=self.name)


async def test_listening_keeps_the_order_and_ends_with_the_source() -> None:
    async def frames() -> AsyncIterator[AudioFrame]:
        for frame in SOUND.frames(100):
            yield frame

    heard = [h async for h in listen(OneWord(), frames())]
    assert heard[:-1] == [Partial(text=str(n)) for n in (1, 3, 5, 7, 9)]
    assert isinstance(heard[-1], NoSpeech)


async def test_transcribing_off_the_loop() -> None:
    assert await transcribe(OneWord(), SOUND) == NoSpeech(reason="1.0", engine="one-word")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "vosk_engine", lambda folder, *, name: f"{name}@{folder}")
    monkeypatch.setattr(engines, "whisper_engine", lambda folder: f"whisper@{folder}")


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("preference", "models", "expected"),
    [
        ("auto", {"vosk-en", "whisper-base"}, "vosk-en@/m/vosk-en"),
        ("auto", {"whisper-base", "vosk-ko"}, "whisper@/m/whisper-base"),
        ("auto", {"vosk-en"}, "vosk-en@/m/vosk-en"),
        ("vosk", {"vosk-en", "whisper-base"}, "vosk-en@/m/vosk-en"),
        ("whisper", {"vosk-en", "whisper-base"}, "whisper@/m/whisper-base"),
    ],
)
def test_choice(preference: Preference, models: set[str], expected: str) -> None:
    def find(name: str) -> Path | None:
        return Path("/m") / name if name in models else None

    assert str(choose_engine(preference, find=find, has_package=lambda _: True)) == expected


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("preference", "packages", "models", "expected"),
    [
        ("auto", {"vosk", "faster_whisper"}, set(), "models install whisper-base .*models install vosk-en"),
        ("auto", {"vosk", "faster_whisper"}, {"vosk-ko"}, "models install whisper-base"),
        ("auto", set(), {"vosk-en", "whisper-base"}, r"pip install -e '\.\[voice\]'"),
        ("vosk", {"vosk"}, {"whisper-base"}, "models install vosk-en$"),
        ("vosk", {"faster_whisper"}, {"vosk-en"}, "pip install"),
        ("whisper", {"faster_whisper"}, {"vosk-en"}, "models install whisper-base$"),
        ("whisper", {"vosk"}, {"whisper-base"}, "pip install"),
    ],
)
def test_no_choice_names_the_command(
    preference: Preference, packages: set[str], models: set[str], expected: str
) -> None:
    def find(name: str) -> Path | None:
        return Path("/m") / name if name in models else None

    with pytest.raises(ModelError, match=expected):
        choose_engine(preference, find=find, has_package=packages.__contains__)


def test_missing_packages_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("vosk", "faster_whisper"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(ModelError, match=r"pip install -e '\.\[voice\]'"):
        VoskEngine(model_folder(tmp_path / "v", VOSK_FILES))
    with pytest.raises(ModelError, match=r"pip install -e '\.\[voice\]'"):
        WhisperEngine(model_folder(tmp_path / "w", WHISPER_FILES))
