"""Recorded frames straight into the signal store and the gate, in the recording's own time: no bus, no waiting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from state_machines import limits
from state_machines.driving_state import DrivingState
from state_machines.gate import Gate
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_agent.record.drives.probes import probes
from vehicle_agent.record.drives.reasons import because
from vehicle_apis.binding import CarBinding
from vehicle_apis.catalogue import Catalogue

# after so long a silence every signal is stale and the state has settled: nothing changes any more
_SETTLED_TICKS: Final = round((limits.IGNITION_MAX_AGE_MS / 1000 + limits.BETTER_AFTER_S) / limits.GATE_TICK_S) + 2
BY_TIME: Final = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """``at_s``: since the first frame; ``by``: the message whose frame brought it, or "time"."""

    at_s: float
    old: str
    new: str
    by: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What every probe call was answered at the moment when a state began: "allow", "confirm", "deny"."""

    at_s: float
    state: str
    of: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """``messages``: how many frames of each message were found what (the words of E2EStatus and SignalStore)."""

    frames: int
    seconds: float
    changes: tuple[StateChange, ...]
    verdicts: tuple[Verdicts, ...]
    messages: Mapping[str, Mapping[str, int]]


def judge_drive(frames: Iterable[Received], catalogue: Catalogue, binding: CarBinding) -> Drive:
    """Lets the agent's store and gate take ``frames``, as the running agent does: the same frames, the same answer.

    ``frames`` are in order of time; the clock is theirs. Takes what ``frames`` raises.
    """
    judge = _Judging(catalogue, binding)
    for frame in frames:
        judge.take(frame)
    return judge.drive()


class _Judging:
    def __init__(self, catalogue: Catalogue, binding: CarBinding) -> None:
        self._now_s = 0.0
        self._store = SignalStore(binding, self._clock)
        self._gate = Gate(catalogue, self._clock)
        self._probes = tuple(probes(catalogue))
        self._first_s: float | None = None
        self._ticks = 0
        self._frames = 0
        self._changes: list[StateChange] = []
        self._verdicts: list[Verdicts] = []

    def _clock(self) -> float:
        return self._now_s

    def take(self, frame: Received) -> None:
        if self._first_s is None:
            self._first_s = frame.time_s
            self._ask(self._gate.state)
        # whole microseconds: what a recording can tell, without the noise of subtracting large numbers
        at_s = round(frame.time_s - self._first_s, 6)
        self._tick_until(at_s)
        self._frames += 1
        self._now_s = at_s
        name = self._store.receive(Received(frame.frame_id, frame.data, at_s, frame.is_extended))
        if name is not None and self._store.is_gate_message(name):
            self._observe(name)

    def _tick_until(self, at_s: float) -> None:
        silence = int((at_s - self._now_s) / limits.GATE_TICK_S)
        if silence > 2 * _SETTLED_TICKS:
            last = self._ticks + _SETTLED_TICKS
            while self._ticks < last:
                self._tick()
            self._ticks = int(at_s / limits.GATE_TICK_S)
        while self._ticks * limits.GATE_TICK_S <= at_s:
            self._tick()

    def _tick(self) -> None:
        self._now_s = round(self._ticks * limits.GATE_TICK_S, 6)
        self._ticks += 1
        self._observe(BY_TIME)

    def _observe(self, by: str) -> None:
        old = self._gate.state
        signals = self._store.snapshot(self._now_s)
        new = self._gate.observe(signals)
        if new is not old:
            change = StateChange(at_s=self._now_s, old=old.word, new=new.word, by=by, because=because(new, signals))
            self._changes.append(change)
            self._ask(new)

    def _ask(self, state: DrivingState) -> None:
        signals = self._store.snapshot(self._now_s)
        answers = {text: self._gate.assess(call, signals).decision.word for text, call in self._probes}
        self._verdicts.append(Verdicts(at_s=self._now_s, state=state.word, of=answers))

    def drive(self) -> Drive:
        messages: dict[str, dict[str, int]] = {}
        for (name, what), count in sorted(self._store.counts.items()):
            messages.setdefault(name or "(unknown)", {})[what] = count
        return Drive(
            frames=self._frames,
            seconds=self._now_s,
            changes=tuple(self._changes),
            verdicts=tuple(self._verdicts),
            messages=messages,
        )
