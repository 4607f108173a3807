"""`say` and `transcribe`: sound in."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulators.workbench.ask import AnswerOption, SetOption, parse_answer
from vehicle_agent.cli.evaluate import JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import Exit, fail, one_sentence

if TYPE_CHECKING:
    from vehicle_agent.voice.types import Transcript

EngineOption = Annotated[
    Literal["auto", "vosk", "whisper"], typer.Option(help="The recogniser; auto prefers Vosk where its model is.")
]


def transcript_json(transcript: "Transcript") -> dict[str, object]:
    return {
        "text": transcript.text,
        "confidence": round(transcript.confidence, 3),
        "engine": transcript.engine,
        "rtf": round(transcript.rtf, 3),
    }


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV files.")],
    engine: EngineOption = "auto",
    json_out: JsonOption = False,
) -> None:
    """Sound to text, nothing else. Example: vehicle-agent transcribe command.wav"""
    from vehicle_agent.voice.audio import read_wav
    from vehicle_agent.voice.engines import choose_engine
    from vehicle_agent.voice.types import NoSpeech

    heard_all = True
    with one_sentence():
        recordings = [(file, read_wav(file)) for file in files]
        recogniser = choose_engine(engine)
        for file, recording in recordings:
            heard = recogniser.transcribe(recording)
            if isinstance(heard, NoSpeech):
                heard_all = False
                print(f"vehicle-agent: {file}: {heard.reason}", file=sys.stderr)
                document: dict[str, object] = {"text": "", "confidence": 0.0, "engine": heard.engine, "rtf": None}
            else:
                document = transcript_json(heard)
            if json_out:
                print(json.dumps({"file": str(file), **document}), flush=True)
            elif not isinstance(heard, NoSpeech):
                print(
                    f"{file}: {heard.text}   ({heard.engine}, confidence {heard.confidence:.2f}, rtf {heard.rtf:.2f})"
                )
    raise typer.Exit(int(Exit.DONE if heard_all else Exit.REFUSED_OR_FAILED))


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
    from simulators.workbench.ask import run_text
    from vehicle_agent.cli.evaluate import load_planner
    from vehicle_agent.voice.audio import read_wav
    from vehicle_agent.voice.engines import choose_engine
    from vehicle_agent.voice.types import NoSpeech

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
