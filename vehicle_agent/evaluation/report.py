"""A labelled set run through a planner, as the table `eval` prints."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from vehicle_agent.evaluation.dialogues import SpokenLine
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
    if planned.answer is not None or planned.route is not None:
        return {"answer": planned.answer, "route": planned.route, "calls": would}
    return {"asked": would} if planned.doubtful else would


def _expected(label: Labelled) -> object:
    if label.is_incomplete:
        return label.clarify
    calls = meaning_json(label.plan)
    if label.answer is not None or label.route is not None:
        return {"answer": label.answer, "route": label.route, "calls": calls}
    return calls


def _asked(rows: Sequence[tuple[Labelled, Planned, Score]]) -> dict[str, object]:
    """What the questions cost and save: ``exact_if_confirmed`` is the score of what would be done after a yes."""
    would = [(label, planned, score(label, planned, planned.utterance)) for label, planned, _ in rows]
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


def _conversations(rows: Sequence[tuple[Labelled, Planned, Score]]) -> dict[str, object]:
    """Turns and whole conversations, where there are any: one is right if all its turns are."""
    turns = [(label, s) for label, _, s in rows if label.spoken.dialogue]
    if not turns:
        return {}
    whole: dict[str, bool] = {}
    for label, s in turns:
        whole[label.spoken.dialogue] = whole.get(label.spoken.dialogue, True) and s.exact
    later = [s.exact for label, s in turns if label.is_follow_up]
    return {
        "conversations": {
            "turns": {"n": len(turns), "exact": _rate(sum(s.exact for _, s in turns), len(turns))},
            "follow_ups": {"n": len(later), "exact": _rate(sum(later), len(later))},
            "whole": {"n": len(whole), "exact": _rate(sum(whole.values()), len(whole))},
        }
    }


def _routes(rows: Sequence[tuple[Labelled, Planned, Score]]) -> dict[str, object]:
    """Requests sent to the right specialist, and speech that is for none and was sent to one."""
    labelled = [(label.route, planned.route) for label, planned, _ in rows if label.route is not None]
    if not labelled:
        return {}
    wanted = [(want, got) for want, got in labelled if want is not False]
    unwanted = [got for want, got in labelled if want is False]
    right = sum(got is not None and got[0] == want for want, got in wanted)
    return {
        "routes": {
            "n": len(labelled),
            "right": _rate(right + sum(got is None for got in unwanted), len(labelled)),
            "sent_right": _rate(right, len(wanted)),
            "false_routes": _rate(sum(got is not None for got in unwanted), len(unwanted)),
        }
    }


def evaluate(labels: Sequence[Labelled], plan: Callable[[SpokenLine], Planned], *, threads: int) -> dict[str, object]:
    """Scores ``plan`` on every line, one at a time, in order. Keys as the stable commands specify.

    Scored is what is done without asking: a doubtful plan counts as empty.
    """
    rows: list[tuple[Labelled, Planned, Score]] = []
    for label in labels:
        planned = plan(label.spoken)
        rows.append((label, planned, score(label, planned)))
    n = len(rows)
    exact = sum(s.exact for _, _, s in rows)
    by_tag: dict[str, list[bool]] = defaultdict(list)
    for label, _, s in rows:
        for tag in label.tags:
            by_tag[tag].append(s.exact)
    refuse = [s for label, _, s in rows if label.is_refusal]
    commands = [s for label, _, s in rows if label.plan.steps]
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
        **_conversations(rows),
        **_routes(rows),
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
                "expected": _expected(label),
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
