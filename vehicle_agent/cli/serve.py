"""`serve` runs the daemon."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.commands import without_workbench
from vehicle_agent.cli.output import one_sentence

ConfigOption = Annotated[Path | None, typer.Option(help="TOML file; default /etc/vehicle-agent/config.toml.")]
AudioOption = Annotated[
    str, typer.Option(help='"microphone", a WAV file, "-" for raw sound on standard input, "none".')
]


# not shown: it is for the simulated car, and who asks for it is told so
_SimulateOption = Annotated[bool, typer.Option("--simulate/--no-simulate", hidden=True)]


def serve(config: ConfigOption = None, audio: AudioOption = "none", simulate: _SimulateOption = False) -> None:
    """The daemon: D-Bus service, buses and microphone as configured. Example: vehicle-agent serve"""
    if simulate:
        raise without_workbench("--simulate")
    from vehicle_agent.service.daemon import run_by_file

    with one_sentence():
        run_by_file(config, audio=audio)
