"""`plan` and `eval`: the model alone, measured."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import AskBelowOption, JsonOption, ModelOption, ThreadsOption, said
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence, print_json


def plan(
    text: Annotated[str | None, typer.Argument(help="What the driver says.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="JSON lines with `id` and `text`.")] = None,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    ask_below: AskBelowOption = None,
    json_out: JsonOption = False,
) -> None:
    """Text to plan, nothing executed. Example: vehicle-agent plan "close the windows and play some jazz" """
    with one_sentence():
        if (text is None) == (file is None):
            raise BadInput('say what to plan, as text or with --file; example: vehicle-agent plan "fan to three"')
        from vehicle_agent.cli.planned import load_planner, plan_file, show_plan

        if file is not None:
            plan_file(file, lambda: load_planner(model, threads, ask_below))
            return
        text = said(text)
        planned = load_planner(model, threads, ask_below).plan(text)
    if not planned.heard:
        fail(planned.why)
    show_plan(text, planned, json_out=json_out)
    raise typer.Exit(int(Exit.DONE if planned.plan.steps else Exit.REFUSED_OR_FAILED))


def eval_(
    file: Annotated[Path, typer.Argument(help="Labelled utterances, JSON lines.")],
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    ask_below: AskBelowOption = None,
    json_out: JsonOption = False,
) -> None:
    """Score the model on a labelled set. Example: vehicle-agent eval dev.jsonl"""
    with one_sentence():
        from vehicle_agent.cli.planned import evaluated, load_planner

        report = evaluated(file, lambda: load_planner(model, threads, ask_below), threads=threads)
    if json_out:
        print_json(report)
    else:
        from vehicle_agent.cli.eval_report import print_report

        print_report(report)
