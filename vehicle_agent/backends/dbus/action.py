"""A call made ready: its commands, how its effect is seen, and its inverse."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dbus_next.message import Message

from state_machines.permit import Permit
from vehicle_agent.backends.base import Meant, Observed
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.naming import cleaned
from vehicle_agent.errors import BackendError, NoAnswer, NotConfirmed, NotOffered, Stopped, Unavailable
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar

_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class NotYet:
    """The status does not show the wanted state; ``seen`` is what it shows."""

    seen: Mapping[str, Scalar] = field(default_factory=dict)


Replies: TypeAlias = list[list[Any]]
ReadBack: TypeAlias = Callable[[Replies], Awaitable[Observed | NotYet]]


def _no_check() -> None:
    """Most services are the same from one moment to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """``commands`` are handed over in order, in one tick; ``read_back`` gets the bodies of their replies.

    ``otherwise``: sent, one after the other, while the service refuses what came before; as they come after the
    permit, none may begin what the commands themselves do not. ``check`` raises Unavailable at the moment of sending.
    ``patience``: so many times the usual limit the status may take to change.
    ``refusals``: what an error of a service, by its name, means to the driver; ``harmless``: errors that say no more
    than that there was nothing to do, so that the status decides (its reply is empty then).
    """

    commands: tuple[MethodCall, ...]
    read_back: ReadBack
    undo: tuple[Call, ...] = ()
    otherwise: tuple[MethodCall, ...] = ()
    check: Callable[[], None] = _no_check
    patience: float = 1.0
    refusals: Mapping[str, str] = field(default_factory=dict)
    harmless: frozenset[str] = frozenset()


@contextmanager
def intelligible(what: str) -> Iterator[None]:
    """An answer of another shape than the service's interface says is told, not stumbled over. Raises NotConfirmed.

    ``what`` is how the driver calls what was asked.
    """
    try:
        yield
    except BackendError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as e:
        raise NotConfirmed(f"The head unit's answer about {what} is not understood; update its services.") from e


def is_refusal(failure: BaseException) -> bool:
    """Whether a service that is there said no, rather than nothing."""
    return isinstance(failure, NotOffered) or (isinstance(failure, NotConfirmed) and not isinstance(failure, NoAnswer))


class DbusAction:
    """vehicle_agent.backends.base.Action on D-Bus."""

    def __init__(
        self, call: Call, meant: Meant, prepared: Prepared, client: Client, clock: Callable[[], float]
    ) -> None:
        self.call = call
        self.meant = meant
        self.undo = prepared.undo
        self._prepared = prepared
        self._client = client
        self._clock = clock
        self._sent: list[tuple[MethodCall, asyncio.Future[Message]]] = []
        self._stopped = False

    def stopped(self) -> None:
        """What this action began has been ended: it is not done, whatever the service shows in the end."""
        self._stopped = True

    def send(self, permit: Permit) -> None:
        self._prepared.check()
        permit.redeem(self.call, self._clock())
        self._stopped = False
        self._sent = []  # of a retry, the answers to the first sending no longer matter
        for command in self._prepared.commands:
            self._sent.append((command, self._client.hand_over(command)))

    async def outcome(self) -> Observed:
        if not self._sent:
            raise Unavailable(f"{self.call.name} was not sent.")
        replies, failure = await self._replies()
        for command in self._prepared.otherwise:
            if failure is None or not is_refusal(failure):
                break
            if self._stopped:
                raise Stopped
            self._sent = [(command, self._client.hand_over(command))]
            replies, still = await self._replies()
            # what is told is why the command itself did not work
            failure = failure if still is not None and is_refusal(still) else still
        if failure is not None:
            raise failure
        return await self._observe(replies)

    async def _replies(self) -> tuple[Replies, BaseException | None]:
        """The bodies of what was answered, and the first failure."""
        results = await asyncio.gather(
            *(self._client.answer(command, future) for command, future in self._sent), return_exceptions=True
        )
        replies: Replies = []
        failure: BaseException | None = None
        for result in results:
            if not isinstance(result, BaseException):
                replies.append(result)
            elif isinstance(result, BackendError) and result.remote in self._prepared.harmless:
                replies.append([])
            else:
                failure = failure or self._in_words(result)
        return replies, failure

    def _in_words(self, failure: BaseException) -> BaseException:
        """What an error of the service means to the driver, where that is known."""
        sentence = self._prepared.refusals.get(failure.remote) if isinstance(failure, BackendError) else None
        if sentence is None:
            return failure
        meant = NotConfirmed(sentence, refused=True)
        meant.__cause__ = failure
        return meant

    async def _observe(self, replies: Replies) -> Observed:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._client.config.timeout_s * self._prepared.patience
        pause_s = _FIRST_PAUSE_S
        while True:
            with intelligible(self.call.name.replace("_", " ")):
                observed = await self._prepared.read_back(replies)
            if self._stopped:
                raise Stopped
            if isinstance(observed, Observed):
                return observed
            if loop.time() + pause_s > deadline_s:
                what = self._prepared.commands[0].to.what
                shows = cleaned(", ".join(f"{k} {v}" for k, v in observed.seen.items())) or "nothing new"
                raise NotConfirmed(f"{what[:1].upper()}{what[1:]} shows no change ({shows}).", seen=observed.seen)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
