"""A simulated head unit: player, telephone, radio, navigation and screens as real services on a private D-Bus."""

from simulators.headunit.head_unit import HeadUnit
from simulators.headunit.private_bus import BusNotStarted, PrivateBus

__all__ = ["BusNotStarted", "HeadUnit", "PrivateBus"]
