"""The safety gate alone: every function, asked in every driving state, and judged bindingly in it."""

import time
from statistics import median
from typing import Final

from simulators.workbench.bench.figures import percentile
from state_machines.gate import Gate, Judge
from state_machines.verdict import Allow
from vehicle_agent.cli.api import _example
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Reading, Signals
from vehicle_apis.spec import Argument

TARGET_P99_US: Final = 100.0
TARGET_PER_S: Final = 20_000
_SETTLES_S: Final = 1.5  # a more permissive state takes a second of evidence


def _car(gear: str, speed_kmh: float, crash: str = "none") -> Signals:
    return Signals(
        speed_kmh=(Reading(speed_kmh, age_ms=20), Reading(speed_kmh, age_ms=20)),
        gear=Reading(gear, age_ms=40),
        crash=Reading(crash, age_ms=80),
        ambient_light=Reading("day", age_ms=80),
        rain=Reading("no", age_ms=80),
    )


_CARS = (
    _car("P", 0),
    _car("D", 0),
    _car("R", 5),
    _car("D", 50),
    _car("D", 140),
    _car("D", 0, "detected"),
    Signals(),
)


def measure_gate(catalogue: Catalogue, repetitions: int) -> dict[str, object]:
    """`Judge.settled`: validates the call, finds the state of the snapshot and the verdict."""
    judge = Judge(catalogue)
    questions: list[tuple[str, dict[str, Argument], Signals]] = []
    for spec in catalogue:
        arguments = spec.parse({p.name: _example(p) for p in spec.params if p.default is None})
        questions += [(spec.name, arguments, car) for car in _CARS]
    for name, arguments, signals in questions:
        judge.settled(name, arguments, signals)
    samples_us: list[float] = []
    for _ in range(repetitions):
        for name, arguments, signals in questions:
            began_ns = time.perf_counter_ns()
            judge.settled(name, arguments, signals)
            samples_us.append((time.perf_counter_ns() - began_ns) / 1000)
    return _figures("gate_decision", samples_us)


def measure_binding(catalogue: Catalogue, repetitions: int) -> dict[str, object]:
    """`Gate.judge` as before each send: looks at the snapshot, judges in the live state, issues the permit.

    ``gate_observe``: `Gate.observe` alone, as with every safety frame.
    """
    calls = [
        Call(spec, spec.parse({p.name: _example(p) for p in spec.params if p.default is None})) for spec in catalogue
    ]
    judged_us: list[float] = []
    observed_us: list[float] = []
    permits = 0
    for signals in _CARS:
        gate = _settled_gate(catalogue, signals)
        for repetition in range(repetitions + 1):
            for call in calls:
                began_ns = time.perf_counter_ns()
                gate.observe(signals)
                seen_ns = time.perf_counter_ns()
                verdict = gate.judge(call, signals)
                judged_ns = time.perf_counter_ns()
                if repetition:  # the first round warms up
                    observed_us.append((seen_ns - began_ns) / 1000)
                    judged_us.append((judged_ns - seen_ns) / 1000)
                    permits += isinstance(verdict, Allow)
    return {
        **_figures("gate_binding_decision", judged_us),
        "gate_binding_permits_share": round(permits / len(judged_us), 3),
        **_figures("gate_observation", observed_us),
    }


def _settled_gate(catalogue: Catalogue, signals: Signals) -> Gate:
    """A gate that has known ``signals`` for long enough. Its clock then stands still."""
    now_s = 1000.0
    gate = Gate(catalogue, lambda: now_s)
    gate.observe(signals)
    now_s += _SETTLES_S
    gate.observe(signals)
    return gate


def run_gate(catalogue: Catalogue, repetitions: int) -> dict[str, object]:
    """Both, and whether they are as fast as they must be."""
    report = measure_gate(catalogue, repetitions) | measure_binding(catalogue, repetitions)
    kinds = ("gate_decision", "gate_binding_decision")
    return report | {
        "gate_target_p99_us": TARGET_P99_US,
        "gate_target_per_s": TARGET_PER_S,
        "gate_target_reached": all(
            float(str(report[f"{kind}_p99_us"])) <= TARGET_P99_US
            and float(str(report[f"{kind}s_per_s"])) >= TARGET_PER_S
            for kind in kinds
        ),
    }


def _figures(name: str, samples_us: list[float]) -> dict[str, object]:
    return {
        f"{name}s_measured": len(samples_us),
        f"{name}s_per_s": round(len(samples_us) / sum(samples_us) * 1e6),
        f"{name}_median_us": round(median(samples_us), 1),
        f"{name}_p99_us": round(percentile(samples_us, 99), 1),
    }
