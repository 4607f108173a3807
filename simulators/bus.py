"""Opening a CAN bus for the simulators, with one sentence when it cannot be."""

import errno
from typing import Final

import can

from simulators.errors import BusUnavailable
from vehicle_apis.can_bus import cause_of, is_multicast_group
from vehicle_apis.udp_bus import GroupBus

DEFAULT_PORT: Final = 43113  # of udp_multicast; python-can's own
_GROUP_EXAMPLE: Final = "239.74.163.2"


def open_simulator_bus(*, interface: str, channel: str, port: int = DEFAULT_PORT, **options: object) -> can.BusABC:
    """One more bus object; may block. Takes the place of python-can's `Bus` wherever an ``opener`` is asked for.

    ``interface``, ``channel`` and ``options`` as python-can takes them; ``port``: of udp_multicast, whose frames never
    leave this computer. Raises BusUnavailable with what to do about it.
    """
    if interface == "udp_multicast":
        _check_group(channel)
    try:
        if interface == "udp_multicast":
            return GroupBus(channel, port, **options)  # type: ignore[arg-type]
        return can.Bus(interface=interface, channel=channel, **options)  # type: ignore[arg-type]
    # python-can's drivers let operating system and import errors through
    except (can.CanError, OSError, ImportError, ValueError, TypeError, NotImplementedError) as e:
        raise BusUnavailable(
            f"the CAN bus {interface} {channel} cannot be opened ({cause_of(e)}); {_remedy(interface, channel, e)}"
        ) from e


def _remedy(interface: str, channel: str, error: BaseException) -> str:
    match interface:
        case "virtual":
            return "choose another channel name"
        case "udp_multicast":
            return (
                "allow multicast on a network interface of this computer, or use the interface virtual in one process"
            )
        case "socketcan":
            inner = error.__cause__ or error
            if isinstance(inner, OSError) and inner.errno in {errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}:
                return "this kernel has no SocketCAN: load it with `sudo modprobe can_raw vcan`, or use udp_multicast"
            return (
                f"for a virtual device: `sudo modprobe vcan`, `sudo ip link add {channel} type vcan`, "
                f"`sudo ip link set {channel} up`; without SocketCAN use udp_multicast"
            )
        case _:
            return "virtual, udp_multicast and socketcan need no further driver"


def _check_group(channel: str) -> None:
    if not is_multicast_group(channel):
        raise BusUnavailable(
            f"the CAN bus udp_multicast {channel} cannot be opened (no multicast address); "
            f"take an address from 224.0.0.0 to 239.255.255.255, for example {_GROUP_EXAMPLE}"
        )
