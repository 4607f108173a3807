"""The score of one labelled line: exact arguments, graph isomorphism, refusals, and unwanted actions."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_agent.evaluation.same_plan import is_opposite, same_functions, same_plan
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One line of a labelled set.

    ``spoken``: its text and its place in a conversation; ``answer``: to the open question; ``route``: the specialist it
    is for, False = none may come, None = either is right.
    """

    id: str
    spoken: SpokenLine
    plan: Plan
    tags: tuple[str, ...]
    clarify: Mapping[str, str] | None = None
    answer: str | None = None
    route: str | Literal[False] | None = None

    @property
    def text(self) -> str:
        return self.spoken.text

    @property
    def is_refusal(self) -> bool:
        """Nothing may be done or asked; a specialist may answer, unless the line says none."""
        empty = not self.plan.steps and not self.is_incomplete and self.answer is None
        return "refuse" in self.tags or (empty and not isinstance(self.route, str))

    @property
    def is_incomplete(self) -> bool:
        return "incomplete" in self.tags or self.clarify is not None

    @property
    def is_follow_up(self) -> bool:
        """It may mean what it means by what was said before."""
        return self.spoken.turn is not None and self.spoken.turn > 1


def spoken_line(line: Mapping[str, object]) -> SpokenLine:
    """`text`, `dialogue`, `turn` and `asked` of a line. Raises TypeError or ValueError."""
    if not isinstance(line.get("text"), str):
        raise TypeError("`text` is missing")
    turn = line.get("turn")
    if turn is not None and (not isinstance(turn, int) or isinstance(turn, bool) or turn < 1):
        raise ValueError(f"`turn` counts from 1, not {turn!r}")
    dialogue = line.get("dialogue")
    if turn is not None and dialogue is None:
        raise ValueError("a line with `turn` needs its `dialogue`")
    return SpokenLine(
        text=str(line["text"]),
        dialogue="" if dialogue is None else str(dialogue),
        turn=turn,
        asked=bool(line.get("asked")),
    )


def parse_line(line: Mapping[str, object], catalogue: Catalogue) -> Labelled:
    """Raises TypeError or ValueError (InvalidCall, UnknownFunction, ...) for a malformed line."""
    calls = line.get("calls", [])
    if not isinstance(line.get("text"), str) or not isinstance(calls, list):
        raise TypeError("a line needs `text` and a list `calls`")
    plan = Plan.of(*(catalogue.call(str(c["name"]), **c.get("arguments", {})) for c in calls))
    clarify = line.get("clarify")
    tags = line.get("tags", [])
    route = line.get("route")
    answer = line.get("answer")
    return Labelled(
        id=str(line.get("id", "")),
        spoken=spoken_line(line),
        answer=None if answer is None else str(answer),
        route=str(route["to"]) if isinstance(route, dict) else False if route is False else None,
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


def score(label: Labelled, planned: Planned, got: Utterance | None = None) -> Score:
    """One line's score; `refuse` and `incomplete` lines are right as the specification of `eval` says. ``got``: what
    counts as done, if not what is done without asking."""
    calls = _score_calls(label, planned.unasked if got is None else got)
    right = calls.exact and _same_answer(label.answer, planned.answer) and _same_route(label.route, planned.route)
    return replace(calls, exact=right)


def _same_answer(wanted: str | None, got: str | None) -> bool:
    """No and cancel both decline."""
    return wanted == got or {wanted, got} <= {"no", "cancel"}


def _same_route(wanted: str | Literal[False] | None, got: tuple[str, str] | None) -> bool:
    if wanted is None:
        return True
    return (got[0] if got is not None else False) == wanted


def _score_calls(label: Labelled, got: Utterance) -> Score:
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
