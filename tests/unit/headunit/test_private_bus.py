"""The private bus and the objects on it."""

import os
from pathlib import Path

import pytest
from dbus_next.introspection import Node
from dbus_next.message import Message
from headunit_bench import needs_bus

from simulators.headunit import BusNotStarted, HeadUnit, PrivateBus, link


async def test_a_missing_daemon_is_named_with_the_remedy() -> None:
    with pytest.raises(BusNotStarted, match="apt-get install dbus"):
        await PrivateBus(binary="no-such-dbus-daemon").start()


async def test_a_daemon_that_ends_at_once() -> None:
    with pytest.raises(BusNotStarted, match="ended at once"):
        await PrivateBus(binary="true").start()


def _modes(socket: str) -> tuple[bool, int]:
    """Whether the socket is there, and who may enter its folder."""
    folder = Path(socket).parent
    return Path(socket).is_socket(), folder.stat().st_mode & 0o777 if folder.exists() else 0


@needs_bus
async def test_the_daemon_and_its_files_are_gone_afterwards() -> None:
    bus = PrivateBus()
    await bus.start()
    path = bus.address.removeprefix("unix:path=")
    pid = bus.pid
    assert _modes(path) == (True, 0o700)
    await bus.stop()
    await bus.stop()
    assert _modes(path) == (False, 0)
    assert bus.pid is None
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_bus
async def test_objects_describe_themselves() -> None:
    async with PrivateBus() as private, HeadUnit(private.address):
        bus = await link.connect(private.address)

        async def ask(path: str, interface: str, member: str, signature: str = "", *body: object) -> Message:
            reply = await bus.call(
                Message(
                    destination="org.vehicleagent.Audio",
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(body),
                )
            )
            assert reply is not None
            return reply

        mixer = "/org/vehicleagent/Audio"
        node = Node.parse((await ask(mixer, "org.freedesktop.DBus.Introspectable", "Introspect")).body[0])
        described = next(i for i in node.interfaces if i.name == "org.vehicleagent.Audio")
        assert {m.name for m in described.methods} == {"SetVolume", "SetMute", "SetEqualizer", "SelectSource"}
        assert "Volumes" in {p.name for p in described.properties}
        properties = "org.freedesktop.DBus.Properties"
        value = await ask(mixer, properties, "Get", "ss", "org.vehicleagent.Audio", "Source")
        assert value.body[0].value == "streaming"
        for path, interface, member, signature, body, error in (
            (mixer, properties, "Get", "ss", ("org.vehicleagent.Audio", "Nonsense"), "UnknownProperty"),
            (mixer, properties, "GetAll", "s", ("org.nonsense.Interface",), "UnknownInterface"),
            (mixer, "org.vehicleagent.Audio", "Nonsense", "", (), "UnknownMethod"),
            (mixer, "org.vehicleagent.Audio", "SetVolume", "s", ("media",), "UnknownMethod"),
            (mixer, "org.vehicleagent.Audio", "SetVolume", "su", ("media", 101), "OutOfRange"),
        ):
            reply = await ask(path, interface, member, signature, *body)
            assert str(reply.error_name).endswith(error)
        await link.close(bus)
