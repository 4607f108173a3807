"""A labelled set run through a planner, as the table `eval` prints."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from vehicle_agent.evaluation.scoring import Labelled, Score, quantile, score, wilson
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Utterance


def meaning_json(utterance: Utterance) -> object:
    match utterance:
        case Plan():
            return [{"name": c.name, "arguments": c.json_arguments()} for c in utterance.calls]
        case Incomplete(spec=spec, missing=missing):
            return {"clarify": spec.name, "missing": missing}
        case _:
            return []


def _got(planned: Planned) -> object:
    would = meaning_json(planned.utterance)
    return {"asked": would} if planned.doubtful else would


def _asked(rows: Sequence[tuple[Labelled, Planned, Score]]) -> dict[str, object]:
    """What the questions cost and save: ``exact_if_confirmed`` is the score of what would be done after a yes."""
    would = [(label, planned, score(label, planned.utterance)) for label, planned, _ in rows]
    asked = [s for _, planned, s in would if planned.doubtful]
    right_commands = [
        planned for label, planned, s in would if s.exact and not label.is_refusal and not label.is_incomplete
    ]
    return {
        "asked": {
            "n": len(asked),
            "right": sum(s.exact for s in asked),
            "share_of_right_commands_asked": _rate(sum(p.doubtful for p in right_commands), len(right_commands)),
        },
        "exact_if_confirmed": _rate(sum(s.exact for _, _, s in would), len(would)),
    }


def _rate(k: int, n: int) -> float:
    return round(k / n, 4) if n else 0.0


def evaluate(labels: Sequence[Labelled], plan: Callable[[str], Planned], *, threads: int) -> dict[str, object]:
    """Scores ``plan`` on every line, one at a time, in order. Keys as the stable commands specify.

    Scored is what is done without asking: a doubtful plan counts as empty.
    """
    rows: list[tuple[Labelled, Planned, Score]] = []
    for label in labels:
        planned = plan(label.text)
        rows.append((label, planned, score(label, planned.unasked)))
    n = len(rows)
    exact = sum(s.exact for _, _, s in rows)
    by_tag: dict[str, list[bool]] = defaultdict(list)
    for label, _, s in rows:
        for tag in label.tags:
            by_tag[tag].append(s.exact)
    refuse = [s for label, _, s in rows if label.is_refusal]
    commands = [s for label, _, s in rows if not label.is_refusal and not label.is_incomplete]
    opposite = sum(s.opposite for _, _, s in rows)
    confusion = Counter(
        f"{want} -> {got}" for label, planned, s in rows if not s.function for want, got in _pairs(label, planned)
    )
    latency = [planned.model_ms for _, planned, _ in rows]
    return {
        "n": n,
        "exact": _rate(exact, n),
        "ci95": [round(x, 4) for x in wilson(exact, n)],
        "function": _rate(sum(s.function for _, _, s in rows), n),
        "isomorphic": _rate(sum(s.isomorphic for _, _, s in rows), n),
        "by_tag": {tag: {"n": len(v), "exact": _rate(sum(v), len(v))} for tag, v in sorted(by_tag.items())},
        "refusal": {
            "correct": _rate(sum(s.empty for s in refuse), len(refuse)),
            "false_accept": _rate(sum(not s.empty for s in refuse), len(refuse)),
            "wrong_refusal": _rate(sum(s.empty for s in commands), len(commands)),
        },
        "opposite": _rate(opposite, n),
        "opposite_upper95": round(wilson(opposite, n)[1], 4),
        **_asked(rows),
        "latency_ms": {
            "p50": round(quantile(latency, 0.5), 1),
            "p95": round(quantile(latency, 0.95), 1),
            "threads": threads,
        },
        "confusion": dict(confusion.most_common(20)),
        "errors": [
            {
                "id": label.id,
                "text": label.text,
                "expected": label.clarify if label.is_incomplete else meaning_json(label.plan),
                "got": _got(planned),
                "opposite": s.opposite,
                "confidence": round(planned.confidence, 3),
            }
            for label, planned, s in rows
            if not s.exact
        ],
    }


def _pairs(label: Labelled, planned: Planned) -> list[tuple[str, str]]:
    wanted = Counter(c.name for c in label.plan.calls)
    got = Counter() if planned.doubtful else Counter(c.name for c in planned.plan.calls)
    missing = list((wanted - got).elements()) or ["nothing"]
    extra = list((got - wanted).elements()) or ["nothing"]
    return [(a, b) for a, b in zip(missing, extra, strict=False)]
