"""What programs of the head unit send to the agent: its D-Bus methods with any text, number and argument.

The input is JSON: a list of [method, arguments...]; the first entry names the state of the car.
"""

import asyncio
import json
from collections.abc import Hashable
from typing import Any

from dbus_next.errors import DBusError
from dbus_next.service import ServiceInterface
from safety_spec.oracle import STRICTNESS
from support.car import BY_STATE, PARKED
from support.fakes import FakePlanner, Shell

from fuzz.parts.world import catalogue, loop, oracle, words_of_the_catalogue
from fuzz.target import Target
from state_machines.telephone import is_emergency
from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.message_bus import INVALID, TOO_LONG
from vehicle_agent.service.dbus_service import AgentService
from vehicle_apis.call import Plan

_STATUSES = {status.value for status in Status}
_UINT32 = 1 << 32


def run(data: bytes) -> Hashable:
    try:
        state, *messages = json.loads(data)
        json.dumps(messages, ensure_ascii=False).encode()  # a D-Bus text is UTF-8
    except (ValueError, TypeError, RecursionError):
        return "no messages"
    if not isinstance(state, str) or not all(isinstance(message, list) for message in messages):
        return "no messages"
    return loop().run_until_complete(_talk(state, messages[:6]))


async def _talk(state: str, messages: list[list[Any]]) -> Hashable:
    shell = Shell()
    shell.drive(BY_STATE.get(state, PARKED))
    window = catalogue().call("control_window", position=50)
    trunk = catalogue().call("operate_trunk", action="open")
    planner = FakePlanner({"open the window": Plan.of(window), "open the trunk": Plan.of(trunk)})
    assistant = Assistant(planner=planner, executor=shell.executor, history=shell.history, events=shell.events)
    service = AgentService(assistant, catalogue(), shell.events, lambda: shell.gate.state.word)
    methods = {method.name: method.fn for method in ServiceInterface._get_methods(service)}  # type: ignore[no-untyped-call]
    confirmed = False
    refused: list[DBusError] = []
    seen = []
    for message in messages:
        name, *given = message or [""]
        method = methods.get(name) if isinstance(name, str) else None
        if method is None or not _fits(name, given):
            seen.append("not ours")  # dbus-next itself refuses it
            continue
        confirmed = confirmed or (name in {"Confirm", "Ask"} and given[-1] in {True, "yes"})
        try:
            answer = method(service, *given)
            text = await answer if asyncio.iscoroutine(answer) else answer
        except DBusError as e:
            refused.append(e)
            seen.append("refused")
            continue
        text.encode()
        seen.append(name if name == "State" else str(sorted({s["status"] for s in json.loads(text)["outcomes"]})))
    assert all(e.type in {INVALID, TOO_LONG} and str(e.text).strip() for e in refused), "an error without name or words"
    assert all(str(e.text).isprintable() and len(e.text) <= 300 for e in refused), "an error of several lines"
    _check_sent(shell, confirmed=confirmed)
    await assistant.cancel()
    return tuple(seen)


def _fits(name: str, given: list[Any]) -> bool:
    """Whether the message has the method's signature; any other never gets as far as the agent."""
    match name, given:
        case "Ask", [str()]:
            return True
        case "Call", [str(), dict() as arguments]:
            return all(isinstance(value, str) for value in arguments.values())
        case "Confirm", [int() as number, bool()]:
            return not isinstance(number, bool) and 0 <= number < _UINT32
        case "Undo" | "Cancel" | "State", []:
            return True
        case _:
            return False


def _check_sent(shell: Shell, *, confirmed: bool) -> None:
    """Nothing went out that the specification denies in this state, nothing unconfirmed that it asks about."""
    oracle().held = shell.gate.state.word
    signals = {"gear": "P", "speed": [0, 0], "ambient_light": "day", "rain": "no", "plugged_in": "no"}
    for call in shell.backend.sent:
        line = {"call": {"name": call.name, "arguments": dict(call.arguments)}, "signals": signals}
        wanted = STRICTNESS[oracle().judge(line).verdict]
        emergency = call.name == "dial_number" and is_emergency(str(call.arguments["number"]))
        if any(rule.get("when") for rule in oracle().safety["rules"].get(call.name, [])) and not emergency:
            continue  # it depends on more than the state; other targets ask about these
        assert wanted == 0 or (wanted == 1 and confirmed), f"{call.name} was sent"
    oracle().held = None


def seeds() -> list[bytes]:
    talks: list[list[object]] = [
        ["parked", ["Ask", "open the window"], ["State"], ["Undo"]],
        ["fast", ["Call", "control_window", {"position": "50"}], ["Confirm", 1, True]],
        ["driving", ["Call", "play_video", {"title": "x"}], ["Cancel"]],
        ["standstill", ["Ask", "open the trunk"], ["Ask", "yes"]],
        ["unknown", ["Call", "dial_number", {"number": "112"}], ["Confirm", 1, False], ["Confirm", 4294967295, True]],
        ["crashed", ["Call", "set_climate_temperature", {"temperature": "21.5", "unit": "celsius"}]],
        ["creeping", ["Call", "open_app", {"app": "tv"}], ["Ask", "cancel"], ["Call", "nothing", {}]],
    ]
    return [json.dumps(talk).encode() for talk in talks]


TARGET = Target(
    name="dbus_calls",
    run=run,
    allowed=(),
    seeds=seeds,
    form="json",
    dictionary=(
        *words_of_the_catalogue(),
        *(
            b"Ask",
            b"Call",
            b"Confirm",
            b"Undo",
            b"Cancel",
            b"State",
            b"yes",
            b"no",
            b"stop",
            b"112",
            b"1e5",
            b"\xd9\xa1",
        ),
    ),
    share=0,
)
