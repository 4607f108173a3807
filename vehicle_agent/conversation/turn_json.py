"""A turn as the JSON document of `ask`, `call` and the D-Bus service."""

from collections.abc import Iterable

from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.conversation.turn import Turn
from vehicle_agent.planning.planned import Planned
from vehicle_apis.codec import Incomplete


def planned_json(text: str, planned: Planned) -> dict[str, object]:
    """The JSON of `plan`, as the stable commands specify. A doubtful plan is in `would`; `calls` is what is done
    without an answer."""
    unasked = planned.unasked
    clarify = None
    calls = planned.plan.to_json()
    if isinstance(unasked, Incomplete):
        question = clarifying_question(unasked)
        if planned.doubtful:
            question = doubt_question([s.call for s in planned.plan if s.id not in planned.begun])
            calls = [s.to_json() for s in planned.plan if s.id in planned.begun]
        clarify = {"name": unasked.spec.name, "missing": unasked.missing, "question": question}
    document: dict[str, object] = {
        "text": text,
        "calls": calls,
        "understood": bool(planned.plan.steps),
        "clarify": clarify,
        "answer": planned.answer,
        "route": None if planned.route is None else {"to": planned.route[0], "query": planned.route[1]},
        "ms": {"model": round(planned.model_ms, 2), "total": round(planned.total_ms, 2)},
        "confidence": round(planned.confidence, 4),
    }
    return document | {"would": planned.plan.to_json()} if planned.doubtful else document


def turn_json(turn: Turn, *, text: str | None = None, frames: Iterable[dict[str, object]] = ()) -> dict[str, object]:
    """`plan`'s keys (when there was a text), then outcomes, reply, the open question and the frames sent."""
    document: dict[str, object] = {}
    if turn.planned is not None:
        document |= planned_json(text if text is not None else turn.planned.heard, turn.planned)
    else:
        document["calls"] = turn.progress.plan.to_json()
    question = turn.progress.question
    return document | {
        "outcomes": [outcome.to_json() for outcome in turn.progress.outcomes],
        "reply": turn.reply,
        "question": None if question is None else {"id": question.id, "text": question.text, "step": question.step},
        "frames": list(frames),
    }
