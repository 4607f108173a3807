"""`say`: speak to the simulated car."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from simulators.workbench.ask import SetOption
from simulators.workbench.simulated import run_text
from vehicle_agent.cli.evaluate import load_planner
from vehicle_agent.cli.options import AnswerOption, EngineOption, JsonOption, ModelOption, ThreadsOption, parse_answer
from vehicle_agent.cli.output import Exit, fail, one_sentence
from vehicle_agent.cli.transcribe import transcript_json
from vehicle_agent.voice.audio import read_wav
from vehicle_agent.voice.engines import choose_engine
from vehicle_agent.voice.types import NoSpeech


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
    with one_sentence():
        yes = parse_answer(answer)
        recording = read_wav(file)
        heard = choose_engine(engine).transcribe(recording)
        if isinstance(heard, NoSpeech):
            fail(heard.reason, Exit.REFUSED_OR_FAILED)
        planner = load_planner(model, threads)
        extra = {"transcript": transcript_json(heard)}
        if not json_out:
            print(f"{heard.engine} heard: {heard.text}  (confidence {heard.confidence:.2f}, rtf {heard.rtf:.2f})")
        status = asyncio.run(run_text(planner, heard.text, settings or [], yes, json_out=json_out, extra=extra))
    raise typer.Exit(int(status))
