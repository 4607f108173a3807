"""The score of one labelled line: exact arguments, graph isomorphism, refusals, and unwanted actions."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vehicle_agent.evaluation.same_plan import is_opposite, same_functions, same_plan
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One line of a labelled set."""

    id: str
    text: str
    plan: Plan
    tags: tuple[str, ...]
    clarify: Mapping[str, str] | None = None

    @property
    def is_refusal(self) -> bool:
        return "refuse" in self.tags

    @property
    def is_incomplete(self) -> bool:
        return "incomplete" in self.tags


def parse_line(line: Mapping[str, object], catalogue: Catalogue) -> Labelled:
    """Raises TypeError or ValueError (InvalidCall, UnknownFunction, ...) for a malformed line."""
    calls = line.get("calls", [])
    if not isinstance(line.get("text"), str) or not isinstance(calls, list):
        raise TypeError("a line needs `text` and a list `calls`")
    plan = Plan.of(*(catalogue.call(str(c["name"]), **c.get("arguments", {})) for c in calls))
    clarify = line.get("clarify")
    tags = line.get("tags", [])
    return Labelled(
        id=str(line.get("id", "")),
        text=str(line["text"]),
        plan=plan,
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        clarify=clarify if isinstance(clarify, dict) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    exact: bool
    isomorphic: bool
    function: bool
    opposite: bool
    empty: bool


def score(label: Labelled, got: Utterance) -> Score:
    """One line's score; `refuse` and `incomplete` lines are right as the specification of `eval` says."""
    plan = got if isinstance(got, Plan) else Plan()
    opposite = is_opposite(label.plan, plan)
    if label.is_refusal:
        right = not plan.steps and isinstance(got, Refusal | Plan)
        return Score(exact=right, isomorphic=right, function=right, opposite=opposite, empty=not plan.steps)
    if label.is_incomplete:
        right = isinstance(got, Incomplete) or (not plan.steps and not (label.clarify or {}).get("name"))
        wanted_name = (label.clarify or {}).get("name")
        if right and wanted_name and isinstance(got, Incomplete):
            right = got.spec.name == wanted_name
        return Score(exact=right, isomorphic=right, function=right, opposite=opposite, empty=not plan.steps)
    return Score(
        exact=same_plan(label.plan, plan),
        isomorphic=same_plan(label.plan, plan, with_arguments=False),
        function=same_functions(label.plan, plan),
        opposite=opposite,
        empty=not plan.steps,
    )


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % Wilson score interval of k of n."""
    if n == 0:
        return (0.0, 1.0)
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return (max(0.0, centre - half), min(1.0, centre + half))


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` of them lie (nearest rank); 0 for none."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else 0.0
