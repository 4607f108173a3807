"""The journal, and a recorded drive judged again."""

import json
import threading
from pathlib import Path

import pytest
from support.car import DRIVING, PARKED, STANDSTILL
from support.fakes import Shell, call, plan

from vehicle_agent import journal as journal_module
from vehicle_agent.errors import ConfigError
from vehicle_agent.journal import Journal, read_journal
from vehicle_agent.rejudge import judgement_event, rejudge


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    journal = Journal(path, clock=lambda: 12.3456)
    journal.write("input", text="öffne \U0001f600 \udcff")
    journal.write("outcome", id=1)
    journal.close()
    first, second = read_journal(path)
    assert (first["t"], first["kind"], second) == (12.346, "input", {"t": 12.346, "kind": "outcome", "id": 1})


def test_nothing_is_written_without_a_path() -> None:
    before = threading.active_count()
    journal = Journal()
    journal.write("input", text="hello")
    journal.close()
    assert threading.active_count() == before


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write the journal"):
        Journal(tmp_path)


def test_a_line_that_a_crash_cut_off_is_told_and_the_next_drive_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_text('{"t": 1, "kind": "input"}\n{"t": 2, "ki')
    assert [e["kind"] for e in read_journal(path)] == ["input", "cut_off"]
    journal = Journal(path)
    journal.write("state", new="parked")
    journal.close()
    assert [e["kind"] for e in read_journal(path)] == ["input", "cut_off", "state"]


@pytest.mark.parametrize("text", ["hello\nworld\n", "[1]\n", "{}\n", '{"kind": 3}\n', "\x00\xff\n\n"])
def test_a_file_that_is_no_journal_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "j"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"line 1: not a journal line"):
        list(read_journal(path))
    with pytest.raises(ConfigError):
        rejudge(path)


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        list(read_journal(tmp_path / "none"))


def test_a_long_journal_begins_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_BYTES", 1000)
    path = tmp_path / "j"
    journal = Journal(path)
    for n in range(40):
        journal.write("event", number=n, filling="x" * 40)
    journal.close()
    kept = [e["number"] for p in (tmp_path / "j.1", path) for e in read_journal(p)]
    assert kept == list(range(kept[0], 40)) if isinstance(kept[0], int) else False
    assert all(p.stat().st_size < 1200 for p in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_queue_drops_and_counts_and_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_QUEUED", 5)
    go = threading.Event()
    original = Journal._append

    def slow(self: Journal, *args: object) -> object:
        go.wait(10)
        return original(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "_append", slow)
    journal = Journal(tmp_path / "j")
    for n in range(20):
        journal.write("event", number=n)
    go.set()
    while not journal._queue.empty():
        pass
    journal.write("event", number=99)
    journal.close()
    events = list(read_journal(tmp_path / "j"))
    assert events[-1]["number"] == 99
    assert len(events) - 1 + int(str(events[-1]["dropped_before"])) == 20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_stops_neither_the_agent_nor_its_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_QUEUED", 3)
    journal = Journal(Path("/dev/full"))
    for n in range(50):
        journal.write("event", number=n)
    journal.close()
    assert [r.message.count("No space left") for r in caplog.records] == [1]


# --- replay -----------------------------------------------------------------------------------------------------------


async def _recorded(path: Path, *, words: bool = True) -> None:
    shell, journal = Shell(), Journal(path)
    for signals, wanted in (
        (PARKED, call("play_video", title="secret film")),
        (DRIVING, call("play_video", title="secret film")),
        (DRIVING, call("control_window", position=20)),
        (STANDSTILL, call("open_app", app="netflix")),
        (STANDSTILL, call("dial_number", number="911")),
        (STANDSTILL, call("dial_number", number="5550142")),
        (STANDSTILL, call("undo_last_action")),
    ):
        shell.drive(signals)
        shell.history.remember((call("send_text_message", recipient="mum", message="secret words"),))
        run = shell.executor.start(plan(wanted))
        await run.progress()
        await run.cancel()
    for judgement in shell.judgements:
        journal.write("judgement", **judgement_event(judgement, words=words))
    journal.write("state", old="parked", new="driving")
    journal.close()


@pytest.mark.parametrize("words", [True, False])
async def test_a_drive_judged_again_by_the_same_rules_differs_in_nothing(tmp_path: Path, words: bool) -> None:
    await _recorded(tmp_path / "j", words=words)
    assert rejudge(tmp_path / "j") == {"judged": 8, "differences": []}  # the undone text is judged on its own too
    text = (tmp_path / "j").read_text()
    assert ("secret" in text, "5550142" in text, "mum" in text) == (words, words, words)


async def test_a_changed_verdict_shows(tmp_path: Path) -> None:
    await _recorded(tmp_path / "j")
    events = [json.loads(line) for line in (tmp_path / "j").read_text().splitlines()]
    events[0]["decision"] = "deny"
    (tmp_path / "j").write_text("\n".join(map(json.dumps, events)))
    (difference,) = rejudge(tmp_path / "j")["differences"]
    assert "was deny, now allow" in difference


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"name": "fly", "arguments": {}},
        {"name": "get_time", "arguments": 3},
        {"name": "get_time", "arguments": {}, "state": "parked"},
        {"name": "get_time", "arguments": {}, "state": "upside down", "signals": {"speed_kmh": [None, None]}},
        {"name": "get_time", "arguments": {}, "state": "parked", "signals": {"speed_kmh": [None]}},
        {"name": "get_time", "arguments": {}, "state": "parked", "signals": {"speed_kmh": [None, None], "x": None}},
    ],
)
def test_a_judgement_that_cannot_be_read_is_one_sentence(tmp_path: Path, broken: dict[str, object]) -> None:
    (tmp_path / "j").write_text(json.dumps({"t": 1, "kind": "judgement", **broken}) + "\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        rejudge(tmp_path / "j")
