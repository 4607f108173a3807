"""`python -m models.calibrate --model GGUF`: how far the planner's plans can be trusted, fitted and written down.

The planner runs over held-out lines (as written, and anew with other slots, speech effects and joined with others), the
lines and conversations of the writers who were held out whole, and things this car has not; each plan is right or
wrong, and each sentence was meant for the car or not. Two ridge-regularised logistic regressions turn the decode
statistics of the runs into these two probabilities. Variants of one line stay in one fold of the cross-validation.
Written: vehicle_agent/planning/calibration.json, which belongs to exactly this model file. Printed: reliability, AUC,
what asking and ignoring cost and save.
"""

import argparse
import contextlib
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from models.data import negatives
from models.data.augment import can_lead, compound, speak
from models.data.example import conversation_turns, to_utterance
from models.data.generate import MAX_CALLS, Source
from models.data.lines import Line
from models.data.slots import fill
from vehicle_agent.errors import ModelError
from vehicle_agent.evaluation.same_plan import is_opposite, same_meaning
from vehicle_agent.planning import confidence
from vehicle_agent.planning.confidence import FEATURES, features
from vehicle_agent.planning.model_file import find_model, fingerprint, sha256
from vehicle_agent.planning.planner import Planned, Planner
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

TARGET: Final = Path(confidence.__file__).with_name(confidence.FILE_NAME)
COMPOUND_SHARE: Final = 0.25
RIDGES: Final = (0.1, 1.0, 10.0, 100.0)
FOLDS: Final = 5
MAX_ASKED: Final = 0.015  # of the right commands; the default threshold asks about no more of them
MAX_LOST: Final = 0.003  # of the commands; the default threshold takes no more of them for talk
THRESHOLDS: Final = tuple(round(i / 100, 2) for i in (*range(5, 95, 5), 92, 94, 95, 96, 97, 98, 99))

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One utterance tried. ``group``: the line it came from; ``unwanted``: it would change what nobody asked for;
    ``meant``: something was asked of the car."""

    group: int
    text: str
    planned: Planned
    right: bool
    unwanted: bool
    meant: bool = True

    @property
    def does(self) -> bool:
        """It would do or ask something."""
        return bool(self.planned.plan.steps) or isinstance(self.planned.utterance, Incomplete)

    @property
    def acts(self) -> bool:
        return any(not call.spec.reads_only for call in self.planned.plan.calls)


@dataclass(frozen=True, slots=True)
class Try:
    """An utterance to try, what it means and what was before it. ``group``: the line it came from."""

    group: int
    text: str
    label: Utterance
    earlier: Earlier = NOTHING_BEFORE


def utterances(source: Source, variants: int, seed: int) -> Iterator[Try]:
    """Each held-out line as written, ``variants`` times anew, and some joined with others; each line and turn of the
    writers held out, and a quarter as many things this car has not."""
    rng = Random(seed)
    lines = source.held_out
    leads = [line for line in lines if can_lead(line)]
    for group, line in enumerate(lines):
        yield from _usable(source, group, fill(line, source.lexicons, rng, correct=False))
        for _ in range(variants):
            yield from _usable(source, group, speak(fill(line, source.lexicons, rng), rng))
        if line.calls and leads and rng.random() < COMPOUND_SHARE * (variants + 1):
            count = rng.choice([1, 1, 1, 2, 2, 3, 4])
            parts = [fill(p, source.lexicons, rng) for p in (*rng.choices(leads, k=count), line)]
            if sum(len(p.calls) for p in parts) <= MAX_CALLS and all(map(can_lead, parts[:-1])):
                yield from _usable(source, group, speak(compound(parts, rng), rng))
    groups = itertools.count(len(lines))
    for line in source.held_out_writers:
        yield from _usable(source, next(groups), line)
    for conversation in source.held_out_conversations:
        group = next(groups)
        for line, earlier in conversation_turns(conversation, source.catalogue):
            yield Try(group, line.text, to_utterance(line, source.catalogue), earlier)
    for group in itertools.islice(groups, len(source.held_out_writers) // 4):
        yield Try(group, negatives.negative(rng).text, Refusal())


def _usable(source: Source, group: int, line: Line) -> Iterator[Try]:
    if source.example(line):
        yield Try(group, line.text, to_utterance(line, source.catalogue))


# --- right or wrong ---------------------------------------------------------------------------------------------------


def is_unwanted(label: Utterance, got: Utterance) -> bool:
    """A call that changes something and is not in the label: another function, or another closed value."""
    return is_opposite(*(meaning if isinstance(meaning, Plan) else Plan() for meaning in (label, got)))


def tried(planner: Planner, source: Source, variants: int, seed: int, limit: int | None) -> list[Case]:
    """Every distinct utterance through the planner, or ``limit`` of them drawn at random; Ctrl-C ends it early."""
    cases: list[Case] = []
    distinct = {(t.text, t.earlier): t for t in utterances(source, variants, seed)}
    drawn = list(distinct.values())
    Random(seed).shuffle(drawn)
    with contextlib.suppress(KeyboardInterrupt):
        for one in drawn[:limit]:
            planned = planner.plan(one.text, one.earlier)
            cases.append(judged(one, planned))
            if len(cases) % 250 == 0:
                print(f"{len(cases)} of {len(drawn[:limit])} utterances tried", file=sys.stderr, flush=True)
    return cases


def judged(one: Try, planned: Planned) -> Case:
    """Whether what was understood is what was meant."""
    label, got = one.label, planned.utterance
    if isinstance(label, Routed):
        right = same_meaning(label.plan if label.plan.steps else Refusal(), got) and planned.route is not None
        wanted: Utterance = label.plan
    elif isinstance(label, Reply):
        right, wanted = planned.answer == label.answer, Refusal()
    else:
        right, wanted = same_meaning(label, got) and planned.answer is None, label
    return Case(
        group=one.group,
        text=one.text,
        planned=planned,
        right=right,
        unwanted=is_unwanted(wanted, got),
        meant=(isinstance(wanted, Plan) and len(wanted) > 0) or isinstance(wanted, Incomplete),
    )


# --- fitting ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    centre: Floats
    scale: Floats
    weights: Floats
    bias: float

    def probabilities(self, x: Floats) -> Floats:
        return _sigmoid((x - self.centre) / self.scale @ self.weights + self.bias)


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -50, 50))), dtype=np.float64)


def fit(x: Floats, y: Floats, ridge: float, rounds: int = 50) -> Fit:
    """Newton's method on standardised features; the bias is not shrunk. ``x``: (n, k), ``y``: 1 = right."""
    centre = x.mean(axis=0)
    scale = np.maximum(x.std(axis=0), 1e-6)
    design = np.column_stack([(x - centre) / scale, np.ones(len(x))])
    penalty = np.diag([ridge] * x.shape[1] + [0.0]) + 1e-9 * np.eye(x.shape[1] + 1)
    beta = np.zeros(x.shape[1] + 1)
    for _ in range(rounds):
        p = _sigmoid(design @ beta)
        gradient = design.T @ (p - y) + penalty @ beta
        hessian = (design * (p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        beta -= np.clip(step, -3, 3)
        if float(np.abs(step).max()) < 1e-8:
            break
    return Fit(centre=centre, scale=scale, weights=beta[:-1], bias=float(beta[-1]))


def log_loss(p: Floats, y: Floats) -> float:
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return float(-(y * np.log(clipped) + (1 - y) * np.log(1 - clipped)).mean())


def auc(p: Floats, y: Floats) -> float:
    """The chance that a right one is thought more probable than a wrong one; NaN when there is only one kind."""
    right, wrong = p[y == 1], p[y == 0]
    if not len(right) or not len(wrong):
        return float("nan")
    return float((right[:, None] > wrong).mean() + 0.5 * (right[:, None] == wrong).mean())


def held_apart(x: Floats, y: Floats, groups: npt.NDArray[np.int64], ridge: float, seed: int) -> Floats:
    """Each case's probability by a fit that saw no variant of its line."""
    names = np.unique(groups)
    np.random.default_rng(seed).shuffle(names)
    p = np.zeros(len(y))
    for fold in np.array_split(names, FOLDS):
        inside = np.isin(groups, fold)
        p[inside] = fit(x[~inside], y[~inside], ridge).probabilities(x[inside])
    return p


# --- report -----------------------------------------------------------------------------------------------------------


def reliability(p: Floats, y: Floats, borders: Sequence[float] = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)) -> str:
    """Thought and true share of right plans, bin by bin."""
    rows = ["     P from to        n   thought   right"]
    for low, high in itertools.pairwise(borders):
        inside = (p >= low) & ((p < high) | (high == borders[-1]))
        if inside.any():
            rows.append(
                f"  {low:5.2f} .. {high:4.2f}  {int(inside.sum()):6d}  {p[inside].mean():8.3f}{y[inside].mean():8.3f}"
            )
    return "\n".join(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What asking below ``threshold`` does; shares of right acting plans, counts of unwanted actions."""

    threshold: float
    right_asked: float
    unwanted_left: int
    wrong_left: int


def curve(cases: Sequence[Case], p: Floats, thresholds: Sequence[float] = (0.0, *THRESHOLDS)) -> list[Point]:
    acting = [(case, q) for case, q in zip(cases, p.tolist(), strict=True) if case.acts]
    n_right = sum(case.right for case, _ in acting)
    return [
        Point(
            threshold=t,
            right_asked=sum(case.right and q < t for case, q in acting) / max(1, n_right),
            unwanted_left=sum(case.unwanted and q >= t for case, q in acting),
            wrong_left=sum(not case.right and q >= t for case, q in acting),
        )
        for t in thresholds
    ]


def chosen_threshold(points: Sequence[Point], max_asked: float) -> float:
    """The highest threshold that asks about no more than ``max_asked`` of the right commands."""
    return max((point.threshold for point in points if point.right_asked <= max_asked), default=0.0)


def ignoring(cases: Sequence[Case], meant: Floats, most_lost: float) -> float:
    """Prints what leaving alone costs and saves; the highest threshold that loses no more than ``most_lost`` of the
    commands. ``meant``: each case's probability of being meant for the car."""
    doing = [(case, q) for case, q in zip(cases, meant.tolist(), strict=True) if case.does]
    commands = sum(case.meant for case, _ in doing)
    others = sum(not case.meant for case in cases)
    chosen = 0.0
    print(f"{len(doing)} plans or questions, {commands} of them to commands; {others} sentences not meant for the car")
    print("  ignore below   commands lost   others acted on or asked back")
    for t in (0.0, *THRESHOLDS):
        lost = sum(case.meant and q < t for case, q in doing) / max(1, commands)
        left = sum(not case.meant and q >= t for case, q in doing)
        if t == 0.0 or left or lost <= most_lost:
            print(f"  {t:12.2f}{lost:16.4f}{left:12d} = {left / max(1, others):.4f}")
        if lost <= most_lost:
            chosen = max(chosen, t)
    print(f"ignore_below {chosen}")
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="planner model (GGUF); default: the installed one")
    parser.add_argument("--variants", type=int, default=3, help="how often each held-out line is said anew")
    parser.add_argument("--limit", type=int, help="at most this many utterances")
    parser.add_argument("--seed", type=int, default=20_021)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-asked", type=float, default=MAX_ASKED, help="share of right commands asked about")
    parser.add_argument("--ask-below", type=float, help="the default threshold; else by --max-asked")
    parser.add_argument("--max-lost", type=float, default=MAX_LOST, help="share of commands taken for talk")
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    catalogue = load_catalogue(with_packs=False)
    try:
        path = find_model(args.model)
        planner = Planner.load(catalogue, path, threads=args.threads, ask_below=0.0, ignore_below=0.0)
    except ModelError as e:
        parser.error(str(e))
    source = Source(catalogue)
    try:
        cases = tried(planner, source, args.variants, args.seed, args.limit)
    finally:
        planner.close()
    document = calibrate(cases, args.seed, args.max_asked, args.ask_below, args.max_lost)
    document |= {
        "model": path.name,
        "model_sha256": sha256(path),
        "model_fingerprint": fingerprint(path),
        "catalogue_hash": source.catalogue.wire_hash(),
        "fitted": datetime.now(UTC).date().isoformat(),
    }
    args.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"written: {args.out}")


def calibrate(
    cases: Sequence[Case], seed: int, max_asked: float, ask_below: float | None, max_lost: float = MAX_LOST
) -> dict[str, object]:
    """Fits, prints the report, returns what is to be written. Every printed figure is cross-validated."""
    x = np.array([features(case.planned.statistics) for case in cases], dtype=np.float64)
    y = np.array([case.right for case in cases], dtype=np.float64)
    groups = np.array([case.group for case in cases], dtype=np.int64)
    least = np.array([case.planned.statistics.least for case in cases], dtype=np.float64)
    if len(set(y.tolist())) < 2:
        raise SystemExit("every plan is right, or every one wrong: there is nothing to fit")
    trials = {ridge: held_apart(x, y, groups, ridge, seed) for ridge in RIDGES}
    ridge = min(RIDGES, key=lambda r: log_loss(trials[r], y))
    p = trials[ridge]
    acting = np.array([case.acts for case in cases])
    print(f"{len(cases)} utterances of {len(np.unique(groups))} lines, {y.mean():.4f} right; ridge {ridge}")
    print(f"log loss {log_loss(p, y):.4f}; of the least probability alone {log_loss(least, y):.4f}")
    print(f"AUC {auc(p, y):.4f}, of acting plans {auc(p[acting], y[acting]):.4f}; ", end="")
    print(f"of the least probability {auc(least, y):.4f}, acting {auc(least[acting], y[acting]):.4f}")
    print(reliability(p, y))
    points = curve(cases, p)
    n_unwanted = sum(case.unwanted for case in cases)
    print(f"{int(acting.sum())} plans would change something, {n_unwanted} of them something unwanted")
    print("  ask below   right asked   unwanted left   wrong left")
    for point in points:
        print(f"  {point.threshold:9.2f}{point.right_asked:14.4f}{point.unwanted_left:16d}{point.wrong_left:13d}")
    threshold = chosen_threshold(points, max_asked) if ask_below is None else ask_below
    print(f"ask_below {threshold}")
    meant = np.array([case.meant for case in cases], dtype=np.float64)
    ignore_below = ignoring(cases, held_apart(x, meant, groups, ridge, seed), max_lost)
    whole, for_car = fit(x, y, ridge), fit(x, meant, ridge)
    for name, weight in zip(FEATURES, whole.weights.tolist(), strict=True):
        print(f"  {name:22s}{weight:+.3f}")
    return {
        "features": list(FEATURES),
        "centre": [round(v, 6) for v in whole.centre.tolist()],
        "scale": [round(v, 6) for v in whole.scale.tolist()],
        "weights": [round(v, 6) for v in whole.weights.tolist()],
        "bias": round(whole.bias, 6),
        "ask_below": threshold,
        "meant_weights": [round(v, 6) for v in for_car.weights.tolist()],
        "meant_bias": round(for_car.bias, 6),
        "ignore_below": ignore_below,
        "utterances": len(cases),
        "right": round(float(y.mean()), 4),
        "ridge": ridge,
        "auc": round(auc(p, y), 4),
        "auc_acting": round(auc(p[acting], y[acting]), 4),
        "log_loss": round(log_loss(p, y), 4),
    }


if __name__ == "__main__":
    main()
