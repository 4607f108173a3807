"""The prompted base model against ours on the same lines."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final, Self

from models.compare.answers import Progress, Row, evenly
from models.compare.baselines.prompted import Prompted
from models.compare.process import PROMPTED, Footprint, measure
from models.compare.shares import Share
from models.compare.summary import Latency, is_single, latency
from vehicle_agent.evaluation.scoring import Labelled

AT_MOST_LINES: Final = 60
WHOLE_SET_S: Final = 360.0
_TRIED: Final = 4
_MEMORY_LINES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One model on these lines."""

    exact: Share
    function: Share
    unwanted: Share
    tokens_in: float
    tokens_out: float
    latency: Latency

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        return cls(
            exact=Share.of(r.score.exact for r in rows),
            function=Share.of(r.score.function for r in rows),
            unwanted=Share.of(r.score.opposite for r in rows),
            tokens_in=round(mean(r.answer.tokens_in for r in rows), 2) if rows else 0.0,
            tokens_out=round(mean(r.answer.tokens_out for r in rows), 2) if rows else 0.0,
            latency=latency([r.answer.ms for r in rows]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """``factor``: their median time by ours; ``context_share``: our tokens in by theirs."""

    title: str
    ours: Pair
    theirs: Pair
    factor: float
    context_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompting:
    """``retrieved``: single-call lines whose function is among those offered; ``named``: and is then named."""

    lines: int
    of_lines: int
    contests: list[Contest]
    retrieved: Share
    named: Share
    file_mb: float
    footprint: Footprint


def _contest(title: str, ours: Sequence[Row], theirs: Sequence[Row]) -> Contest:
    a, b = Pair.of(ours), Pair.of(theirs)
    return Contest(
        title=title,
        ours=a,
        theirs=b,
        factor=round(b.latency.p50_ms / a.latency.p50_ms, 1) if a.latency.p50_ms else 0.0,
        context_share=round(a.tokens_in / b.tokens_in, 4) if b.tokens_in else 0.0,
    )


def prompt_and_compare(model: Path, threads: int, ours: Sequence[Row], progress: Progress) -> Prompting:
    """At most AT_MOST_LINES lines when all would take more than WHOLE_SET_S. Raises CompareError."""
    labels = [row.label for row in ours]
    progress(f"{Prompted.name}: memory in a process of its own")
    footprint = measure(PROMPTED, model, threads, [label.text for label in evenly(labels, _MEMORY_LINES)])
    prompted = Prompted(model, threads=threads)
    try:
        chosen = _affordable(prompted, labels)
        theirs, offered, named = _answers(prompted, chosen, progress)
    finally:
        prompted.close()
    picked = {id(label) for label in chosen}
    same = [row for row in ours if id(row.label) in picked]
    singles = [row for row in theirs if is_single(row)]
    return Prompting(
        lines=len(theirs),
        of_lines=len(ours),
        contests=[
            _contest("all", same, theirs),
            _contest("single call", [r for r in same if is_single(r)], singles),
        ],
        retrieved=Share.of(hit for row, hit in zip(theirs, offered, strict=True) if is_single(row)),
        named=Share.of(hit for row, hit in zip(theirs, named, strict=True) if is_single(row)),
        file_mb=round(model.stat().st_size / 1e6, 1),
        footprint=footprint,
    )


def _affordable(prompted: Prompted, labels: Sequence[Labelled]) -> list[Labelled]:
    tried = evenly(labels, _TRIED)
    began_s = time.perf_counter()
    for label in tried:
        prompted.answer(label.text)
    each_s = (time.perf_counter() - began_s) / len(tried)
    return list(labels) if each_s * len(labels) <= WHOLE_SET_S else evenly(labels, AT_MOST_LINES)


def _answers(
    prompted: Prompted, labels: Sequence[Labelled], progress: Progress
) -> tuple[list[Row], list[bool], list[bool]]:
    rows, offered, named = [], [], []
    for number, label in enumerate(labels, 1):
        answer = prompted.answer(label.text)
        rows.append(Row.of(label, answer))
        wanted = label.plan.calls[0].name if label.plan.calls else ""
        offered.append(wanted in prompted.retrieved)
        named.append(bool(wanted) and wanted == prompted.named)
        if number % 10 == 0 or number == len(labels):
            progress(f"{prompted.name}: {number} of {len(labels)}")
    return rows, offered, named
