"""Lines of the `judge` command: question and verdict; well-formed ones must be judged as the specification says."""

import json
import math
from collections.abc import Hashable
from typing import Any

from safety_spec.questions import situations

from fuzz.mutate import nested
from fuzz.parts.world import as_file, judge, oracle, words_of_the_catalogue
from fuzz.target import Target
from vehicle_agent.cli.judge import question
from vehicle_agent.cli.output import BadInput, read_json_lines
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import parse_ref


def run(data: bytes) -> Hashable:
    seen = []
    for _, line in read_json_lines(as_file("questions", data)):
        try:
            name, arguments, signals = question(line)
        except (TypeError, ValueError, AttributeError, OverflowError) as e:  # what the command takes for bad input
            return ("bad question", type(e).__name__, bool(str(e)))
        answer = judge().settled(name, arguments, signals)
        assert answer.reason
        json.dumps([answer.state.word, answer.decision.word, answer.rule, answer.reason]).encode()
        if is_well_formed(line):
            oracle().held = None
            wanted = oracle().judge(line)
            assert (answer.state.word, answer.decision.word) == (wanted.state, wanted.verdict), "not as specified"
            assert (answer.rule == "invalid_call") == wanted.invalid, "valid for one, invalid for the other"
        seen.append((answer.state.word, answer.decision.word, answer.rule, is_well_formed(line)))
    return tuple(seen[:3])


def is_well_formed(line: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether the specification's second reading has an opinion: it knows no sloppy lines and no sloppy words."""
    parts = [line.get("signals", {}), line.get("age_ms", {}), line.get("valid", {})]
    speed = parts[0].get("speed", [None, None])
    if not isinstance(speed, list) or len(speed) != 2 or not all(_is_plain(v) for p in parts for v in p.values()):
        return False
    ages, valid = parts[1:]
    pairs = [v for p in (ages, valid) for v in p.values() if isinstance(v, list)]
    if any(len(pair) != 2 for pair in pairs) or any(isinstance(v, list) for k, v in _items(line) if k != "speed"):
        return False
    numbers = all(_is_age(v) for v in ages.values()) and all(_is_truth(v) for v in valid.values())
    arguments = line["call"].get("arguments")
    return numbers and isinstance(arguments, dict) and all(_is_spoken(k, v) for k, v in arguments.items())


def _items(line: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - JSON
    return [item for key in ("signals", "age_ms", "valid") for item in line.get(key, {}).items()]


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(not isinstance(v, list | dict) for v in value)
    return not isinstance(value, dict) and value is not None


def _is_age(value: object) -> bool:
    numbers: list[Any] = value if isinstance(value, list) else [value]
    return all(type(v) in {int, float} and math.isfinite(v) for v in numbers)


def _is_truth(value: object) -> bool:
    return all(isinstance(v, bool) for v in (value if isinstance(value, list) else [value]))


def _is_spoken(key: str, value: object) -> bool:
    """Text as a driver's: what is normalised (spaces, a trailing "app", case) or refused (control characters, 500
    characters) before the rules is not in the specification, nor is a "$1" outside a plan."""
    if not isinstance(value, str):
        return not isinstance(value, list | dict)
    clean = " ".join(value.split()) == value and value.isprintable() and 0 < len(value) <= MAX_TEXT_CHARS
    return (
        clean and parse_ref(value) is None and (key != "app" or (value == value.lower() and value.split()[-1] != "app"))
    )


def seeds() -> list[bytes]:
    calls: list[dict[str, Any]] = [
        {"name": "play_video", "arguments": {"title": "x"}},
        {"name": "set_display_brightness", "arguments": {"screen": "cluster", "level": 9}},
        {"name": "open_app", "arguments": {"app": "netflix"}},
        {"name": "dial_number", "arguments": {"number": "112"}},
        {"name": "control_charging", "arguments": {"action": "start"}},
        {"name": "set_door_locks", "arguments": {"state": "unlock"}},
        {"name": "set_climate_temperature", "arguments": {"temperature": 70, "unit": "fahrenheit"}},
        {"name": "get_time", "arguments": {}},
    ]
    cars = situations()
    lines = [{"call": calls[i % len(calls)], **cars[i * 7 % len(cars)]} for i in range(40)]
    return [json.dumps(line).encode() for line in lines] + [b'{"call": ' + nested(b"[", b"]")]


TARGET = Target(
    name="judge_lines",
    run=run,
    allowed=(BadInput,),
    seeds=seeds,
    form="jsonl",
    dictionary=(
        *words_of_the_catalogue(),
        *(
            b"speed",
            b"gear",
            b"crash",
            b"detected",
            b"age_ms",
            b"valid",
            b"signals",
            b"rain",
            b"ambient_light",
            b"night",
        ),
    ),
    share=8,
)
