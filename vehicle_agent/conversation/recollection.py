"""What a live conversation remembers: the planner's memory, true to what was carried out, and the results so far."""

from collections.abc import Callable
from typing import Final

from vehicle_agent.backends.base import Place
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.run import Run
from vehicle_agent.planning.memory import Memory
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Plan, Step
from vehicle_apis.codec import Reply, Routed
from vehicle_apis.earlier import Earlier
from vehicle_apis.params import MAX_TEXT_CHARS
from vehicle_apis.ref import EarlierRef

NO_RESULT: Final = "I do not have that any more; please say what you mean"


class ResultGone(LookupError):
    """What an earlier turn found is not known any more, or was never found."""


class Recollection:
    """One speaker's. ``clock``: monotonic seconds.

    Around each utterance: `begin`, then `understood`; `carried_out_by` where something is done about it, `declined`
    where its question is answered with no.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._memory = Memory()
        self._results: dict[tuple[int, int], str] = {}
        self._run: Run | None = None
        self._run_number = 0
        self._asked = False

    @property
    def number(self) -> int:
        """The number of the present turn."""
        return self._memory.number

    def begin(self, *, asked: bool) -> Earlier:
        """A new utterance; what was before it. ``asked``: a yes/no question about the last plan is open."""
        self._settle(still_open=asked)
        if self._memory.begin(self._clock()) == 1:
            self._results.clear()
        self._asked = asked and self._run is not None
        return self._memory.earlier(asked=self._asked)

    def understood(self, planned: Planned) -> None:
        """What the present utterance means."""
        if planned.answer is not None:
            self._memory.understood(Reply(planned.answer), planned.heard, asked=self._asked)
            return
        meaning = planned.utterance
        if planned.route is not None:
            meaning = Routed(*planned.route, planned.plan)
        if planned.plan.steps:
            self._run = None
        self._memory.understood(meaning, planned.heard, asked=self._asked)

    def carried_out_by(self, run: Run) -> None:
        """The present turn's plan is under way."""
        self._run, self._run_number = run, self._memory.number

    def answered(self, *, yes: bool) -> None:
        """The open question about the last plan was answered."""
        self._memory.understood(Reply("yes" if yes else "no"), "", asked=True)
        if not yes:
            self._run = None

    def ahead(self, *, asked: bool) -> Earlier:
        """What will be before the next utterance, if it comes in time."""
        return self._memory.earlier(asked=asked and self._run is not None)

    def resolved(self, plan: Plan) -> Plan:
        """The plan with each `$T.N` replaced by that result. Raises ResultGone."""
        return Plan(tuple(self._resolved(step) for step in plan))

    def _resolved(self, step: Step) -> Step:
        found = {k: self._result(v) for k, v in step.call.arguments.items() if isinstance(v, EarlierRef)}
        return Step(id=step.id, call=step.call.with_arguments(**found), after=step.after) if found else step

    def _result(self, ref: EarlierRef) -> str:
        self._keep_results()
        try:
            return self._results[ref.turn, ref.step]
        except KeyError:
            raise ResultGone(str(ref)) from None

    def _settle(self, *, still_open: bool) -> None:
        """What of the last plan came about is remembered, the rest is forgotten: a refused request is no context."""
        run = self._run
        if run is None:
            return
        self._keep_results()
        if still_open:
            return
        done = {o.id for o in run.snapshot().outcomes if o.status is Status.DONE}
        self._memory.did(self._run_number, done)
        self._run = None

    def _keep_results(self) -> None:
        if self._run is not None:
            for outcome in self._run.snapshot().outcomes:
                text = _result_text(outcome)
                if text:
                    self._results[self._run_number, outcome.id] = text[:MAX_TEXT_CHARS]


def _result_text(outcome: Outcome) -> str:
    result = outcome.observed.result if outcome.observed is not None else None
    if outcome.status is not Status.DONE or result is None:
        return ""
    return f"{result.name}, {result.address}" if isinstance(result, Place) else str(result)
