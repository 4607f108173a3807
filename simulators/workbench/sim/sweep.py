"""`sim sweep`: many scenarios with many faults and seeds."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json

if TYPE_CHECKING:
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
    from simulators.workbench.sim.run import load_scenarios, writing

    with one_sentence():
        from simulators.errors import SimulatorError

        if heat_map is not None:
            sweeps.drawing_is_possible()
        try:
            names = [name for name, _ in load_scenarios(scenario)]
            faults, numbers = ["", *_faults(fault or [])], _numbers(seeds)
            runs = len(set(names)) * len(faults) * len(numbers)
            if runs > MOST_RUNS:
                raise BadInput(f"{runs} runs are more than {MOST_RUNS}; name fewer scenarios, faults or seeds")
            todo = sweeps.cells(_texts(names), faults, numbers)
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
        if heat_map is not None:
            with writing(heat_map):
                sweeps.write_heat_map(results, heat_map)
    _show(results, json_out=json_out)
    bad = any(r.unsafe or r.error or (not r.fault and r.met < r.expected) for r in results)
    raise typer.Exit(int(Exit.REFUSED_OR_FAILED if bad else Exit.DONE))


def _texts(names: list[str]) -> dict[str, str]:
    from simulators.scenario import built_in

    known = built_in()
    return {name: known.get(name, Path(name)).read_text(encoding="utf-8") for name in names}


def _faults(words: list[str]) -> list[str]:
    from simulators.car import fault_kinds, parse_fault

    wanted: list[str] = []
    for word in words:
        wanted += [kind.example for kind in fault_kinds()] if word == "all" else [str(parse_fault(word))]
    return list(dict.fromkeys(wanted))


def _numbers(text: str) -> range:
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise BadInput(f"--seeds is a number or a range such as 1-20, not {text!r}")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _show(results: "list[Result]", *, json_out: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from simulators.workbench.sweep import NO_FAULT, squares

    table = squares(results)
    if json_out:
        print_json(
            {
                "runs": len(results),
                "driven_s": round(sum(r.duration_s for r in results), 1),
                "took_s": round(sum(r.took_s for r in results), 1),
                "unsafe": sum(r.unsafe for r in results),
                "errors": [{"scenario": r.scenario, "fault": r.fault, "error": r.error} for r in results if r.error],
                "cells": [
                    {"scenario": s, "fault": f, "met": q.met, "expected": q.expected, "unsafe": q.unsafe}
                    for (s, f), q in table.items()
                ],
            }
        )
        return
    faults = list(dict.fromkeys(fault for _, fault in table))
    scenarios = list(dict.fromkeys(scenario for scenario, _ in table))
    shown = Table(show_lines=False, pad_edge=False)
    for heading in ("fault", "worst scenario", "met %", "all met", "unsafe"):
        shown.add_column(heading, justify="left" if heading in {"fault", "worst scenario"} else "right")
    for fault in faults:
        row = {s: table[s, fault] for s in scenarios}
        worst = min(row, key=lambda s: row[s].share)
        met, expected = sum(q.met for q in row.values()), sum(q.expected for q in row.values())
        whole = sum(q.share >= 1 for q in row.values())
        unsafe = sum(q.unsafe for q in row.values())
        share = f"{100 * met / expected:.1f}" if expected else "-"
        is_worst = f"{Path(worst).stem} {row[worst].share * 100:.0f} %" if row[worst].share < 1 else ""
        shown.add_row(fault or NO_FAULT, is_worst, share, f"{whole}/{len(row)}", f"! {unsafe}" if unsafe else "0")
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(shown)
    for result in results:
        if result.error:
            console.print(f"{result.scenario} with {result.fault or NO_FAULT}: {result.error}", markup=False)
    driven_s = sum(r.duration_s for r in results)
    console.print(f"{len(results)} runs, {driven_s:.0f} s of driving, {sum(r.frames for r in results)} frames")
