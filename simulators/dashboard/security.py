"""Who may talk to the dashboard: it commands a car, if only a simulated one, so foreign web pages must not."""

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self' {socket}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches a server that listens on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def why_refused(headers: Mapping[str, str], own_name: str) -> str | None:
    """Why a request is not served: a sentence, or None when nothing speaks against it.

    A name that an attacker's DNS points here (rebinding) is neither an address, nor localhost, nor ``own_name``, which
    the server was started with. A page of another site (cross-site request, cross-site WebSocket) tells its own
    origin; what tells none is no browser.
    """
    host = headers.get("Host", "")
    name = _hostname(host)
    if not name or not (_is_address(name) or name in {"localhost", own_name}):
        return "this Host is not the dashboard's; open it by its address, as it was printed"
    origin = headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "another site's page must not command the car"
    foreign = headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
    if foreign and origin is None and headers.get("Sec-Fetch-Mode") != "navigate":  # following a link here is harmless
        return "another site's page must not reach into the dashboard"
    return None


def headers_of(host: str) -> dict[str, str]:
    """What goes with every answer to a request for ``host`` (checked before)."""
    return {
        # 'self' does not mean WebSockets in every browser
        "Content-Security-Policy": POLICY.format(socket=f"ws://{host}"),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
