"""Text to confirmed actuation on the simulated car, split into its stages.

Car, head unit and agent share one process and event loop and a virtual CAN bus: their work counts into the figures.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from simulators.workbench.bench.figures import spread
from simulators.workbench.bench.utterances import AT_ONCE, WITH_MOTION, Said
from simulators.workbench.session import Session, session
from state_machines.permit import Permit
from vehicle_agent.backends.base import Action, Backend, Observed
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_agent.conversation.assistant import PlansText
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.planning.planner import Planned
from vehicle_apis.call import Call
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

_DRIVING: Final = ("gear=D", "speed=50")
_MAX_MOTIONS: Final = 3
_LISTEN_S: Final = 1.0
_CHECK_S: Final = 0.3


@dataclass(slots=True, kw_only=True)
class Marks:
    """Moments of one utterance, in seconds of one clock. ``accept_ms``: only what goes over CAN has it."""

    asked_s: float = 0.0
    plan_began_s: float = 0.0
    planned_s: float = 0.0
    sent_s: float = 0.0
    confirmed_s: float = 0.0
    replied_s: float = 0.0
    accept_ms: float | None = None
    planned: Planned | None = None


@dataclass(slots=True)
class _Tape:
    """The marks of the utterance under way."""

    marks: Marks = field(default_factory=Marks)


class _TimedPlanner:
    def __init__(self, inner: PlansText, tape: _Tape) -> None:
        self._inner = inner
        self._tape = tape

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        self._tape.marks.plan_began_s = time.monotonic()
        planned = await self._inner.plan_async(text, earlier)
        self._tape.marks.planned_s = time.monotonic()
        self._tape.marks.planned = planned
        return planned


class _TimedAction:
    def __init__(self, inner: Action, tape: _Tape) -> None:
        self.call = inner.call
        self.undo = inner.undo
        self._inner = inner
        self._tape = tape

    def send(self, permit: Permit) -> None:
        self._tape.marks.sent_s = time.monotonic()
        self._inner.send(permit)

    async def outcome(self) -> Observed:
        observed = await self._inner.outcome()
        self._tape.marks.confirmed_s = time.monotonic()
        return observed


class _TimedBackend:
    def __init__(self, inner: Backend, tape: _Tape) -> None:
        self._inner = inner
        self._tape = tape

    async def prepare(self, call: Call) -> Action:
        return _TimedAction(await self._inner.prepare(call), self._tape)


async def measure_whole_way(
    planner: PlansText,
    repetitions: int,
    *,
    at_once: tuple[Said, ...] = AT_ONCE,
    with_motion: tuple[Said, ...] = WITH_MOTION,
) -> dict[str, object]:
    """Raises Unavailable when there is no D-Bus daemon."""
    tape = _Tape()
    timed = _TimedPlanner(planner, tape)
    async with session(timed, _DRIVING, around=lambda backend: _TimedBackend(backend, tape)) as s:
        await _runs(s, tape, at_once, 1)
        done = await _runs(s, tape, at_once, repetitions)
        moved = await _runs(s, tape, with_motion, min(repetitions, _MAX_MOTIONS))
        frames = await _frames(s)
        checked_per_s = _checked_per_s(s, frames)
    return {
        "whole_way_on": "simulated car in the same process, virtual CAN bus, private D-Bus",
        "whole_way_runs": len(at_once) * repetitions,
        "whole_way_runs_done_as_meant": len(done),
        **spread("whole_way", [_ms(m.asked_s, m.replied_s) for m in done]),
        **_stages(done),
        **_with_motion(moved),
        "can_frames_on_simulated_bus_per_s": round(len(frames) / _LISTEN_S),
        "can_frames_checked_per_s_at_most": checked_per_s,
    }


def _stages(done: list[Marks]) -> dict[str, object]:
    planned = [(m, m.planned) for m in done if m.planned is not None]
    over_can = [(m, m.accept_ms) for m in done if m.accept_ms is not None]
    over_dbus = [m for m in done if m.accept_ms is None]
    parts: dict[str, Iterable[float]] = {
        "stage_normalising_and_decoding": [p.total_ms - p.model_ms for _, p in planned],
        "stage_model": [p.model_ms for _, p in planned],
        "stage_thread_handover": [_ms(m.plan_began_s, m.planned_s) - p.total_ms for m, p in planned],
        "stage_judging_and_preparing": [_ms(m.planned_s, m.sent_s) for m in done],
        "stage_can_sent_to_accepted": [accept_ms for _, accept_ms in over_can],
        "stage_can_accepted_to_confirmed": [_ms(m.sent_s, m.confirmed_s) - accept_ms for m, accept_ms in over_can],
        "stage_dbus_sent_to_confirmed": [_ms(m.sent_s, m.confirmed_s) for m in over_dbus],
        "stage_reply": [_ms(m.confirmed_s, m.replied_s) for m in done],
    }
    figures: dict[str, object] = {}
    for name, samples in parts.items():
        figures |= spread(name, samples)
    return figures


def _with_motion(moved: list[Marks]) -> dict[str, object]:
    """The motor's own time apart, so that the rest can be compared with the figures above."""
    return {
        "window_runs_done_as_meant": len(moved),
        **spread("window_whole_way", [_ms(m.asked_s, m.replied_s) for m in moved]),
        **spread("window_whole_way_without_motion", [_ms(m.asked_s, m.sent_s) + (m.accept_ms or 0.0) for m in moved]),
        **spread("window_motion", [_ms(m.sent_s, m.confirmed_s) - (m.accept_ms or 0.0) for m in moved]),
    }


def _ms(began_s: float, ended_s: float) -> float:
    return (ended_s - began_s) * 1000


async def _runs(s: Session, tape: _Tape, utterances: tuple[Said, ...], times: int) -> list[Marks]:
    """The marks of every utterance that did what it should; a misunderstood one would measure something else."""
    found: list[Marks] = []
    for _ in range(times):
        for said in utterances:
            tape.marks = Marks(asked_s=time.monotonic())
            s.can.accept_ms.clear()
            turn = await s.assistant.ask(said.text)
            marks = tape.marks
            marks.replied_s = time.monotonic()
            marks.accept_ms = s.can.accept_ms[-1] if s.can.accept_ms else None
            names = [o.call.name for o in turn.progress.outcomes if o.status is Status.DONE]
            if names == [said.function] and len(turn.progress.outcomes) == 1:
                found.append(marks)
            s.take_frames()
    return found


async def _frames(s: Session) -> list[Received]:
    """What the car sends while nothing is asked of it."""
    frames: list[Received] = []
    unsubscribe = s.can.link.subscribe(frames.append)
    await asyncio.sleep(_LISTEN_S)
    unsubscribe()
    return frames


def _checked_per_s(s: Session, frames: list[Received]) -> int | None:
    """How many frames of that traffic can be checked (length, counter, CRC) and decoded where they changed."""
    if not frames:
        return None
    store = SignalStore(s.can.binding, time.monotonic)
    checked = 0
    began_s = time.perf_counter()
    while (took_s := time.perf_counter() - began_s) < _CHECK_S:
        for frame in frames:
            store.receive(frame)
        checked += len(frames)
    return round(checked / took_s)
