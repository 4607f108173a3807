"""Watching the car: each reading goes to the gate, and what must not go on by it is ended."""

import asyncio
import logging
from collections.abc import Callable

from state_machines import limits
from state_machines.crash_latch import CrashLatch
from state_machines.driving_state import DrivingState, raw_state
from state_machines.gate import Gate
from state_machines.standing import StandingRules
from state_machines.start_grace import StartGrace
from state_machines.tick import Tick
from vehicle_agent.backends.base import Pictures
from vehicle_agent.events import Events
from vehicle_agent.standing.enforcement import StandingEnforcement
from vehicle_agent.standing.stages import InCar, OnHeadUnit
from vehicle_agent.tasks import end_all
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Signals
from vehicle_apis.traits import Ending

log = logging.getLogger(__name__)


class Watch:
    """From `start` to `close`; tell `look` of every reading and `changed` of every change of the gate's state.

    ``signals``: the readings of this moment; ``in_car`` and ``pictures`` end what goes on.
    """

    def __init__(
        self,
        gate: Gate,
        crash: CrashLatch,
        rules: StandingRules,
        *,
        signals: Callable[[], Signals],
        in_car: InCar,
        pictures: Pictures,
        catalogue: Catalogue,
        events: Events,
        clock: Callable[[], float],
    ) -> None:
        self._gate = gate
        self._crash = crash
        self._rules = rules
        self._signals = signals
        self._clock = clock
        self._car = in_car.lookout
        on_head_unit = OnHeadUnit(pictures, catalogue, self._seen, clock, lambda: gate.state is DrivingState.PARKED)
        self._head_unit = on_head_unit.lookout
        self.enforcement = StandingEnforcement(
            rules,
            dict.fromkeys(in_car.endings, in_car) | dict.fromkeys(on_head_unit.endings, on_head_unit),
            present=self._present,
            events=events,
            clock=clock,
        )
        self._grace = StartGrace(clock())
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Of what a former run left nothing is known yet, so everything is looked at."""
        self._grace = StartGrace(self._clock())
        self._car.open_all()
        self._head_unit.open_all()
        self._tasks = {asyncio.create_task(self._tick(), name="gate tick"), *self._head_unit.start()}

    async def close(self) -> None:
        await self.enforcement.close()
        await end_all(self._tasks)

    async def first_looks(self, timeout_s: float) -> None:
        """Waits until what a former run left is known, and has ended if it must; at most ``timeout_s``."""
        until_s = self._clock() + timeout_s
        while self._clock() < until_s:
            state, _signals = self._present()
            if state is not None and self._head_unit.has_asked and not self.enforcement.is_ending:
                return
            await asyncio.sleep(limits.GATE_TICK_S / 2)

    def look(self) -> None:
        """Takes the readings of this moment; what they forbid is being ended when this returns."""
        signals = self._signals()
        self._gate.observe(signals)
        self._car.look()
        # also without a new state: the rear view stays in reverse gear only
        self.enforcement.enforce(self._judged_in(signals), signals)

    def changed(self, new: DrivingState) -> None:
        """The gate's state is ``new`` from now on."""
        self._head_unit.look_now()
        self.enforcement.enforce(new, self._signals())

    def look_again(self, how: Ending) -> None:
        """A picture was asked for: it may take its time."""
        self._head_unit.open(how)

    def _present(self) -> tuple[DrivingState | None, Signals]:
        signals = self._signals()
        return self._judged_in(signals), signals

    def _judged_in(self, signals: Signals) -> DrivingState | None:
        """The state that the standing rules go by; None just after a start, while nothing is known yet."""
        raw = raw_state(signals, crash_latched=self._crash.latched)
        return self._grace.state(raw, self._gate.state, self._clock())

    def _seen(self, how: Ending, may_be: tuple[Call, ...]) -> None:
        if not self.enforcement.ends(how):
            self._rules.seen(how, may_be)
            self.look()

    async def _tick(self) -> None:
        tick = Tick()
        while True:
            tick.looks(self._clock())
            try:
                self.look()
            except Exception:  # a listener's defect must not end the looking; a judgement looks for itself
                log.exception("a look at the car's state failed")
            await asyncio.sleep(tick.pause_s(self._clock()))
