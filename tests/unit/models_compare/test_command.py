"""Bad input is one clear sentence and status 2."""

from pathlib import Path

import pytest

from models.compare.__main__ import main


@pytest.mark.parametrize("content", ["", "no json\n", '{"id": "1"}\n', '{"text": "x", "calls": [{"name": "fly"}]}\n'])
def test_malformed_sets(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(content, encoding="utf-8")
    assert main([str(path), "--page", str(tmp_path / "page.md")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert str(path) in err


def test_a_missing_set_and_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl"), "--page", "page.md"]) == 2
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "1", "text": "sound the horn", "calls": [], "tags": ["refuse"]}\n', encoding="utf-8")
    assert main([str(path), "--page", str(tmp_path / "nowhere" / "page.md")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_the_number_of_lines_must_make_sense(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--page", "page.md", "--quick", "0"])
    assert stop.value.code == 2


def test_an_empty_folder_is_no_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--page", "page.md"]) == 2
    assert str(tmp_path) in capsys.readouterr().err
