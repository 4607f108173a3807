"""The daemon as a process of its own: on a simulated car and a private D-Bus, as systemd would run it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from headunit_bench import needs_bus

from vehicle_agent.errors import BackendError, ModelError, Unavailable
from vehicle_agent.planning.model_file import find_model
from vehicle_agent.service.client import Client

PROGRAM = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")
START_S = 100.0

try:
    find_model()
    MODEL = True
except ModelError:
    MODEL = False

pytestmark = [needs_bus, pytest.mark.skipif(not MODEL, reason="the planner model is not there")]


class Daemon:
    """`serve --simulate` with systemd's socket beside it."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal.jsonl"
        config = folder / "config.toml"
        config.write_text(f'[model]\nthreads = 1\n[journal]\npath = "{self.journal}"\n')
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._notify.settimeout(START_S)
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--simulate", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("export DBUS_SESSION_BUS_ADDRESS="), line
        self.address = line.strip().partition("=")[2]

    def wait_ready(self) -> None:
        while True:
            if self._notify.recv(100) == b"READY=1":
                return

    def notified(self) -> list[bytes]:
        self._notify.settimeout(0.5)
        heard = []
        try:
            while True:
                heard.append(self._notify.recv(100))
        except TimeoutError:
            return heard

    def stop(self, *, told: bool = False) -> tuple[int, str]:
        """SIGTERM unless it was ``told`` to stop before; exit status and standard error."""
        if not told and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            _, errors = self.process.communicate(timeout=60)
        finally:
            self.process.kill()
            self._notify.close()
        return self.process.returncode, errors


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    started = Daemon(tmp_path_factory.mktemp("daemon"))
    try:
        started.wait_ready()
        yield started
    finally:
        started.stop()


@pytest.fixture
async def client(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.address)
    async with Client() as opened:
        async with asyncio.timeout(60):
            while await opened.state() != "parked":  # noqa: ASYNC110 - asked like any client
                await asyncio.sleep(0.1)
        yield opened


def _turn(text: str) -> dict[str, Any]:
    turn: dict[str, Any] = json.loads(text)
    return turn


async def test_a_call_over_dbus(client: Client) -> None:
    turn = _turn(await client.call("control_window", {"position": "30"}))
    assert turn["outcomes"][0]["status"] == "done"
    assert turn["frames"]


async def test_an_utterance_over_dbus(client: Client) -> None:
    turn = _turn(await client.ask("what time is it"))
    assert (turn["text"], len(turn["calls"])) == ("what time is it", len(turn["outcomes"]))
    assert turn["reply"]  # what the model makes of it is measured elsewhere


@pytest.mark.parametrize("text", ["", "\U0001f600", "x" * 10_000, "открой окно", "zq " * 79, "qxzjv" * 119])
async def test_an_utterance_that_is_none_is_answered_all_the_same(client: Client, text: str) -> None:
    assert _turn(await client.ask(text))["reply"]


@pytest.mark.parametrize(
    ("name", "arguments"), [("fly", {}), ("control_window", {"position": "101"}), ("control_window", {})]
)
async def test_a_call_that_makes_no_sense_is_an_error_with_a_sentence(
    client: Client, name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(BackendError) as e:
        await client.call(name, arguments)
    assert not isinstance(e.value, Unavailable)
    assert name in str(e.value)


async def test_a_question_is_answered_by_its_number(client: Client) -> None:
    turn = _turn(await client.call("send_text_message", {"recipient": "mom", "message": "hi"}))
    number = turn["question"]["id"]
    assert "no open question" in _turn(await client.confirm(number + 7, yes=True))["reply"]
    answered = _turn(await client.confirm(number, yes=True))
    assert [o["status"] for o in answered["outcomes"]] == ["done"]


async def test_cancel_drops_the_question(client: Client) -> None:
    await client.call("send_text_message", {"recipient": "mom", "message": "hi"})
    assert [o["status"] for o in _turn(await client.cancel())["outcomes"]] == ["skipped"]


async def test_undo(client: Client) -> None:
    await client.call("set_fan_speed", {"level": "2"})
    await client.call("set_fan_speed", {"level": "6"})
    undone = _turn(await client.undo())
    assert undone["outcomes"][0]["status"] == "done"
    assert "2" in undone["reply"]


async def test_two_clients_take_turns(client: Client) -> None:
    async with Client() as other:
        turns = await asyncio.gather(
            client.call("set_fan_speed", {"level": "3"}), other.call("set_fan_speed", {"level": "5"})
        )
    assert [_turn(t)["outcomes"][0]["status"] for t in turns] == ["done", "done"]


async def test_the_command_line_talks_to_it(client: Client, daemon: Daemon) -> None:
    del client
    env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": daemon.address}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=100, check=False, env=env)

    asked = await asyncio.to_thread(run, "call", "send_text_message", "recipient=mom", "message=hi", "--connect")
    assert asked.returncode == 3
    assert "confirm" in asked.stderr
    answered = await asyncio.to_thread(
        run, "call", "send_text_message", "recipient=mom", "message=hi", "--connect", "--answer", "yes", "--json"
    )
    assert answered.returncode == 0
    assert json.loads(answered.stdout)["outcomes"][0]["status"] == "done"


async def test_a_second_daemon_on_the_same_bus_is_refused(daemon: Daemon, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bus]\ninterface = "virtual"\nchannel = "x"\n[dbus]\nsession = "{daemon.address}"\n')
    done = await asyncio.to_thread(
        subprocess.run, [*PROGRAM, "serve", "--config", str(config)], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 1
    assert "already" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_missing_bus_is_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bus]\ninterface = "virtual"\n[dbus]\nsession = "unix:path={tmp_path}/none"\n')
    done = await asyncio.to_thread(
        subprocess.run, [*PROGRAM, "serve", "--config", str(config)], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 1
    assert "D-Bus cannot be used" in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_sigterm_ends_it_cleanly_even_with_an_open_question(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    daemon.wait_ready()

    async def ask() -> None:
        async with Client() as client:
            await client.call("send_text_message", {"recipient": "mom", "message": "hi"})

    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.address
    try:
        asyncio.run(ask())
    finally:
        os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
        if before is not None:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = before
    daemon.process.send_signal(signal.SIGTERM)
    heard = daemon.notified()
    status, errors = daemon.stop(told=True)  # a second signal would end it at once
    assert (status, "Traceback" in errors) == (0, False), errors
    assert b"STOPPING=1" in heard
    assert "Task was destroyed" not in errors
