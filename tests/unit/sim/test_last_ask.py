"""The file of the last `ask`."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support.fakes import CATALOGUE, call, plan

from simulators.workbench.last_ask import file, put_away, taken_up
from vehicle_agent.conversation.kept import Kept
from vehicle_apis.earlier import PastTurn

KEPT = Kept(number=2, turns=(PastTurn(1, plan(call("set_fan_speed", level=3))),), results={(1, 1): "a place"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEHICLE_AGENT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def at(seconds: float) -> Callable[[], float]:
    return lambda: seconds


def test_it_is_taken_up_as_it_was_and_nobody_else_may_read_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        put_away(KEPT, clock=at(100.0))
    finally:
        os.umask(before)
    assert taken_up(CATALOGUE, clock=at(101.0)) == KEPT
    assert stat.S_IMODE(file().stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["last_ask.json"]


def test_the_last_one_counts() -> None:
    put_away(KEPT, clock=at(100.0))
    put_away(Kept(number=1, results={}), clock=at(100.0))
    found = taken_up(CATALOGUE, clock=at(100.0))
    assert found is not None
    assert found.number == 1


@pytest.mark.parametrize(("age_s", "goes_on"), [(0.0, True), (60.0, True), (60.1, False), (-1.0, False)])
def test_how_long_it_is_kept(age_s: float, goes_on: bool, capsys: pytest.CaptureFixture[str]) -> None:
    put_away(KEPT, clock=at(100.0))
    assert (taken_up(CATALOGUE, clock=at(100.0 + age_s)) is not None) == goes_on
    assert ("begins anew" in capsys.readouterr().err) != goes_on


def test_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert taken_up(CATALOGUE) is None
    assert capsys.readouterr().err == "vehicle-agent: there is no conversation to go on with; this one begins anew\n"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"at_s": "x"}', b'{"at_s": 1}', b"\xff\xfe", b"[" * 100_000, b" " * 300_000]
)
def test_a_damaged_one_is_ignored_with_one_sentence(content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    file().parent.mkdir()
    file().write_bytes(content)
    assert taken_up(CATALOGUE) is None
    told = capsys.readouterr().err
    assert "is ignored" in told
    assert told.count("\n") == 1


def test_a_folder_in_its_place_is_told_and_hinders_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    file().mkdir(parents=True)
    put_away(KEPT)
    assert "cannot be gone on with" in capsys.readouterr().err
    assert taken_up(CATALOGUE) is None
    assert "cannot be read" in capsys.readouterr().err
