"""A smaller input with the same finding."""

from collections.abc import Callable
from typing import Final

_MAX_TRIES: Final = 1_500
_MAX_S: Final = 5.0


def minimised(
    data: bytes,
    still: Callable[[bytes], bool],
    *,
    max_tries: int = _MAX_TRIES,
    max_s: float = _MAX_S,
    clock: Callable[[], float],
) -> bytes:
    """``data`` with all that can be left out left out, while ``still`` holds; as far as tries and time go."""
    tries = 0
    until_s = clock() + max_s
    size = max(1, len(data) // 2)
    while size and tries < max_tries and clock() < until_s:
        at, shrunk = 0, False
        while at < len(data) and tries < max_tries and clock() < until_s:
            less = data[:at] + data[at + size :]
            tries += 1
            if still(less):
                data, shrunk = less, True
            else:
                at += size
        if not shrunk or size > len(data):
            size = min(size // 2, len(data))
    return data
