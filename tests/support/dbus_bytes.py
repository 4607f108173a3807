"""Messages to bytes and back as dbus-next does it: the other implementation, which ours is compared with.

dbus-next has no public door to either; the tests reach through this one file.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbus_next._private.unmarshaller import Unmarshaller
from dbus_next.message import Message
from dbus_next.signature import SignatureTree


def marshalled(message: Message) -> bytes:
    """The bytes of ``message`` without a sender, which the bus adds."""
    return bytes(message._marshall())  # type: ignore[no-untyped-call]


def unmarshalled(data: bytes) -> Message:
    """The one message that ``data`` holds."""
    message: Message = Unmarshaller(io.BytesIO(data)).unmarshall()  # type: ignore[no-untyped-call]
    return message


def read_values(body: bytes, signature: str, endian: int) -> list[Any]:
    """The values of a message's body, read one by one."""
    reader = Unmarshaller(io.BytesIO(body))  # type: ignore[no-untyped-call]
    reader.endian = endian
    return [reader.read_argument(kind) for kind in SignatureTree(signature).types]  # type: ignore[no-untyped-call]


def kept_signatures() -> set[str]:
    """The signatures that dbus-next has read and will never forget."""
    return set(SignatureTree._cache)


@contextmanager
def forgotten_signatures() -> Iterator[None]:
    """What dbus-next reads within leaves none of its signatures behind."""
    kept = dict(SignatureTree._cache)
    try:
        yield
    finally:
        SignatureTree._cache.clear()
        SignatureTree._cache.update(kept)
