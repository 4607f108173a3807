"""`say`: speak to the simulated car."""

from pathlib import Path
from typing import Annotated

import typer

from simulators.workbench.ask import SetOption
from vehicle_agent.cli.options import AnswerOption, EngineOption, JsonOption, ModelOption, ThreadsOption, parse_answer
from vehicle_agent.cli.output import one_sentence


def say(
    file: Annotated[Path, typer.Argument(help="WAV file of one utterance.")],
    settings: SetOption = None,
    answer: AnswerOption = None,
    engine: EngineOption = "auto",
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """Speak to the simulated car. Example: vehicle-agent say command.wav --set speed=50 --set gear=D"""
    from simulators.workbench.simulated import run_wav

    with one_sentence():
        yes = parse_answer(answer)
        status = run_wav(file, engine, settings or [], yes, model=model, threads=threads, json_out=json_out)
    raise typer.Exit(int(status))
