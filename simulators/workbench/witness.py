"""The witness: what the agent sent, judged by what the simulated car really did rather than by what its signals said.

Only a simulation can know the truth. Faults that signals cannot show (both speed sources standing still, say) are found
here and nowhere else.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from state_machines.driving_state import DrivingState, raw_state
from state_machines.gate import Judge
from state_machines.rulebook import Decision
from vehicle_agent.events import Judged
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import WORDED, Reading, Signals

if TYPE_CHECKING:
    from simulators.world import World

LOOK_EVERY_S: Final = 0.02
REACTION_S: Final = 0.6  # a lost signal counts for 500 ms, and takes a cycle and a look to be noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsafe:
    """A call that was sent although the car, as it really was, had forbidden it for ``since_s``."""

    call: str
    believed: str
    truly: str
    since_s: float

    def __str__(self) -> str:
        return f"{self.call} was sent as {self.believed}; the car had been {self.truly} for {self.since_s:.2f} s"


class Witness:
    """Watches one world while `watch` runs; `judged` listens to the agent's judgements."""

    def __init__(self, world: "World", catalogue: Catalogue, clock: Callable[[], float] = time.monotonic) -> None:
        self._world = world
        self._judge = Judge(catalogue)
        self._clock = clock
        self._history: list[tuple[float, DrivingState]] = []
        self.unsafe: list[Unsafe] = []
        self.sent = 0

    def truth(self) -> Signals:
        """Fresh and valid readings of what the car really does."""
        shown = self._world.car.state()
        words = {name: Reading(shown[name]) for name in WORDED if name in shown}
        speeds = Reading(shown["vehicle_speed"]), Reading(shown["wheel_speed_average"])
        return Signals(speed_kmh=speeds, **words)

    def look(self) -> DrivingState:
        """Notes the state of this moment; returns it."""
        state = raw_state(self.truth())
        if not self._history or self._history[-1][1] is not state:
            self._history.append((self._clock(), state))
        return state

    async def watch(self) -> None:
        """Looks until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def judged(self, judgement: Judged) -> None:
        """Takes a judgement; those that let a call be sent are compared with the truth."""
        if not judgement.binding or judgement.decision != "allow":
            return
        self.sent += 1
        state, truth = self.look(), self.truth()
        if self._forbids(judgement, state, truth):
            since_s = self._clock() - self._forbidden_since(judgement, truth)
            if since_s > REACTION_S:
                found = Unsafe(
                    call=str(judgement.call), believed=judgement.state, truly=state.word, since_s=round(since_s, 3)
                )
                self.unsafe.append(found)

    def _forbids(self, judgement: Judged, state: DrivingState, truth: Signals) -> bool:
        return self._judge.assess(judgement.call, state, truth, judgement.context).decision is Decision.DENY

    def _forbidden_since(self, judgement: Judged, truth: Signals) -> float:
        """When the present run of states that forbid the call began."""
        began_s = self._clock()
        for seen_s, state in reversed(self._history):
            if not self._forbids(judgement, state, truth):
                break
            began_s = seen_s
        return began_s
