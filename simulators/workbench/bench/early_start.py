"""What beginning calls before the plan is complete saves: time until the first command is sent, and until all is done.

The same utterances of three to five calls on the simulated car, with and without, and both once more.
"""

import time
from dataclasses import dataclass
from typing import Final

from simulators.workbench.bench.figures import spread
from simulators.workbench.bench.utterances import IN_ONE_BREATH, Said
from simulators.workbench.session import Session, session
from state_machines.permit import Permit
from vehicle_agent.backends.base import Action, Backend, Observed
from vehicle_agent.conversation.assistant import PlansText
from vehicle_agent.conversation.outcome import Status
from vehicle_apis.call import Call

_PARKED: Final = ("gear=P", "speed=0")


@dataclass(slots=True)
class _FirstSend:
    """When the first command of the turn under way was sent; 0 = not yet."""

    at_s: float = 0.0


class _TimedAction:
    def __init__(self, inner: Action, first: _FirstSend) -> None:
        self.call = inner.call
        self.undo = inner.undo
        self._inner = inner
        self._first = first

    def send(self, permit: Permit) -> None:
        if not self._first.at_s:
            self._first.at_s = time.monotonic()
        self._inner.send(permit)

    async def outcome(self) -> Observed:
        return await self._inner.outcome()


class _TimedBackend:
    def __init__(self, inner: Backend, first: _FirstSend) -> None:
        self._inner = inner
        self._first = first

    async def prepare(self, call: Call) -> Action:
        return _TimedAction(await self._inner.prepare(call), self._first)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    first_ms: float
    all_ms: float
    begun: int


async def measure_early_start(
    planner: PlansText, repetitions: int, *, utterances: tuple[Said, ...] = IN_ONE_BREATH
) -> dict[str, object]:
    """Raises Unavailable when there is no D-Bus daemon."""
    first = _FirstSend()
    samples: dict[bool, list[_Sample]] = {True: [], False: []}
    for rounds in _halves(repetitions):
        for early in (False, True):
            around = lambda backend: _TimedBackend(backend, first)  # noqa: E731
            async with session(planner, _PARKED, early_start=early, around=around) as s:
                for said in utterances:
                    await _run(s, first, said)  # warming
                for _ in range(rounds):
                    for said in utterances:
                        sample = await _run(s, first, said)
                        if sample is not None:
                            samples[early].append(sample)
    started, whole = samples[True], samples[False]
    return {
        "several_calls_runs": len(utterances) * repetitions,
        "several_calls_runs_done_as_meant": len(whole),
        "several_calls_begun_early_share": (
            round(sum(x.begun > 0 for x in started) / len(started), 3) if started else None
        ),
        **spread("several_calls_first_sent_early_start", [x.first_ms for x in started]),
        **spread("several_calls_first_sent_whole_plan", [x.first_ms for x in whole]),
        **spread("several_calls_all_done_early_start", [x.all_ms for x in started]),
        **spread("several_calls_all_done_whole_plan", [x.all_ms for x in whole]),
    }


def _halves(repetitions: int) -> tuple[int, ...]:
    """Both ways are measured at two times, so that a computer that grows slower or faster does not favour one."""
    return tuple(n for n in (repetitions // 2, repetitions - repetitions // 2) if n)


async def _run(s: Session, first: _FirstSend, said: Said) -> _Sample | None:
    """None for one that did not do what it should: it would measure something else."""
    first.at_s = 0.0
    asked_s = time.monotonic()
    turn = await s.assistant.ask(said.text)
    all_ms = (time.monotonic() - asked_s) * 1000
    s.take_frames()
    done = [o for o in turn.progress.outcomes if o.status is Status.DONE]
    if len(done) != said.calls or len(turn.progress.outcomes) != said.calls:
        return None
    begun = len(turn.planned.begun) if turn.planned is not None else 0
    return _Sample(first_ms=(first.at_s - asked_s) * 1000, all_ms=all_ms, begun=begun)
