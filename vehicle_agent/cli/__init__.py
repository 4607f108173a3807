"""The command line: `vehicle-agent`. One module per command; nothing heavy is imported before a command runs."""

import io
import logging
import os
import sys
from typing import TYPE_CHECKING

from vehicle_agent.packages import problem

if TYPE_CHECKING:
    import typer

    from vehicle_agent.cli.root import app as app


def __getattr__(name: str) -> object:
    """`app`, when it is asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _app()


def _app() -> "typer.Typer":
    from vehicle_agent.cli.root import app  # what it is made with may be missing, and `main` says so

    return app


def main() -> None:
    """Entry point of the console script."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an argument may be no text at all
    try:
        _app()()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as e:  # noqa: BLE001 - no traceback ever reaches a user
        _end(e)


def _end(error: Exception) -> None:
    """A missing package, or a defect of ours: the user gets one sentence, a developer the traceback on request."""
    if os.environ.get("VEHICLE_AGENT_DEBUG"):
        raise error
    sentence = problem(error)
    if sentence is not None:
        print(f"vehicle-agent: {sentence}", file=sys.stderr)
        sys.exit(2)
    hint = "please report it; VEHICLE_AGENT_DEBUG=1 shows where"
    print(f"vehicle-agent: internal error: {error!r}; {hint}", file=sys.stderr)
    sys.exit(1)
