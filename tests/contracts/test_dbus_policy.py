"""systemd/org.vehicleagent.Agent.conf on a real bus with the policy of a system bus: who gets through to the agent.

The agent is this process, which has to be root so that the other programs can be somebody else.
"""

import asyncio
import grp
import json
import os
import pwd
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dbus_next.message import Message
from headunit_bench import needs_bus
from support.agent_on_bus import agent_on_bus
from support.bus_daemon import SYSTEM, BusDaemon, bus_daemon
from support.waiting import until

from simulators.workbench.bench.dbus_sender import Flood, FloodReport, Kind, flood
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.config import Config, DBusConfig
from vehicle_agent.events import Events
from vehicle_agent.health import Health
from vehicle_agent.message_bus import intake
from vehicle_agent.message_bus.wire import CALL, SIGNAL, Preamble, read_frame
from vehicle_agent.service.bus_presence import BusPresence
from vehicle_agent.service.dbus_service import BUS_NAME, AgentService

POLICY = Path(__file__).parents[2] / "systemd" / "org.vehicleagent.Agent.conf"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"
NOBODY, AUDIO = 65534, "audio"


def _known(group: str) -> bool:
    try:
        grp.getgrnam(group)
        pwd.getpwuid(NOBODY)
    except KeyError:
        return False
    return True


pytestmark = [
    needs_bus,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can send as somebody else"),
    pytest.mark.skipif(not _known(AUDIO), reason="this computer has no user nobody or no group audio"),
]

SAY = """
import sys, time
from simulators.workbench.bench.dbus_sender import RawConnection
from dbus_next.message import Message
import os
os.setgroups([int(g) for g in sys.argv[2].split(",") if g]); os.setgid(65534); os.setuid(65534)
c = RawConnection(sys.argv[1])
c.socket.sendall(bytes(Message(destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
    interface="org.freedesktop.DBus", member="AddMatch", signature="s",
    body=["type='signal',interface='org.vehicleagent.Agent1'"], serial=2)._marshall()))
print("listening", flush=True)
heard, until = [], time.monotonic() + 2
c.socket.settimeout(0.1)
while time.monotonic() < until and "Said" not in heard:
    try:
        heard += [header.member for header in c.heard(c.socket.recv(65536))]
    except TimeoutError:
        pass
print("Said" in heard, flush=True)
"""


@dataclass
class Guarded:
    daemon: BusDaemon
    presence: BusPresence
    service: AgentService
    other: Connection  # as to the head unit
    frames: list[Preamble] = field(default_factory=list)

    def came(self, kind: int) -> int:
        return sum(frame.kind == kind for frame in self.frames)

    @property
    def names(self) -> tuple[str, ...]:
        bus = self.presence.bus
        assert bus is not None
        return (BUS_NAME, str(bus.unique_name), self.other.name)

    async def send(
        self, kind: Kind, *groups: str, uid: int = NOBODY, count: int = 30, to: int | None = None
    ) -> FloodReport:
        gids = tuple(grp.getgrnam(group).gr_gid for group in groups)
        targets = self.names if to is None else self.names[to : to + 1]
        self.frames.clear()
        return await flood(
            Flood(
                address=self.daemon.address,
                kind=kind,
                targets=targets,
                messages=count,
                uid=uid,
                groups=gids,
            )
        )


def _policy() -> str:
    text = POLICY.read_text().replace('user="vehicle-agent"', 'user="root"')
    return SYSTEM + "".join(re.findall(r"<policy.*?</policy>", text, re.DOTALL))


@pytest.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Guarded]:
    frames: list[Preamble] = []
    real = read_frame

    def counted(data: bytes | bytearray, at: int = 0) -> Preamble:
        frames.append(real(data, at))
        return frames[-1]

    async with agent_on_bus() as unguarded, bus_daemon(_policy()) as daemon:
        monkeypatch.setattr(intake, "read_frame", counted)
        config = Config(dbus=DBusConfig(session=daemon.address))
        presence = await BusPresence.open(config, unguarded.service, Health(Events()))
        other = await Connection.open("system", daemon.address, 5)
        try:
            yield Guarded(daemon, presence, unguarded.service, other, frames)
        finally:
            await other.close()
            await presence.close()


async def test_nobody_s_signals_do_not_arrive(guarded: Guarded) -> None:
    report = await guarded.send("signals")
    assert report.sent == 30
    await asyncio.sleep(0.3)
    assert guarded.came(SIGNAL) == 0


async def test_nobody_s_calls_do_not_arrive(guarded: Guarded) -> None:
    assert (await guarded.send("asks")).answers == {DENIED: 30}
    assert guarded.came(CALL) == 0


async def test_the_group_s_calls_arrive(guarded: Guarded) -> None:
    report = await guarded.send("asks", AUDIO, to=0, count=3)
    assert report.answers.get("", 0) >= 1
    assert DENIED not in report.answers
    assert guarded.came(CALL) == 3


async def test_root_s_calls_arrive(guarded: Guarded) -> None:
    report = await guarded.send("asks", uid=0, to=0, count=2)
    assert (report.answers, guarded.came(CALL)) == ({"": 2}, 2)


@pytest.mark.parametrize("uid", [NOBODY, 0])
async def test_connections_to_the_head_unit_get_no_calls_at_all(uid: int, guarded: Guarded) -> None:
    assert (await guarded.send("asks", AUDIO, uid=uid, to=2)).answers == {DENIED: 30}
    assert guarded.came(CALL) == 0


async def test_answers_and_what_the_bus_says_arrive(guarded: Guarded) -> None:
    bus = guarded.presence.bus
    assert bus is not None
    assert guarded.came(SIGNAL) >= 1  # NameAcquired

    def ask(member: str, *body: str) -> Message:
        bus_name, path = "org.freedesktop.DBus", "/org/freedesktop/DBus"
        return Message(bus_name, path, bus_name, member, signature="s" * len(body), body=list(body))

    rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"
    for what in (ask("AddMatch", rule), ask("ListNames")):
        reply = await bus.call(what)
        assert reply is not None
        assert reply.error_name is None
    names: list[str] = []
    bus.add_message_handler(lambda m: names.append(m.body[0]) if m.member == "NameOwnerChanged" else None)
    assert (await guarded.other.reply(guarded.other.hand_over(ask("GetId")), "the bus", "DBus"))[0]
    await guarded.other.close()
    await until(lambda: names != [])


@pytest.mark.parametrize(("groups", "heard"), [("", False), (AUDIO, True)])
async def test_what_the_agent_says_is_heard_by_the_group_alone(groups: str, heard: bool, guarded: Guarded) -> None:
    gid = str(grp.getgrnam(groups).gr_gid) if groups else ""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SAY, guarded.daemon.address, gid), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"listening\n"
    await asyncio.sleep(0.2)
    guarded.service.Said("A secret.")
    output, _ = await process.communicate()
    assert output.strip().decode() == json.dumps(heard).capitalize()


async def test_nobody_may_be_the_agent(guarded: Guarded) -> None:
    script = SAY.partition("c.socket.sendall")[0] + (
        'c.socket.sendall(bytes(Message(destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",'
        'interface="org.freedesktop.DBus", member="RequestName", signature="su", body=["org.vehicleagent.Agent", 2],'
        "serial=2)._marshall()))\n"
        "found = []\n"
        "while not any(h.reply_serial == 2 for h in found): found += c.heard(c.socket.recv(65536))\n"
        "print(next(h.error_name for h in found if h.reply_serial == 2))"
    )
    gid = str(grp.getgrnam(AUDIO).gr_gid)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, guarded.daemon.address, gid), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.strip().decode() == DENIED
