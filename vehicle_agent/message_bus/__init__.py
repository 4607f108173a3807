"""One connection to a D-Bus daemon that nobody on the bus can starve, fill up or confuse.

dbus-next stays the library: its messages, its marshaller, its services. What it lacks is here: a bound on the work of
one turn of the event loop, bounded memory, the checks of the specification, and answers that tell a caller nothing but
one sentence.
"""

from vehicle_agent.message_bus.bus import GuardedMessageBus, Held, caller
from vehicle_agent.message_bus.malformed import Malformed
from vehicle_agent.message_bus.refusal import (
    BUSY,
    FAILED,
    INVALID,
    NOT_READY,
    TOO_LONG,
    Rejection,
    one_line,
)
from vehicle_agent.message_bus.wire import Header

__all__ = [
    "BUSY",
    "FAILED",
    "INVALID",
    "NOT_READY",
    "TOO_LONG",
    "GuardedMessageBus",
    "Header",
    "Held",
    "Malformed",
    "Rejection",
    "caller",
    "one_line",
]
