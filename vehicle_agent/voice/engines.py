"""Which recogniser listens: Vosk with an English model where installed, else Whisper."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, assert_never

from vehicle_agent.errors import ModelError
from vehicle_agent.install import installed
from vehicle_agent.packages import PACKAGES
from vehicle_agent.voice.types import Engine

Preference = Literal["auto", "vosk", "whisper"]
VOSK_ASSET: Final = "vosk-en"
WHISPER_ASSET: Final = "whisper-base"
_MODULES: Final = {"vosk": "vosk", "whisper": "faster_whisper"}
_INSTALL: Final = "vehicle-agent models install"


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def vosk_engine(folder: Path, *, name: str | None = None) -> Engine:
    """Any Vosk model folder. Raises ModelError."""
    from vehicle_agent.voice.vosk_engine import VoskEngine

    return VoskEngine(folder, name=name)


def whisper_engine(folder: Path) -> Engine:
    """A Whisper folder as `models install whisper-base` makes it. Raises ModelError."""
    from vehicle_agent.voice.whisper_engine import WhisperEngine

    return WhisperEngine(folder)


def find_engine(
    preference: Preference = "auto",
    *,
    find: Callable[[str], Path | None] = installed,
    has_package: Callable[[str], bool] = _has,
) -> tuple[Literal["vosk", "whisper"], Path]:
    """The recogniser and the folder of its model, not loaded. Raises ModelError, which names the commands that help."""
    packages = {engine: has_package(module) for engine, module in _MODULES.items()}
    wanted = packages if preference == "auto" else (preference,)
    if "vosk" in wanted and packages["vosk"] and (folder := find(VOSK_ASSET)):
        return "vosk", folder
    if "whisper" in wanted and packages["whisper"] and (folder := find(WHISPER_ASSET)):
        return "whisper", folder
    if not any(packages[engine] for engine in wanted):
        absent = " or ".join(PACKAGES[_MODULES[engine]].name for engine in wanted)
        raise ModelError(f"speech recognition needs the package {absent}; {PACKAGES['vosk'].remedy}")
    match preference:
        case "auto":
            raise ModelError(
                f"no speech recogniser is installed; run: {_INSTALL} {WHISPER_ASSET} (or: {_INSTALL} {VOSK_ASSET})"
            )
        case "vosk":
            raise ModelError(f"no English Vosk model is installed; run: {_INSTALL} {VOSK_ASSET}")
        case "whisper":
            raise ModelError(f"the Whisper model is not installed; run: {_INSTALL} {WHISPER_ASSET}")
        case _:
            assert_never(preference)


def choose_engine(
    preference: Preference = "auto",
    *,
    find: Callable[[str], Path | None] = installed,
    has_package: Callable[[str], bool] = _has,
) -> Engine:
    """The loaded recogniser; blocks for about a second. Raises ModelError, which names the commands that help."""
    engine, folder = find_engine(preference, find=find, has_package=has_package)
    return vosk_engine(folder, name=VOSK_ASSET) if engine == "vosk" else whisper_engine(folder)
