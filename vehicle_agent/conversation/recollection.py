"""What a live conversation remembers: the planner's memory, true to what was carried out, and the results so far."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from vehicle_agent.backends.base import Place
from vehicle_agent.conversation import refusals
from vehicle_agent.conversation.kept import Kept
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.turn_state import Work
from vehicle_agent.planning.memory import Memory, turns_after
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Plan, Step
from vehicle_apis.codec import Refusal
from vehicle_apis.earlier import Earlier, PastTurn, WantedPiece
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import EarlierRef

NO_RESULT: Final = "I do not have that any more; please say what you mean"
_RESULTS_KEPT: Final = 32


class ResultGone(LookupError):
    """What an earlier turn found is not known any more, was never found, or does not fit where it is wanted."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A turn's plan by what became of it. What was refused or has failed is in none of them.

    ``open``: what is not settled, with the look-ups whose results it uses.
    """

    done: Plan
    declined: Plan
    open: Plan


class Recollection:
    """One speaker's. ``clock``: monotonic seconds. ``waiting``: steps of the turn before that were open at `begin`.

    Around each utterance: `begin`, `understood`, `carried_out_by` where something is done about it, and in the end
    `goes_on`. Context is what came about: a plan becomes part of it when nothing of it is open any more.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._memory = Memory()
        self._results: dict[tuple[int, int], str] = {}
        self._under_way: tuple[Work, Plan] | None = None
        self.waiting: tuple[int, ...] = ()

    @property
    def number(self) -> int:
        """The number of the present turn."""
        return self._memory.number

    def begin(self, began_s: float, *, asked: bool, wanted: bool) -> Earlier:
        """A new utterance; what was before it.

        ``asked``: it may answer the open yes/no question; ``wanted``: it may bring the piece that was asked for.
        """
        self._settle()
        if self._memory.begin(began_s) == 1:
            self._results.clear()
            self._under_way = None
        self.waiting = self._open_steps()
        if not wanted:
            self._memory.wants(Refusal(), "")
        return self._earlier(asked=asked)

    def understood(self, planned: Planned) -> None:
        """What the present utterance means, if it was no answer."""
        self._memory.wants(planned.utterance, planned.heard)

    def carried_out_by(self, work: Work, plan: Plan) -> None:
        """``plan`` is under way, in the driver's words. What was under way before has ended."""
        if self._under_way is None or self._under_way[0] is not work:
            self._settle()
        self._under_way = (work, plan)

    def goes_on(self) -> None:
        """The exchange has lasted until now."""
        self._memory.goes_on(self._clock())

    def ahead(self, *, asked: bool) -> Earlier:
        """What will be before the next utterance, if it comes in time."""
        self._settle()
        return self._earlier(asked=asked)

    def resolved(self, plan: Plan) -> Plan:
        """The plan with each `$T.N` replaced by that result. Raises ResultGone."""
        return Plan(tuple(self._resolved(step) for step in plan))

    def kept(self) -> tuple[tuple[PastTurn, ...], tuple[int, Plan] | None]:
        """The turns so far, and the number of the one that is under way with what of it is open."""
        self._settle()
        if self._under_way is None:
            return self._memory.turns, None
        work, plan = self._under_way
        parts = parts_of(plan, work.run.snapshot().outcomes)
        turns = turns_after(self._memory.turns, work.turn, parts.done, parts.declined)
        return tuple(turns), (work.turn, parts.open)

    @property
    def results(self) -> Mapping[tuple[int, int], str]:
        """What calls found, by turn and step."""
        self._keep_results()
        return dict(self._results)

    def restore(self, kept: Kept) -> None:
        """Goes on with a conversation that was put away."""
        wanted = None
        if kept.missing is not None:
            words, command = kept.missing
            wanted = WantedPiece(words, command.spec.name, command.missing)
        self._memory.restore(self._clock(), kept.number, kept.turns, wanted)
        self._results = dict(kept.results)

    def _resolved(self, step: Step) -> Step:
        found = {k: self._result(v) for k, v in step.call.arguments.items() if isinstance(v, EarlierRef)}
        if not found:
            return step
        try:
            return replace(step, call=step.call.with_arguments(**found))
        except InvalidCall as e:
            raise ResultGone(str(e)) from e

    def _result(self, ref: EarlierRef) -> str:
        self._keep_results()
        try:
            return self._results[ref.turn, ref.step]
        except KeyError:
            raise ResultGone(str(ref)) from None

    def _earlier(self, *, asked: bool) -> Earlier:
        if self._under_way is None:
            return self._memory.earlier()
        work, plan = self._under_way
        parts = parts_of(plan, work.run.snapshot().outcomes)
        return self._memory.meanwhile(work.turn, parts.done, parts.declined, parts.open if asked else Plan())

    def _open_steps(self) -> tuple[int, ...]:
        if self._under_way is None:
            return ()
        work, plan = self._under_way
        settled = {o.id for o in work.run.snapshot().outcomes if o.status is not Status.PENDING}
        return tuple(step.id for step in plan if step.id not in settled)

    def _settle(self) -> None:
        """What of the last plan came about is remembered once nothing of it is open."""
        if self._under_way is None:
            return
        self._keep_results()
        work, plan = self._under_way
        parts = parts_of(plan, work.run.snapshot().outcomes)
        if not parts.open.steps:
            self._memory.came_about(work.turn, parts.done, parts.declined)
            self._under_way = None

    def _keep_results(self) -> None:
        if self._under_way is None:
            return
        work, _ = self._under_way
        for outcome in work.run.snapshot().outcomes:
            text = _result_text(outcome)
            if text:
                self._results[work.turn, outcome.id] = text[:MAX_TEXT_CHARS]
        for old in list(self._results)[:-_RESULTS_KEPT]:
            del self._results[old]


def parts_of(plan: Plan, outcomes: tuple[Outcome, ...]) -> Parts:
    """``outcomes`` of the steps of ``plan``, of which a step without one is open."""
    by_id = {outcome.id: outcome for outcome in outcomes}
    ids = {step.id for step in plan}
    left = {n for n in ids if n not in by_id or by_id[n].status is Status.PENDING}
    return Parts(
        done=_only(plan, {n for n in ids - left if by_id[n].status is Status.DONE}),
        declined=_with_sources(plan, {n for n in ids - left if _not_wanted(by_id[n])}),
        open=_with_sources(plan, left),
    )


def _not_wanted(outcome: Outcome) -> bool:
    """Whether the driver, and not the car, is why it was not done."""
    return outcome.status is Status.EXPIRED or outcome.reason in {refusals.SAID_NO, refusals.CANCELLED}


def _with_sources(plan: Plan, ids: AbstractSet[int]) -> Plan:
    wanted = set(ids)
    for step in reversed(plan.steps):
        if step.id in wanted:
            wanted |= set(step.call.refs)
    return _only(plan, wanted)


def _only(plan: Plan, ids: AbstractSet[int]) -> Plan:
    steps = [step for step in plan if step.id in ids and set(step.call.refs) <= ids]
    return Plan(tuple(replace(step, after=()) for step in steps))


def _result_text(outcome: Outcome) -> str:
    result = outcome.observed.result if outcome.observed is not None else None
    if outcome.status is not Status.DONE or result is None:
        return ""
    return f"{result.name}, {result.address}" if isinstance(result, Place) else str(result)
