"""Everything but what takes long: `bus_load`, `jitter`, `actuation`, `busy` and `soak` are commands of their own."""

import asyncio
from pathlib import Path

from simulators.workbench.bench.agent_process import measure_process
from simulators.workbench.bench.early_start import measure_early_start
from simulators.workbench.bench.machine import describe_machine
from simulators.workbench.bench.model_stage import load_measured, measure_model
from simulators.workbench.bench.safety_gate import measure_binding, measure_gate
from simulators.workbench.bench.whole_way import measure_whole_way
from vehicle_apis.catalogue import load_catalogue


def run_bench(model: Path | None, threads: int, repetitions: int) -> dict[str, object]:
    """Every figure by a name that holds its unit; takes about a minute. Raises ModelError, Unavailable.

    Each part is warmed up first. ``repetitions``: how often each utterance is measured.
    """
    catalogue = load_catalogue()
    report = describe_machine()
    planner, found = load_measured(catalogue, model, threads)
    try:
        report |= found
        report |= measure_model(planner.plan, repetitions)
        report |= asyncio.run(measure_whole_way(planner, repetitions))
        report |= asyncio.run(measure_early_start(planner, repetitions))
    finally:
        planner.close()
    report |= measure_gate(catalogue, repetitions) | measure_binding(catalogue, repetitions)
    report |= asyncio.run(measure_process(model, threads))
    return report
