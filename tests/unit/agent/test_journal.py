"""The journal: what is written comes back, in order, bounded, and without words where they are not wanted."""

import json
import threading
from pathlib import Path

import pytest

from vehicle_agent.errors import ConfigError
from vehicle_agent.record import journal as journal_module
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.journal_files import LineFile, files_of, read_drive, shown


def kinds(path: Path) -> list[object]:
    return [e["kind"] for e in read_drive(path)]


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    journal = Journal(path, clock=lambda: 12.3456)
    journal.write("input", text="öffne \U0001f600 \udcff")
    journal.write("outcome", id=1)
    journal.close()
    first, second = read_journal(path)
    assert (first["t"], first["seq"], first["kind"]) == (12.346, 1, "input")
    assert second == {"t": 12.346, "seq": 2, "kind": "outcome", "id": 1}


def test_nothing_is_written_without_a_path() -> None:
    before = threading.active_count()
    journal = Journal()
    journal.write("input", text="hello")
    journal.close()
    assert threading.active_count() == before


def test_after_its_end_nothing_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.close()
    journal.write("input", text="late")
    journal.close()
    assert kinds(tmp_path / "j") == []


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write the journal"):
        Journal(tmp_path)


@pytest.mark.parametrize("text", ["hello\nworld\n", "hello", "[1]\n", "{}\n", '{"kind": 3}\n', "\x00\xff\n\n", "7"])
def test_a_file_that_is_no_journal_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "j"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"line 1: not a journal line"):
        list(read_journal(path))


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        list(read_drive(tmp_path / "none"))


def test_a_line_nested_too_deep_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"t": ' + "[" * 100_000)
    assert kinds(tmp_path / "j") == ["cut_off"]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_go_on_in_the_next_drive(tmp_path: Path) -> None:
    for _ in range(3):
        journal = Journal(tmp_path / "j")
        journal.write("start")
        journal.write("stop")
        journal.close()
    assert [e["seq"] for e in read_drive(tmp_path / "j")] == [1, 2, 3, 4, 5, 6]


def test_a_journal_from_before_there_were_numbers_goes_on(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"t": 1, "kind": "input"}\n')
    journal = Journal(tmp_path / "j")
    journal.write("stop")
    journal.close()
    assert [e.get("seq") for e in read_drive(tmp_path / "j")] == [None, 1]


def test_missing_lines_and_lines_in_disorder_are_told(tmp_path: Path) -> None:
    lines = [json.dumps({"t": 0, "seq": n, "kind": "e"}) for n in (7, 8, 11, 12, 3, 4)]
    (tmp_path / "j").write_text("\n".join(lines) + "\n")
    events = list(read_drive(tmp_path / "j"))
    assert [e["kind"] for e in events] == ["e", "e", "lost", "e", "e", "disorder", "e", "e"]
    assert (events[2]["lines"], events[2]["before"]) == (2, 11)
    assert "2 lines are missing before number 11" in shown(events[2])
    assert "from 12 to 3" in shown(events[5])


def test_threads_write_whole_lines_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")

    def work() -> None:
        for n in range(200):
            journal.write("event", number=n)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    journal.close()
    assert [e["seq"] for e in read_drive(tmp_path / "j")] == list(range(1, 801))


# --- bounds -----------------------------------------------------------------------------------------------------------


def fill(path: Path, *, keep: int, lines: int = 40) -> None:
    journal = Journal(path, max_bytes=1000, keep=keep)
    for n in range(lines):
        journal.write("event", number=n, filling="x" * 40)
    journal.close()


@pytest.mark.parametrize("keep", [1, 3])
def test_a_long_journal_begins_new_files_and_keeps_so_many(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "j"
    fill(path, keep=keep)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["j", *(f"j.{n}" for n in range(1, keep + 1))]
    assert all(f.stat().st_size < 1200 for f in tmp_path.iterdir())
    events = list(read_drive(path))
    seqs = [e["seq"] for e in events]
    assert seqs == list(range(41 - len(seqs), 41))  # the oldest are gone, nothing between is
    assert len(seqs) > 10 * keep


def test_the_numbers_go_on_when_the_present_file_is_new(tmp_path: Path) -> None:
    path = tmp_path / "j"
    fill(path, keep=2)
    path.write_bytes(b"")
    last = [e["seq"] for e in read_drive(path)][-1]
    journal = Journal(path)
    journal.write("event")
    journal.close()
    assert [e["seq"] for e in read_journal(path)] == [int(str(last)) + 1]


def test_fewer_files_are_kept_when_fewer_are_asked_for(tmp_path: Path) -> None:
    fill(tmp_path / "j", keep=3)
    fill(tmp_path / "j", keep=1)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["j", "j.1"]


def test_a_crash_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    fill(path, keep=4)
    before = list(read_drive(path))
    for n in (4, 3):  # the older ones have moved on, the younger ones not yet
        (tmp_path / f"j.{n}").rename(tmp_path / f"j.{n + 1}")
    path.rename(tmp_path / "j.0")  # and no present file
    assert [f.name for f in files_of(path)] == ["j.5", "j.4", "j.2", "j.1", "j.0"]
    assert list(read_drive(path)) == before


def test_other_files_beside_it_are_left_alone(tmp_path: Path) -> None:
    for name in ("j.txt", "j.01", "j.", "jj.1", "j.1.gz", "j.-1"):
        (tmp_path / name).write_text("mine")
    fill(tmp_path / "j", keep=1)
    assert sum(f.read_text() == "mine" for f in tmp_path.iterdir()) == 6
    assert [f.name for f in files_of(tmp_path / "j")] == ["j.1", "j"]


def test_a_full_queue_drops_and_counts_and_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_QUEUED", 5)
    go = threading.Event()
    original = LineFile.append

    def slow(self: LineFile, line: bytes) -> None:
        go.wait(10)
        original(self, line)

    monkeypatch.setattr(LineFile, "append", slow)
    journal = Journal(tmp_path / "j")
    for n in range(20):
        journal.write("event", number=n)
    go.set()
    while not journal._queue.empty():
        pass
    journal.write("event", number=99)
    journal.close()
    *kept, lost, last = read_drive(tmp_path / "j")
    assert last["number"] == 99
    assert len(kept) + int(str(last["dropped_before"])) == 20
    assert lost == {"kind": "lost", "lines": last["dropped_before"], "before": 21}


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_a_line_is_never_longer_than_its_bound(tmp_path: Path, size: int) -> None:
    journal = Journal(tmp_path / "j")
    journal.write("input", text="x" * size)
    journal.write("plan", calls=["x" * 100] * (size // 100))
    journal.close()
    first, second = read_drive(tmp_path / "j")
    assert (first["text"], "calls" in second) == ("x" * 500, False)
    assert (tmp_path / "j").stat().st_size < 2000


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
