"""The page of the worst errors by cause. Lines are named by set and id: the sets' sentences stay outside."""

from collections import Counter
from collections.abc import Sequence

from models.compare.causes import SHOWN, Cause, Wrong
from models.compare.study import SetStudy, Study
from models.compare.tables import table, wrapped


def errors_text(study: Study, page: str) -> str:
    """``page``: the name of the evaluation page beside it."""
    sets = [s for s in study.sets if s.wrong]
    head = f"""# Errors by cause

<!-- Written by `python -m models.compare`; not by hand. -->

The wrong lines of the run behind [{page}]({page}) ({study.made.date}, model sha256 `{study.made.model_sha256[:12]}`),
grouped by what label and plan say of the cause: each line has one, the worst. Lines are named by their set and id; a
*question first* counts as a question. Of a cause the lines that changed something come first, then the surest."""
    counts = table(
        ("cause", "all", *(s.name for s in sets)),
        [(why.value, sum(row), *row) for why in Cause if sum(row := _counts(why, sets))],
    )
    parts = [head, counts if sets else "None.", *_causes([wrong for s in sets for wrong in s.wrong])]
    return wrapped("\n\n".join(parts)) + "\n"


def _counts(why: Cause, sets: Sequence[SetStudy]) -> list[int]:
    return [Counter(wrong.cause for wrong in s.wrong)[why] for s in sets]


def _causes(wrong: Sequence[Wrong]) -> list[str]:
    parts = []
    for why in Cause:
        lines = sorted((w for w in wrong if w.cause is why), key=lambda w: (not w.unwanted, -w.confidence))
        if lines:
            shown = f", the worst {SHOWN}" if len(lines) > SHOWN else ""
            parts.append(f"## {why.value[0].upper()}{why.value[1:]}: {len(lines)}{shown}\n\n{_lines(lines[:SHOWN])}")
    return parts


def _lines(wrong: Sequence[Wrong]) -> str:
    return table(
        ("set", "line", "wanted", "got", "changes the car", "confidence"),
        [
            (w.set_name, w.id, _code(w.wanted), _code(w.got), "yes" if w.unwanted else "", f"{w.confidence:.2f}")
            for w in wrong
        ],
    )


def _code(text: str) -> str:
    return f"`{text.replace('|', '/').replace('`', '')}`"
