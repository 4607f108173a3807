"""Figures as text: shares, numbers, Markdown tables."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from models.compare.shares import Share

_WIDTH: Final = 120
_AS_IS: Final = ("|", "#", "<!--", "![", "    ", "- ")


def percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def share(value: Share) -> str:
    """ "93.5 (90.8-95.5)"; a dash for nothing of nothing."""
    return f"{percent(value.rate)} ({percent(value.low)}-{percent(value.high)})" if value.n else "-"


def rare(value: Share) -> str:
    """Few of many: the count and the upper bound that counts."""
    return f"{value.k} of {value.n} = {percent(value.rate)}, at most {percent(value.high)}" if value.n else "-"


def optional(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def wrapped(text: str) -> str:
    """Markdown with its running text filled to _WIDTH; tables, headings, comments, images and code stay as they are."""
    blocks = [block.strip("\n") for block in text.split("\n\n")]
    return "\n\n".join(block if block.startswith(_AS_IS) else _fill(block) for block in blocks if block)


def _fill(block: str) -> str:
    return textwrap.fill(block, _WIDTH, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, the first column left-aligned, the others right-aligned."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)
