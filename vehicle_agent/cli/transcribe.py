"""`transcribe`: sound to text."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import EngineOption, JsonOption
from vehicle_agent.cli.output import Exit, one_sentence


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV files.")],
    engine: EngineOption = "auto",
    json_out: JsonOption = False,
) -> None:
    """Sound to text, nothing else. Example: vehicle-agent transcribe command.wav"""
    from vehicle_agent.cli.heard import print_heard

    with one_sentence():
        heard_all = print_heard(files, engine, json_out=json_out)
    raise typer.Exit(int(Exit.DONE if heard_all else Exit.REFUSED_OR_FAILED))
