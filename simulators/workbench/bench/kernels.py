"""Text to plan with each of the compiled kernels, in turn, so that the portable build can be judged."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from simulators.workbench.bench.busy import Measures
from simulators.workbench.bench.figures import spread
from simulators.workbench.bench.planner_process import PlannerProcess
from vehicle_agent.planning import native

LIMIT_S: Final = 20.0  # for one pass over the sentences
AS_GOOD: Final = 1.05  # of the fastest median; less cannot be told apart in a run


def run_kernels(model: Path | None, threads: int, rounds: int) -> dict[str, object]:
    """Raises ModelError."""
    names = native.choices()
    with ExitStack() as stack:
        planners = {
            name or "native": stack.enter_context(PlannerProcess("now", threads, model, kernels=name))
            for name in names or ("",)
        }
        return measure_kernels(planners, native.kernels() or "native", rounds)


def measure_kernels(planners: Mapping[str, Measures], chosen: str, rounds: int) -> dict[str, object]:
    """``planners`` by the name of their kernels; ``chosen``: those that are used when nobody asks for others."""
    times: dict[str, list[float]] = {name: [] for name in planners}
    for number in range(rounds):
        for name in list(planners)[:: -1 if number % 2 else 1]:
            times[name] += planners[name].measure(LIMIT_S)
    middle = {name: median(found) for name, found in times.items()}
    report: dict[str, object] = {"kernels_chosen": chosen, "kernels_rounds": rounds}
    for name, found in times.items():
        report |= spread(f"kernels_{name}", found)
        report[f"kernels_{name}_to_chosen"] = round(middle[name] / middle[chosen], 3)
    return report | {"kernels_chosen_is_best": middle[chosen] <= AS_GOOD * min(middle.values())}
