"""Signatures as the D-Bus specification has them, and a bounded number of them remembered.

dbus-next keeps the tree of every signature it ever met, accepts a variant as the key of a dictionary and recurses as
deep as it is told to.
"""

from functools import lru_cache
from typing import Final

from dbus_next.signature import SignatureTree

from vehicle_agent.message_bus.malformed import Malformed

MAX_BYTES: Final = 255
MAX_DEPTH: Final = 32  # of arrays, of structs and of dictionary entries, each (D-Bus specification, "Valid Signatures")
BASIC: Final = frozenset("ybnqiuxtdsogh")
_KEPT: Final = 128
_KEPT_CHARS: Final = 32  # what services use; a longer one is read anew each time, so that what is kept stays small


def check(signature: str) -> None:
    """Raises Malformed unless ``signature`` is a run of complete types."""
    if len(signature) > MAX_BYTES:
        raise Malformed(f"a signature of {len(signature)} bytes")
    at = 0
    while at < len(signature):
        at = _complete_type(signature, at, 0, 0, 0)


def _complete_type(signature: str, at: int, arrays: int, structs: int, entries: int) -> int:
    """Where the type that begins at ``at`` ends."""
    kind = signature[at : at + 1]
    if kind in BASIC or kind == "v":
        return at + 1
    if kind == "a":
        if MAX_DEPTH in {arrays, entries}:
            raise Malformed("a signature that is nested too deep")
        if signature[at + 1 : at + 2] != "{":
            return _complete_type(signature, at + 1, arrays + 1, structs, entries)
        if signature[at + 2 : at + 3] not in BASIC:
            raise Malformed("a dictionary whose key is no basic type")
        end = _complete_type(signature, at + 3, arrays + 1, structs, entries + 1)
        if signature[end : end + 1] != "}":
            raise Malformed("a dictionary entry that is not closed")
        return end + 1
    if kind == "(":
        if structs == MAX_DEPTH:
            raise Malformed("a signature that is nested too deep")
        end = at + 1
        while signature[end : end + 1] != ")" or end == at + 1:
            end = _complete_type(signature, end, arrays, structs + 1, entries)
        return end + 1
    raise Malformed("a signature with an unknown or a missing type")


@lru_cache(maxsize=_KEPT)
def _kept(signature: str) -> SignatureTree:
    check(signature)
    return SignatureTree(signature)


def tree(signature: str) -> SignatureTree:
    """The parsed signature. Raises Malformed."""
    if len(signature) <= _KEPT_CHARS:
        return _kept(signature)
    check(signature)
    return SignatureTree(signature)
