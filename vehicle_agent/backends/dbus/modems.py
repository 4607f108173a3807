"""Which telephones there are over oFono, which of them can do what, and what they know of emergency numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from state_machines.telephone import normalised
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.naming import cleaned
from vehicle_agent.errors import BackendError, Impossible

VOICE: Final = "org.ofono.VoiceCallManager"
MESSAGES: Final = "org.ofono.MessageManager"
_CANNOT: Final = {VOICE: "cannot make calls", MESSAGES: "cannot send messages"}
_MOST_MODEMS: Final = 16  # a car has one or two
_MOST_NUMBERS: Final = 100  # of the telephone's own emergency numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Modem:
    """``is_ready``: switched on and online, as far as it says."""

    endpoint: Endpoint
    name: str
    interfaces: frozenset[str]
    is_on: bool
    is_ready: bool

    @property
    def called(self) -> str:
        return f"The telephone {self.name}" if self.name else "The telephone"


def _modem(row: object, telephone: Endpoint) -> Modem | None:
    """None for a row that is none."""
    match row:
        case [str(path), dict() as properties] if path:
            pass
        case _:
            return None
    interfaces = properties.get("Interfaces")
    offered = frozenset(i for i in interfaces if isinstance(i, str)) if isinstance(interfaces, list) else frozenset()
    # what a modem does not say about itself is no reason not to use it
    is_on = properties.get("Powered") is not False
    is_ready = is_on and properties.get("Online") is not False
    name = next((n for key in ("Name", "Model") if (n := cleaned(properties.get(key)))), "")
    return Modem(endpoint=replace(telephone, path=path), name=name, interfaces=offered, is_on=is_on, is_ready=is_ready)


async def modems(client: Client) -> list[Modem]:
    """All telephones, those that are ready first, then those that are switched on."""
    telephone = client.config.telephone
    (rows,) = await client.ask(MethodCall(to=telephone, interface="org.ofono.Manager", member="GetModems"))
    if not isinstance(rows, list):
        raise TypeError("telephones come as a list")
    found = [modem for row in rows[:_MOST_MODEMS] if (modem := _modem(row, telephone)) is not None]
    return sorted(found, key=lambda modem: (not modem.is_ready, not modem.is_on))


async def able(client: Client, interface: str) -> list[Modem]:
    """The telephones that offer an interface, the best first; at least one. Raises Impossible."""
    known = await modems(client)
    offering = [modem for modem in known if interface in modem.interfaces]
    if offering:
        return offering
    off = next((modem for modem in known if not modem.is_on), None)
    connected = [modem for modem in known if modem.is_on]
    if connected:
        if connected[0].interfaces or connected[0].is_ready:
            raise Impossible(f"{connected[0].called} {_CANNOT[interface]}.")
        raise Impossible(f"{connected[0].called} is not online; switch its flight mode off.")
    if off is not None:
        raise Impossible(f"{off.called} is switched off; switch it on.")
    raise Impossible("No telephone is connected; connect one by Bluetooth.")


async def emergency_numbers(client: Client, modem: Endpoint) -> frozenset[str]:
    """What the telephone itself takes for emergency numbers; none when it does not say."""
    try:
        (properties,) = await client.ask(MethodCall(to=modem, interface=VOICE, member="GetProperties"))
    except (BackendError, ValueError):
        return frozenset()
    return _numbers(properties)


def _numbers(properties: object) -> frozenset[str]:
    listed: Any = properties.get("EmergencyNumbers") if isinstance(properties, Mapping) else None
    if not isinstance(listed, list):
        return frozenset()
    plain = (normalised(number) for number in listed[:_MOST_NUMBERS] if isinstance(number, str))
    return frozenset(number for number in plain if number is not None)
