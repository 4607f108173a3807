"""The kinds of CAN bus that every contract test runs on."""

import os
import random
import socket
import time
from collections.abc import Callable
from typing import Final

import can
import pytest

from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable

KINDS: Final = ("virtual", "udp_multicast", "socketcan")


def bus_config(kind: str) -> BusConfig:
    """A bus of this kind that nobody else uses; the test is skipped, with the reason, where the computer lacks it."""
    match kind:
        case "virtual":
            return BusConfig(interface="virtual", channel=f"contract-{random.randrange(1 << 30)}")
        case "udp_multicast":
            return usable(BusConfig(interface="udp_multicast", port=free_port()))
        case _:
            return usable(BusConfig(interface="socketcan", channel=os.environ.get("VEHICLE_AGENT_TEST_CAN", "vcan0")))


def usable(config: BusConfig) -> BusConfig:
    """The interface, or a skip with the reason why this computer lacks it."""
    try:
        open_bus(config).shutdown()
    except Unavailable as e:
        pytest.skip(str(e))
    return config


def group_of_its_own() -> str:
    """A multicast group that this process has for itself: tests run in several, on every checkout of a computer."""
    return f"239.74.164.{16 + os.getpid() % 200}"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 0))
        return int(s.getsockname()[1])


def hear(
    bus: can.BusABC, wanted: Callable[[can.Message], bool], count: int, timeout_s: float = 20
) -> list[can.Message]:
    """The next ``count`` frames that are ``wanted``; blocks. Fewer when the time is over."""
    found: list[can.Message] = []
    until_s = time.monotonic() + timeout_s
    while len(found) < count and time.monotonic() < until_s:
        message = bus.recv(0.2)
        if message is not None and wanted(message):
            found.append(message)
    return found
