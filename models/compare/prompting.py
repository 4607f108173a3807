"""The prompted base model against ours on the same lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final, Self

from models.compare.answers import Progress, Row, evenly
from models.compare.baselines.prompted import Prompted
from models.compare.process import PROMPTED, Footprint, measure
from models.compare.sets import EvalSet, Kind
from models.compare.shares import Share
from models.compare.summary import Latency, is_single, latency
from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_agent.evaluation.scoring import Labelled

MAIN_LINES: Final = 40
OTHER_LINES: Final = 24
FEWEST_LINES: Final = 4
BUDGET_S: Final = 220.0
_MEMORY_LINES: Final = 2


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
    """``contests``: single calls among the first set's lines, then every set. ``retrieved``: single-call lines whose
    function is among those offered; ``named``: and is then named."""

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


def prompt_and_compare(
    model: Path, threads: int, sets: Sequence[EvalSet], ours: Mapping[str, Sequence[Row]], progress: Progress
) -> Prompting:
    """At most MAIN_LINES of the first set and OTHER_LINES of each other one, fewer where they would take more than
    about BUDGET_S; routes are not in its prompt, and what must do nothing is tried on one set alone. Raises
    CompareError."""
    progress(f"{Prompted.name}: memory in a process of its own")
    first = sets[0]
    footprint = measure(PROMPTED, model, threads, [label.text for label in evenly(first.labels, _MEMORY_LINES)])
    prompted = Prompted(model, threads=threads)
    contests: list[Contest] = []
    singles: list[tuple[Row, bool, bool]] = []
    tried = [one for one in sets if one.kind not in {Kind.ROUTES, Kind.VOICES}] or [first]
    try:
        each_s = prompted.hear(SpokenLine(text=first.labels[0].text)).ms / 1000
        fits = min(1.0, BUDGET_S / (each_s * (MAIN_LINES + OTHER_LINES * (len(tried) - 1))))
        for one in tried:
            chosen = evenly(one.labels, max(FEWEST_LINES, int(fits * (MAIN_LINES if one is first else OTHER_LINES))))
            answered = _answers(prompted, chosen, progress)
            picked = {id(label) for label in chosen}
            same = [row for row in ours[one.name] if id(row.label) in picked]
            contests.append(_contest(one.title, same, [row for row, _, _ in answered]))
            if one is first:
                singles = [triple for triple in answered if is_single(triple[0])]
                alone = [row for row in same if is_single(row)]
                contests.append(_contest("of these, single calls", alone, [row for row, _, _ in singles]))
    finally:
        prompted.close()
    return Prompting(
        contests=contests,
        retrieved=Share.of(offered for _, offered, _ in singles),
        named=Share.of(hit for _, _, hit in singles),
        file_mb=round(model.stat().st_size / 1e6, 1),
        footprint=footprint,
    )


def _answers(prompted: Prompted, labels: Sequence[Labelled], progress: Progress) -> list[tuple[Row, bool, bool]]:
    """Rows, whether the wanted function was offered, and whether it was named."""
    answered = []
    for number, label in enumerate(labels, 1):
        row = Row.of(label, prompted.hear(label.spoken))
        wanted = label.plan.calls[0].name if label.plan.calls else ""
        answered.append((row, wanted in prompted.retrieved, bool(wanted) and wanted == prompted.named))
        if number % 10 == 0 or number == len(labels):
            progress(f"{prompted.name}: {number} of {len(labels)}")
    return answered
