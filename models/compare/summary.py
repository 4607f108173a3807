"""One answerer on one set, as figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from models.compare.answers import Row
from models.compare.shares import Mistake, Share, Slice, mistakes, slices
from vehicle_agent.evaluation.scoring import quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds per line."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Scored is what is done without a question; ``exact_if_confirmed``: what is done after a yes to every question;
    ``refusal_correct``: of the lines to be refused; ``wrong_refusal``: commands that got an empty plan, the asked ones
    among them."""

    name: str
    exact: Share
    exact_if_confirmed: Share
    asked: Share
    function: Share
    isomorphic: Share
    unwanted: Share
    refusal_correct: Share
    wrong_refusal: Share
    slices: list[Slice]
    latency: Latency
    latency_single: Latency
    first_token: Latency
    tokens_in: float
    tokens_out: float
    mistakes: list[Mistake]


def latency(values_ms: Sequence[float]) -> Latency:
    return Latency(p50_ms=round(quantile(values_ms, 0.5), 1), p95_ms=round(quantile(values_ms, 0.95), 1))


def is_single(row: Row) -> bool:
    return "single" in row.label.tags


def summarise(name: str, rows: Sequence[Row]) -> Summary:
    """Raises ValueError without rows."""
    if not rows:
        raise ValueError("there is nothing to summarise")
    timed = [row for row in rows if row.answer.ms]
    return Summary(
        name=name,
        exact=Share.of(r.score.exact for r in rows),
        exact_if_confirmed=Share.of(r.would.exact for r in rows),
        asked=Share.of(r.answer.asks is not None for r in rows),
        function=Share.of(r.score.function for r in rows),
        isomorphic=Share.of(r.score.isomorphic for r in rows),
        unwanted=Share.of(r.score.opposite for r in rows),
        refusal_correct=Share.of(r.score.empty for r in rows if r.label.is_refusal),
        wrong_refusal=Share.of(r.score.empty for r in rows if not r.label.is_refusal and not r.label.is_incomplete),
        slices=slices(rows),
        latency=latency([r.answer.ms for r in timed]),
        latency_single=latency([r.answer.ms for r in timed if is_single(r)]),
        first_token=latency([r.answer.first_token_ms for r in timed]),
        tokens_in=round(mean(r.answer.tokens_in for r in rows), 2),
        tokens_out=round(mean(r.answer.tokens_out for r in rows), 2),
        mistakes=mistakes(rows),
    )
