"""The real recognisers on synthesised speech; tests whose parts are not installed are skipped with the reason."""

import asyncio
import importlib.util
import io
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sounds import noise, s16

from vehicle_agent.install import installed, verify
from vehicle_agent.voice.audio import decode_wav
from vehicle_agent.voice.engines import choose_engine
from vehicle_agent.voice.listening import listen
from vehicle_agent.voice.source import open_source
from vehicle_agent.voice.speech import EspeakVoice, FliteVoice, NoVoice, find_voice, speak
from vehicle_agent.voice.types import Engine, NoSpeech, Partial, Recording, Transcript

# the packages' own imports warn about things that are not ours to mend
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

COMMANDS = (
    "turn on the air conditioning",
    "open the driver window halfway",
    "play some jazz music",
    "set a timer for fifteen minutes",
    "how much range do i have left",
    "find a coffee shop and take me there",
    "turn the volume down to thirty percent",
    "avoid toll roads on this route",
)


def model(name: str, package: str) -> Path:
    folder = installed(name)
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the package {package} is not installed (pip install -e '.[voice]')")
    if folder is None:
        pytest.skip(f"{name} is not installed (vehicle-agent models install {name})")
    return folder


@cache
def clip(text: str, voice: EspeakVoice | FliteVoice | None = None) -> Recording:
    wav = speak(text, voice or find_voice())
    if isinstance(wav, NoVoice):
        pytest.skip(wav.reason)
    return decode_wav(io.BytesIO(wav), "clip")


def spoken(text: str) -> Recording:
    """English, by the clearest voice there is."""
    voice = find_voice(lambda name: name if name == "flite" and _has("flite") else None)
    return clip(text, None if isinstance(voice, NoVoice) else voice)


def _has(program: str) -> bool:
    return any((Path(folder) / program).exists() for folder in os.get_exec_path())


def word_errors(said: str, heard: str) -> int:
    a, b = said.split(), heard.split()
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        left, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left + (x != y))
    return row[-1]


@cache
def whisper() -> Engine:
    model("whisper-base", "faster_whisper")
    return choose_engine("whisper")


@cache
def korean() -> Engine:
    folder = model("vosk-ko", "vosk")
    from vehicle_agent.voice.vosk_engine import VoskEngine

    return VoskEngine(folder, name="vosk-ko")


@cache
def vosk() -> Engine:
    model("vosk-en", "vosk")
    return choose_engine("vosk")


def check_commands(engine: Engine, name: str) -> None:
    errors = 0
    for said in COMMANDS:
        heard = engine.transcribe(spoken(said))
        assert isinstance(heard, Transcript), said
        assert heard.engine == name
        assert 0 < heard.confidence <= 1
        assert heard.rtf > 0
        errors += word_errors(said, heard.text)
    assert errors <= 0.2 * sum(len(said.split()) for said in COMMANDS)


def check_noise(engine: Engine) -> None:
    for sound in (np.zeros(32_000), noise(2.0, 0.0003), noise(2.0, 0.02)):
        assert isinstance(engine.transcribe(Recording(pcm=s16(sound))), NoSpeech)


async def streamed(engine: Engine, sounds: list[Recording], path: Path) -> list[Partial | Transcript | NoSpeech]:
    """What ``engine`` hears when ``sounds`` come one after the other with pauses between."""
    pause = s16(noise(1.2, 0.0005))
    await asyncio.to_thread(path.write_bytes, pause + b"".join(sound.pcm + pause for sound in sounds))
    async with open_source(str(path)) as frames:
        return [heard async for heard in listen(engine, frames)]


def test_whisper_understands_commands() -> None:
    check_commands(whisper(), "whisper-base")


def test_whisper_hears_nothing_in_noise() -> None:
    check_noise(whisper())


async def test_whisper_streams(tmp_path: Path) -> None:
    heard = await streamed(whisper(), [spoken(COMMANDS[0]), spoken(COMMANDS[3])], tmp_path / "a.raw")
    assert [type(h) for h in heard] == [Transcript, Transcript]
    assert [h.text for h in heard if isinstance(h, Transcript)] == [COMMANDS[0], COMMANDS[3]]


def test_vosk_understands_commands() -> None:
    check_commands(vosk(), "vosk-en")


def test_vosk_hears_nothing_in_noise() -> None:
    check_noise(vosk())


async def test_vosk_streams(tmp_path: Path) -> None:
    heard = await streamed(vosk(), [spoken(COMMANDS[0]), spoken(COMMANDS[3])], tmp_path / "a.raw")
    assert any(isinstance(h, Partial) for h in heard)
    assert len([h for h in heard if isinstance(h, Transcript)]) == 2


async def test_korean_streams_words_with_times_and_confidences(tmp_path: Path) -> None:
    if not _has("espeak-ng"):
        pytest.skip("espeak-ng is not installed")
    heard = await streamed(korean(), [clip("오늘 날씨가 어때요", EspeakVoice(voice="ko"))], tmp_path / "a.raw")
    assert any(isinstance(h, Partial) for h in heard)
    said = next(h for h in heard if isinstance(h, Transcript))
    assert said.engine == "vosk-ko"
    # which words they are depends on the robot's voice and on Kaldi's dithering
    assert any("가" <= c <= "힣" for c in said.text)
    assert all(0 <= w.start_s < w.end_s and 0 <= w.confidence <= 1 for w in said.words)
    assert [w.start_s for w in said.words] == sorted(w.start_s for w in said.words)


def test_korean_hears_nothing_in_noise() -> None:
    check_noise(korean())


@pytest.mark.parametrize("name", ["vosk-en", "vosk-ko", "whisper-base"])
def test_what_is_installed_is_whole(name: str) -> None:
    if installed(name) is None:
        pytest.skip(f"{name} is not installed (vehicle-agent models install {name})")
    verify(name)


@pytest.mark.parametrize(("program", "voice"), [("espeak-ng", EspeakVoice()), ("flite", FliteVoice())])
def test_real_voices(program: str, voice: EspeakVoice | FliteVoice) -> None:
    if not _has(program):
        pytest.skip(f"{program} is not installed")
    assert 0.5 < clip("--help is no option here", voice).duration_s < 5
