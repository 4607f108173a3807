"""The same sentences with more and more word errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean
from typing import Final

from models.compare.answers import Hearer, Progress, Row, rows
from models.compare.confidence import auc
from models.compare.word_errors import Confuser, Heard, mishear
from vehicle_agent.evaluation.scoring import Labelled

RATES: Final = (0.05, 0.10, 0.20)
SEEDS: Final = (1, 2)
BUDGET_S: Final = 220.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Means over the seeds; ``exact_range``: the least and the greatest seed. ``word_errors``: measured rate."""

    name: str
    rate: float
    word_errors: float
    exact: float
    exact_range: tuple[float, float]
    function: float
    unwanted: float
    refused: float
    auc: float | None


def heard_lines(labels: Sequence[Labelled], rate: float, seed: int, confuser: Confuser) -> list[Heard]:
    """A line's errors depend on the seed, the rate and its id alone."""
    return [mishear(label.text, rate, confuser, Random(f"{seed}:{rate}:{label.id}:{label.text}")) for label in labels]


def _level(name: str, rate: float, word_errors: float, runs: Sequence[Sequence[Row]]) -> Level:
    exact = [mean(r.score.exact for r in run) for run in runs]
    every = [row for run in runs for row in run]
    area = auc(
        [r.answer.confidence for r in every if r.would.exact], [r.answer.confidence for r in every if not r.would.exact]
    )
    return Level(
        name=name,
        rate=rate,
        word_errors=word_errors,
        exact=mean(exact),
        exact_range=(min(exact), max(exact)),
        function=mean(r.score.function for r in every),
        unwanted=mean(r.score.opposite for r in every),
        refused=mean(r.score.empty for r in every),
        auc=area.auc,
    )


def sweep(
    answerers: Sequence[Hearer],
    clean: Mapping[str, Sequence[Row]],
    labels: Sequence[Labelled],
    confuser: Confuser,
    progress: Progress,
) -> list[Level]:
    """All answerers on the same misheard sentences; ``clean``: their rows without errors, by name. As many of SEEDS as
    take about BUDGET_S, one at least."""
    each_s = len(RATES) * sum(row.answer.ms for a in answerers for row in clean[a.name]) / 1000
    seeds = SEEDS[: max(1, int(BUDGET_S / max(each_s, 1e-9)))]
    levels = [_level(a.name, 0.0, 0.0, [clean[a.name]]) for a in answerers]
    for rate in RATES:
        heard = [heard_lines(labels, rate, seed, confuser) for seed in seeds]
        errors = sum(h.errors for lines in heard for h in lines) / sum(h.words for lines in heard for h in lines)
        for answerer in answerers:
            progress(f"word errors {rate:.0%}, seeds {seeds}")
            runs = [rows(answerer, labels, progress, [h.text for h in lines]) for lines in heard]
            levels.append(_level(answerer.name, rate, errors, runs))
    return levels
