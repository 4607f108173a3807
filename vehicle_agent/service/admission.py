"""How many requests of other programs may wait, in all and of each program. Pure: no clock of its own, no I/O.

A *lane* is a kind of request with places of its own, so that commands that wait cannot keep a "cancel" out.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

IN_ALL: Final = 8
"""Under way or waiting, in one lane. A command takes a second or so; the last of eight waits long enough."""

OF_ONE_SENDER: Final = 2
"""The one under way and the next: whoever wants more has not waited for an answer."""

RATE_PER_S: Final = 50.0
"""Requests of one sender that are looked at; a page that asks for the state ten times a second stays well below."""

BURST: Final = 100
_SENDERS: Final = 256  # remembered for their rate; the one not heard of for the longest is forgotten


class Busy(Exception):
    """There is no place; the message is a sentence for the caller."""


class Admission:
    """``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: dict[str, Counter[str]] = {}
        self._rates: OrderedDict[str, tuple[float, float]] = OrderedDict()  # sender -> left, at

    @property
    def remembered(self) -> int:
        """How many entries are kept: of senders' rates, and of places that are taken."""
        return len(self._rates) + sum(map(len, self._taken.values()))

    def too_often(self, sender: str) -> str:
        """Counts one request; a sentence where the sender makes too many, "" where not."""
        now_s = self._clock()
        left, at_s = self._rates.pop(sender, (float(BURST), now_s))
        left = min(float(BURST), left + (now_s - at_s) * RATE_PER_S)
        allowed = left >= 1
        self._rates[sender] = (left - 1 if allowed else left, now_s)
        while len(self._rates) > _SENDERS:
            self._rates.popitem(last=False)
        return "" if allowed else f"That is more than {RATE_PER_S:g} requests a second; wait for the answers."

    def full(self, lane: str, sender: str) -> str:
        """A sentence where ``sender`` finds no place in the lane, "" where it does."""
        taken = self._taken.get(lane)
        if taken is None:
            return ""
        if taken[sender] >= OF_ONE_SENDER:
            return f"{OF_ONE_SENDER} requests of yours are waiting; wait for their answers."
        if taken.total() >= IN_ALL:
            return f"{IN_ALL} requests are waiting; try again in a moment."
        return ""

    @contextmanager
    def place(self, lane: str, sender: str) -> Iterator[None]:
        """Raises Busy."""
        why = self.full(lane, sender)
        if why:
            raise Busy(why)
        taken = self._taken.setdefault(lane, Counter())
        taken[sender] += 1
        try:
            yield
        finally:
            taken[sender] -= 1
            if not taken[sender]:
                del taken[sender]
