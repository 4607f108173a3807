"""Readiness and watchdog messages to systemd over $NOTIFY_SOCKET; silent where there is none."""

import os
import socket


def notify(message: str) -> bool:
    """Sends e.g. "READY=1". Returns whether anybody was there to hear it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as s:
            s.sendto(message.encode(), address)
    except OSError:
        return False
    return True
