"""The D-Bus backend: calls become messages to the head unit's services and are read back from them."""

from vehicle_agent.backends.dbus.backend import DbusBackend
from vehicle_agent.backends.dbus.config import DbusConfig, Endpoint
from vehicle_agent.backends.dbus.endings import Endings

__all__ = ["DbusBackend", "DbusConfig", "Endings", "Endpoint"]
