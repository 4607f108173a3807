"""`journal`: what was said, judged, sent and seen."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import one_sentence, print_json
from vehicle_agent.record.journal_files import read_drive, shown

app = typer.Typer(no_args_is_help=True, help="The recorded drive.")


@app.callback()
def _group() -> None:
    """Keeps `show` a subcommand."""


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="Journal file; the rotated ones before it are shown too.")],
    json_out: JsonOption = False,
) -> None:
    """The events of a journal, readable, and what is missing. Example: vehicle-agent journal show drive.jsonl"""
    with one_sentence():
        for event in read_drive(file):
            if json_out:
                print_json(event)
            else:
                print(shown(event))


@app.command()
def replay(file: Annotated[Path, typer.Argument(help="Journal file.")], json_out: JsonOption = False) -> None:
    """Judges a recorded drive by today's rules and shows what differs. Example: vehicle-agent journal replay d.jsonl"""
    from vehicle_agent.record.rejudge import rejudge

    with one_sentence():
        report = rejudge(file)
    if json_out:
        print_json(report)
        raise typer.Exit(1 if report["differences"] else 0)
    print(
        f"{report['judged']} judgements, {report['binding']} of them at sending, {len(report['differences'])} different"
    )
    for verdict, times in report["verdicts"].items():
        print(f"  {verdict:<8} {times['then']:>6} then {times['now']:>6} now")
    for difference in report["differences"]:
        print(f"  {difference}")
    if report["lost"] or report["cut_off"]:
        print(f"the record is not complete: {report['lost']} lines are missing, {report['cut_off']} were cut off")
    raise typer.Exit(1 if report["differences"] else 0)
