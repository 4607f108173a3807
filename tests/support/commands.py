"""Every command of the command line, by its words."""

from typing import Any

from typer.main import get_command

from vehicle_agent.cli import app
from vehicle_agent.cli.commands import Lazy


def all_commands() -> dict[str, Any]:
    """Groups among them; each is loaded."""
    found: dict[str, Any] = {}

    def look(group: object, before: str) -> None:
        for name, part in getattr(group, "commands", {}).items():
            command = part.loaded() if isinstance(part, Lazy) else part
            found[f"{before}{name}"] = command
            look(command, f"{before}{name} ")

    look(get_command(app), "")
    return found
