"""`plan` and `eval`: the model alone, measured."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vehicle_agent.cli.options import AskBelowOption, JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence, print_json, read_json_lines
from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.conversation.turn_json import planned_json
from vehicle_agent.evaluation.report import evaluate
from vehicle_agent.evaluation.scoring import parse_line
from vehicle_agent.planning.trial import load_tried
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete

if TYPE_CHECKING:  # its numpy is of no use to a command that shows its help
    from vehicle_agent.planning.planner import Planned, Planner


def load_planner(model: Path | None, threads: int, ask_below: float | None = None) -> "Planner":
    return load_tried(load_catalogue(), model, threads=threads, ask_below=ask_below)


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
        if file is not None:
            _plan_file(file, lambda: load_planner(model, threads, ask_below))
            return
        if text is None or not text.strip():
            raise BadInput("the text is empty; say what the driver says")
        planner = load_planner(model, threads, ask_below)
        planned = planner.plan(text)
    if not planned.heard:
        fail(planned.why)
    if json_out:
        print_json(planned_json(text, planned))
    else:
        print_plan(planned)
    raise typer.Exit(int(Exit.DONE if planned.plan.steps else Exit.REFUSED_OR_FAILED))


def print_plan(planned: "Planned") -> None:
    if planned.doubtful:
        print(f"? {doubt_question(planned.plan.calls)}")
    for step in planned.plan:
        waits = f"   after {', '.join(map(str, step.after))}" if step.after else ""
        print(f"{step.id}. {step.call}{waits}")
    if isinstance(planned.utterance, Incomplete):
        print(f"? {clarifying_question(planned.utterance)}")
    elif not planned.plan.steps:
        print(f"(nothing to do: {planned.why})")
    print(f"   {planned.model_ms:.0f} ms, confidence {planned.confidence:.2f}")


def _plan_file(file: Path, load: "Callable[[], Planner]") -> None:
    lines = list(read_json_lines(file))
    for number, line in lines:
        if not isinstance(line.get("text"), str):
            raise BadInput(f"{file}, line {number}: `text` is missing")
    planner = load()
    for _, line in lines:
        text = str(line["text"])
        document = {"id": line.get("id"), **planned_json(text, planner.plan(text))}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def eval_(
    file: Annotated[Path, typer.Argument(help="Labelled utterances, JSON lines.")],
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    ask_below: AskBelowOption = None,
    json_out: JsonOption = False,
) -> None:
    """Score the model on a labelled set. Example: vehicle-agent eval dev.jsonl"""
    with one_sentence():
        catalogue = load_catalogue()
        labels = []
        for number, line in read_json_lines(file):
            try:
                labels.append(parse_line(line, catalogue))
            except (ValueError, TypeError, KeyError, AttributeError) as e:
                raise BadInput(f"{file}, line {number}: {e}") from e
        if not labels:
            raise BadInput(f"{file} holds no labelled lines")
        planner = load_planner(model, threads, ask_below)
        report = evaluate(labels, planner.plan, threads=threads)
    if json_out:
        print_json(report)
    else:
        from vehicle_agent.cli.eval_report import print_report

        print_report(report)
