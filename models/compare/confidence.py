"""What the confidence is worth: fewer answers but better ones, and questions in place of unwanted actions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.compare.answers import Row

_CURVE_POINTS: Final = 100
_ASKED_SHARES: Final = (0.01, 0.02, 0.05, 0.10, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """``x`` and ``y`` as the curve says; ``threshold``: the least confidence that is still answered unasked."""

    threshold: float
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Area under the ROC curve with Hanley and McNeil's 95 % interval; None where a class is empty."""

    positives: int
    negatives: int
    auc: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Asking about ``asked`` of ``right`` right commands at most leaves ``left`` of ``unwanted`` unwanted actions."""

    threshold: float
    asked: int
    right: int
    left: int
    unwanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """``coverage``: x = share of lines answered, y = exact among them. ``asking``: x = share of right commands asked
    about, y = share of unwanted actions left. ``in_use``: what the planner itself would ask about, if anything."""

    coverage: list[CurvePoint]
    asking: list[CurvePoint]
    exact_or_not: Area
    unwanted_or_right: Area
    working: list[Working]
    in_use: Working | None


def auc(high: Sequence[float], low: Sequence[float]) -> Area:
    """How often a value of ``high`` is above one of ``low``, ties counted half."""
    m, n = len(high), len(low)
    if not m or not n:
        return Area(positives=m, negatives=n, auc=None, low=None, high=None)
    area = sum((a > b) + 0.5 * (a == b) for a in high for b in low) / (m * n)
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    variance = (area * (1 - area) + (m - 1) * (q1 - area**2) + (n - 1) * (q2 - area**2)) / (m * n)
    half = 1.96 * math.sqrt(max(0.0, variance))
    return Area(positives=m, negatives=n, auc=area, low=max(0.0, area - half), high=min(1.0, area + half))


def coverage_curve(rows: Sequence[Row]) -> list[CurvePoint]:
    """From the surest lines alone to all of them; lines of equal confidence come together."""
    ranked = sorted(rows, key=lambda r: -r.answer.confidence)
    points = []
    right = 0
    for count, row in enumerate(ranked, 1):
        right += row.would.exact
        if count == len(ranked) or ranked[count].answer.confidence != row.answer.confidence:
            points.append(CurvePoint(threshold=row.answer.confidence, x=count / len(ranked), y=right / count))
    return thinned(points)


def thinned(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """At most _CURVE_POINTS of them, the first and the last among them."""
    if len(points) <= _CURVE_POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(i * last / (_CURVE_POINTS - 1))] for i in range(_CURVE_POINTS)]


def _right_commands(rows: Sequence[Row]) -> list[float]:
    return [r.answer.confidence for r in rows if r.answer.changes and r.would.exact]


def _unwanted(rows: Sequence[Row]) -> list[float]:
    return [r.answer.confidence for r in rows if r.would.opposite]


def _working(right: Sequence[float], unwanted: Sequence[float], threshold: float) -> Working:
    return Working(
        threshold=threshold,
        asked=sum(c < threshold for c in right),
        right=len(right),
        left=sum(c >= threshold for c in unwanted),
        unwanted=len(unwanted),
    )


def _all_workings(right: Sequence[float], unwanted: Sequence[float]) -> list[Working]:
    steps = sorted({0.0, *right, *unwanted})
    # just above every value met: that line is asked about as well
    return [_working(right, unwanted, 0.0), *(_working(right, unwanted, math.nextafter(c, 2.0)) for c in steps)]


def trust(rows: Sequence[Row]) -> Trust:
    right, unwanted = _right_commands(rows), _unwanted(rows)
    workings = _all_workings(right, unwanted)
    in_use = None
    if any(r.answer.asks is not None for r in rows):
        in_use = Working(
            threshold=max(r.answer.confidence for r in rows if r.answer.asks is not None),
            asked=sum(r.answer.asks is not None for r in rows if r.answer.changes and r.would.exact),
            right=len(right),
            left=sum(r.answer.asks is None for r in rows if r.would.opposite),
            unwanted=len(unwanted),
        )
    return Trust(
        coverage=coverage_curve(rows),
        asking=thinned(
            [
                CurvePoint(threshold=w.threshold, x=w.asked / len(right), y=w.left / len(unwanted))
                for w in workings
                if right and unwanted
            ]
        ),
        exact_or_not=auc(
            [r.answer.confidence for r in rows if r.would.exact],
            [r.answer.confidence for r in rows if not r.would.exact],
        ),
        unwanted_or_right=auc(right, unwanted),
        working=[
            max((w for w in workings if w.asked <= share * w.right), key=lambda w: (-w.left, -w.asked))
            for share in _ASKED_SHARES
        ],
        in_use=in_use,
    )
