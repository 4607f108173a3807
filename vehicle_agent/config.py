"""The configuration file (TOML): buses, services, model, voice, journal. Every value has a default that works here."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vehicle_agent.errors import ConfigError
from vehicle_apis.numbers import plain_numbers

DEFAULT_PATHS = (Path("/etc/vehicle-agent/config.toml"),)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _plain_numbers(cls, given: object) -> object:
        return plain_numbers(given, {name: field.annotation for name, field in cls.model_fields.items()})


class BusConfig(_Section):
    """``interface``: python-can's; ``channel``: its channel (SocketCAN device, multicast group or virtual name)."""

    interface: Literal["virtual", "udp_multicast", "socketcan"] = "udp_multicast"
    channel: str = ""
    port: int = Field(default=43113, ge=1024, le=65535)


class CarConfig(_Section):
    """``binding``: the car's vehicle.toml; "" = the simulated car's own."""

    binding: str = ""
    mic_zone: Literal["driver", "passenger", "rear_left", "rear_right", "rear"] = "driver"


class DBusConfig(_Section):
    """Bus addresses; "session" and "system" mean the standard buses."""

    session: str = "session"
    system: str = "system"
    agent_bus: Literal["session", "system"] = "session"


class ModelConfig(_Section):
    path: str = ""
    threads: int = Field(default=2, ge=1, le=64)


class PlannerConfig(_Section):
    """``ask_below``: a plan that changes something and is less probable is asked about first; 0 = never, left out = as
    calibrated with the model. ``early_start``: calls beyond doubt begin while the rest is still being decoded."""

    ask_below: float | None = Field(default=None, ge=0, le=1)
    early_start: bool = True


class VoiceConfig(_Section):
    engine: Literal["auto", "vosk", "whisper"] = "auto"


class JournalConfig(_Section):
    """``path``: "" = no journal. ``transcripts``: whether what was said is kept.

    ``max_bytes``: a file that is longer is put aside, as `path.1` and so on; the youngest ``keep`` of these stay.
    """

    path: str = ""
    transcripts: bool = True
    max_bytes: int = Field(default=20_000_000, ge=10_000)
    keep: int = Field(default=4, ge=1, le=1000)


class SafetyConfig(_Section):
    """``crash_latch``: the file that keeps a latched crash over a restart; "" = memory only.

    ``powered_by_ignition``: this computer has power only while the ignition is on, so that it never sees it go off.
    """

    crash_latch: str = ""
    powered_by_ignition: bool = False


PlayerName = Annotated[str, Field(pattern=r"^org\.mpris\.MediaPlayer2\.[A-Za-z0-9_.-]+$")]


class ServicesConfig(_Section):
    """``sound_only``: bus names of media players that can show no picture; instances of them count too."""

    sound_only: tuple[PlayerName, ...] = ()


class Config(_Section):
    bus: BusConfig = BusConfig()
    car: CarConfig = CarConfig()
    dbus: DBusConfig = DBusConfig()
    model: ModelConfig = ModelConfig()
    planner: PlannerConfig = PlannerConfig()
    voice: VoiceConfig = VoiceConfig()
    journal: JournalConfig = JournalConfig()
    safety: SafetyConfig = SafetyConfig()
    services: ServicesConfig = ServicesConfig()


def load_config(path: Path | None = None) -> Config:
    """The configuration of ``path``, else of the first default place that exists, else the defaults.

    Raises ConfigError naming the file, the key and what is wrong with it.
    """
    found = path if path is not None else next((p for p in DEFAULT_PATHS if p.is_file()), None)
    if found is None:
        return Config()
    try:
        data = tomllib.loads(found.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"cannot read the configuration {found}: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as e:
        raise ConfigError(f"{found} is no TOML file: {e}") from e
    try:
        return Config.model_validate(data)
    except ValidationError as e:
        first = e.errors()[0]
        key = " ".join(".".join(map(str, first["loc"])).split())
        raise ConfigError(f"{found}: {key}: {first['msg'].lower()}") from e
