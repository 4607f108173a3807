"""What `plan` and `eval` do when they run, and the planner for other commands."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from vehicle_agent.cli.output import BadInput, print_json, read_json_lines
from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.conversation.turn_json import planned_json
from vehicle_agent.evaluation.dialogues import Dialogues
from vehicle_agent.evaluation.report import evaluate
from vehicle_agent.evaluation.scoring import parse_line, spoken_line
from vehicle_agent.planning.planned import Planned
from vehicle_agent.planning.planner import Planner
from vehicle_agent.planning.trial import load_tried
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete


def load_planner(model: Path | None, threads: int, ask_below: float | None = None) -> Planner:
    """Raises ModelError."""
    return load_tried(load_catalogue(), model, threads=threads, ask_below=ask_below)


def show_plan(text: str, planned: Planned, *, json_out: bool) -> None:
    if json_out:
        print_json(planned_json(text, planned))
    else:
        _print_plan(planned)


def _print_plan(planned: Planned) -> None:
    if planned.doubtful:
        print(f"? {doubt_question(planned.plan.calls)}")
    for step in planned.plan:
        waits = f"   after {', '.join(map(str, step.after))}" if step.after else ""
        print(f"{step.id}. {step.call}{waits}")
    if isinstance(planned.utterance, Incomplete):
        print(f"? {clarifying_question(planned.utterance)}")
    elif planned.answer is not None:
        print(f"(answers the open question: {planned.answer})")
    elif not planned.plan.steps and planned.route is None:
        print(f"(nothing to do: {planned.why})")
    if planned.route is not None:
        print(f"-> {planned.route[0]}: {planned.route[1]}")
    print(f"   {planned.model_ms:.0f} ms, confidence {planned.confidence:.2f}")


def plan_file(file: Path, load: Callable[[], Planner]) -> None:
    """A line of JSON for each line of ``file``, a list that was read whole before. Raises BadInput."""
    lines = []
    for number, line in read_json_lines(file):
        try:
            lines.append((line.get("id"), spoken_line(line)))
        except (TypeError, ValueError) as e:
            raise BadInput(f"{file}, line {number}: {e}") from e
    dialogues = Dialogues(load())
    for name, spoken in lines:
        document = {"id": name, **planned_json(spoken.text, dialogues.plan(spoken))}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def evaluated(file: Path, load: Callable[[], Planner], *, threads: int) -> dict[str, object]:
    """The report on a labelled set. Raises BadInput."""
    catalogue = load_catalogue()
    labels = []
    for number, line in read_json_lines(file):
        try:
            labels.append(parse_line(line, catalogue))
        except (ValueError, TypeError, KeyError, AttributeError) as e:
            raise BadInput(f"{file}, line {number}: {e}") from e
    if not labels:
        raise BadInput(f"{file} holds no labelled lines")
    return evaluate(labels, Dialogues(load()).plan, threads=threads)
