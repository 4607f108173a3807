"""`bench kernels`: each in turn, and whether the right ones are chosen."""

import pytest

from simulators.workbench.bench.kernels import measure_kernels


class Steady:
    """Takes ``ms`` for each of two sentences; ``order`` hears of each pass."""

    def __init__(self, name: str, ms: float, order: list[str]) -> None:
        self._name = name
        self._ms = ms
        self._order = order

    def measure(self, limit_s: float) -> list[float]:
        assert limit_s > 0
        self._order.append(self._name)
        return [self._ms, self._ms + 1]


@pytest.mark.parametrize(("fast_ms", "best"), [(29.0, True), (20.0, False)])
def test_the_chosen_are_best_or_it_is_told(fast_ms: float, best: bool) -> None:
    order: list[str] = []
    planners = {"avx512": Steady("avx512", 30.0, order), "avx2": Steady("avx2", fast_ms, order)}
    report = measure_kernels(planners, "avx512", 2)
    assert order == ["avx512", "avx2", "avx2", "avx512"]
    assert report["kernels_chosen_is_best"] is best
    assert report["kernels_avx512_to_chosen"] == 1.0
    assert report["kernels_avx2_median_ms"] == fast_ms + 0.5
