"""Bluetooth devices over BlueZ."""

from typing import Any, Final

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.naming import cleaned, find
from vehicle_agent.backends.dbus.request import Request

DEVICE: Final = "org.bluez.Device1"
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
_THERE_ALREADY: Final = frozenset({"org.bluez.Error.AlreadyConnected", "org.bluez.Error.AlreadyExists"})


def _name(properties: dict[str, Any]) -> str:
    return next((name for key in ("Alias", "Name", "Address") if (name := cleaned(properties.get(key)))), "")


async def _devices(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, path and properties of each device; one without a name is nobody's to ask for."""
    (objects,) = await client.ask(
        MethodCall(to=client.config.bluetooth, interface=_OBJECTS, member="GetManagedObjects")
    )
    found = []
    for path, interfaces in objects.items():
        properties = interfaces.get(DEVICE) if isinstance(interfaces, dict) else None
        if isinstance(properties, dict) and (name := _name(properties)):
            found.append((name, str(path), properties))
    return found


async def device(r: Request) -> tuple[str, str, dict[str, Any]]:
    """Name, path and properties of the device that is meant. Raises Impossible."""
    devices = await _devices(r.client)
    return find(r.text("device"), devices, lambda d: d[0], kind="Bluetooth device", where="in range")


async def connect_bluetooth_device(r: Request) -> Prepared:
    name, path, values = await device(r)
    one = Endpoint(what=name, name=r.config.bluetooth.name, path=path, bus=r.config.bluetooth.bus)

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await r.client.values(one, DEVICE)
        seen = {"paired": now.get("Paired") is True, "connected": now.get("Connected") is True}
        return Observed(text=f"{name} is connected.", values=seen) if seen["connected"] else NotYet(seen)

    # pairing connects; a device that does not say whether it is paired is asked to connect, and says so if it is not
    member = "Pair" if values.get("Paired") is False else "Connect"
    command = MethodCall(to=one, interface=DEVICE, member=member)
    return Prepared(commands=(command,), read_back=read_back, harmless=_THERE_ALREADY, refusals=_refusals(name))


def _refusals(name: str) -> dict[str, str]:
    return {
        "org.bluez.Error.InProgress": f"{name} is being connected already; wait a moment.",
        "org.bluez.Error.AuthenticationRejected": f"{name} rejected the pairing; confirm it on the device.",
        "org.bluez.Error.AuthenticationFailed": f"{name} was not paired; confirm it on the device.",
        "org.freedesktop.DBus.Error.UnknownObject": f"{name} is not there any more.",
    }


FUNCTIONS: Final = {"connect_bluetooth_device": connect_bluetooth_device}
