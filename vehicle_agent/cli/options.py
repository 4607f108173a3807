"""Options that several commands take."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from vehicle_agent.cli.output import BadInput

ModelOption = Annotated[Path | None, typer.Option("--model", help="Planner model (GGUF); default: the installed one.")]
ThreadsOption = Annotated[int, typer.Option(help="CPU threads of the model.", min=1, max=64)]
AskBelowOption = Annotated[
    float | None,
    typer.Option(
        help="Ask about plans that change something and are less probable; 0 = never; default: as calibrated.",
        min=0,
        max=1,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
AnswerOption = Annotated[str | None, typer.Option(help="yes or no: answers a question at once.")]
EngineOption = Annotated[
    Literal["auto", "vosk", "whisper"], typer.Option(help="The recogniser; auto prefers Vosk where its model is.")
]


def said(text: str | None) -> str:
    """The text, as it was given. Raises BadInput when nothing is said."""
    if text is None or not text.strip():
        raise BadInput("the text is empty; say what the driver says")
    return text


def parse_answer(answer: str | None) -> bool | None:
    """Raises BadInput."""
    if answer is None:
        return None
    if answer not in {"yes", "no"}:
        raise BadInput(f"--answer is yes or no, not {answer!r}")
    return answer == "yes"


def parse_pairs(settings: Iterable[str], example: str = "--set speed=50") -> list[tuple[str, str]]:
    """``speed=50`` -> ("speed", "50"). Raises BadInput."""
    pairs = []
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"write NAME=VALUE, for example {example}, not {setting!r}")
        pairs.append((name.strip(), value.strip()))
    return pairs
