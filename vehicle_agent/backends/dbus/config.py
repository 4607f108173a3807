"""Which service is where."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from vehicle_agent.config import Config, ServiceConfig

Role = Literal["session", "system"]
TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service: ``what`` is how the driver calls it, ``name`` its bus name, ``path`` its object."""

    what: str
    name: str
    path: str
    bus: Role = "session"


def _own(what: str, last: str) -> Endpoint:
    return Endpoint(what=what, name=f"org.vehicleagent.{last}", path=f"/org/vehicleagent/{last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DbusConfig:
    """``session_address``, ``system_address``: "" = the bus this process finds in its environment.

    ``timeout_s``: for one D-Bus call, and again for the read-back to show the wanted state. ``roadside_number``:
    digits of the breakdown service. ``sound_only``: bus names of players that can show no picture, without what tells
    instances apart.
    """

    session_address: str = ""
    system_address: str = ""
    timeout_s: float = TIMEOUT_S
    roadside_number: str = "8005550199"
    sound_only: tuple[str, ...] = ()
    player: Endpoint = field(
        default=Endpoint(what="the media player", name="org.mpris.MediaPlayer2.vehicle", path="/org/mpris/MediaPlayer2")
    )
    telephone: Endpoint = field(default=Endpoint(what="the telephone", name="org.ofono", path="/", bus="system"))
    bluetooth: Endpoint = field(default=Endpoint(what="Bluetooth", name="org.bluez", path="/", bus="system"))
    audio: Endpoint = field(default=_own("the audio mixer", "Audio"))
    radio: Endpoint = field(default=_own("the radio", "Radio"))
    messages: Endpoint = field(default=_own("the message store", "Messages"))
    navigation: Endpoint = field(default=_own("the navigation", "Navigation"))
    display: Endpoint = field(default=_own("the display", "Display"))
    notifications: Endpoint = field(default=_own("the notification service", "Notifications"))
    contacts: Endpoint = field(default=_own("the phone book", "Contacts"))
    information: Endpoint = field(default=_own("the information service", "Information"))

    def address(self, role: Role) -> str:
        return self.session_address if role == "session" else self.system_address


SERVICES: Final = (
    "player",
    "telephone",
    "bluetooth",
    "audio",
    "radio",
    "messages",
    "navigation",
    "display",
    "notifications",
    "contacts",
    "information",
)


def configured(config: Config) -> DbusConfig:
    """What the configuration file says about buses and services; the usual ones where it says nothing."""

    def address(value: str, role: Role) -> str:
        return "" if value == role else value

    usual = DbusConfig(
        session_address=address(config.dbus.session, "session"),
        system_address=address(config.dbus.system, "system"),
        roadside_number=config.services.roadside_number,
        sound_only=config.services.sound_only,
    )
    named: dict[str, Endpoint] = {}
    for service in SERVICES:
        endpoint: Endpoint = getattr(usual, service)
        wanted: ServiceConfig = getattr(config.services, service)
        named[service] = replace(endpoint, name=wanted.name or endpoint.name, bus=wanted.bus or endpoint.bus)
    return replace(usual, **named)  # type: ignore[arg-type]
