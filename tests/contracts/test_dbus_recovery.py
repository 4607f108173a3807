"""The message bus goes away and comes back: told once, won back, and everything works as before."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbus_next.aio.message_bus import MessageBus
from dbus_next.message import Message
from headunit_bench import needs_bus
from support.agent_on_bus import OnBus, agent_on_bus, asked
from support.bus_daemon import bus_daemon
from support.told import health_telling
from support.waiting import until

from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import DbusConfig
from vehicle_agent.config import Config, DBusConfig
from vehicle_agent.errors import Unavailable
from vehicle_agent.events import Said
from vehicle_agent.message_bus import recovery as bus_recovery
from vehicle_agent.service import bus_presence
from vehicle_agent.service.bus_presence import LOST, SILENT, TAKEN, BusPresence
from vehicle_agent.service.dbus_service import BUS_NAME

pytestmark = needs_bus

NOTICED_S = 2.0


@pytest.fixture
async def on_bus() -> AsyncIterator[OnBus]:
    async with agent_on_bus() as made:
        yield made


async def _is_said(on_bus: OnBus, text: str) -> None:
    """Waits until a listener hears the agent say it."""
    listener = await MessageBus(bus_address=on_bus.daemon.address).connect()
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener.add_message_handler(lambda m: heard.put_nowait(m.body[0]) if m.member == "Said" else None)
    await listener.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=["type='signal',interface='org.vehicleagent.Agent1'"],
        )
    )
    on_bus.shell.events.publish(Said(text=text))
    async with asyncio.timeout(10):
        assert await heard.get() == text
    listener.disconnect()  # type: ignore[no-untyped-call]
    with contextlib.suppress(EOFError):
        await listener.wait_for_disconnect()  # type: ignore[no-untyped-call]
    listener._stream.close()
    listener._sock.close()


@pytest.mark.parametrize("kill", [False, True], ids=["ended", "killed"])
async def test_a_restart_is_noticed_told_once_and_got_over(
    kill: bool, on_bus: OnBus, caplog: pytest.LogCaptureFixture
) -> None:
    began_s = time.monotonic()
    await on_bus.daemon.stop(kill=kill)
    await until(lambda: on_bus.health.text != "", timeout_s=10)
    assert time.monotonic() - began_s < NOTICED_S + 3  # a busy machine
    assert on_bus.health.text == f"degraded: message bus: {LOST}"
    await asyncio.sleep(0.5)  # some tries in vain
    on_bus.shell.events.publish(Said(text="nobody hears this"))
    await on_bus.daemon.start()
    await until(lambda: on_bus.health.text == "", timeout_s=20)
    assert on_bus.told == [f"degraded: message bus: {LOST}", ""]
    client = await on_bus.client()
    assert await asked(client, "State") == ("", "parked")
    assert (await asked(client, "Ask", "s", ["open the window"]))[0] == ""
    await _is_said(on_bus, "I am back.")
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_it_gets_over_several_restarts(on_bus: OnBus) -> None:
    for _ in range(3):
        await on_bus.daemon.stop()
        await until(lambda: on_bus.health.text != "", timeout_s=10)
        await on_bus.daemon.start()
        await until(lambda: on_bus.health.text == "", timeout_s=20)
    assert await asked(await on_bus.client(), "State") == ("", "parked")
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "message bus"]
    assert len(tasks) == 1


async def test_the_state_names_what_is_degraded(on_bus: OnBus) -> None:
    on_bus.health.degraded("message bus", LOST)
    assert await asked(await on_bus.client(), "State") == ("", f"degraded: message bus: {LOST}; parked")


async def test_a_turn_whose_bus_went_away_leaves_no_trace(on_bus: OnBus, caplog: pytest.LogCaptureFixture) -> None:
    on_bus.planner.go.clear()
    client = await on_bus.client()
    waiting = asyncio.create_task(asked(client, "Ask", "s", ["open the window"]))
    await until(lambda: on_bus.planner.asked != [])
    await on_bus.daemon.stop()
    await until(lambda: on_bus.health.text != "", timeout_s=10)
    await on_bus.daemon.start()
    await until(lambda: on_bus.health.text == "", timeout_s=20)
    on_bus.planner.go.set()  # its answer has nowhere to go
    with pytest.raises(Exception):  # noqa: B017, PT011 - the caller's own connection is lost, too
        await waiting
    await until(lambda: on_bus.service.admission.full("turns", "") == "")
    assert await asked(await on_bus.client(), "State") == ("", "parked")
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_while_another_program_has_the_name(on_bus: OnBus) -> None:
    await on_bus.daemon.stop()
    await until(lambda: on_bus.health.text != "", timeout_s=10)
    await on_bus.daemon.start()
    other = await on_bus.client()
    await other.request_name(BUS_NAME)
    await until(lambda: on_bus.health.text == f"degraded: message bus: {TAKEN}" or not on_bus.health.text, timeout_s=20)
    if not on_bus.health.text:
        pytest.skip("the agent was quicker")
    other.abort()
    await until(lambda: on_bus.health.text == "", timeout_s=20)
    assert await asked(await on_bus.client(), "State") == ("", "parked")


async def test_a_bus_that_hangs_is_told(on_bus: OnBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_presence, "PING_EVERY_S", 0.1)
    monkeypatch.setattr(bus_presence, "PING_S", 0.5)
    await asyncio.sleep(2.5)  # the first, slow look is over
    assert on_bus.told == []
    on_bus.daemon.freeze(True)
    try:
        await until(lambda: on_bus.health.text != "", timeout_s=10)
        await asyncio.sleep(1.5)
    finally:
        on_bus.daemon.freeze(False)
    await until(lambda: on_bus.health.text == "", timeout_s=10)
    assert on_bus.told == [f"degraded: message bus: {SILENT}", ""]
    assert await asked(await on_bus.client(), "State") == ("", "parked")


async def test_a_name_that_the_bus_takes_away(on_bus: OnBus) -> None:
    bus = on_bus.presence.bus
    assert bus is not None
    await bus.release_name(BUS_NAME)
    await until(lambda: on_bus.health.text == "" and on_bus.told != [], timeout_s=10)
    assert on_bus.told == [f"degraded: message bus: {TAKEN}", ""]
    assert await asked(await on_bus.client(), "State") == ("", "parked")


async def test_it_does_not_begin_without_a_bus_or_a_free_name(on_bus: OnBus, tmp_path: Path) -> None:
    told: list[str] = []
    health = health_telling(told.append)
    nowhere = Config(dbus=DBusConfig(session=f"unix:path={tmp_path}/none"))
    with pytest.raises(Unavailable, match=r"the session D-Bus cannot be used .*dbus-run-session"):
        await BusPresence.open(nowhere, on_bus.service, health)
    taken = Config(dbus=DBusConfig(session=on_bus.daemon.address))
    with pytest.raises(Unavailable, match="already; stop it first"):
        await BusPresence.open(taken, on_bus.service, health)
    assert told == []


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_hundred_tries_leave_nothing_open(on_bus: OnBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_recovery, "LONGEST_PAUSE_S", 0.001)
    before = _open_files()
    await on_bus.daemon.stop()
    await asyncio.sleep(1)
    assert _open_files() <= before
    await on_bus.daemon.start()
    await until(lambda: on_bus.health.text == "", timeout_s=20)


async def test_a_head_unit_s_bus_of_its_own() -> None:
    told: list[str] = []
    health = health_telling(told.append)
    async with bus_daemon() as daemon:
        client = Client(DbusConfig(session_address=daemon.address, system_address=daemon.address))
        client.watch(health, told=lambda role: role == "system")
        try:
            await client.connect("system")
            await client.connect("session")
            await daemon.stop()
            await until(lambda: told != [], timeout_s=10)
            assert [text.partition(";")[0] for text in told] == [
                "degraded: system bus: the connection is lost, trying again"
            ]
            await daemon.start()
            await until(lambda: len(told) == 2, timeout_s=20)
            assert health.text == ""
            assert (await client.connect("system")).connected
            assert (await client.connect("session")).connected  # opened when it is needed
        finally:
            await client.close()
    assert len(told) == 2  # closing it is no loss
