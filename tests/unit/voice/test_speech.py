import stat
from pathlib import Path

import pytest
from sounds import tone, wav

from vehicle_agent.errors import AudioError
from vehicle_agent.voice.speech import (
    EspeakVoice,
    FliteVoice,
    NoVoice,
    find_voice,
    play,
    say,
    speak,
    speak_to,
)


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(stat.S_IRWXU)


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


# notes its arguments and the text; makes a sound file
SPEAKS = """
echo "$@" > "$0.args"
while [ $# -gt 0 ]; do
  case "$1" in -f) cat "$2" > "$0.text";; -w|-o) cp "$0.wav" "$2";; esac
  shift
done
"""


def test_the_voice_of_this_computer() -> None:
    assert find_voice(lambda name: name) == EspeakVoice()
    assert find_voice(lambda name: name if name == "flite" else None) == FliteVoice()
    silent = find_voice(lambda _: None)
    assert isinstance(silent, NoVoice)
    assert "apt install espeak-ng" in silent.reason


@pytest.mark.parametrize(("name", "voice"), [("espeak-ng", EspeakVoice()), ("flite", FliteVoice())])
def test_speaking(bin_dir: Path, name: str, voice: EspeakVoice | FliteVoice, tmp_path: Path) -> None:
    program(bin_dir, name, SPEAKS)
    sound = wav([tone()])
    (bin_dir / f"{name}.wav").write_bytes(sound)
    assert speak("--help\n is  no\0 option; $(nor code)", voice) == sound
    assert (bin_dir / f"{name}.text").read_text() == "--help is no option; $(nor code)\n"
    assert "--help" not in (bin_dir / f"{name}.args").read_text()
    assert speak_to(tmp_path / "out.wav", "hello", voice) == tmp_path / "out.wav"
    assert (tmp_path / "out.wav").read_bytes() == sound
    with pytest.raises(AudioError, match="cannot be written"):
        speak_to(tmp_path / "none" / "out.wav", "hello", voice)


def test_failures_are_one_sentence(bin_dir: Path) -> None:
    program(bin_dir, "flite", "echo 'first' >&2; echo 'no such voice' >&2; exit 3")
    with pytest.raises(AudioError, match=r"flite failed \(no such voice\)"):
        speak("hello", FliteVoice())
    program(bin_dir, "flite", "exit 0")
    with pytest.raises(AudioError, match="made no sound"):
        speak("hello", FliteVoice())
    program(bin_dir, "flite", "exec sleep 20")
    with pytest.raises(AudioError, match="did not finish"):
        speak("hello", FliteVoice(), timeout_s=0.05)
    (bin_dir / "flite").unlink()


def test_a_program_that_went_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="no longer installed"):
        speak("hello", EspeakVoice())


@pytest.mark.parametrize("text", ["", " \n", "...", "x" * 2001])
def test_texts_that_cannot_be_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"say"):
        speak(text, EspeakVoice())


def test_no_voice_is_an_answer(tmp_path: Path) -> None:
    silent = NoVoice(reason="none")
    assert speak("hello", silent) is silent
    assert speak_to(tmp_path / "x.wav", "hello", silent) is silent
    assert isinstance(play(b"", which=lambda _: None), NoVoice)


async def test_saying_aloud(bin_dir: Path) -> None:
    program(bin_dir, "flite", SPEAKS)
    (bin_dir / "flite.wav").write_bytes(b"sound")
    program(bin_dir, "pw-play", 'cp "$1" "$0.played"')
    assert await say("hello", FliteVoice()) is None
    assert (bin_dir / "pw-play.played").read_bytes() == b"sound"
    silent = NoVoice(reason="none")
    assert await say("hello", silent) is silent
