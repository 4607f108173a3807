"""The safety gate alone: every function, asked in every driving state."""

import time
from statistics import median

from state_machines.gate import Judge
from vehicle_agent.cli.api import _example
from vehicle_agent.cli.bench.figures import percentile
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Reading, Signals
from vehicle_apis.spec import Argument


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
    return {
        "gate_decisions_measured": len(samples_us),
        "gate_decisions_per_s": round(len(samples_us) / sum(samples_us) * 1e6),
        "gate_decision_median_us": round(median(samples_us), 1),
        "gate_decision_p99_us": round(percentile(samples_us, 99), 1),
    }
