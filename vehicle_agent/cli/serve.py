"""`serve` runs the daemon."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.output import one_sentence
from vehicle_agent.config import Config, load_config
from vehicle_agent.service.daemon import run

ConfigOption = Annotated[Path | None, typer.Option(help="TOML file; default /etc/vehicle-agent/config.toml.")]
AudioOption = Annotated[
    str, typer.Option(help='"microphone", a WAV file, "-" for raw sound on standard input, "none".')
]


def serve(config: ConfigOption = None, audio: AudioOption = "none") -> None:
    """The daemon: D-Bus service, buses and microphone as configured. Example: vehicle-agent serve"""

    def reload() -> Config:
        return load_config(config)

    with one_sentence():
        asyncio.run(run(reload(), audio=audio, reload=reload))
