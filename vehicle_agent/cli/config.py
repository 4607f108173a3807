"""`config check`: is this configuration file right?"""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.evaluate import JsonOption
from vehicle_agent.cli.output import one_sentence, print_json

app = typer.Typer(no_args_is_help=True, help="The configuration file.")


@app.callback()
def _group() -> None:
    """Keeps `check` a subcommand though it is the only one."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="TOML file; default: /etc/vehicle-agent/config.toml.")] = None,
    json_out: JsonOption = False,
) -> None:
    """Reads the configuration and says what it means. Example: vehicle-agent config check my.toml"""
    from vehicle_agent.config import load_config

    with one_sentence():
        config = load_config(file)
    if json_out:
        print_json(config.model_dump())
        return
    for section, values in config.model_dump().items():
        print(f"[{section}]")
        for key, value in values.items():
            print(f"  {key} = {value!r}")
