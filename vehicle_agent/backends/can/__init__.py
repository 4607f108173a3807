"""The CAN backend: commands with confirmation, and the signals that the safety gate judges by."""

from vehicle_agent.backends.can.backend import CanBackend, NotFitted
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.can.link import CanLink, LinkHealth
from vehicle_agent.backends.can.signals import MessageHealth, SignalStore

__all__ = [
    "CanBackend",
    "CanLink",
    "LinkHealth",
    "MessageHealth",
    "NotFitted",
    "SignalStore",
    "open_bus",
]
