"""Recorded drives judged again."""

import json
from collections.abc import Hashable
from unittest.mock import patch

from fuzz.mutate import nested
from fuzz.parts.world import as_file, catalogue, judge
from fuzz.target import Target
from vehicle_agent.errors import ConfigError
from vehicle_agent.record.rejudge import rejudge


def run(data: bytes) -> Hashable:
    with (
        patch("vehicle_agent.record.rejudge.load_catalogue", catalogue),
        patch("vehicle_agent.record.rejudge.Judge", lambda _catalogue: judge()),  # stateless, and dear to make
    ):
        report = rejudge(as_file("drive.jsonl", data))
    assert 0 <= len(report["differences"]) <= report["judged"] <= data.count(b"\n") + 1
    json.dumps(report).encode()
    return (report["judged"], len(report["differences"]))


def _line(**changes: object) -> str:
    reading = {"value": 0.0, "age_ms": 12.5, "valid": True}
    words = {"gear": "P", "crash": "none", "ignition": "on", "ambient_light": "day", "rain": "no"}
    event: dict[str, object] = {
        "t": 1700000000.0,
        "kind": "judgement",
        "name": "play_video",
        "arguments": {"title": "x"},
        "signals": {
            "speed_kmh": [reading, reading],
            **{key: {"value": word, "age_ms": 3.0, "valid": True} for key, word in words.items()},
            "plugged_in": None,
        },
        "video_title": None,
        "undo": [{"name": "set_fan_speed", "arguments": {"level": 3}}],
        "state": "parked",
        "decision": "allow",
        "rule": "play_video[0]",
        "binding": False,
    }
    return json.dumps({**event, **changes})


def seeds() -> list[bytes]:
    lines = [
        _line(),
        _line(state="driving", decision="deny"),
        _line(name="undo_last_action", arguments={}, state="standstill"),
        _line(
            name="control_playback", arguments={"action": "play"}, video_title="film", state="fast", decision="allow"
        ),
        _line(binding=True),
        _line(name="open_app", arguments={"app": "tv"}, state="creeping", decision="confirm"),
    ]
    return [line.encode() for line in lines] + ["\n".join(lines).encode(), b'{"t": ' + nested(b"[", b"]")]


TARGET = Target(
    name="rejudged",
    run=run,
    allowed=(ConfigError,),
    seeds=seeds,
    form="jsonl",
    dictionary=(
        *(b"judgement", b"speed_kmh", b"signals", b"undo", b"undo_last_action", b"parked", b"crashed", b"decision"),
        *(b"value", b"age_ms", b"valid", b"state", b"binding", b"video_title", b"control_playback", b"open_app"),
    ),
    share=2,
)
