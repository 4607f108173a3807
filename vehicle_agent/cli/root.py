"""The program, with all commands that are installed."""

import typer

from vehicle_agent.cli.commands import Program

app = typer.Typer(
    name="vehicle-agent",
    cls=Program,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The offline in-car voice assistant. Try: vehicle-agent ask 'open my window halfway'",
)


@app.callback()
def _program() -> None:
    """Makes it a group, though no command is registered here: they are found when it runs."""
