"""Everything measured in one run, on the same sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Final

from models.compare.answers import Answerer, Ours, Progress, Row, evenly, rows
from models.compare.baselines.neighbour import Neighbour
from models.compare.baselines.templates import Templates
from models.compare.confidence import Trust, trust
from models.compare.process import OURS, Footprint, measure
from models.compare.prompting import Prompting, prompt_and_compare
from models.compare.summary import Summary, summarise
from models.compare.sweep import Level, sweep
from models.compare.word_errors import Confuser
from models.data.generate import Source
from vehicle_agent.evaluation.scoring import Labelled
from vehicle_agent.planning.model_file import sha256
from vehicle_agent.planning.planner import Planner
from vehicle_apis.catalogue import load_catalogue

_MEMORY_LINES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the figures belong to."""

    date: str
    machine: str
    threads: int
    load_average: float
    set_name: str
    set_sha256: str
    lines: int
    model_name: str
    model_sha256: str
    model_mb: float
    catalogue_hash: str
    functions: int
    calibrated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    made: Made
    ours: Summary
    footprint: Footprint
    trust: Trust
    baselines: list[Summary]
    prompting: Prompting
    levels: list[Level]
    templates: int
    neighbours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What to measure and what to call it."""

    labelled: Path
    labels: Sequence[Labelled]
    model: Path
    base: Path
    threads: int
    date: str
    machine: str
    load_average: float


def run(plan: StudyPlan, progress: Progress) -> Study:
    """Takes a quarter of an hour on two cores. Raises CompareError, ModelError."""
    labels = plan.labels
    catalogue = load_catalogue(with_packs=False)
    progress("memory of the planner, in a process of its own")
    texts = [label.text for label in evenly(labels, _MEMORY_LINES)]
    footprint = measure(OURS, plan.model, plan.threads, texts)
    planner = Planner.load(catalogue, plan.model, threads=plan.threads)
    try:
        ours = Ours(planner)
        calibrated = planner.calibrated
        clean: dict[str, list[Row]] = {ours.name: rows(ours, labels, progress)}
        prompting = prompt_and_compare(plan.base, plan.threads, clean[ours.name], progress)
        progress("training lines for the nearest-line baseline")
        neighbour, templates = Neighbour(Source(catalogue)), Templates(catalogue)
        others: list[Answerer] = [neighbour, templates]
        clean |= {other.name: rows(other, labels, progress) for other in others}
        levels = sweep([ours, *others], clean, labels, Confuser.load(), progress)
    finally:
        planner.close()
    return Study(
        made=Made(
            date=plan.date,
            machine=plan.machine,
            threads=plan.threads,
            load_average=plan.load_average,
            set_name=plan.labelled.name,
            set_sha256=sha256(plan.labelled),
            lines=len(labels),
            model_name=plan.model.name,
            model_sha256=sha256(plan.model),
            model_mb=round(plan.model.stat().st_size / 1e6, 1),
            catalogue_hash=catalogue.wire_hash(),
            functions=len(catalogue),
            calibrated=calibrated,
        ),
        ours=summarise(ours.name, clean[ours.name]),
        footprint=footprint,
        trust=trust(clean[ours.name]),
        baselines=[summarise(other.name, clean[other.name]) for other in others],
        prompting=prompting,
        levels=levels,
        templates=templates.templates,
        neighbours=neighbour.lines,
    )


def plain(value: object) -> object:
    """Dataclasses, lists and floats as JSON holds them, rates with six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return round(value, 6) if isinstance(value, float) else value
