"""`judge`: many safety questions at once."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from state_machines.gate import Judge
from vehicle_agent.cli.output import BadInput, one_sentence, read_json_lines
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.signals import WORDED, Reading, Signals


def judge(
    file: Annotated[Path, typer.Argument(help="JSON lines of questions; - reads standard input.")],
    json_out: Annotated[bool, typer.Option("--json", help="JSON lines (always so).")] = True,  # noqa: ARG001
) -> None:
    """Ask the safety gate. Example: vehicle-agent judge questions.jsonl

    A line: {"call": {"name": "play_video", "arguments": {"title": "x"}}, "signals": {"speed": [50, 50], "gear": "D"}}
    """
    with one_sentence():
        gate = Judge(load_catalogue())
        write = sys.stdout.write
        for number, line in read_json_lines(file):
            try:
                name, arguments, signals = question(line)
            except (TypeError, ValueError, AttributeError, OverflowError) as e:
                raise BadInput(f"{file}, line {number}: {e}") from e
            answer = gate.settled(name, arguments, signals)
            out = {
                "state": answer.state.word,
                "verdict": answer.decision.word,
                "rule": answer.rule,
                "reason": answer.reason,
            }
            write(json.dumps(out) + "\n")
        sys.stdout.flush()


def _mapping(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"`{what}` must be an object")
    return value


def _reading(value: object, age: object, valid: object) -> Reading | None:
    if value is None:
        return None
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return Reading(value="", valid=False)
    if not isinstance(age, int | float) or isinstance(age, bool):
        raise TypeError("an age must be a number of milliseconds")
    return Reading(value=value, age_ms=float(age), valid=valid is True)


def _nth(value: object, index: int, default: object) -> object:
    """One source's age or validity: a single value holds for both."""
    if isinstance(value, list):
        return value[index] if index < len(value) else default
    return value


def question(line: Mapping[str, object]) -> tuple[str, Mapping[str, object], Signals]:
    """Function name, raw arguments and signals of one line. Raises TypeError or ValueError with what is wrong."""
    call = _mapping(line.get("call"), "call")
    name = call.get("name")
    if not isinstance(name, str):
        raise TypeError("`call.name` must be a text")
    arguments = _mapping(call.get("arguments", {}), "call.arguments")
    raw = _mapping(line.get("signals", {}), "signals")
    ages = _mapping(line.get("age_ms", {}), "age_ms")
    valid = _mapping(line.get("valid", {}), "valid")
    speed = raw.get("speed")
    pair = speed if isinstance(speed, list) else [speed, None]
    if len(pair) > 2:
        raise ValueError("`signals.speed` has two sources")
    pair = [*pair, None, None][:2]
    sources = [
        _reading(v, _nth(ages.get("speed", 0), i, 0), _nth(valid.get("speed", True), i, True))
        for i, v in enumerate(pair)
    ]
    words = {key: _reading(raw.get(key), ages.get(key, 0), valid.get(key, True)) for key in WORDED}
    return name, arguments, Signals(speed_kmh=(sources[0], sources[1]), **words)
