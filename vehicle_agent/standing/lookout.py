"""Looking out for what shows itself though nobody here knows of it: left by a former run, or late.

A standing rule can end only what is known to go on. After a start nothing is known, and a slow head unit shows a
picture seconds after it was told to, perhaps after it was told to end it. So for a while everything is looked at, and
what is seen is handed to the standing rules, whoever began it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from state_machines import limits
from vehicle_apis.binding import CarBinding, Command, CommandFunction
from vehicle_apis.binding.exchange import Read
from vehicle_apis.call import Call
from vehicle_apis.traits import Ending

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[tuple[Call, ...]]]
"""What is seen: the calls that may have begun it, () for nothing. Raises what a service raises that does not answer."""


class HeadUnitLookout:
    """Asks the head unit what it shows, as long as something may show itself. ``seen`` hears every answer.

    A look that is not answered does not count: as long as nobody knows what is shown, looking goes on. ``at_leisure``:
    whether nothing has to end at the moment; tell `look_now` when that changes.
    """

    def __init__(
        self,
        probes: Mapping[Ending, Probe],
        seen: Callable[[Ending, tuple[Call, ...]], None],
        clock: Callable[[], float],
        at_leisure: Callable[[], bool] = lambda: False,
    ) -> None:
        self._probes = probes
        self._at_leisure = at_leisure
        self._seen = seen
        self._clock = clock
        self._until_s = dict.fromkeys(probes, float("-inf"))
        self._not_before_s = dict.fromkeys(probes, float("-inf"))
        self._woken = {what: asyncio.Event() for what in probes}
        self._unasked = set(probes)

    @property
    def has_asked(self) -> bool:
        """Whether everything has been asked about once, answered or not."""
        return not self._unasked

    def open(self, what: Ending, *, after_s: float = 0.0) -> None:
        """From now on, or ``after_s`` from now, until nothing can show itself late any more."""
        if what in self._probes:
            now_s = self._clock()
            self._not_before_s[what] = now_s + after_s
            self._until_s[what] = now_s + limits.SHOWS_LATE_S
            self._woken[what].set()

    def open_all(self) -> None:
        for what in self._probes:
            self.open(what)

    def look_now(self) -> None:
        """At what is looked at anyway."""
        for what, woken in self._woken.items():
            if self._clock() <= self._until_s[what]:
                woken.set()

    def start(self) -> set[asyncio.Task[None]]:
        """The looking, until each of the tasks is cancelled.

        No task group: a child that swallows its cancellation, as wait_for does in Python 3.11 when the answer comes at
        the same moment, could not be cancelled again.
        """
        return {asyncio.create_task(self._look_at(what), name=f"lookout {what.value}") for what in self._probes}

    async def _look_at(self, what: Ending) -> None:
        while True:
            if self._clock() > self._until_s[what]:
                await self._woken[what].wait()
            self._woken[what].clear()
            pause_s = limits.AT_LEISURE_EVERY_S if self._at_leisure() else limits.LOOK_EVERY_S
            if self._clock() >= self._not_before_s[what]:
                try:
                    may_be = await self._probes[what]()
                except Exception as e:  # noqa: BLE001 - whatever a service answers: nobody knows what it shows
                    log.debug("no answer about %s: %s", what.value, e)
                    self._until_s[what] = max(self._until_s[what], self._clock() + limits.SHOWS_LATE_S)
                    pause_s = limits.UNANSWERED_EVERY_S
                else:
                    self._hand_on(what, may_be)
                self._unasked.discard(what)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken[what].wait()

    def _hand_on(self, what: Ending, may_be: tuple[Call, ...]) -> None:
        if self._clock() < self._not_before_s[what]:
            return  # it was ended meanwhile
        try:
            self._seen(what, may_be)
        except Exception:  # a listener's defect must not end the looking
            log.exception("what was seen of %s could not be handled", what.value)


@dataclass(slots=True)
class _Thing:
    """A motor, a group of motors or a picture that one command stops."""

    stop: Command
    functions: list[CommandFunction] = field(default_factory=list)
    calls: tuple[Call, ...] = ()  # all that may begin it
    tells: bool = False
    open: bool = False
    since_s: float = 0.0
    not_before_s: float = float("-inf")

    @property
    def is_picture(self) -> bool:
        return any(call.spec.ending is not None and call.spec.ending.is_of_a_picture for call in self.calls)

    @property
    def open_for_s(self) -> float:
        if not self.tells:
            return max(function.timeout_ms for function in self.functions) / 1000
        return limits.SHOWS_LATE_S if self.is_picture else limits.MOTION_BEGINS_S


class CarLookout:
    """Reads in the status frames which motors run and whether a camera picture is there. ``seen`` as above.

    ``read``: a signal's value, None when it does not come; ``is_fresh``: whether a message does; ``begun``: what is
    known to have been begun here. Of a unit that does not tell what it does, everything may be under way after a start,
    for as long as it can take.
    """

    def __init__(
        self,
        binding: CarBinding,
        *,
        read: Read,
        is_fresh: Callable[[str], bool],
        begun: Callable[[], tuple[Call, ...]],
        seen: Callable[[str, tuple[Call, ...]], None],
        clock: Callable[[], float],
    ) -> None:
        self._binding = binding
        self._read = read
        self._is_fresh = is_fresh
        self._begun = begun
        self._seen = seen
        self._clock = clock
        self._things = _things(binding)

    def key(self, call: Call) -> str:
        """What ``call`` moves or shows, the same for every call that one command stops."""
        stop = _stop_of(self._binding, call)
        return str(call) if stop is None else _key(stop)

    def open_all(self) -> None:
        """After a start."""
        for key, thing in self._things.items():
            self._open(thing)
            if not thing.tells:
                self._seen(key, thing.calls)

    def open_again(self, call: Call) -> None:
        """After what ``call`` began has been ended: it is seen whether that worked."""
        thing = self._things.get(self.key(call))
        if thing is not None and thing.tells:
            self._open(thing)
            thing.not_before_s = thing.since_s + limits.ENDING_TAKES_S

    def shows(self, call: Call) -> bool | None:
        """Whether what ``call`` began is seen to go on; None when nobody tells."""
        thing = self._things.get(self.key(call))
        if thing is None or not self._is_told(thing):
            return None
        return bool(self._under_way(thing))

    def look(self) -> None:
        """Every so often, and with every frame that may change a judgement."""
        if not any(thing.open for thing in self._things.values()):
            return
        now_s = self._clock()
        begun = {self.key(call) for call in self._begun()}
        for key, thing in self._things.items():
            if not thing.open or now_s < thing.not_before_s:
                continue
            may_be: tuple[Call, ...] | None
            over = now_s - thing.since_s > thing.open_for_s
            if not thing.tells:
                may_be = () if over else None
            elif self._is_told(thing):
                may_be = () if key in begun else self._under_way(thing)
                over = over and not may_be
            else:
                may_be = None
            if may_be is not None:
                self._seen(key, may_be)
                thing.open = not over

    def _open(self, thing: _Thing) -> None:
        thing.open = True
        thing.since_s = self._clock()
        thing.not_before_s = float("-inf")

    def _is_told(self, thing: _Thing) -> bool:
        return thing.tells and all(self._is_fresh(f.status) for f in thing.functions if f.activity.is_told)

    def _under_way(self, thing: _Thing) -> tuple[Call, ...]:
        return tuple(
            call
            for function in thing.functions
            for may_be in function.activity.under_way(self._read)
            if may_be and function.stop(may_be[0]) == thing.stop
            for call in may_be
        )


def _things(binding: CarBinding) -> dict[str, _Thing]:
    things: dict[str, _Thing] = {}
    functions = [f for f in binding.functions_that_stop() if f.spec.ending is not None]
    telling = {function.status for function in functions if function.activity.is_told}
    for function in functions:
        if not function.activity.is_told and function.status in telling:
            continue  # another function of the same unit tells of it
        for may_be in function.activity.all_there_may_be():
            stop = function.stop(may_be[0]) if may_be else None
            if stop is not None:
                thing = things.setdefault(_key(stop), _Thing(stop=stop))
                thing.tells = thing.tells or function.activity.is_told
                thing.functions.append(function)
                thing.calls += may_be
    return things


def _stop_of(binding: CarBinding, call: Call) -> Command | None:
    function = binding.function(call.name) if call.name in binding else None
    return function.stop(call) if isinstance(function, CommandFunction) else None


def _key(stop: Command) -> str:
    values = " ".join(f"{name}={value}" for name, value in sorted(stop.values.items()))
    return f"{stop.message} {values}"
