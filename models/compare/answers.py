"""What is compared: anything that turns a sentence into a meaning, and its scored answers."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from vehicle_agent.evaluation.scoring import Labelled, Score, score
from vehicle_agent.planning.planned import Planned
from vehicle_agent.planning.planner import Planner
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Utterance

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``utterance``: what was understood; ``route``: the specialist it is for; ``asks``: the question put instead of
    doing it at once, if unsure; ``ms``: wall time of the model or method."""

    utterance: Utterance
    route: tuple[str, str] | None = None
    asks: Incomplete | None = None
    confidence: float = 1.0
    ms: float = 0.0
    first_token_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def done(self) -> Utterance:
        """What is done without a question."""
        return self.utterance if self.asks is None else self.asks

    @property
    def changes(self) -> bool:
        """Whether what was understood would change anything in the car."""
        return isinstance(self.utterance, Plan) and any(not call.spec.reads_only for call in self.utterance.calls)


class Answerer(Protocol):
    name: str

    def answer(self, text: str) -> Answer: ...


class Ours:
    """The planner as the product runs it."""

    name = "this planner"

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def answer(self, text: str) -> Answer:
        planned = self._planner.plan(text)
        unasked = planned.unasked
        return Answer(
            utterance=planned.utterance,
            route=planned.route,
            asks=unasked if planned.doubtful and isinstance(unasked, Incomplete) else None,
            confidence=planned.confidence,
            ms=planned.model_ms,
            first_token_ms=planned.first_token_ms,
            tokens_in=planned.tokens_in,
            tokens_out=planned.tokens_out,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``score``: of what is done without a question, as `vehicle-agent eval` scores; ``would``: of what was understood,
    which is what is done after a yes."""

    label: Labelled
    answer: Answer
    score: Score
    would: Score

    @classmethod
    def of(cls, label: Labelled, answer: Answer) -> Self:
        planned = Planned(heard=label.text, utterance=answer.utterance, route=answer.route)
        would = score(label, planned)
        done = score(label, planned, answer.done) if answer.asks else would
        return cls(label=label, answer=answer, would=would, score=done)


def rows(
    answerer: Answerer, labels: Sequence[Labelled], progress: Progress, texts: Sequence[str] | None = None
) -> list[Row]:
    """Every line answered, one at a time, in order; ``texts``: what is heard instead of the labels' own texts."""
    heard = [label.text for label in labels] if texts is None else texts
    done = []
    for number, (label, text) in enumerate(zip(labels, heard, strict=True), 1):
        answer = answerer.answer(text)
        done.append(Row.of(label, answer))
        if number % 50 == 0 or number == len(labels):
            progress(f"{answerer.name}: {number} of {len(labels)}")
    return done


def evenly(labels: Sequence[Labelled], count: int) -> list[Labelled]:
    """At most ``count`` of them, evenly spread over the set."""
    if len(labels) <= count:
        return list(labels)
    return [labels[i * len(labels) // count] for i in range(count)]


def to_stderr(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
