"""The journal's format is kept: a drive with every kind of line, to the letter, with and without transcripts."""

import json
import os
from pathlib import Path

import pytest
from support.told_drive import tell

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("words", [True, False], ids=["with transcripts", "without"])
async def test_the_lines_of_a_drive(tmp_path: Path, words: bool) -> None:
    await tell(tmp_path / "journal", words=words)
    lines = (tmp_path / "journal").read_text(encoding="utf-8")
    start = json.loads(lines.split("\n", 1)[0])
    for changes in ("version", "catalogue"):
        lines = lines.replace(json.dumps(start[changes]), f'"{changes.upper()}"', 1)
    golden = GOLDEN / f"journal_{'with' if words else 'without'}_transcripts.jsonl"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(lines, encoding="utf-8")
    assert lines.split("\n") == golden.read_text(encoding="utf-8").split("\n")
    if not words:
        assert "mark" not in lines.lower()
