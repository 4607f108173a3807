"""Sound files to text, for commands."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from vehicle_agent.cli.options import EngineOption
from vehicle_agent.cli.output import Exit, fail
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
    """What the recogniser makes of one file. Raises AudioError, ModelError, and typer.Exit when it hears nothing."""
    recording = read_wav(file)
    heard = choose_engine(engine).transcribe(recording)
    if isinstance(heard, NoSpeech):
        fail(heard.reason, Exit.REFUSED_OR_FAILED)
    return heard


def print_heard(files: Sequence[Path], engine: EngineOption, *, json_out: bool) -> bool:
    """What the recogniser makes of each file, as it comes; whether it heard something in all. Raises
    AudioError, ModelError."""
    heard_all = True
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
            print(f"{file}: {heard.text}   ({heard.engine}, confidence {heard.confidence:.2f}, rtf {heard.rtf:.2f})")
    return heard_all
