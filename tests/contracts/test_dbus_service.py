"""What callers of the agent get over a real bus: an answer, or a named error with one sentence; never a traceback."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dbus_next.constants import MessageFlag
from headunit_bench import needs_bus
from support.agent_on_bus import OnBus, agent_on_bus, asked, request
from support.fakes import FakePlanner
from support.waiting import until

from vehicle_agent.errors import BackendError, Unavailable
from vehicle_agent.message_bus import BUSY, FAILED, INVALID, NOT_READY, TOO_LONG
from vehicle_agent.service.client import Client
from vehicle_apis.earlier import Earlier

pytestmark = needs_bus

UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"


@pytest.fixture
async def on_bus() -> AsyncIterator[OnBus]:
    async with agent_on_bus() as made:
        yield made


def is_a_sentence(text: Any) -> bool:  # noqa: ANN401
    return (
        isinstance(text, str)
        and 5 < len(text) <= 300
        and text.isprintable()
        and not any(part in text for part in ("Traceback", 'File "', ".py", "/work", "/usr", "line "))
    )


async def test_a_call_is_answered(on_bus: OnBus) -> None:
    client = await on_bus.client()
    error, body = await asked(client, "Call", "sa{ss}", ["control_window", {"position": "50"}])
    assert (error, json.loads(body)["outcomes"][0]["status"]) == ("", "done")
    error, body = await asked(client, "Ask", "s", ["open the window"])
    assert (error, json.loads(body)["text"]) == ("", "open the window")
    assert await asked(client, "State") == ("", "parked")


REQUESTS: dict[str, tuple[str, str, list[Any], str]] = {
    "$1": ("Call", "sa{ss}", ["navigate_to", {"destination": "$1"}], INVALID),
    "$2 with blanks": ("Call", "sa{ss}", ["navigate_to", {"destination": " $2 "}], INVALID),
    "unknown function": ("Call", "sa{ss}", ["fly", {}], INVALID),
    "no function": ("Call", "sa{ss}", ["", {}], INVALID),
    "a path": ("Call", "sa{ss}", ["../../etc/passwd", {}], INVALID),
    "lines": ("Call", "sa{ss}", ["fly\n\r\u2028now", {}], INVALID),
    "unknown argument": ("Call", "sa{ss}", ["control_window", {"colour": "red"}], INVALID),
    "self": ("Call", "sa{ss}", ["control_window", {"self": "1", "name": "2"}], INVALID),
    "missing argument": ("Call", "sa{ss}", ["control_window", {}], INVALID),
    "empty argument": ("Call", "sa{ss}", ["navigate_to", {"destination": ""}], INVALID),
    "huge number": ("Call", "sa{ss}", ["control_window", {"position": "9" * 4000}], INVALID),
    "huge exponent": ("Call", "sa{ss}", ["control_window", {"position": "1e999"}], INVALID),
    "nan": ("Call", "sa{ss}", ["control_window", {"position": "nan"}], INVALID),
    "control characters": ("Call", "sa{ss}", ["navigate_to", {"destination": "a\x1b[2Jb"}], INVALID),
    "long text": ("Call", "sa{ss}", ["navigate_to", {"destination": "x" * 501}], INVALID),
    "a surrogate's neighbour": ("Call", "sa{ss}", ["navigate_to", {"destination": "\ufffe\uffff"}], INVALID),
    "longer text": ("Call", "sa{ss}", ["navigate_to", {"destination": "x" * 4097}], TOO_LONG),
    "long name": ("Call", "sa{ss}", ["x" * 65, {}], TOO_LONG),
    "long key": ("Call", "sa{ss}", ["control_window", {"x" * 65: "1"}], TOO_LONG),
    "17 arguments": ("Call", "sa{ss}", ["control_window", {f"a{n}": "1" for n in range(17)}], TOO_LONG),
    "16 arguments": ("Call", "sa{ss}", ["control_window", {f"a{n}": "1" for n in range(16)}], INVALID),
    "hundreds of arguments": ("Call", "sa{ss}", ["control_window", {f"a{n}": "" for n in range(500)}], INVALID),
    "another type": ("Ask", "u", [7], INVALID),
    "too many": ("Ask", "ss", ["open", "the window"], INVALID),
    "too few": ("Confirm", "u", [1], INVALID),
    "none": ("Call", "", [], INVALID),
    "other types within": ("Call", "sa{su}", ["control_window", {"position": 50}], INVALID),
    "an argument for none": ("Cancel", "s", ["everything"], INVALID),
    "17 kB": ("Ask", "s", ["x" * 17_000], TOO_LONG),
    "a long call": ("Call", "sa{ss}", ["navigate_to", {"destination": "x" * 17_000}], TOO_LONG),
    "no such method": ("Fly", "", [], UNKNOWN),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_what_makes_no_sense_is_a_named_error_with_a_sentence(name: str, on_bus: OnBus) -> None:
    member, signature, body, wanted = REQUESTS[name]
    error, text = await asked(await on_bus.client(), member, signature, body)
    assert error == wanted
    assert is_a_sentence(text), text
    assert on_bus.shell.backend.sent == []


@pytest.mark.parametrize(
    ("fields", "signature", "body"),
    [
        ({"path": "/elsewhere"}, "s", ["x"]),
        ({"interface": "org.vehicleagent.Agent2"}, "s", ["x"]),
        ({"interface": None}, "s", ["x"]),
        ({"interface": "org.freedesktop.DBus.Properties", "member": "Get"}, "ss", ["org.vehicleagent.Agent1", "X"]),
        ({"interface": "org.freedesktop.DBus.Properties", "member": "Get"}, "s", ["org.vehicleagent.Agent1"]),
        ({"interface": "org.freedesktop.DBus.Properties", "member": "GetAll"}, "s", [""]),
        ({"interface": "org.freedesktop.DBus.Peer", "member": "GetMachineId"}, "", []),
    ],
)
async def test_other_interfaces(fields: dict[str, Any], signature: str, body: list[Any], on_bus: OnBus) -> None:
    client = await on_bus.client()
    member = fields.pop("member", "Ask")
    for _ in range(2):
        error, text = await asked(client, member, signature, body, **fields)
        assert error.startswith(("org.freedesktop.DBus.Error.", "org.vehicleagent.Error."))
        assert is_a_sentence(text), text


async def test_what_every_service_answers(on_bus: OnBus) -> None:
    client = await on_bus.client()
    assert (await asked(client, "Ping", interface="org.freedesktop.DBus.Peer"))[0] == ""
    error, xml = await asked(client, "Introspect", interface="org.freedesktop.DBus.Introspectable")
    assert (error, "Confirm" in xml) == ("", True)


async def test_a_defect_is_one_sentence_and_the_log_has_the_rest(
    on_bus: OnBus, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_self: FakePlanner, text: str, _earlier: Earlier) -> None:
        raise ZeroDivisionError(f"secret of {text}")

    monkeypatch.setattr(type(on_bus.planner), "plan_async", broken)
    error, text = await asked(await on_bus.client(), "Ask", "s", ["open the window"])
    assert (error, is_a_sentence(text)) == (FAILED, True)
    assert "secret" not in text
    assert "ZeroDivisionError" in caplog.text


async def test_a_defect_of_a_quick_method(on_bus: OnBus, caplog: pytest.LogCaptureFixture) -> None:
    on_bus.service._state = lambda: 1 // 0  # type: ignore[assignment, return-value]
    error, text = await asked(await on_bus.client(), "State")
    assert (error, is_a_sentence(text)) == (FAILED, True)
    assert caplog.records[0].levelno == logging.ERROR


async def test_without_a_planner_text_is_not_ready() -> None:
    async with agent_on_bus(planner=False) as on_bus:
        client = await on_bus.client()
        error, text = await asked(client, "Ask", "s", ["open the window"])
        assert (error, is_a_sentence(text)) == (NOT_READY, True)
        assert (await asked(client, "Call", "sa{ss}", ["control_window", {"position": "50"}]))[0] == ""


async def test_who_wants_no_reply_gets_none(on_bus: OnBus) -> None:
    client = await on_bus.client()
    heard: list[int] = []
    client.add_message_handler(lambda message: heard.append(message.message_type.value))
    for body in (["open the window"], ["x" * 30_000]):
        await client.call(request("Ask", "s", body, flags=MessageFlag.NO_REPLY_EXPECTED))
    assert await asked(client, "State") == ("", "parked")
    assert heard == [2]  # the answer of State alone


async def test_eight_commands_wait_and_no_more(on_bus: OnBus) -> None:
    on_bus.planner.go.clear()
    clients = [await on_bus.client() for _ in range(6)]
    waiting = [
        asyncio.create_task(asked(client, "Ask", "s", ["say something"])) for client in clients[:4] for _ in "ab"
    ]
    await until(lambda: on_bus.service.admission.full("turns", ":1.999") != "")
    for member, signature, body in (
        ("Ask", "s", ["open the window"]),
        ("Ask", "s", ["a much longer sentence, of which even the length says that it is no single word at all"]),
        ("Call", "sa{ss}", ["control_window", {"position": "50"}]),
        ("Undo", "", []),
    ):
        error, text = await asked(clients[5], member, signature, body, timeout_s=10)
        assert (error, is_a_sentence(text)) == (BUSY, True), member
    # the queue is full, but these pass it
    assert await asked(clients[5], "State") == ("", "parked")
    assert (await asked(clients[4], "Ask", "s", ["cancel"]))[0] == ""
    assert json.loads((await asked(clients[5], "Cancel"))[1])["reply"]
    on_bus.planner.go.set()
    answers = await asyncio.gather(*waiting)
    assert [error for error, _ in answers] == [""] * 8
    assert (await asked(clients[5], "Ask", "s", ["open the window"]))[0] == ""


async def test_one_sender_has_two_places(on_bus: OnBus) -> None:
    on_bus.planner.go.clear()
    greedy, other = await on_bus.client(), await on_bus.client()
    many = [asyncio.create_task(asked(greedy, "Ask", "s", ["say something"])) for _ in range(20)]
    await until(lambda: sum(task.done() for task in many) == 18)
    polite = asyncio.create_task(asked(other, "Ask", "s", ["open the window"]))
    await asyncio.sleep(0.1)
    assert not polite.done()
    on_bus.planner.go.set()
    answers = await asyncio.gather(*many)
    assert sorted(error for error, _ in answers) == [""] * 2 + [BUSY] * 18
    assert (await polite)[0] == ""


async def test_an_answer_passes_what_waits(on_bus: OnBus) -> None:
    """An open question is answered although eight commands wait for the one that is being understood."""
    clients = [await on_bus.client() for _ in range(5)]
    error, body = await asked(clients[0], "Call", "sa{ss}", ["send_text_message", {"recipient": "mom", "message": "x"}])
    number = json.loads(body)["question"]["id"]
    taking_turn = asyncio.Lock()
    await taking_turn.acquire()
    on_bus.service._turn = taking_turn  # somebody's command is under way
    waiting = [
        asyncio.create_task(asked(client, "Ask", "s", ["say something"])) for client in clients[:4] for _ in "ab"
    ]
    await until(lambda: on_bus.service.admission.full("turns", ":1.999") != "")
    error, body = await asked(clients[4], "Confirm", "ub", [number, True], timeout_s=10)
    assert (error, json.loads(body)["outcomes"][0]["status"]) == ("", "done")
    taking_turn.release()
    await asyncio.gather(*waiting)


@pytest.mark.parametrize(
    ("member", "signature", "body"), [("Confirm", "ub", [1, True]), ("Cancel", "", []), ("State", "", [])]
)
async def test_a_flood_of_quick_requests(member: str, signature: str, body: list[Any], on_bus: OnBus) -> None:
    client, other = await on_bus.client(), await on_bus.client()
    flood = [asyncio.create_task(asked(client, member, signature, body)) for _ in range(400)]
    assert await asked(other, "State", timeout_s=10) == ("", "parked")
    answers = await asyncio.gather(*flood)
    assert {error for error, _ in answers} == {"", BUSY}
    assert all(is_a_sentence(text) for error, text in answers if error)


async def test_invalid_calls_do_not_push_the_drive_out_of_the_journal(
    on_bus: OnBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(on_bus.service._assistant, "invalid", lambda name, _error: noted.append(name))
    client = await on_bus.client()
    for _ in range(50):
        assert (await asked(client, "Call", "sa{ss}", ["fly", {}]))[0] == INVALID
    assert 20 <= len(noted) <= 22


async def test_the_command_line_says_what_the_agent_says(on_bus: OnBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", on_bus.daemon.address)
    async with Client() as client:
        assert json.loads(await client.ask("x" * 10_000))["reply"]  # too long for the planner, not for the agent
        for wrong, words in (
            (client.ask("x" * 20_000), "16384 bytes"),
            (client.call("navigate_to", {"destination": "$1"}), "1"),
            (client.call("fly", {}), "fly"),
        ):
            with pytest.raises(BackendError, match=words) as e:
                await wrong
            assert not isinstance(e.value, Unavailable)
            assert is_a_sentence(str(e.value))
