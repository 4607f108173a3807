"""The last exchanges with the agent: what was said, the plan, verdicts and outcomes as they come."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulators.dashboard.port import Judged, Planned, Settled

KEPT: Final = 12
_OPEN: Final = frozenset({"planned", "pending"})


@dataclass(slots=True)
class StepView:
    """``status``: planned until the agent tells more, then that of the outcome."""

    id: int
    call: str
    after: tuple[int, ...] = ()
    status: str = "planned"
    verdict: str = ""
    rule: str = ""
    reason: str = ""
    observed: str = ""
    confirmed_ms: float = 0.0
    settled_ms: float | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "call": self.call,
            "after": list(self.after),
            "status": self.status,
            "verdict": self.verdict,
            "rule": self.rule,
            "reason": self.reason,
            "observed": self.observed,
            "confirmed_ms": round(self.confirmed_ms, 1),
            "settled_ms": None if self.settled_ms is None else round(self.settled_ms),
        }


@dataclass(slots=True)
class TurnView:
    """``said``: what the tester said or called; times count from ``began_s``."""

    number: int
    said: str
    spoken: bool
    began_s: float
    at_s: float
    steps: dict[int, StepView] = field(default_factory=dict)
    confidence: float | None = None
    model_ms: float | None = None
    why: str = ""
    note: str = ""
    reply: str = ""
    error: str = ""
    busy: bool = True

    def to_json(self) -> dict[str, object]:
        return {
            "said": self.said,
            "spoken": self.spoken,
            "at_s": round(self.at_s, 3),
            "steps": [step.to_json() for step in self.steps.values()],
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "model_ms": None if self.model_ms is None else round(self.model_ms, 1),
            "why": self.why,
            "note": self.note,
            "reply": self.reply,
            "error": self.error,
            "busy": self.busy,
        }


class Conversation:
    """Pure: times come in as arguments. Events belong to the newest turn they fit."""

    def __init__(self) -> None:
        self._turns: deque[TurnView] = deque(maxlen=KEPT)
        self._number = 0

    def begin(self, said: str, *, spoken: bool, now_s: float, at_s: float) -> TurnView:
        """``now_s`` of a monotonic clock, ``at_s`` of the wall clock."""
        self._number += 1
        turn = TurnView(number=self._number, said=said, spoken=spoken, began_s=now_s, at_s=at_s)
        self._turns.append(turn)
        return turn

    def planned(self, event: Planned) -> None:
        if not self._turns:
            return
        turn = self._turns[-1]
        turn.confidence, turn.model_ms, turn.why = event.confidence, event.model_ms, event.why
        turn.note = event.note
        known = turn.steps
        turn.steps = {
            s.id: known.get(s.id) or StepView(id=s.id, call=s.call, after=s.after) for s in event.steps
        }  # some may have been judged, even settled, before the plan was complete

    def judged(self, event: Judged) -> None:
        step = self._find(event.call)
        if step is not None:
            step.verdict, step.rule = event.decision, event.rule

    def settled(self, event: Settled, now_s: float) -> None:
        step = self._find(event.call, event.step)
        if step is None and self._turns:
            # begun before its plan is known
            step = self._turns[-1].steps.setdefault(event.step, StepView(id=event.step, call=event.call))
        if step is None:
            return
        step.status, step.verdict, step.rule = event.status, event.verdict or step.verdict, event.rule or step.rule
        step.reason, step.observed, step.confirmed_ms = event.reason, event.observed, event.confirmed_ms
        turn = next(t for t in self._turns if step in t.steps.values())
        step.settled_ms = (now_s - turn.began_s) * 1000

    def _find(self, call: str, number: int | None = None) -> StepView | None:
        for turn in reversed(self._turns):
            for step in turn.steps.values():
                if step.status in _OPEN and step.call == call and number in {None, step.id}:
                    return step
        return None

    def end(self, turn: TurnView, document: Mapping[str, Any]) -> None:
        """The agent's answer: it fills in what no event told."""
        turn.busy = False
        turn.reply = str(document.get("reply", ""))
        for call in document.get("calls", ()):
            turn.steps.setdefault(
                call["id"], StepView(id=call["id"], call=_call_text(call), after=tuple(call["after"]))
            )
        for outcome in document.get("outcomes", ()):
            step = turn.steps.get(outcome["id"])
            if step is None:
                continue
            step.status = outcome["status"]
            step.verdict = outcome["verdict"] or step.verdict
            step.rule, step.reason = outcome["rule"] or step.rule, outcome["reason"] or step.reason
            step.observed = (outcome.get("observed") or {}).get("text", "") or step.observed

    def fail(self, turn: TurnView, message: str) -> None:
        turn.busy, turn.error = False, message

    def to_json(self) -> dict[str, object]:
        """Turns by their number, as text: JSON has no other keys."""
        return {str(turn.number): turn.to_json() for turn in self._turns}


def _call_text(call: Mapping[str, Any]) -> str:
    inside = ", ".join(f"{key}={value}" for key, value in call["arguments"].items())
    return f"{call['name']}({inside})"
