"""`serve` runs the daemon."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vehicle_agent.cli.output import one_sentence

if TYPE_CHECKING:  # as costly as the daemon
    from vehicle_agent.config import Config

ConfigOption = Annotated[Path | None, typer.Option(help="TOML file; default /etc/vehicle-agent/config.toml.")]
AudioOption = Annotated[
    str, typer.Option(help='"microphone", a WAV file, "-" for raw sound on standard input, "none".')
]


def serve(config: ConfigOption = None, audio: AudioOption = "none") -> None:
    """The daemon: D-Bus service, buses and microphone as configured. Example: vehicle-agent serve"""
    from vehicle_agent.config import load_config
    from vehicle_agent.service.daemon import run

    def reload() -> "Config":
        return load_config(config)

    with one_sentence():
        asyncio.run(run(reload(), audio=audio, reload=reload))
