"""What comes of a sweep, for people and for programs."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from simulators.workbench.sweep import NO_FAULT, Result, squares
from vehicle_agent.cli.output import print_json


def show(results: list[Result], *, json_out: bool) -> None:
    """On standard output."""
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
