"""What is compared: anything that turns a sentence into a meaning, and its scored answers."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from vehicle_agent.evaluation.dialogues import Dialogues, SpokenLine
from vehicle_agent.evaluation.scoring import Labelled, Score, score
from vehicle_agent.planning import planned
from vehicle_agent.planning.confidence import Confidence
from vehicle_agent.planning.planned import Planned
from vehicle_agent.planning.planner import Planner
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Routed, Utterance

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``utterance``: what was understood; ``route``: the specialist it is for; ``reply``: to the open question;
    ``asks``: the question put instead of doing it at once, if unsure; ``confidence``: that it is right, ``meant``: that
    the car was spoken to at all; ``ms``: wall time of the model or method."""

    utterance: Utterance
    route: tuple[str, str] | None = None
    reply: planned.Answer | None = None
    asks: Incomplete | None = None
    confidence: float = 1.0
    meant: float = 1.0
    ms: float = 0.0
    first_token_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    @classmethod
    def meaning(cls, utterance: Utterance, *, confidence: float = 1.0, ms: float = 0.0) -> Self:
        """Of a method that tells no more than this; a specialist's route is taken apart."""
        if not isinstance(utterance, Routed):
            return cls(utterance=utterance, confidence=confidence, ms=ms)
        calls = utterance.plan if utterance.plan.steps else Refusal()
        return cls(utterance=calls, route=(utterance.to, utterance.query), confidence=confidence, ms=ms)

    @property
    def done(self) -> Utterance:
        """What is done without a question."""
        return self.utterance if self.asks is None else self.asks

    @property
    def changes(self) -> bool:
        """Whether what was understood would change anything in the car."""
        return isinstance(self.utterance, Plan) and any(not call.spec.reads_only for call in self.utterance.calls)


class Answerer(Protocol):
    """Answers sentences, each for itself."""

    name: str

    def answer(self, text: str) -> Answer: ...


class Hearer(Protocol):
    """Answers lines in their order: what was said before in the same dialogue may count."""

    @property
    def name(self) -> str: ...

    def hear(self, line: SpokenLine) -> Answer: ...


class Alone:
    """An answerer that hears every line as if nothing had been said before."""

    def __init__(self, answerer: Answerer) -> None:
        self.name = answerer.name
        self._answerer = answerer

    def hear(self, line: SpokenLine) -> Answer:
        return self._answerer.answer(line.text)


class Ours:
    """The planner as the product runs it, with its own context."""

    name = "this planner"

    def __init__(self, planner: Planner, confidence: Confidence | None = None) -> None:
        """``confidence``: what tells how probable it is that the car was meant, if anything does."""
        self._dialogues = Dialogues(planner)
        self._confidence = confidence or Confidence()

    def hear(self, line: SpokenLine) -> Answer:
        heard = self._dialogues.plan(line)
        unasked = heard.unasked
        return Answer(
            utterance=heard.utterance,
            route=heard.route,
            reply=heard.answer,
            asks=unasked if heard.doubtful and isinstance(unasked, Incomplete) else None,
            confidence=heard.confidence,
            meant=self._confidence.meant(heard.statistics),
            ms=heard.model_ms,
            first_token_ms=heard.first_token_ms,
            tokens_in=heard.tokens_in,
            tokens_out=heard.tokens_out,
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
        heard = Planned(heard=label.text, utterance=answer.utterance, route=answer.route, answer=answer.reply)
        would = score(label, heard)
        done = score(label, heard, answer.done) if answer.asks else would
        return cls(label=label, answer=answer, would=would, score=done)


def rows(
    hearer: Hearer, labels: Sequence[Labelled], progress: Progress, texts: Sequence[str] | None = None
) -> list[Row]:
    """Every line answered, one at a time, in order; ``texts``: what is heard instead of the labels' own texts."""
    heard = [label.text for label in labels] if texts is None else texts
    done = []
    for number, (label, text) in enumerate(zip(labels, heard, strict=True), 1):
        done.append(Row.of(label, hearer.hear(replace(label.spoken, text=text))))
        if number % 50 == 0 or number == len(labels):
            progress(f"{hearer.name}: {number} of {len(labels)}")
    return done


def evenly(labels: Sequence[Labelled], count: int) -> list[Labelled]:
    """At most ``count`` of them, evenly spread over the set; of conversations as many whole ones as fit."""
    if len(labels) <= count:
        return list(labels)
    if not any(label.spoken.dialogue for label in labels):
        return [labels[i * len(labels) // count] for i in range(count)]
    talks = list(dict.fromkeys(label.spoken.dialogue for label in labels))
    wanted = max(1, count * len(talks) // len(labels))
    chosen = {talks[i * len(talks) // wanted] for i in range(wanted)}
    return [label for label in labels if label.spoken.dialogue in chosen]


def to_stderr(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
