"""Carrying the standing rules out: what must not go on is ended, again and again until it has ended."""

import asyncio
import logging
import math
from collections.abc import Callable, Hashable, Mapping
from typing import Protocol, runtime_checkable

from state_machines import limits
from state_machines.driving_state import DrivingState
from state_machines.standing import Ended, StandingRules
from vehicle_agent.errors import Unavailable
from vehicle_agent.events import Events, Said, StandingRuleEnded, StandingRuleFailed
from vehicle_agent.tasks import end_all
from vehicle_apis.signals import Signals
from vehicle_apis.traits import Ending

log = logging.getLogger(__name__)


@runtime_checkable
class Stoppable(Protocol):
    """An action that can be told that what it began has been ended."""

    def stopped(self) -> None: ...


class Stage(Protocol):
    """Where something goes on that must end: in the car, or on the head unit."""

    def thing(self, ended: Ended) -> Hashable:
        """What is ended: once at a time."""

    async def end(self, ended: Ended) -> None:
        """Needs no permit, it only takes away. Raises BackendError."""

    async def goes_on(self, ended: Ended, *, lost: bool) -> bool:
        """Whether it may still be there. ``lost``: nobody was there to be told to end it."""

    def look_again(self, ended: Ended) -> None:
        """It was ended: whether that worked is seen later."""


class StandingEnforcement:
    """Ends what ``rules`` no longer allow, each thing once at a time, and tells the driver once.

    ``present``: the state the standing rules go by (None while nothing is known yet) and the readings of this moment.
    """

    def __init__(
        self,
        rules: StandingRules,
        stages: Mapping[Ending, Stage],
        *,
        present: Callable[[], tuple[DrivingState | None, Signals]],
        events: Events,
        clock: Callable[[], float],
    ) -> None:
        self._rules = rules
        self._stages = stages
        self._present = present
        self._events = events
        self._clock = clock
        self._being_ended: set[Hashable] = set()
        self._told_s: dict[Hashable, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_ending(self) -> bool:
        """Whether something is being ended."""
        return bool(self._tasks)

    def ends(self, thing: Hashable) -> bool:
        """Whether ``thing`` is being ended: what is seen of it counts for nothing."""
        return thing in self._being_ended

    def enforce(self, state: DrivingState | None, signals: Signals) -> None:
        """Begins to end what must not go on in ``state``; None: nothing is known yet. Needs a running loop."""
        if state is None:
            return
        for ended in self._rules.must_end(state, signals):
            if isinstance(ended.sending, Stoppable):
                ended.sending.stopped()
            thing = self._thing(ended)
            if thing not in self._being_ended:
                self._being_ended.add(thing)
                self._begin(ended)

    async def wind_down(self, signals: Signals, *, within_s: float) -> None:
        """Ends what must not go on when nobody watches the car any more; never raises."""
        # without an agent the state is as good as unknown
        left = self._rules.must_end(DrivingState.UNKNOWN, signals)
        tasks = [asyncio.create_task(self.end(ended, gives_up=True)) for ended in left]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
            await end_all(tasks)

    async def close(self) -> None:
        await end_all(self._tasks)

    def _thing(self, ended: Ended) -> Hashable:
        return self._stages[ended.how].thing(ended)

    def _begin(self, ended: Ended) -> None:
        task = asyncio.create_task(self.end(ended), name=f"ends {ended.how.value}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, ended: Ended, *, gives_up: bool = False) -> None:
        """Tried again, ever more rarely, until it works, is allowed again or is not there any more.

        ``gives_up``: tried again only while there is time, and nobody is told.
        """
        stage, thing = self._stages[ended.how], self._thing(ended)
        self._being_ended.add(thing)
        pause_s, told = limits.FIRST_PAUSE_S, False
        try:
            while True:
                try:
                    await stage.end(ended)
                except Exception as e:  # noqa: BLE001 - whatever it was: a standing rule is tried again
                    if not told:
                        told = True
                        log.warning("could not end %s: %s", ended.call, e)
                        self._events.publish(StandingRuleFailed(call=ended.call, error=type(e).__name__, failed=str(e)))
                    lost = isinstance(e, Unavailable)
                else:
                    self._events.publish(StandingRuleEnded(call=ended.call, ended=ended.how.value))
                    if not gives_up:
                        self._tell(ended)
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, limits.LONGEST_PAUSE_S)
                if not gives_up and not await self._must_still_end(ended, lost=lost):
                    return
        finally:
            self._being_ended.discard(thing)
            stage.look_again(ended)

    async def _must_still_end(self, ended: Ended, *, lost: bool) -> bool:
        """Whether an ending that did not work has to be tried again. ``lost``: nobody was there to be told."""
        if ended.call in self._rules.ongoing:
            return False  # allowed again and begun anew meanwhile
        state, signals = self._present()
        if state is not None and not self._rules.must_not(ended.call, state, signals):
            # allowed again where it is: it ends with the next state that does not allow it
            self._rules.seen(self._thing(ended), (ended.call,))
            return False
        return await self._stages[ended.how].goes_on(ended, lost=lost)

    def _tell(self, ended: Ended) -> None:
        """Once: what shows itself again after that is ended without a word."""
        thing, now_s = self._thing(ended), self._clock()
        if not ended.was_seen or now_s - self._told_s.get(thing, -math.inf) > limits.SHOWS_LATE_S:
            self._events.publish(Said(text=ended.reason))
        self._told_s[thing] = now_s
