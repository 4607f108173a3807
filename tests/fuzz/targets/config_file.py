"""The configuration file."""

from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_agent.config import Config, load_config
from vehicle_agent.errors import ConfigError

_SEED = """
[bus]
interface = "socketcan"
channel = "can0"
port = 43113
[car]
binding = "/etc/car.toml"
mic_zone = "passenger"
[dbus]
agent_bus = "system"
[model]
threads = 4
[planner]
ask_below = 0.25
early_start = false
[voice]
engine = "vosk"
[journal]
path = "/var/log/agent.jsonl"
transcripts = false
[safety]
crash_latch = "/var/lib/latch"
"""


def run(data: bytes) -> Hashable:
    config = load_config(as_file("config.toml", data))
    assert Config.model_validate(config.model_dump()) == config
    assert 1024 <= config.bus.port <= 65535
    assert config.planner.ask_below is None or 0 <= config.planner.ask_below <= 1
    return (config.bus.interface, config.car.mic_zone, config.voice.engine, config.planner.early_start)


def seeds() -> list[bytes]:
    return [
        _SEED.encode(),
        b"",
        b"\xef\xbb\xbf" + _SEED.encode(),
        b'[bus]\nchannel = "' + b"x" * 300 + b'"',
        b"[" * 3000,
    ]


TARGET = Target(
    name="config_file",
    run=run,
    allowed=(ConfigError,),
    seeds=seeds,
    form="toml",
    dictionary=(
        b"[bus]",
        b"port",
        b"interface",
        b"transcripts",
        b"true",
        b"nan",
        b"inf",
        b"1979-05-27",
        b'"""',
        b"'''",
    ),
    share=0,
)
