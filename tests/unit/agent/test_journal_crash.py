"""What a crash leaves of a journal: at most the last line is lost, and that is told."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vehicle_agent.errors import ConfigError
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.journal_files import LineFile, files_of, next_seq, read_drive, read_journal

WRITER = """
import sys
from pathlib import Path
from vehicle_agent.record.journal import Journal
journal = Journal(Path(sys.argv[1]), max_bytes=20_000, keep=500)
journal.write("start")
n = 0
while True:
    journal.write("input", number=n, text="öffne das Fenster " + "x" * (n % 50))
    n += 1
    if n % 100 == 0:
        while not journal._queue.empty():
            pass
"""


def record(path: Path) -> list[dict[str, object]]:
    """A drive of a few lines without a stop; its events."""
    journal = Journal(path, clock=lambda: 1.5)
    journal.write("start")
    for text in ("fan to three", "öffne das Fenster \U0001f600"):
        journal.write("input", text=text, call=None, confidence=0.5)
    journal.close()
    return list(read_journal(path))


def drive_on(path: Path) -> list[dict[str, object]]:
    """The next drive writes to the same file; everything that is read then."""
    journal = Journal(path, clock=lambda: 2.5)
    journal.write("start")
    journal.write("stop")
    journal.close()
    return list(read_drive(path))


def offsets_of_the_last_line(whole: bytes) -> range:
    return range(whole.rstrip(b"\n").rfind(b"\n") + 1, len(whole) + 1)


def test_cut_anywhere_in_the_last_line_only_that_is_lost_and_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "j"
    events = record(path)
    whole = path.read_bytes()
    offsets = offsets_of_the_last_line(whole)
    assert len(offsets) > 80
    for offset in offsets:
        path.write_bytes(whole[:offset])
        torn = offsets[0] < offset < len(whole) - 1
        survived = events if offset >= len(whole) - 1 else events[:-1]
        assert list(read_drive(path)) == [*survived, *([{"kind": "cut_off", "line": 3}] if torn else [])], offset
        after = drive_on(path)
        # the crash shows in any case: the drive has no end
        told = [{"kind": "cut_off", "line": 3}] * torn + [{"kind": "crash"}]
        assert after[: len(survived) + len(told)] == [*survived, *told], offset
        assert [e["kind"] for e in after[len(survived) + len(told) :]] == ["start", "stop"], offset
        assert after[-1]["seq"] == len(survived) + torn + 2, offset


@pytest.mark.parametrize("zeros", [1, 100, 5000])
def test_zeros_that_a_loss_of_power_leaves_are_a_line_that_was_cut_off(tmp_path: Path, zeros: int) -> None:
    path = tmp_path / "j"
    events = record(path)
    whole = path.read_bytes()
    for kept in (whole, whole[:-10]):
        path.write_bytes(kept + bytes(zeros))
        after = drive_on(path)
        assert after[:2] == events[:2]
        assert [e["kind"] for e in after[-4:]] == ["cut_off", "crash", "start", "stop"]


def test_two_crashes_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for _ in range(2):
        record(path)
        path.write_bytes(path.read_bytes()[:-5])
    after = drive_on(path)
    assert [e["kind"] for e in after] == (["start", "input", "cut_off", "crash"] * 2) + ["start", "stop"]


def test_killed_while_it_writes(tmp_path: Path) -> None:
    path = tmp_path / "j"
    rng = random.Random(4)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as writer:
        until_s = time.monotonic() + 60
        while not (tmp_path / "j.3").exists() and time.monotonic() < until_s:
            time.sleep(0.005)
        os.kill(writer.pid, signal.SIGKILL)
    events = list(read_drive(path))
    assert [e["kind"] for e in events if e["kind"] not in {"input", "start"}] in ([], ["cut_off"])
    written = [e for e in events if e["kind"] == "input"]
    assert [e["number"] for e in written] == list(range(len(written)))
    # the same as if it had been killed in the middle of a write: at random places of what the kernel had taken
    newest = next(file for file in reversed(files_of(path)) if file.stat().st_size)
    whole = newest.read_bytes()
    for _ in range(40):
        cut = rng.randrange(1, len(whole) + 1)
        newest.write_bytes(whole[:cut])
        after = list(read_drive(path))
        lines = whole[:cut].decode("utf-8", "replace").split("\n")
        assert sum(e["kind"] == "cut_off" for e in after) <= 1
        assert sum(_is_whole(line) for line in lines) == sum(e["kind"] != "cut_off" for e in read_journal(newest))
        assert not [e for e in after if e["kind"] in {"lost", "disorder"}]


def _is_whole(line: str) -> bool:
    return line.startswith("{") and line.endswith("}")


def test_a_write_that_fails_half_way_spoils_no_other_line(tmp_path: Path) -> None:
    class HalfFull(io.FileIO):
        """Takes 20 bytes, then says that the disk is full; once."""

        failures = 1

        def write(self, data: object) -> int:
            assert isinstance(data, memoryview)
            if self.failures:
                if len(data) > 20:
                    return super().write(data[:20])
                self.failures = 0
                raise OSError(28, "No space left on device")
            return super().write(data)

    path = tmp_path / "j"
    file = LineFile(path, max_bytes=10_000, keep=1)
    assert file._file is not None
    file._file.close()
    file._file = HalfFull(path, "ab")
    with pytest.raises(OSError, match="No space"):
        file.append(b'{"t": 1, "seq": 1, "kind": "x"}')
    file.append(b'{"t": 1, "seq": 2, "kind": "y"}')
    file.close()
    assert [e["kind"] for e in read_journal(path)] == ["cut_off", "y"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ('{"t": 1, "seq": 4, "kind": "a"}\n', 5),
        ('{"t": 1, "seq": 4, "kind": "a"}', 5),
        ('{"t": 1, "seq": 4, "kind": "a"}\n{"t": 1, "s', 6),
        ('{"t": 1, "seq": 4, "kind": "a"}\n{"t": 1, "s\n{"t"\n', 7),
        ('{"t": 1, "seq": 4, "kind": "a"}\n{"t": 1, "seq": true, "kind": "a"}\n', 5),
        ('{"t": 1, "kind": "a"}\n', 1),
        ("no journal at all\n", 1),
    ],
)
def test_the_next_number(tmp_path: Path, text: str, number: int) -> None:
    (tmp_path / "j").write_text(text)
    assert next_seq(tmp_path / "j") == number


def test_the_next_number_after_a_very_long_file(tmp_path: Path) -> None:
    lines = [json.dumps({"t": n, "seq": n, "kind": "x", "filling": "x" * 1000}) for n in range(1, 600)]
    (tmp_path / "j").write_text("\n".join(lines) + "\n")
    assert next_seq(tmp_path / "j") == 600


def test_a_file_that_is_no_journal_is_still_refused(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"t": 1, "kind": "a"}\nhello\n')
    with pytest.raises(ConfigError, match="line 2"):
        list(read_drive(tmp_path / "j"))
