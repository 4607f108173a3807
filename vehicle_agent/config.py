"""The configuration file (TOML): buses, services, model, voice, journal. Every value has a default that works here."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from vehicle_agent.errors import ConfigError
from vehicle_apis.numbers import plain_numbers

DEFAULT_PATHS = (Path("/etc/vehicle-agent/config.toml"),)
_ADDRESS_EXAMPLE: Final = "unix:path=/run/dbus/system_bus_socket"
_NAME_PART: Final = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")
_LONGEST_NAME: Final = 255  # D-Bus specification, valid names
# five digits at least: shorter numbers are emergency numbers somewhere, which have a rule of their own
_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")


def _printable(text: str) -> str:
    if any(not c.isprintable() for c in text):
        raise ValueError("holds a character that cannot be printed")
    return text


Text = Annotated[str, AfterValidator(_printable)]


def _address(text: str) -> str:
    """A D-Bus address that dbus-next can open: unix (path or abstract) or tcp (host and port)."""
    for part in text.split(";"):
        transport, _, rest = part.partition(":")
        options = dict(option.split("=", 1) for option in rest.split(",") if "=" in option)
        if transport == "unix" and (options.get("path") or options.get("abstract")):
            continue
        if transport == "tcp" and options.get("host") and re.fullmatch("[0-9]+", options.get("port", "")):
            continue
        raise ValueError(f"is no D-Bus address; write one such as {_ADDRESS_EXAMPLE}")
    return text


def _bus_name(text: str) -> str:
    parts = text.split(".")
    if len(text) > _LONGEST_NAME or len(parts) < 2 or not all(_NAME_PART.fullmatch(part) for part in parts):
        raise ValueError("is no D-Bus name; write one such as org.mpris.MediaPlayer2.vehicle")
    return text


def _phone_number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError("is no telephone number; write 5 to 15 digits, + before them if need be")
    return text


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _plain_numbers(cls, given: object) -> object:
        return plain_numbers(given, {name: field.annotation for name, field in cls.model_fields.items()})


class BusConfig(_Section):
    """``interface``: python-can's; ``channel``: its channel (SocketCAN device, multicast group or virtual name)."""

    interface: Literal["virtual", "udp_multicast", "socketcan"] = "udp_multicast"
    channel: Text = ""
    port: int = Field(default=43113, ge=1024, le=65535)


class CarConfig(_Section):
    """``binding``: the car's vehicle.toml; "" = the simulated car's own."""

    binding: Text = ""
    mic_zone: Literal["driver", "passenger", "rear_left", "rear_right", "rear"] = "driver"


class DBusConfig(_Section):
    """Bus addresses; "session" and "system" mean the standard buses."""

    session: Annotated[str, AfterValidator(lambda v: v if v == "session" else _address(v))] = "session"
    system: Annotated[str, AfterValidator(lambda v: v if v == "system" else _address(v))] = "system"
    agent_bus: Literal["session", "system"] = "session"


class ServiceConfig(_Section):
    """One service of the head unit. ``name``: its bus name; ``bus``: where it is. None = the usual one."""

    name: Annotated[str, AfterValidator(_bus_name)] | None = None
    bus: Literal["session", "system"] | None = None


def _by_name(value: object) -> object:
    """A service may be written as its name alone."""
    return {"name": value} if isinstance(value, str) else value


Service = Annotated[ServiceConfig, BeforeValidator(_by_name)]


PlayerName = Annotated[str, Field(pattern=r"^org\.mpris\.MediaPlayer2\.[A-Za-z0-9_.-]+$")]


class ServicesConfig(_Section):
    """Which services of the head unit are used, by name or as a table of name and bus; what is left out is the usual
    one. ``roadside_number``: the breakdown service's telephone number. ``sound_only``: bus names of media players that
    can show no picture; instances of them count too."""

    player: Service = ServiceConfig()
    telephone: Service = ServiceConfig()
    bluetooth: Service = ServiceConfig()
    audio: Service = ServiceConfig()
    radio: Service = ServiceConfig()
    messages: Service = ServiceConfig()
    navigation: Service = ServiceConfig()
    display: Service = ServiceConfig()
    notifications: Service = ServiceConfig()
    contacts: Service = ServiceConfig()
    information: Service = ServiceConfig()
    roadside_number: Annotated[str, AfterValidator(_phone_number)] = "8005550199"
    # not strict: TOML has lists only
    sound_only: Annotated[tuple[PlayerName, ...], Field(strict=False)] = ()


class ModelConfig(_Section):
    path: Text = ""
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

    path: Text = ""
    transcripts: bool = True
    max_bytes: int = Field(default=20_000_000, ge=10_000)
    keep: int = Field(default=4, ge=1, le=1000)


class SafetyConfig(_Section):
    """``crash_latch``: the file that keeps a latched crash over a restart; "" = memory only.

    ``powered_by_ignition``: this computer has power only while the ignition is on, so that it never sees it go off.
    """

    crash_latch: Text = ""
    powered_by_ignition: bool = False


class Config(_Section):
    bus: BusConfig = BusConfig()
    car: CarConfig = CarConfig()
    dbus: DBusConfig = DBusConfig()
    services: ServicesConfig = ServicesConfig()
    model: ModelConfig = ModelConfig()
    planner: PlannerConfig = PlannerConfig()
    voice: VoiceConfig = VoiceConfig()
    journal: JournalConfig = JournalConfig()
    safety: SafetyConfig = SafetyConfig()


def load_config(path: Path | None = None) -> Config:
    """The configuration of ``path``, else of the first default place that exists, else the defaults.

    Raises ConfigError naming the file, the key and what is wrong with it; its ``problems`` are all of them.
    """
    found = config_file(path)
    if found is None:
        return Config()
    try:
        data = tomllib.loads(found.read_text(encoding="utf-8-sig"))
    except OSError as e:
        raise ConfigError(f"cannot read the configuration {found}: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{found} is no TOML file: it is no UTF-8 text; save it as UTF-8") from e
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise ConfigError(f"{found} is no TOML file: {e}") from e
    try:
        return Config.model_validate(data)
    except ValidationError as e:
        problems = tuple(f"{found}: {problem}" for problem in _problems(e))
        more = (
            f"; {len(problems) - 1} more: `vehicle-agent config check {found}` shows all" if len(problems) > 1 else ""
        )
        raise ConfigError(problems[0] + more, problems=problems) from e


def config_file(path: Path | None = None) -> Path | None:
    """The file that `load_config` reads; None = there is none, all values are the defaults."""
    return path if path is not None else next((p for p in DEFAULT_PATHS if p.is_file()), None)


def _problems(error: ValidationError) -> Iterator[str]:
    """One sentence for each wrong value, its key first."""
    for detail in error.errors(include_url=False):
        where = tuple(str(part) for part in detail["loc"])
        key = " ".join(".".join(where).split())
        match detail["type"]:
            case "extra_forbidden":
                yield f"{key}: {_unknown(where)}"
            case "model_type" | "model_attributes_type":
                yield f"{key}: this is a section; write [{key}] and its keys below"
            case "value_error":
                yield f"{key}: {_shown(detail['input'])} {str(detail['msg']).removeprefix('Value error, ')}"
            case _:
                message = str(detail["msg"])
                yield f"{key}: {message[:1].lower()}{message[1:]}, not {_shown(detail['input'])}"


def _unknown(where: tuple[str, ...]) -> str:
    """What could have been meant, or what there is."""
    section: Mapping[str, Any] = Config.model_fields
    for part in where[:-1]:
        kind = section[part].annotation if part in section else None
        section = getattr(kind, "model_fields", {})
    what, where_text = ("section", "") if len(where) == 1 else ("key", f" in [{'.'.join(where[:-1])}]")
    near = difflib.get_close_matches(where[-1], section, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}?" if near else f"there are: {', '.join(section)}"
    return f"there is no such {what}{where_text}; {meant}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
