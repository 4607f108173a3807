"""Text to speech for replies and demo clips, with the programs espeak-ng or flite."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vehicle_agent.errors import AudioError

MAX_CHARS: Final = 2_000
_TIMEOUT_S: Final = 20.0
_WORDS_PER_MINUTE: Final = 160
_PLAYERS: Final = (("pw-play",), ("paplay",), ("aplay", "-q"))

Which = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoVoice:
    """Nothing here can speak. ``reason``: one sentence with the remedy."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EspeakVoice:
    """``voice``: as in `espeak-ng --voices`."""

    voice: str = "en-gb"

    def command(self, text: Path, out: Path) -> list[str]:
        return ["espeak-ng", "-v", self.voice, "-s", str(_WORDS_PER_MINUTE), "-f", str(text), "-w", str(out)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FliteVoice:
    """``voice``: as in `flite -lv`."""

    voice: str = "slt"

    def command(self, text: Path, out: Path) -> list[str]:
        return ["flite", "-voice", self.voice, "-f", str(text), "-o", str(out)]


Voice = EspeakVoice | FliteVoice


def find_voice(which: Which = shutil.which) -> Voice | NoVoice:
    """The voice of this computer: espeak-ng, else flite."""
    if which("espeak-ng"):
        return EspeakVoice()
    if which("flite"):
        return FliteVoice()
    return NoVoice(reason="no program that speaks is installed; install one with: apt install espeak-ng")


def _run(command: list[str], timeout_s: float) -> None:
    try:
        subprocess.run(command, check=True, timeout=timeout_s, stdin=subprocess.DEVNULL, capture_output=True)
    except FileNotFoundError as e:
        raise AudioError(
            f"{command[0]} is no longer installed; bring one back with: apt install espeak-ng alsa-utils"
        ) from e
    except subprocess.TimeoutExpired as e:
        raise AudioError(f"{command[0]} did not finish in {timeout_s:.0f} s; try a shorter text") from e
    except subprocess.CalledProcessError as e:
        said = e.stderr.decode(errors="replace").strip().splitlines()
        raise AudioError(
            f"{command[0]} failed ({said[-1] if said else f'status {e.returncode}'}); try another voice"
        ) from e


def speak(text: str, voice: Voice | NoVoice | None = None, *, timeout_s: float = _TIMEOUT_S) -> bytes | NoVoice:
    """``text`` as the content of a WAV file. Blocks. Raises AudioError, ValueError (text)."""
    voice = voice or find_voice()
    if isinstance(voice, NoVoice):
        return voice
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not any(c.isalnum() for c in plain):
        raise ValueError("there is nothing to say")
    if len(plain) > MAX_CHARS:
        raise ValueError(f"{len(plain)} characters are too long to say, at most {MAX_CHARS}")
    with tempfile.TemporaryDirectory(prefix="vehicle-agent-") as folder:
        # through a file: a text that starts with a dash is no option then
        said, out = Path(folder) / "text", Path(folder) / "out.wav"
        said.write_text(plain + "\n", encoding="utf-8")
        _run(voice.command(said, out), timeout_s)
        try:
            return out.read_bytes()
        except OSError as e:
            raise AudioError(f"the voice {voice.voice} made no sound; try another voice") from e


def speak_to(path: Path, text: str, voice: Voice | NoVoice | None = None) -> Path | NoVoice:
    """`speak` into a file."""
    wav = speak(text, voice)
    if isinstance(wav, NoVoice):
        return wav
    try:
        path.write_bytes(wav)
    except OSError as e:
        raise AudioError(f"{path} cannot be written ({e.strerror}); choose another place") from e
    return path


def play(wav: bytes, *, which: Which = shutil.which, timeout_s: float = 120.0) -> NoVoice | None:
    """Plays a WAV to its end on the default output; None when done. Blocks. Raises AudioError."""
    player = next((p for p in _PLAYERS if which(p[0])), None)
    if player is None:
        return NoVoice(reason="no program that plays sound is installed; install one with: apt install alsa-utils")
    with tempfile.TemporaryDirectory(prefix="vehicle-agent-") as folder:
        file = Path(folder) / "say.wav"
        file.write_bytes(wav)
        _run([*player, str(file)], timeout_s)
    return None


async def say(text: str, voice: Voice | NoVoice | None = None) -> NoVoice | None:
    """Speaks ``text`` aloud, off the event loop; None when done. Raises AudioError, ValueError."""
    wav = await asyncio.to_thread(speak, text, voice)
    return wav if isinstance(wav, NoVoice) else await asyncio.to_thread(play, wav)
