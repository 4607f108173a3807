"""The glossary names what there is, and one name stands for one thing."""

import re
from pathlib import Path
from typing import Final

from support.named import has

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def entries() -> dict[str, str]:
    """Word -> where it lives."""
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:2] == "| ")
    return {word: where.strip("`") for word, _, where in cells if word != "word"}


def test_each_word_lives_somewhere() -> None:
    found = entries()
    assert len(found) >= 25
    assert list(found) == sorted(found, key=str.lower)
    assert [word for word, where in found.items() if not _is_there(where)] == []


def _is_there(where: str) -> bool:
    if "/" in where:
        return (ROOT / where).is_dir()
    module, _, symbol = where.partition(":")
    return has(module, symbol)


def test_each_word_is_told_in_one_or_two_sentences() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| [A-Za-z]", line) and not line.startswith("| word")]
    assert [line for line in lines if not re.search(r"\.( \|)", line) or line.split("|")[2].count(". ") > 2] == []
