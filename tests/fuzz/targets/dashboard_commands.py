"""What a page of the dashboard sends."""

from collections.abc import Hashable

from fuzz.mutate import nested
from fuzz.target import Target
from simulators.dashboard.commands import BadCommand, Speed, command_id, parse_command


def run(data: bytes) -> Hashable:
    assert isinstance(command_id(data), int)
    command = parse_command(data)
    assert command_id(data) == command.id
    if isinstance(command, Speed):
        assert 0 <= command.kmh <= 250, "a speed that no car has"
    return type(command).__name__


def seeds() -> list[bytes]:
    return [
        *(b'{"do": "speed", "kmh": 50, "id": 3}', b'{"do": "set", "name": "gear", "value": "D"}', b'{"do": "undo"}'),
        *(b'{"do": "call", "name": "set_fan_speed", "arguments": {"level": 3}}', b'{"do": "say", "text": "hello"}'),
        *(b'{"do": "answer", "question": 1, "yes": true}', b'{"do": "inject", "fault": "drop Gear 0.5"}', b'{"do": 1}'),
        *(b'{"do": "clear"}', b'{"do": "watch", "bus": false}', b'{"do": "cancel"}', b"[]", nested(b'{"a": ', b"}")),
    ]


TARGET = Target(
    name="dashboard_commands",
    run=run,
    allowed=(BadCommand,),
    seeds=seeds,
    form="json",
    dictionary=(
        b"do",
        b"id",
        b"set",
        b"speed",
        b"say",
        b"call",
        b"answer",
        b"inject",
        b"clear",
        b"watch",
        b"arguments",
    ),
    share=3,
)
