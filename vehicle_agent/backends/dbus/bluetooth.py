"""Bluetooth devices over BlueZ."""

from typing import Any, Final

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.client import Client, Command
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.naming import find
from vehicle_agent.backends.dbus.request import Request

DEVICE: Final = "org.bluez.Device1"
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"


async def _devices(client: Client) -> dict[str, dict[str, Any]]:
    """Path -> properties."""
    (objects,) = await client.ask(Command(to=client.config.bluetooth, interface=_OBJECTS, member="GetManagedObjects"))
    return {path: interfaces[DEVICE] for path, interfaces in objects.items() if DEVICE in interfaces}


def _name(device: tuple[str, dict[str, Any]]) -> str:
    return str(device[1].get("Alias") or device[1].get("Name") or device[1]["Address"])


async def connect_bluetooth_device(r: Request) -> Prepared:
    devices = await _devices(r.client)
    chosen = find(r.text("device"), devices.items(), _name, kind="Bluetooth device", where="in range")
    path, values = chosen
    name = _name(chosen)
    one = Endpoint(what=name, name=r.config.bluetooth.name, path=path, bus=r.config.bluetooth.bus)

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await r.client.values(one, DEVICE)
        seen = {"paired": bool(now["Paired"]), "connected": bool(now["Connected"])}
        return Observed(text=f"{name} is connected.", values=seen) if now["Connected"] else NotYet(seen)

    member = "Connect" if values["Paired"] else "Pair"  # pairing connects
    return Prepared(commands=(Command(to=one, interface=DEVICE, member=member),), read_back=read_back)


FUNCTIONS: Final = {"connect_bluetooth_device": connect_bluetooth_device}
