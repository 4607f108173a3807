"""One exchange with the driver, and the replies that are no outcome's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from vehicle_agent.conversation import feedback
from vehicle_agent.conversation.outcome import Progress
from vehicle_agent.planning.planned import NOBODY_ANSWERS, NOT_OURS, Planned
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete

NOT_THE_REST: Final = "Sorry, I could not use the rest: {why}."
PUT_AGAIN: Final = "I had just asked something new: {question}"
DROPPED_TOO: Final = "I had just asked something new, and dropped that too: {question}"
NOTHING_WAITS: Final = "There is nothing waiting for an answer."
NO_SUCH_QUESTION: Final = "There is no open question of that number."
NOTHING_TO_CANCEL: Final = "There is nothing to cancel."


_FOR: Final = {"manual": "for the manual", "knowledge": "for general knowledge", "talk": "for a talk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange. ``planned`` is None for a call without the model or an answer to a question."""

    planned: Planned | None
    progress: Progress
    reply: str


def only(reply: str, *, planned: Planned | None = None) -> Turn:
    """A turn in which nothing was done."""
    return Turn(planned=planned, progress=Progress(plan=Plan(), outcomes=()), reply=reply)


def not_done(planned: Planned) -> str:
    """What to say of an utterance that is no plan."""
    if isinstance(planned.utterance, Incomplete):
        return feedback.clarifying_question(planned.utterance)
    if planned.taken_back:
        return "All right, nothing done."
    return f"Sorry, {planned.why}."


def note(planned: Planned) -> str:
    """Whom it is for, or what it answers, in a line for people; "" for a plan."""
    if planned.route is not None:
        to, query = planned.route
        return f"{_FOR.get(to, f'for {to}')}: {query}"
    return "" if planned.answer is None else f"answers the question: {planned.answer}"


def aside(planned: Planned) -> str:
    """What to say, before an open question is put again, of an utterance that left it open; mostly nothing."""
    if planned.answer is not None or planned.taken_back or (planned.route is None and planned.why in {"", NOT_OURS}):
        return ""
    return not_done(planned)


def with_route(turn: Turn, planned: Planned) -> Turn:
    """The turn with a word on what was asked besides of a specialist; an open question stays the last word."""
    if planned.route is None:
        return turn
    nobody = f"Sorry, {NOBODY_ANSWERS[planned.route[0]]}."
    asks = turn.progress.question is not None
    return replace(turn, reply=joined((nobody, turn.reply) if asks else (turn.reply, nobody)))


def joined(sentences: Iterable[str]) -> str:
    """Each of them once."""
    return " ".join(dict.fromkeys(s for s in sentences if s))
