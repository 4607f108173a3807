"""What the executor may ask about the car and the head unit at the moment of a judgement."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from state_machines.expansion import Context
from vehicle_agent.backends.base import ShownPicture
from vehicle_agent.errors import BackendError
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals


class WorldView(Protocol):
    def signals(self) -> Signals:
        """The readings of this moment."""

    def context(self) -> Context:
        """What the head unit is doing, and what an undo would do."""

    async def refresh(self) -> None:
        """Asks the head unit anew what it is playing; `context` then is as of now."""

    def take_undo(self) -> tuple[Call, ...]:
        """The inverse calls of the last action, which is thereby taken from the history."""


class History:
    """The inverse calls of the last turns that did something, newest last; bounded."""

    def __init__(self, limit: int = 10) -> None:
        self._limit = limit
        self._entries: list[tuple[object, tuple[Call, ...]]] = []

    def remember(self, calls: tuple[Call, ...], of: object = None) -> None:
        """``of``: whose they are. What was done of one turn before and after a question is taken back together."""
        if not calls:
            return
        if of is not None and self._entries and self._entries[-1][0] is of:
            calls = (*calls, *self._entries.pop()[1])
        self._entries = [*self._entries, (of, calls)][-self._limit :]

    def peek(self) -> tuple[Call, ...]:
        return self._entries[-1][1] if self._entries else ()

    def take(self) -> tuple[Call, ...]:
        return self._entries.pop()[1] if self._entries else ()


class CarView:
    """`WorldView` from its three sources. ``picture`` asks the head unit; None = what it plays is sound alone."""

    def __init__(
        self,
        signals: Callable[[], Signals],
        picture: Callable[[], Awaitable[ShownPicture | None]],
        history: History,
    ) -> None:
        self._signals = signals
        self._ask_picture = picture
        self._history = history
        self._video_title: str | None = None
        self._is_said = True

    def signals(self) -> Signals:
        return self._signals()

    def context(self) -> Context:
        return Context(video_title=self._video_title, is_said=self._is_said, undo=self._history.peek())

    async def refresh(self) -> None:
        try:
            picture = await self._ask_picture()
        except BackendError:
            # a player that does not answer may be showing anything: judged as if it were a video
            self._video_title, self._is_said = "video", False
        else:
            self._video_title = None if picture is None else picture.title
            self._is_said = picture is None or picture.is_said

    def take_undo(self) -> tuple[Call, ...]:
        return self._history.take()
