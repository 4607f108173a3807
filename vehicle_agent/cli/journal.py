"""`journal`: what was said, judged, sent and seen."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.evaluate import JsonOption
from vehicle_agent.cli.output import one_sentence, print_json

app = typer.Typer(no_args_is_help=True, help="The recorded drive.")


@app.callback()
def _group() -> None:
    """Keeps `show` a subcommand."""


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="Journal file.")],
    json_out: JsonOption = False,
) -> None:
    """The events of a journal, readable. Example: vehicle-agent journal show drive.jsonl"""
    from vehicle_agent.journal import read_journal

    with one_sentence():
        for event in read_journal(file):
            if json_out:
                print_json(event)
                continue
            rest = ", ".join(f"{k}={v}" for k, v in event.items() if k not in {"t", "kind"})
            print(f"{event.get('t', '')}  {event.get('kind', '?'):<9} {rest}")


@app.command()
def replay(file: Annotated[Path, typer.Argument(help="Journal file.")], json_out: JsonOption = False) -> None:
    """Judges a recorded drive by today's rules and shows what differs. Example: vehicle-agent journal replay d.jsonl"""
    from vehicle_agent.rejudge import rejudge

    with one_sentence():
        report = rejudge(file)
    if json_out:
        print_json(report)
        raise typer.Exit(1 if report["differences"] else 0)
    print(f"{report['judged']} judgements, {len(report['differences'])} different")
    for difference in report["differences"]:
        print(f"  {difference}")
    raise typer.Exit(1 if report["differences"] else 0)
