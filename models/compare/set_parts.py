"""The evaluation page's sections on single sets."""

from models.compare.set_words import WORDS
from models.compare.sets import Kind
from models.compare.special import Decisions, Routes, Talks
from models.compare.study import SetStudy, Study
from models.compare.tables import rare, share, table


def glance_part(study: Study) -> str:
    """All sets in one table."""
    return f"""## All sets

{table(("set", "lines", "exact, %", "opposite or unwanted action, %", "asked, %"), [_glance(s) for s in study.sets])}

*Exact*: names, arguments and references as labelled; of lines at which nothing may be done, that nothing is done and
nothing asked; of turns also the answer to an open question, of requests for a specialist also the specialist. Scored is
what is done without a question. An *opposite or unwanted action* changes something in the car that the label does not
have: another function, or the right one with another closed value (on for off, the wrong seat). *Asked*: a question is
put, for a missing piece or because the plan is unsure; wanted where a line is incomplete. The safety gate stands behind
the planner, but does not know what was meant."""


def _glance(one: SetStudy) -> tuple[object, ...]:
    asked = _asked(one)
    return (one.title, one.lines, share(one.ours.exact), rare(one.ours.unwanted), asked)


def _asked(one: SetStudy) -> str:
    k = one.commands.asked.k + one.nothing.asked.k
    n = one.commands.asked.n + one.nothing.asked.n
    return f"{k} of {n}"


def decisions_part(study: Study) -> str:
    """act, ask, ignore"""
    made = study.made
    if made.calibrated:
        point = (
            "The point in use: words less probably meant for the car than "
            f"{made.ignore_below:.2f} are left alone, a plan that would change something and is less probably right "
            f"than {made.ask_below:.2f} is asked about first. Both were chosen when the probabilities were fitted, on "
            "held-out writers' lines, not on these."
        )
    else:
        point = "No calibration belongs to this model: nothing is asked about because it is unsure."
    rows = [
        (s.title, what, *_decided(found))
        for s in study.sets
        for what, found in (("command", s.commands), ("nothing asked", s.nothing))
        if found.acted.n
    ]
    head = ("set", "lines that are", "n", "acts, %", "changes something, %", "asks, %", "ignores, %")
    return f"""## Act, ask or ignore

What becomes of lines that are commands, and of lines at which nothing may be done. {point} The curve is under
[Confidence](#confidence).

{table(head, rows)}
{_heeding(study)}"""


def _heeding(study: Study) -> str:
    if not study.heeding:
        return ""
    rows = [
        (f"{h.threshold:.2f}{' (in use)' if h.in_use else ''}", share(h.lost), share(h.heard)) for h in study.heeding
    ]
    head = ("left alone below", "commands left alone, %", "lines at which nothing may be done, still heeded, %")
    return f"""
How probable it is that the car was meant at all, over the lines of all sets. What is heeded is not done yet: most of
it the planner refuses, or a question comes first.

{table(head, rows)}"""


def _decided(found: Decisions) -> tuple[object, ...]:
    return (found.acted.n, *(share(s) for s in (found.acted, found.changes, found.asked, found.ignored)))


def set_part(one: SetStudy) -> str:
    """One set: slices, what only it can say, and the simpler methods."""
    kinds = table(
        ("slice", "n", "exact, %", "opposite or unwanted action, %"),
        [(s.title, s.exact.n, share(s.exact), rare(s.unwanted)) for s in one.ours.slices],
    )
    own = [
        part
        for part in (
            _talks(one.talks) if one.talks is not None else "",
            _routes(one.routes) if one.routes is not None else "",
            _silence(one.nothing) if one.kind in {Kind.ABSENT, Kind.VOICES} else "",
        )
        if part
    ]
    left = f" {one.left_out} lines that are partly meant for this car, or hold no speech, are left out."
    words = WORDS.get(one.name, "A labelled set.") + (left if one.left_out else "")
    return "\n\n".join([f"## {one.title}", words, *own, kinds, _others(one)])


def _talks(talks: Talks) -> str:
    return table(
        ("conversations", "n", "right, %"),
        [
            (title, found.n, share(found))
            for title, found in (
                ("first turns", talks.first),
                ("turns after others", talks.follow_ups),
                ("of these, such as lean on what was before", talks.leaning),
                ("whole conversations", talks.whole),
            )
        ],
    )


def _routes(routes: Routes) -> str:
    return table(
        ("routes", "n", "%"),
        [
            ("sent to the right specialist", routes.right.n, share(routes.right)),
            *((f"the same, for {to}", found.n, share(found)) for to, found in routes.by_specialist.items()),
            ("speech for none, sent to one", routes.false.n, share(routes.false)),
        ],
    )


def _silence(nothing: Decisions) -> str:
    return table(
        ("nothing may be done or asked", "%"),
        [
            ("acts", share(nothing.acted)),
            ("of these, changes something", share(nothing.changes)),
            ("asks", share(nothing.asked)),
            ("ignores", share(nothing.ignored)),
        ],
    )


def _others(one: SetStudy) -> str:
    rows = [(s.name, s.exact.n, share(s.exact), share(s.function), rare(s.unwanted)) for s in (one.ours, *one.others)]
    part = any(s.exact.n < one.ours.exact.n for s in one.others)
    note = "\n\nThe simpler methods answered evenly chosen lines of it, each for itself." if part else ""
    return table(("method", "n", "exact, %", "function, %", "unwanted, %"), rows) + note
