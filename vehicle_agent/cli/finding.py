"""What `doctor` says of one thing it has looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``needed``: without it the main way does not work; other things are optional."""

    what: str
    found: str
    ok: bool
    needed: bool
    remedy: str = ""
