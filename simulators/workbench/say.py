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
    from simulators.workbench.simulated import run_text
    from vehicle_agent.cli.transcribe import heard_in, transcript_json

    with one_sentence():
        yes = parse_answer(answer)
        heard = heard_in(file, engine)
        extra = {"transcript": transcript_json(heard)}
        if not json_out:
            print(f"{heard.engine} heard: {heard.text}  (confidence {heard.confidence:.2f}, rtf {heard.rtf:.2f})")
        status = run_text(heard.text, settings or [], yes, model=model, threads=threads, json_out=json_out, extra=extra)
    raise typer.Exit(int(status))
