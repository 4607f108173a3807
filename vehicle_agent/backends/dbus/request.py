"""What a function gets: the call, its arguments by type, the services, and the catalogue for its inverse."""

from dataclasses import dataclass

from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import DbusConfig, Endpoint
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import VehicleApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whom a telephone call or message reaches. ``who``: how the answer calls them; ``by``: the telephone."""

    who: str
    number: str
    by: Endpoint


@dataclass(frozen=True, slots=True)
class Request:
    call: Call
    client: Client
    catalogue: Catalogue
    reached: Reached | None = None  # whom a telephone call or message is for, once it was looked up

    @property
    def config(self) -> DbusConfig:
        return self.client.config

    def text(self, name: str) -> str:
        return str(self.call.arguments[name])

    def integer(self, name: str) -> int:
        value = self.call.arguments[name]
        assert isinstance(value, int)  # noqa: S101 - the catalogue has checked it
        return value

    def delta(self) -> int:
        """Signed ``amount`` of a relative change."""
        amount = self.integer("amount")
        return amount if self.text("direction") == "up" else -amount

    def inverse(self, name: str, /, **arguments: object) -> tuple[Call, ...]:
        """One undo call; none when the state before cannot be said as a call."""
        try:
            return (self.catalogue.call(name, **arguments),)
        except VehicleApiError:
            return ()
