"""How commands speak: JSON alone on standard output for programs, rich text for people, errors in one sentence."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from vehicle_agent.cli.exits import Exit

__all__ = ["BadInput", "Exit", "fail", "one_sentence", "print_json", "read_json_lines"]


class BadInput(Exception):
    """A usage or input error; the message is the one sentence the user reads."""


def fail(message: str, status: Exit = Exit.BAD_INPUT) -> NoReturn:
    """One sentence on standard error, then the exit status."""
    print(f"vehicle-agent: {message}", file=sys.stderr)
    raise typer.Exit(int(status))


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turns the project's own errors into one sentence and an exit status; a traceback is never the user's."""
    try:
        yield
    except typer.Exit:
        raise
    except BadInput as e:
        fail(str(e))
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(int(Exit.DONE)) from None
    except Exception as e:
        # the errors are pydantic's neighbours, which a command that goes well, or shows its help, can do without
        from vehicle_agent.cli.own_errors import status_of

        status = status_of(e)
        if status is None:
            raise
        fail(str(e), status)


def print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, default=str), flush=True)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """(line number, object) of a JSON lines file; "-" reads standard input. Raises BadInput."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput(f"cannot read {path}: {getattr(e, 'strerror', None) or 'it is no UTF-8 text'}") from e
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as e:
            raise BadInput(f"{path}, line {number}: not JSON") from e
        if not isinstance(value, dict):
            raise BadInput(f"{path}, line {number}: a line must be a JSON object")
        yield number, value
