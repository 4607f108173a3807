"""Scenario x fault x seed, over all cores or a cluster: how much of what is expected holds in each."""

import csv
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from simulators.car import Wiring, fault_kinds, load_wiring, parse_fault
from simulators.errors import SimulatorError
from simulators.scenario import built_in, parse
from simulators.workbench.packs import simulated_packs
from simulators.workbench.play import play
from simulators.workbench.scenario_files import load_scenarios
from vehicle_agent.cli.output import BadInput
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.conversation.assistant import PlansText
from vehicle_agent.errors import Unavailable, VehicleAgentError
from vehicle_agent.packages import problem

NO_FAULT: Final = "no fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One run. ``scenario``: name or path; ``fault``: in words, "" for none; ``text``: the scenario's own YAML, so that
    a worker on another computer needs no files."""

    scenario: str
    text: str
    fault: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """``met`` of ``expected`` expectations; ``unsafe``: sent against the truth; ``residual``: the same in a scenario
    that is about such a risk; ``error``: why it could not run."""

    scenario: str
    fault: str
    seed: int
    met: int = 0
    expected: int = 0
    unsafe: int = 0
    residual: int = 0
    frames: int = 0
    duration_s: float = 0.0
    took_s: float = 0.0
    error: str = ""


def texts_of(scenarios: Iterable[str]) -> dict[str, str]:
    """Name or path -> YAML; "all" are the built-in ones. Raises ScenarioError, OSError."""
    known = built_in()
    names = [name for name, _ in load_scenarios(scenarios)]
    return {name: known.get(name, Path(name)).read_text(encoding="utf-8") for name in names}


def faults_of(words: Iterable[str]) -> list[str]:
    """Each once; "all" is one of each kind. Raises SimulatorError."""
    wanted: list[str] = []
    for word in words:
        wanted += [kind.example for kind in fault_kinds()] if word == "all" else [str(parse_fault(word))]
    return list(dict.fromkeys(wanted))


def cells(texts: dict[str, str], faults: Sequence[str], seeds: Iterable[int]) -> list[Cell]:
    """Every combination; the seeds change fastest."""
    numbers = list(seeds)
    return [
        Cell(scenario=name, text=text, fault=fault, seed=seed)
        for name, text in texts.items()
        for fault in faults
        for seed in numbers
    ]


@functools.cache
def _planner() -> PlansText:
    """One model a process; one thread, because the processes share the cores."""
    return load_planner(None, 1)


@functools.cache
def _wiring() -> Wiring:
    """One a process: reading the DBC costs more than a short drive."""
    return load_wiring(packs=simulated_packs())


def run_cell(cell: Cell) -> Result:
    """Plays one cell. Never raises what the project knows: a worker's error is a result."""
    try:
        script = parse(cell.text, cell.scenario, wiring=_wiring())
        planner = _planner() if script.needs_model else None
        report = play(
            script,
            source=cell.scenario,
            seed=cell.seed,
            faults=(cell.fault,) if cell.fault else (),
            planner=planner,
            wiring=_wiring(),
        )
    except (SimulatorError, VehicleAgentError) as e:
        return Result(scenario=cell.scenario, fault=cell.fault, seed=cell.seed, error=str(e))
    return Result(
        scenario=cell.scenario,
        fault=cell.fault,
        seed=cell.seed,
        met=sum(check.met for check in report.checks),
        expected=len(report.checks),
        unsafe=0 if report.residual else len(report.unsafe),
        residual=len(report.unsafe) if report.residual else 0,
        frames=report.frames,
        duration_s=report.duration_s,
        took_s=report.took_s,
    )


@contextmanager
def workers(jobs: int, cluster: str = "") -> Iterator[Executor]:
    """Processes on this computer, or a Dask cluster by its scheduler's address. Raises Unavailable, BadInput
    without Dask."""
    if not cluster:
        # spawned, not forked: a fork would share the threads and locks of a loaded model
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError as e:
        raise BadInput(f"a cluster cannot be used: {problem(e) or e}") from e
    try:
        client: Any = Client(cluster, timeout=10)  # type: ignore[no-untyped-call, unused-ignore]  # Dask is untyped
    except (OSError, ValueError, TimeoutError) as e:
        raise Unavailable(
            f"The Dask scheduler {cluster} does not answer ({e}). Start one with `dask scheduler` and workers with "
            "`dask worker ADDRESS`."
        ) from e
    with client:
        if not client.scheduler_info()["workers"]:
            raise Unavailable(f"The Dask cluster {cluster} has no workers. Start some with `dask worker {cluster}`.")
        yield client.get_executor(pure=False, retries=1)


def sweep(
    todo: Sequence[Cell], executor: Executor, on_result: Callable[[Result], None] = lambda _result: None
) -> list[Result]:
    """Runs all; results in the order of ``todo``, ``on_result`` in that of their ends."""
    futures = {executor.submit(run_cell, cell): index for index, cell in enumerate(todo)}
    found: dict[int, Result] = {}
    try:
        for future in as_completed(futures):
            result = found[futures[future]] = future.result()
            on_result(result)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return [found[index] for index in sorted(found)]


# --- what comes of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """All seeds of one scenario with one fault."""

    met: int
    expected: int
    unsafe: int
    errors: int

    @property
    def share(self) -> float:
        """Of the expectations, 0 to 1; 0 when nothing could be run."""
        return self.met / self.expected if self.expected else float(self.errors == 0)


def squares(results: Iterable[Result]) -> dict[tuple[str, str], Square]:
    """By scenario and fault."""
    table: dict[tuple[str, str], Square] = {}
    for r in results:
        old = table.get((r.scenario, r.fault), Square(met=0, expected=0, unsafe=0, errors=0))
        table[r.scenario, r.fault] = Square(
            met=old.met + r.met,
            expected=old.expected + r.expected,
            unsafe=old.unsafe + r.unsafe,
            errors=old.errors + bool(r.error),
        )
    return table


def write_csv(results: Iterable[Result], path: Path) -> None:
    """One line a run. Raises OSError."""
    names = Result.__slots__
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(result, name) for name in names] for result in results)
