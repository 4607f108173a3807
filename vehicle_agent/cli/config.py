"""`config check`: is this configuration file right?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import Exit, one_sentence, print_json
from vehicle_agent.config import config_file, load_config
from vehicle_agent.config_check import problems_of
from vehicle_agent.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="The configuration file.")


@app.callback()
def _group() -> None:
    """Keeps `check` a subcommand though it is the only one."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="TOML file; default: /etc/vehicle-agent/config.toml.")] = None,
    binding: Annotated[
        Path | None, typer.Option(help="Check this binding file instead of the one that is configured.")
    ] = None,
    json_out: JsonOption = False,
) -> None:
    """Reads the configuration, checks all it names, and says what it means. Example: vehicle-agent config check my.toml

    Every problem is told, each with its key and what to do; nothing is started. Exit status 2 when there is one.
    """
    with one_sentence():
        name = str(config_file(file) or "the defaults (there is no configuration file)")
        try:
            config = load_config(file)
        except ConfigError as e:
            _refuse(name, e.problems, json_out=json_out)
            raise typer.Exit(int(Exit.BAD_INPUT)) from e
        if binding is not None:
            car = config.car.model_copy(update={"binding": str(binding)})
            config = config.model_copy(update={"car": car})
        found = tuple(f"{name}: {problem}" for problem in problems_of(config))
    if found:
        _refuse(name, found, json_out=json_out)
        raise typer.Exit(int(Exit.BAD_INPUT))
    if json_out:
        print_json(config.model_dump())
        return
    for section, values in config.model_dump().items():
        print(f"[{section}]")
        for key, value in values.items():
            print(f"  {key} = {value!r}")


def _refuse(name: str, problems: tuple[str, ...], *, json_out: bool) -> None:
    if json_out:
        print_json({"file": name, "problems": list(problems)})
    for problem in problems:
        print(f"vehicle-agent: {problem}", file=sys.stderr)
