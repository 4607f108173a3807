"""`sim sweep`: many scenarios with many faults and seeds."""

import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from simulators.errors import SimulatorError
from simulators.workbench.sim.run import writing
from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import BadInput, Exit, one_sentence
from vehicle_agent.packages import problem

if TYPE_CHECKING:  # as costly as the car
    from simulators.workbench.sweep import Result

MOST_RUNS: Final = 100_000


def sweep(
    scenario: Annotated[list[str], typer.Argument(help='YAML files, names of built-in scenarios, or "all".')],
    seeds: Annotated[str, typer.Option(help="One number or a range, such as 1-20.")] = "1-3",
    fault: Annotated[
        list[str] | None, typer.Option(help='A fault in words; repeatable. "all": one of each kind. Always also none.')
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes; 0 for one a core.", min=0, max=1024)] = 0,
    cluster: Annotated[str, typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786.")] = "",
    heat_map: Annotated[Path | None, typer.Option(help="Write a picture: .png, .svg or .pdf.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every run as a line.")] = None,
    json_out: JsonOption = False,
) -> None:
    """Plays every scenario with every fault and seed. Example: vehicle-agent sim sweep all --fault all --seeds 1-5

    The table shows how many percent of the expectations held. A fault may well break what a scenario expects; what must
    never be is a call sent against what the car really does (marked with !). Exit status 1 when there was one, or when
    a scenario failed without a fault.
    """
    from simulators.workbench import sweep as sweeps
    from simulators.workbench import sweep_report

    with one_sentence():
        draw = None if heat_map is None else _drawing()
        try:
            texts = sweeps.texts_of(scenario)
            faults, numbers = ["", *sweeps.faults_of(fault or [])], _numbers(seeds)
            runs = len(texts) * len(faults) * len(numbers)
            if runs > MOST_RUNS:
                raise BadInput(f"{runs} runs are more than {MOST_RUNS}; name fewer scenarios, faults or seeds")
            todo = sweeps.cells(texts, faults, numbers)
        except (SimulatorError, OSError) as e:
            raise BadInput(str(e)) from e
        done = 0

        def tell(result: "Result") -> None:
            nonlocal done
            done += 1
            if sys.stderr.isatty():
                print(f"\r{done} of {len(todo)}  {Path(result.scenario).stem[:40]:<40}", end="", file=sys.stderr)

        with sweeps.workers(jobs or os.cpu_count() or 1, cluster) as executor:
            results = sweeps.sweep(todo, executor, tell)
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if csv is not None:
            with writing(csv):
                sweeps.write_csv(results, csv)
        if heat_map is not None and draw is not None:
            with writing(heat_map):
                draw(results, heat_map)
    sweep_report.show(results, json_out=json_out)
    bad = any(r.unsafe or r.error or (not r.fault and r.met < r.expected) for r in results)
    raise typer.Exit(int(Exit.REFUSED_OR_FAILED if bad else Exit.DONE))


def _drawing() -> "Callable[[Iterable[Result], Path], None]":
    """What draws the heat map, asked for before the runs whose picture it is to be. Raises BadInput."""
    try:
        from simulators.workbench.heat_map import write_heat_map
    except ImportError as e:
        raise BadInput(f"the heat map cannot be drawn: {problem(e) or e}") from e
    return write_heat_map


def _numbers(text: str) -> range:
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise BadInput(f"--seeds is a number or a range such as 1-20, not {text!r}")
    return range(int(match[1]), int(match[2] or match[1]) + 1)
