"""What the agent and the simulators both need to know when they open a CAN bus."""

import ipaddress
from typing import Final

THIS_HOST_ONLY: Final = 0  # hop limit of udp_multicast: simulated frames have no business on a network


def cause_of(error: BaseException) -> str:
    """Why a driver could not open a bus, in the words of what it wraps."""
    inner = error.__cause__ or error
    return inner.strerror or str(inner) if isinstance(inner, OSError) else str(inner)


def is_multicast_group(channel: str) -> bool:
    try:
        return ipaddress.ip_address(channel).is_multicast
    except ValueError:
        return False
