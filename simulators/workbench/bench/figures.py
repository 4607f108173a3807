"""Samples to figures."""

import math
from collections.abc import Iterable, Sequence
from statistics import median


def percentile(samples: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of at least one sample: a value that was really measured."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def spread(name: str, samples: Iterable[float], unit: str = "ms") -> dict[str, object]:
    """``{name_median_unit, name_p95_unit}``; None where nothing was measured."""
    found = list(samples)
    return {
        f"{name}_median_{unit}": round(median(found), 3) if found else None,
        f"{name}_p95_{unit}": round(percentile(found, 95), 3) if found else None,
    }


def percentiles(name: str, samples: Iterable[float], unit: str = "ms") -> dict[str, object]:
    """``{name_p50_unit, name_p95_unit, name_p99_unit, name_max_unit}``; None where nothing was measured."""
    found = list(samples)
    figures: dict[str, object] = {
        f"{name}_p{percent}_{unit}": round(percentile(found, percent), 3) if found else None for percent in (50, 95, 99)
    }
    return figures | {f"{name}_max_{unit}": round(max(found), 3) if found else None}
