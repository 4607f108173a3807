"""k of n with its interval, the slices of a labelled set, and which functions are mistaken for which."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from models.compare.answers import Row
from vehicle_agent.evaluation.scoring import Labelled, wilson
from vehicle_apis.call import Plan

NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``k`` of ``n``; ``low`` and ``high``: 95 % Wilson interval; rates are fractions of 1."""

    k: int
    n: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: Iterable[bool]) -> Self:
        found = list(hits)
        k, n = sum(found), len(found)
        low, high = wilson(k, n)
        return cls(k=k, n=n, rate=k / n if n else 0.0, low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    title: str
    exact: Share
    unwanted: Share


def _tagged(*tags: str) -> Callable[[Labelled], bool]:
    return lambda label: all(tag in label.tags for tag in tags)


def _in_plan(label: Labelled) -> bool:
    return "multi" in label.tags or "nested" in label.tags


def _kinds(labels: Sequence[Labelled]) -> list[tuple[str, Callable[[Labelled], bool]]]:
    steps = sorted({t for label in labels if "multi" in label.tags for t in label.tags if t.startswith("steps:")})
    return [
        ("single call", _tagged("single")),
        ("several calls", _tagged("multi")),
        *((f"several calls: {tag.removeprefix('steps:')}", _tagged("multi", tag)) for tag in steps),
        ("nested (a result is used)", _tagged("nested")),
        ("plans (several + nested)", _in_plan),
        ("to be refused", lambda label: label.is_refusal),
        ("incomplete", lambda label: label.is_incomplete),
        ("indirect wording", _tagged("indirect")),
        ("misheard words", _tagged("asr_slip")),
        ("self-correction", _tagged("correction")),
        *((tag.replace("_", " "), _tagged(tag)) for tag in _own_tags(labels)),
    ]


_TITLED: Final = frozenset({"single", "multi", "nested", "refuse", "incomplete", "indirect", "asr_slip", "correction"})


def _own_tags(labels: Sequence[Labelled]) -> list[str]:
    """The tags of this set that have no title of their own and are not on every line, in the order they first come."""
    tags = Counter(tag for label in labels for tag in label.tags)
    return [tag for tag, n in tags.items() if tag not in _TITLED and not tag.startswith("steps:") and n < len(labels)]


def slices(rows: Sequence[Row]) -> list[Slice]:
    """Every slice that has lines, in a fixed order, the whole set first."""
    found = [_slice("all", rows)]
    for title, belongs in _kinds([row.label for row in rows]):
        chosen = [row for row in rows if belongs(row.label)]
        if chosen:
            found.append(_slice(title, chosen))
    return found


def _slice(title: str, rows: Sequence[Row]) -> Slice:
    return Slice(
        title=title, exact=Share.of(r.score.exact for r in rows), unwanted=Share.of(r.score.opposite for r in rows)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """``wanted`` was labelled, ``got`` was answered instead; either may be "nothing"."""

    wanted: str
    got: str
    lines: int


def mistakes(rows: Sequence[Row]) -> list[Mistake]:
    """Functions taken for others, most frequent first; a line may bring several pairs."""
    pairs = Counter(pair for row in rows if not row.score.function for pair in _pairs(row))
    return [Mistake(wanted=w, got=g, lines=n) for (w, g), n in sorted(pairs.items(), key=lambda p: (-p[1], p[0]))]


def _pairs(row: Row) -> list[tuple[str, str]]:
    plan = row.answer.done
    wanted = Counter(call.name for call in row.label.plan.calls)
    got = Counter(call.name for call in plan.calls) if isinstance(plan, Plan) else Counter[str]()
    missing, extra = list((wanted - got).elements()), list((got - wanted).elements())
    length = max(len(missing), len(extra))
    missing += [NOTHING] * (length - len(missing))
    extra += [NOTHING] * (length - len(extra))
    return list(zip(missing, extra, strict=True))
