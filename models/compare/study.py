"""Everything measured in one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Final

from models.compare.answers import Alone, Hearer, Ours, Progress, Row, evenly, rows
from models.compare.baselines.neighbour import Neighbour
from models.compare.baselines.templates import Templates
from models.compare.causes import Wrong, wrong_lines
from models.compare.confidence import Trust, trust
from models.compare.process import OURS, Footprint, measure
from models.compare.prompting import Prompting, prompt_and_compare
from models.compare.sets import EvalSet, Kind
from models.compare.special import Decisions, Heed, Routes, Talks, decisions, heeding, routes, talks
from models.compare.summary import Summary, summarise
from models.compare.sweep import Level, sweep
from models.compare.word_errors import Confuser
from models.data.generate import Source
from vehicle_agent.planning.confidence import Confidence
from vehicle_agent.planning.model_file import fingerprint, sha256
from vehicle_agent.planning.planner import Planner
from vehicle_apis.catalogue import load_catalogue

_MEMORY_LINES: Final = 60
_SLOW_LINES: Final = 150  # of a set that is not the main one, for the methods that are slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the figures belong to. ``files``: of all sets, file name -> sha256; ``ask_below``, ``ignore_below``: the
    thresholds in use."""

    date: str
    machine: str
    threads: int
    load_average: float
    main_set: str
    files: Mapping[str, str]
    lines: int
    model_name: str
    model_sha256: str
    model_mb: float
    catalogue_hash: str
    functions: int
    calibrated: bool
    ask_below: float
    ignore_below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStudy:
    """One set. ``others``: the simpler methods, perhaps on a part of it; ``commands`` and ``nothing``: what becomes of
    lines that ask for something of the car, and of those that do not."""

    name: str
    title: str
    kind: Kind
    lines: int
    left_out: int
    ours: Summary
    others: list[Summary]
    talks: Talks | None
    routes: Routes | None
    commands: Decisions
    nothing: Decisions
    wrong: list[Wrong]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """``ours``, ``baselines``, ``levels``: on the main set; ``trust``, ``heeding``: over the lines of all ``sets``."""

    made: Made
    sets: list[SetStudy]
    ours: Summary
    footprint: Footprint
    trust: Trust
    heeding: list[Heed]
    baselines: list[Summary]
    prompting: Prompting
    levels: list[Level]
    templates: int
    neighbours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What to measure and what to call it."""

    sets: Sequence[EvalSet]
    model: Path
    base: Path
    threads: int
    date: str
    machine: str
    load_average: float

    @property
    def main(self) -> EvalSet:
        """The set of single sentences, else the first: times, word errors and mistakes are of it."""
        return next((s for s in self.sets if s.name == "dev"), self.sets[0])


def study_of(one: EvalSet, ours: Sequence[Row], others: Sequence[Summary]) -> SetStudy:
    """One set's figures from its rows."""
    return SetStudy(
        name=one.name,
        title=one.title,
        kind=one.kind,
        lines=len(one.labels),
        left_out=one.left_out,
        ours=summarise(Ours.name, ours),
        others=list(others),
        talks=talks(ours),
        routes=routes(ours),
        commands=decisions([row for row in ours if row.label.plan.steps]),
        nothing=decisions([row for row in ours if row.label.is_refusal]),
        wrong=list(wrong_lines(one.name, ours)),
    )


def run(plan: StudyPlan, progress: Progress) -> Study:
    """Takes about ten minutes on two cores. Raises CompareError, ModelError."""
    catalogue = load_catalogue(with_packs=False)
    progress("memory of the planner, in a process of its own")
    texts = [label.text for label in evenly(plan.main.labels, _MEMORY_LINES)]
    footprint = measure(OURS, plan.model, plan.threads, texts)
    planner = Planner.load(catalogue, plan.model, threads=plan.threads)
    try:
        calibrated, ask_below, ignore_below = planner.calibrated, planner.ask_below, planner.ignore_below
        confidence = Confidence.for_model(fingerprint(plan.model))
        done: dict[str, list[Row]] = {}
        for one in plan.sets:
            progress(f"{one.name}: {len(one.labels)} lines")
            done[one.name] = rows(Ours(planner, confidence), one.labels, progress)
        prompting = prompt_and_compare(plan.base, plan.threads, plan.sets, done, progress)
        progress("training lines for the nearest-line baseline")
        neighbour, templates = Neighbour(Source(catalogue)), Templates(catalogue)
        simple: list[Hearer] = [Alone(neighbour), Alone(templates)]
        main = plan.main
        clean = {Ours.name: done[main.name]} | {other.name: rows(other, main.labels, progress) for other in simple}
        others = {one.name: _others(one, simple, progress) for one in plan.sets if one is not main}
        others[main.name] = [summarise(other.name, clean[other.name]) for other in simple]
        levels = sweep([Ours(planner), *simple], clean, main.labels, Confuser.load(), progress)
    finally:
        planner.close()
    every = [row for one in plan.sets for row in done[one.name]]
    return Study(
        made=Made(
            date=plan.date,
            machine=plan.machine,
            threads=plan.threads,
            load_average=plan.load_average,
            main_set=main.name,
            files={name: value for one in plan.sets for name, value in one.files.items()},
            lines=sum(len(one.labels) for one in plan.sets),
            model_name=plan.model.name,
            model_sha256=sha256(plan.model),
            model_mb=round(plan.model.stat().st_size / 1e6, 1),
            catalogue_hash=catalogue.wire_hash(),
            functions=len(catalogue),
            calibrated=calibrated,
            ask_below=ask_below,
            ignore_below=ignore_below,
        ),
        sets=[study_of(one, done[one.name], others[one.name]) for one in plan.sets],
        ours=summarise(Ours.name, clean[Ours.name]),
        footprint=footprint,
        trust=trust(every),
        heeding=heeding(every, ignore_below),
        baselines=others[main.name],
        prompting=prompting,
        levels=levels,
        templates=templates.templates,
        neighbours=neighbour.lines,
    )


def _others(one: EvalSet, simple: Sequence[Hearer], progress: Progress) -> list[Summary]:
    """The simpler methods on at most _SLOW_LINES lines."""
    return [summarise(other.name, rows(other, evenly(one.labels, _SLOW_LINES), progress)) for other in simple]


def plain(value: object) -> object:
    """Dataclasses, lists and floats as JSON holds them, rates with six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return round(value, 6) if isinstance(value, float) else value
