"""Who sits in the car: what a scenario needs of the assistant. The simulators know it by this protocol alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What came of an utterance, a call or an answer; one entry for each call of the plan, in its order.

    ``verdicts``: allow, confirm, deny; ``statuses``: done, failed, refused, skipped, expired, pending.
    """

    calls: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Something the assistant said unasked, at ``time_s`` of the scenario's clock."""

    time_s: float
    text: str


class Driver(Protocol):
    """The assistant, as somebody in the car uses it."""

    @property
    def state(self) -> str:
        """The driving state, as the safety gate sees it."""

    @property
    def question(self) -> int | None:
        """The number of the open question."""

    @property
    def said(self) -> Sequence[Said]:
        """Everything said unasked so far."""

    async def say(self, text: str) -> Exchange:
        """Returns when all is settled or a question is open."""

    async def call(self, name: str, arguments: Mapping[str, str]) -> Exchange: ...

    async def answer(self, question: int, *, yes: bool) -> Exchange: ...

    async def cancel(self) -> Exchange: ...

    async def undo(self) -> Exchange: ...
