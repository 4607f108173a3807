"""From an utterance to what it means, while some of it may begin already."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TypeAlias

from state_machines.zone import at_speaker
from vehicle_agent.conversation import turn_state as ts
from vehicle_agent.conversation.course import Course
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.follow_up import follow_up
from vehicle_agent.conversation.planners import PlansText, ReadsAhead, StreamsPlan
from vehicle_agent.conversation.turn_state import Missing, Work
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Call, Plan
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotWanted:
    """The driver cancelled it meanwhile. ``begun``: what was carried out of it by then."""

    begun: Work | None


Understood: TypeAlias = Planned | NotWanted


class Understanding:
    """``mic_zone``: the seat from which is spoken; ``early_start`` as for `Assistant`."""

    def __init__(self, planner: PlansText, executor: Executor, course: Course, *, mic_zone: str) -> None:
        self._planner = planner
        self._executor = executor
        self._course = course
        self._mic_zone = mic_zone

    async def while_asking(self, text: str, earlier: Earlier) -> Planned:
        """What an utterance to an open question means: its answer, or a command of its own. Nothing begins."""
        return self._placed(await self._planner.plan_async(text, earlier))

    async def read_ahead(self, earlier: Earlier) -> None:
        """Has the planner read what was ``earlier`` before the next utterance comes. Nothing depends on it."""
        if not isinstance(self._planner, ReadsAhead):
            return
        try:
            await self._planner.prepare(earlier)
        except Exception as e:  # noqa: BLE001 - the utterance itself will tell what is wrong
            log.warning("the planner could not read ahead: %s", e)

    async def of(
        self, text: str, missing: Missing | None, earlier: Earlier = NOTHING_BEFORE, *, early_start: bool
    ) -> Understood:
        """What the utterance means after what was ``earlier``, from the speaker's place. The caller has the turn.

        ``missing``: the question it may answer, if that is still open. What has begun by then is the course's work.
        """
        course = self._course
        if missing is not None and not course.waits_for(missing):
            missing = None
        task = asyncio.create_task(self._meaning(text, missing, earlier, early_start=early_start), name="planning")
        course.move(ts.PlanningBegan(task))
        try:
            planned = await task
        except asyncio.CancelledError:
            if not isinstance(course.state, ts.Cancelling | ts.Cancelled):  # this turn itself is cancelled
                raise
            planned = None
        finally:
            state = course.state
            course.move(ts.PlanningEnded())
        if isinstance(state, ts.Cancelling | ts.Cancelled) or planned is None:
            return NotWanted(ts.begun_of(state))
        return self._placed(planned)

    async def _meaning(self, text: str, missing: Missing | None, earlier: Earlier, *, early_start: bool) -> Planned:
        if missing is not None:
            return await follow_up(self._planner, missing, text, earlier)
        if early_start and isinstance(self._planner, StreamsPlan):
            return await self._planner.stream(text, self._begin_early, earlier)
        return await self._planner.plan_async(text, earlier)

    def _begin_early(self, early: Early) -> None:
        """Begins a step of the unfinished plan if nothing speaks against it; else it waits for the whole plan."""
        state = self._course.state
        if not isinstance(state, ts.Planning) or not early.may_begin or early.step.call.uses_results:
            return
        step = replace(early.step, call=self._at(early.step.call))
        if not self._executor.would_allow(step.call):
            return  # a question or a refusal comes in its place of the plan
        work = state.begun
        if work is None:
            work = self._course.new_work()
            self._course.move(ts.BegunEarly(work))
        work.run.begin(step)

    def _placed(self, planned: Planned) -> Planned:
        """The plan as meant from the speaker's place: "my window" is the passenger's for the passenger's microphone."""
        if not planned.plan.steps:
            return planned
        steps = tuple(replace(step, call=self._at(step.call)) for step in planned.plan)
        return replace(planned, utterance=Plan(steps))

    def _at(self, call: Call) -> Call:
        if self._mic_zone == "driver":
            return call
        placed = at_speaker(call.spec, call.spoken_arguments(), self._mic_zone)
        return Call(call.spec, placed)  # type: ignore[arg-type]  # Call validates what it is given
