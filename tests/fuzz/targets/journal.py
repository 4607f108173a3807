"""Journal files: events, or one sentence; a line that a crash cut off never passes for an event."""

import json
from collections.abc import Hashable

from fuzz.mutate import nested
from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_agent.errors import ConfigError
from vehicle_agent.record.journal_files import next_seq, read_drive, read_journal

_TOLD = {"lost", "disorder", "crash"}


def run(data: bytes) -> Hashable:
    path = as_file("journal.jsonl", data)
    assert next_seq(path) >= 1
    kinds = []
    for event in read_journal(path):
        assert isinstance(event, dict), "an event is an object"
        assert isinstance(event["kind"], str), "every event has a kind"
        kinds.append(event["kind"])
    lines = [line for line in data.decode("utf-8", "replace").split("\n") if line]
    assert len(kinds) <= len(lines), "more events than lines"
    whole = sum(_is_event(line) for line in lines)
    assert len(kinds) - kinds.count("cut_off") <= whole, "something that is no event passed for one"
    drive = [event["kind"] for event in read_drive(path)]
    assert [kind for kind in drive if kind not in _TOLD or kind in kinds] == kinds or _TOLD & set(kinds), "not in order"
    return tuple(dict.fromkeys(drive))[:6]


def _is_event(line: str) -> bool:
    try:
        return isinstance(json.loads(line).get("kind"), str)
    except (ValueError, AttributeError, RecursionError):
        return False


def seeds() -> list[bytes]:
    lines = [
        '{"t": 1700000000.123, "kind": "input", "text": "open the window"}',
        '{"t": 1700000000.2, "kind": "plan", "heard": "open the window", "calls": [], "ms": 12.5, "doubtful": false}',
        '{"t": 1700000000.3, "kind": "state", "old": "unknown", "new": "parked"}',
        '{"t": 1700000000.4, "kind": "frame", "id": 256, "data": "cc00"}',
        '{"t": 1700000000.5, "kind": "start", "seq": 7}',
        '{"t": 1700000000.6, "kind": "start", "seq": 9}',
        '{"t": 1700000000.7, "kind": "stop", "seq": 3}',
    ]
    whole = "\n".join(lines).encode() + b"\n"
    return [
        whole,
        whole[:-20],
        whole[:50] + b"\n" + whole,
        b"",
        b"\n\n",
        b"[1]\n",
        b'{"t": ' * 50 + b"\n" + whole,
        b'{"t": ' + nested(b"[", b"]"),
    ]


TARGET = Target(
    name="journal",
    run=run,
    allowed=(ConfigError,),
    seeds=seeds,
    form="jsonl",
    dictionary=(
        b'{"t": ',
        b'"kind"',
        b"\n",
        b"\r",
        b"\x85",
        b"\xe2\x80\xa8",
        b"cut_off",
        b"null",
        b"[" * 200,
        b'{"a":' * 200,
    ),
    share=4,
)
