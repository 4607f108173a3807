"""What only some sets can say: whole conversations, routes to specialists, and speech at which nothing may happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.compare.answers import Row
from models.compare.shares import Share
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """``follow_ups``: turns after the first; ``whole``: conversations right in all their turns."""

    first: Share
    follow_ups: Share
    leaning: Share
    whole: Share


_STANDING: Final = frozenset({"standalone", "subject_change", "first"})


def leans(row: Row) -> bool:
    """Whether the turn is one that means what it means by what was said before."""
    return row.label.is_follow_up and not _STANDING & set(row.label.tags)


def talks(rows: Sequence[Row]) -> Talks | None:
    """None without conversations."""
    turns = [row for row in rows if row.label.spoken.dialogue]
    if not turns:
        return None
    whole: dict[str, bool] = {}
    for row in turns:
        dialogue = row.label.spoken.dialogue
        whole[dialogue] = whole.get(dialogue, True) and row.score.exact
    return Talks(
        first=Share.of(r.score.exact for r in turns if not r.label.is_follow_up),
        follow_ups=Share.of(r.score.exact for r in turns if r.label.is_follow_up),
        leaning=Share.of(r.score.exact for r in turns if leans(r)),
        whole=Share.of(whole.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """``right``: requests that reached the specialist labelled; ``by_specialist``: the same, each; ``false``: lines for
    none that were sent to one."""

    right: Share
    by_specialist: dict[str, Share]
    false: Share


def routes(rows: Sequence[Row]) -> Routes | None:
    """None where no line is labelled with a route."""
    labelled = [row for row in rows if row.label.route is not None]
    if not labelled:
        return None
    wanted = [(str(row.label.route), row) for row in labelled if row.label.route is not False]

    def hit(to: str, row: Row) -> bool:
        return row.answer.route is not None and row.answer.route[0] == to

    return Routes(
        right=Share.of(hit(to, row) for to, row in wanted),
        by_specialist={
            to: Share.of(hit(to, row) for want, row in wanted if want == to) for to in sorted({t for t, _ in wanted})
        },
        false=Share.of(row.answer.route is not None for row in labelled if row.label.route is False),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What happens at once: something is ``acted`` (looked up, or ``changes``: something of the car), ``asked`` (for
    something missing, or first because unsure), or ``ignored``, a specialist's route among them."""

    acted: Share
    changes: Share
    asked: Share
    ignored: Share


def decision(row: Row) -> str:
    """acted, asked or ignored"""
    done = row.answer.done
    if isinstance(done, Incomplete):
        return "asked"
    return "acted" if isinstance(done, Plan) and done.steps else "ignored"


def decisions(rows: Sequence[Row]) -> Decisions:
    made = [decision(row) for row in rows]
    return Decisions(
        acted=Share.of(d == "acted" for d in made),
        changes=Share.of(d == "acted" and row.answer.changes for d, row in zip(made, rows, strict=True)),
        asked=Share.of(d == "asked" for d in made),
        ignored=Share.of(d == "ignored" for d in made),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed:
    """Words less probably meant for the car than ``threshold`` left alone: ``lost`` of the commands, ``heard`` of the
    lines at which nothing may be done."""

    threshold: float
    lost: Share
    heard: Share
    in_use: bool


_THRESHOLDS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


def heeding(rows: Sequence[Row], in_use: float) -> list[Heed]:
    """Empty where nothing tells how probable it is that the car was meant."""
    if all(row.answer.meant == 1.0 for row in rows):
        return []
    commands = [row.answer.meant for row in rows if row.label.plan.steps]
    others = [row.answer.meant for row in rows if row.label.is_refusal]
    return [
        Heed(
            threshold=t,
            lost=Share.of(p < t for p in commands),
            heard=Share.of(p >= t for p in others),
            in_use=t == in_use,
        )
        for t in sorted({*_THRESHOLDS, in_use})
    ]
