"""Opening the CAN bus that the configuration names."""

import os
import socket
from typing import Final, assert_never

import can

from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable
from vehicle_apis.can_bus import cause_of, is_multicast_group
from vehicle_apis.udp_bus import GroupBus

DEFAULT_CHANNEL: Final = {"virtual": "vehicle", "udp_multicast": "239.74.163.2", "socketcan": "vcan0"}
_QUEUE_BYTES: Final = 400_000  # the kernel doubles it: about 1000 frames, 250 ms of 4,000 frames/s


def channel_of(config: BusConfig) -> str:
    """The configured channel, else the interface's usual one."""
    return config.channel or DEFAULT_CHANNEL[config.interface]


def open_bus(config: BusConfig) -> can.BusABC:
    """Opens the bus; may block. Raises Unavailable with what to do about it."""
    channel = channel_of(config)
    match config.interface:
        case "virtual":
            return _open(config, channel, "Choose another channel name", receive_own_messages=False)
        case "udp_multicast":
            _check_group(channel)
            remedy = "Allow multicast on a network interface of this computer, or set bus.interface to virtual"
            return _open(config, channel, remedy)
        case "socketcan":
            remedy = (
                f"Load the driver with `sudo modprobe vcan`, then `sudo ip link add {channel} type vcan` and "
                f"`sudo ip link set {channel} up`; a kernel without SocketCAN can use bus.interface udp_multicast"
            )
            return _open(config, channel, remedy)
        case _:
            assert_never(config.interface)


def _open(config: BusConfig, channel: str, remedy: str, **options: object) -> can.BusABC:
    try:
        if config.interface == "udp_multicast":
            bus: can.BusABC = GroupBus(channel, config.port)
        else:
            bus = can.Bus(interface=config.interface, channel=channel, **options)  # type: ignore[arg-type]
    # python-can's drivers let operating system and import errors through
    except (can.CanError, OSError, ImportError, ValueError, NotImplementedError) as e:
        raise Unavailable(
            f"The CAN bus {config.interface} {channel} cannot be opened ({cause_of(e)}). {remedy}."
        ) from e
    _lengthen_queue(bus)
    return bus


def _lengthen_queue(bus: can.BusABC) -> None:
    """Lets the kernel keep what comes while the model has every core and nobody reads for some tens of ms.

    Not more than that: what waits there grows old.
    """
    try:
        same = socket.socket(fileno=os.dup(bus.fileno()))
    except (NotImplementedError, OSError):  # a bus without a socket
        return
    with same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE_BYTES)


def _check_group(channel: str) -> None:
    if not is_multicast_group(channel):
        raise Unavailable(
            f"The CAN bus udp_multicast {channel} cannot be opened (no multicast address). "
            f"Set bus.channel to an address from 224.0.0.0 to 239.255.255.255, for example "
            f"{DEFAULT_CHANNEL['udp_multicast']}."
        )
