"""`transcribe`: sound to text."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import EngineOption, JsonOption
from vehicle_agent.cli.output import Exit, fail, one_sentence
from vehicle_agent.voice.audio import read_wav
from vehicle_agent.voice.engines import choose_engine
from vehicle_agent.voice.types import NoSpeech, Transcript


def transcript_json(transcript: Transcript) -> dict[str, object]:
    return {
        "text": transcript.text,
        "confidence": round(transcript.confidence, 3),
        "engine": transcript.engine,
        "rtf": round(transcript.rtf, 3),
    }


def heard_in(file: Path, engine: EngineOption) -> Transcript:
    """What the recogniser makes of one file. Raises typer.Exit when it hears nothing."""
    recording = read_wav(file)
    heard = choose_engine(engine).transcribe(recording)
    if isinstance(heard, NoSpeech):
        fail(heard.reason, Exit.REFUSED_OR_FAILED)
    return heard


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV files.")],
    engine: EngineOption = "auto",
    json_out: JsonOption = False,
) -> None:
    """Sound to text, nothing else. Example: vehicle-agent transcribe command.wav"""
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
