"""Outcomes as the sentence the driver hears."""

from vehicle_agent.conversation.outcome import Outcome, Progress, Status
from vehicle_agent.conversation.questions import clarifying_question
from vehicle_agent.conversation.wording import doubt_question


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def of_outcome(outcome: Outcome) -> str:
    """One sentence for one call."""
    if outcome.status is Status.DONE:
        return _sentence(outcome.observed.text if outcome.observed is not None else "Done")
    return _sentence(outcome.reason or outcome.status.value)


def reply(progress: Progress) -> str:
    """The whole answer: what is done, what is not and why, and the open question last."""
    sentences = [of_outcome(o) for o in progress.outcomes if o.status is not Status.PENDING]
    if progress.question is not None:
        sentences.append(_sentence(progress.question.text))
    seen: dict[str, None] = dict.fromkeys(s for s in sentences if s)
    return " ".join(seen)


__all__ = ["clarifying_question", "doubt_question", "of_outcome", "reply"]
