"""The model alone: loading it, and text to plan."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import get_args

from simulators.workbench.bench.figures import spread
from simulators.workbench.bench.utterances import MODEL, Kind, Said
from vehicle_agent.planning import trial
from vehicle_agent.planning.model_file import find_model, sha256
from vehicle_agent.planning.planner import Planned, Planner
from vehicle_apis.catalogue import Catalogue


def load_measured(catalogue: Catalogue, model: Path | None, threads: int) -> tuple[Planner, dict[str, object]]:
    """The planner, and what loading it cost: file, grammar and one warming utterance. Raises ModelError."""
    path = find_model(model)
    trial.ensured(path)
    began_s = time.perf_counter()
    planner = Planner.load(catalogue, path, threads=threads)
    load_ms = (time.perf_counter() - began_s) * 1000
    return planner, {
        "model_file": path.name,
        "model_file_sha256": sha256(path),
        "model_file_mb": round(path.stat().st_size / 1e6, 2),
        "model_load_ms": round(load_ms, 1),
        "model_threads": threads,
    }


def measure_model(
    plan: Callable[[str], Planned], repetitions: int, utterances: tuple[Said, ...] = MODEL
) -> dict[str, object]:
    """One warming pass over ``utterances``, then ``repetitions`` measured ones, one utterance at a time."""
    for said in utterances:
        plan(said.text)
    runs = [(said, plan(said.text)) for _ in range(repetitions) for said in utterances]
    times = [planned.model_ms for _, planned in runs]
    report: dict[str, object] = {"model_utterances": len(utterances), "model_repetitions": repetitions}
    report |= spread("model", times)
    report |= spread("model_first_token", [planned.first_token_ms for _, planned in runs])
    for kind in get_args(Kind):
        report |= spread(f"model_{kind}", [planned.model_ms for said, planned in runs if said.kind == kind])
    report["model_tokens_in_mean"] = round(mean(planned.tokens_in for _, planned in runs), 2)
    report["model_tokens_out_mean"] = round(mean(planned.tokens_out for _, planned in runs), 2)
    report |= spread("text_to_plan", [planned.total_ms for _, planned in runs])
    return report
