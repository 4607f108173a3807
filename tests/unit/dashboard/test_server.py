"""The web server, over real sockets."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from support.dashboard import FakeAgent, FakeTap, heard
from support.waiting import until

from simulators.car import Car
from simulators.dashboard import Dashboard, Desk, server
from simulators.dashboard.server import DashboardUnavailable

pytestmark = pytest.mark.timeout(30)


async def _next(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        document: dict[str, Any] = json.loads(await ws.receive_str(timeout=10))
        if document["type"] == kind:
            return document


async def _ask(ws: aiohttp.ClientWebSocketResponse, text: str) -> dict[str, Any]:
    await ws.send_str(text)
    return await _next(ws, "reply")


async def test_the_page_and_its_parts_come_with_a_strict_policy(http: aiohttp.ClientSession) -> None:
    for path, kind in (("/", "text/html"), ("/static/main.js", "text/javascript"), ("/static/style.css", "text/css")):
        async with http.get(path) as response:
            assert (response.status, response.content_type) == (200, kind)
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/static/..%2fserver.py", "/static/nothing.js", "/etc/passwd", "/static/"])
async def test_nothing_else_is_served(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as response:
        assert response.status == 404
        assert "Traceback" not in await response.text()


async def test_a_page_first_hears_what_there_is_then_how_it_is(http: aiohttp.ClientSession, car: Car) -> None:
    car.set("rain", "yes")
    async with http.ws_connect("/live") as ws:
        hello = await _next(ws, "hello")
        assert any(m["name"] == "Gear" for m in hello["messages"])
        board = await _next(ws, "board")
        assert board["board"]["car"]["rain"] == "yes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "a command is a JSON object"),
        ('{"do": "fly", "id": 3}', "`do` is one of"),
        ('{"do": "set", "name": "sped", "value": 1, "id": 3}', "did you mean 'speed'"),
        ('{"do": "inject", "fault": "explode Gear", "id": 3}', "a fault is one of"),
        ('{"do": "speed", "kmh": "fast", "id": 3}', "speed: kmh"),
    ],
)
async def test_bad_input_is_answered_with_a_sentence_and_the_connection_lives_on(
    http: aiohttp.ClientSession, text: str, says: str
) -> None:
    async with http.ws_connect("/live") as ws:
        reply = await _ask(ws, text)
        assert (reply["ok"], reply["id"]) == (False, 3 if '"id"' in text else 0)
        assert says in reply["error"]
        assert "Traceback" not in reply["error"]
        assert (await _ask(ws, '{"do": "set", "name": "rain", "value": "yes", "id": 9}'))["ok"]


async def test_two_pages_see_what_one_of_them_does(http: aiohttp.ClientSession) -> None:
    async with http.ws_connect("/live") as one, http.ws_connect("/live") as two:
        await _next(two, "board")
        assert (await _ask(one, '{"do": "set", "name": "hazard_lights", "value": "on"}'))["ok"]
        while (await _next(two, "board"))["board"].get("car", {}).get("hazard_lights") != "on":
            pass
        assert (await _next(one, "log"))["lines"][-1]["text"] == "hazard lights set to on"


async def test_a_cancel_need_not_wait_for_the_command_before_it(http: aiohttp.ClientSession, agent: FakeAgent) -> None:
    agent.held = asyncio.Event()
    async with http.ws_connect("/live") as ws:
        await ws.send_str('{"do": "say", "text": "something long", "id": 1}')
        assert (await _ask(ws, '{"do": "set", "name": "rain", "value": "yes", "id": 2}'))["id"] == 2
        agent.held.set()
        assert (await _next(ws, "reply"))["id"] == 1


async def test_only_so_many_commands_are_under_way(
    http: aiohttp.ClientSession, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_UNDER_WAY", 2)
    agent.held = asyncio.Event()
    async with http.ws_connect("/live") as ws:
        for number in (1, 2):
            await ws.send_str(f'{{"do": "undo", "id": {number}}}')
        reply = await _ask(ws, '{"do": "undo", "id": 3}')
        assert (reply["id"], reply["ok"]) == (3, False)
        assert "wait for one to end" in reply["error"]
        agent.held.set()
        assert {(await _next(ws, "reply"))["id"] for _ in range(2)} == {1, 2}


async def test_a_turn_goes_on_when_its_page_is_closed(
    http: aiohttp.ClientSession, agent: FakeAgent, desk: Desk
) -> None:
    agent.held = asyncio.Event()
    async with http.ws_connect("/live") as ws:
        await ws.send_str('{"do": "say", "text": "something long", "id": 1}')
        await until(lambda: bool(agent.done))
    agent.held.set()
    await asyncio.sleep(0.05)
    (turn,) = desk.board()["turns"].values()
    assert isinstance(turn, dict)
    assert turn["reply"] == "ask done"


async def test_a_defect_is_a_sentence_for_the_page_and_a_traceback_for_the_log(
    http: aiohttp.ClientSession, agent: FakeAgent, caplog: pytest.LogCaptureFixture
) -> None:
    agent.fails = ZeroDivisionError("secret")
    async with http.ws_connect("/live") as ws:
        reply = await _ask(ws, '{"do": "undo", "id": 1}')
    assert reply["error"] == "that failed inside the dashboard; its log tells more"
    assert "ZeroDivisionError" in caplog.text


async def test_foreign_origins_get_no_socket_and_no_command(page: Dashboard, http: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect("/live", headers={"Origin": "http://evil.example"})
    assert caught.value.status == 403
    async with http.post("/api/command", json={"do": "undo"}, headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403
    async with http.get("/", headers={"Host": "evil.example"}) as response:
        assert response.status == 403
    async with http.ws_connect("/live", headers={"Origin": page.url.rstrip("/")}) as ws:
        await _next(ws, "hello")


async def test_commands_over_plain_http_for_scripts(http: aiohttp.ClientSession, car: Car) -> None:
    async with http.post("/api/command", json={"do": "set", "name": "gear", "value": "D"}) as response:
        assert (response.status, (await response.json())["ok"]) == (200, True)
    assert car.state()["gear"] == "D"
    async with http.post("/api/command", json={"do": "set", "name": "gear", "value": "X"}) as response:
        assert response.status == 400
    async with http.post("/api/command", data='{"do": "undo"}', headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 415
    async with http.get("/api/state") as response:
        assert (await response.json())["car"]["gear"] == "D"


async def test_a_bus_that_is_paused_costs_nothing(http: aiohttp.ClientSession, tap: FakeTap) -> None:
    async with http.ws_connect("/live") as ws:
        assert (await _ask(ws, '{"do": "watch", "bus": false}'))["ok"]
        tap.hear(heard())
        await _ask(ws, '{"do": "set", "name": "rain", "value": "yes"}')
        assert "bus" not in (await _next(ws, "board"))["board"]


async def test_only_so_many_pages_and_no_endless_message(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_PAGES", 1)
    async with http.ws_connect("/live") as ws:
        await _next(ws, "hello")
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect("/live")
        assert caught.value.status == 503
        await ws.send_str("x" * 1_000_000)
        while (await ws.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert ws.closed


async def test_a_port_that_is_taken_is_a_sentence(page: Dashboard, car: Car, tap: FakeTap, agent: FakeAgent) -> None:
    port = int(page.url.rstrip("/").rpartition(":")[2])
    with pytest.raises(DashboardUnavailable, match="choose --port"):
        async with Dashboard(Desk(car, tap, agent), port=port):
            pass
