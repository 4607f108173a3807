"""Recordings in every format: what is written is read again, and what is damaged is told in one sentence."""

import asyncio
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import can
import pytest

import simulators.mf4
from simulators.bus import open_simulator_bus
from simulators.errors import BusUnavailable, RecordingError
from simulators.reading import Report
from simulators.reading.candump import CandumpWriter
from simulators.recording import FORMATS, LogWriter, Recorder, format_of, read_log

SUFFIXES = tuple(FORMATS)
START_S = 1_750_000_000.25

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def mf4(request: pytest.FixtureRequest) -> None:
    if ".mf4" in request.node.name:
        pytest.importorskip("asammdf", reason="the extra [mf4] is not installed", exc_type=ImportError)


def data_frame(number: int, *, extended: bool = False, time_s: float | None = None) -> can.Message:
    return can.Message(
        timestamp=START_S + number * 0.0123 if time_s is None else time_s,
        arbitration_id=0x18DAF110 + number if extended else 0x100 + number,
        is_extended_id=extended,
        data=bytes(range(number % 9)),
    )


FRAMES = tuple(data_frame(n, extended=n % 2 == 1) for n in range(40))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(name: str, frames: tuple[can.Message, ...] = FRAMES) -> Path:
        path = tmp_path / name
        with LogWriter(path) as writer:
            for frame in frames:
                writer.write(frame)
        return path

    return make


def told(path: Path) -> str:
    """The sentence that reading ends with."""
    with pytest.raises(RecordingError) as failure:
        list(read_log(path))
    sentence = str(failure.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


# --- every format -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestFormats:
    def test_frames_come_back(self, suffix: str, write: Write) -> None:
        back = list(read_log(write(f"drive{suffix}")))
        assert [(m.arbitration_id, m.is_extended_id, bytes(m.data)) for m in back] == [
            (m.arbitration_id, m.is_extended_id, bytes(m.data)) for m in FRAMES
        ]
        for frame, original in zip(back, FRAMES, strict=True):
            since_start_s = original.timestamp - START_S
            assert frame.timestamp - back[0].timestamp == pytest.approx(since_start_s, abs=2e-6)

    def test_error_remote_and_fd_frames_come_back(self, suffix: str, write: Write) -> None:
        odd = (
            can.Message(timestamp=START_S, is_error_frame=True),
            can.Message(timestamp=START_S + 1, arbitration_id=0x10, is_extended_id=False, is_remote_frame=True, dlc=0),
            can.Message(timestamp=START_S + 2, arbitration_id=0x11, is_extended_id=False, is_fd=True, data=bytes(32)),
        )
        back = list(read_log(write(f"odd{suffix}", odd)))
        assert [(m.is_error_frame, m.is_remote_frame, m.is_fd) for m in back] == [
            (True, False, False),
            (False, True, False),
            (False, False, True),
        ]
        assert len(back[2].data) == 32

    def test_any_channel_can_be_written(self, suffix: str, write: Write) -> None:
        """A multicast address, a long number and a name with spaces fit no format by themselves."""
        frames: list[can.Message] = []
        for channel in ("239.74.163.2", "world-98765432101", "my bus", 70000, None):
            frame = data_frame(len(frames))
            frame.channel = channel
            frames.append(frame)
        assert len(list(read_log(write(f"channels{suffix}", tuple(frames))))) == 5

    def test_a_file_that_is_there_is_kept(self, suffix: str, write: Write) -> None:
        path = write(f"drive{suffix}")
        before = path.read_bytes()
        with pytest.raises(RecordingError, match=r"is there already.*--overwrite"):
            LogWriter(path)
        assert path.read_bytes() == before
        with LogWriter(path, overwrite=True) as writer:
            writer.write(FRAMES[0])
        assert len(list(read_log(path))) == 1

    def test_nothing_new_leaves_the_old(self, suffix: str, write: Write) -> None:
        path = write(f"drive{suffix}")
        before = path.read_bytes()
        with LogWriter(path, overwrite=True):
            pass
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]

    def test_without_frames_there_is_no_file(self, suffix: str, tmp_path: Path) -> None:
        with LogWriter(tmp_path / f"none{suffix}"):
            pass
        assert list(tmp_path.iterdir()) == []

    def test_closing_twice_is_fine(self, suffix: str, tmp_path: Path) -> None:
        writer = LogWriter(tmp_path / f"x{suffix}")
        writer.write(FRAMES[0])
        writer.close()
        writer.close()
        assert len(list(read_log(tmp_path / f"x{suffix}"))) == 1

    def test_a_place_that_is_none_is_told(self, suffix: str, tmp_path: Path) -> None:
        with pytest.raises(RecordingError, match="cannot be written: No such file or directory; choose another place"):
            LogWriter(tmp_path / "no" / f"x{suffix}")

    def test_a_file_that_is_not_there_is_told(self, suffix: str, tmp_path: Path) -> None:
        assert "cannot be read: No such file" in told(tmp_path / f"x{suffix}")

    def test_a_folder_is_told(self, suffix: str, tmp_path: Path) -> None:
        (tmp_path / f"x{suffix}").mkdir()
        assert "cannot be read: Is a directory" in told(tmp_path / f"x{suffix}")

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"no recording at all\n", bytes(range(256)) * 4, b"\x00" * 300])
    def test_what_is_no_recording_is_told(self, suffix: str, content: bytes, tmp_path: Path) -> None:
        (tmp_path / f"x{suffix}").write_bytes(content)
        told(tmp_path / f"x{suffix}")

    def test_damage_is_told_or_gives_frames(self, suffix: str, write: Write, capfd: pytest.CaptureFixture[str]) -> None:
        """Cut off and overwritten anywhere: never anything but frames or one sentence, and nothing printed."""
        path = write(f"drive{suffix}")
        whole = path.read_bytes()
        rng = random.Random(7)
        told_of: list[str] = []
        for number in range(20):
            damaged = bytearray(whole[: rng.randrange(len(whole))] if number % 2 else whole)
            for _ in range(0 if number % 2 else 8):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            path.write_bytes(damaged)
            report = Report()
            try:
                count = len(list(read_log(path, report=report)))
            except RecordingError as e:
                told_of.append(str(e))
            else:
                assert count <= len(FRAMES)
                told_of += report.sentences() if report.left_out else []
        assert told_of
        assert not [sentence for sentence in told_of if "\n" in sentence]
        assert capfd.readouterr().err == ""


# --- what is wrong in one format --------------------------------------------------------------------------------------


def test_the_suffix_decides() -> None:
    assert format_of(Path("a/Drive.BLF")) == ".blf"
    for name in ("drive", "drive.csv", "drive.log.gz", ".log"):
        with pytest.raises(RecordingError, match=r"must be one of \.log \(candump's text\), \.asc"):
            format_of(Path(name))


LINE = "(1750000000.{:06}) can0 100#0102 R\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LINE.format(20003) + LINE.format(10000), "line 2: its time .* is before .* of the frame before it; sort"),
        ("(-1.5) can0 100#01 R\n", "line 1: -1.5 s is no time"),
        ("(nan) can0 100#01 R\n", "line 1: nan s is no time"),
        ("(inf) can0 100#01 R\n", "line 1: inf s is no time"),
        ("(1.0) can0 100#010203040506070809 R\n", "line 1: 9 bytes of data are no classic frame"),
        ("(1.0) can0 100#010 R\n", "line 1: half a byte is missing"),
        ("(1.0) can0 9FF#01 R\n", "line 1: 0x9ff is no identifier"),
    ],
)
def test_candump(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match=sentence):
        list(read_log(path))


def test_equal_times_and_zero_are_times(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("(0.0) can0 100#01 R\n(0.0) can0 101#02 R\n", encoding="utf-8")
    assert [m.timestamp for m in read_log(tmp_path / "x.log")] == [0, 0]


def test_a_text_recording_grows_frame_by_frame(tmp_path: Path) -> None:
    """Whoever is killed has written what came before."""
    with LogWriter(tmp_path / "x.log") as writer:
        for count, frame in enumerate(FRAMES, 1):
            writer.write(frame)
            assert len(list(read_log(tmp_path / "x.log"))) == count


@pytest.mark.parametrize("suffix", [".blf", ".mf4"])
def test_a_binary_recording_appears_whole(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    with LogWriter(path) as writer:
        writer.write(FRAMES[0])
        assert [p.name for p in tmp_path.iterdir()] == [f"x{suffix}.part"]
    assert [p.name for p in tmp_path.iterdir()] == [f"x{suffix}"]


def test_a_cut_off_blf_says_so(write: Write) -> None:
    path = write("x.blf")
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    report = Report(unit="frame")
    count = len(list(read_log(path, report=report)))
    assert 0 < count < len(FRAMES)
    assert f"it is cut off: {len(whole) - 100} of {len(whole)} bytes are there" in report.notes
    assert report.left_out["cut off"].first == [f"frame {count + 1}"]


def test_a_blf_that_was_not_closed_says_so(write: Write) -> None:
    path = write("x.blf")
    whole = bytearray(path.read_bytes())
    struct.pack_into("<Q", whole, 16, 144)  # the size in the header, as it is before closing
    path.write_bytes(whole)
    report = Report(unit="frame")
    assert len(list(read_log(path, report=report))) == len(FRAMES)
    assert report.notes == ["it was not closed by who wrote it; what is there is used"]


def test_mf4_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("can.io.mf4.asammdf", None)
    with pytest.raises(RecordingError, match=r"pip install -e '\.\[mf4\]'"):
        LogWriter(tmp_path / "x.mf4")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x.mf4").write_bytes(b"MDF     4.10")
    assert simulators.mf4.convert(tmp_path / "x.mf4", tmp_path / "x.log") == 2
    done = subprocess.CompletedProcess([], 2, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: done)
    assert "pip install -e '.[mf4]'" in told(tmp_path / "x.mf4")


def test_a_damaged_mf4_ends_its_own_reader_alone() -> None:
    """With asammdf 8.8.28 this file is a segmentation fault."""
    pytest.importorskip("asammdf", reason="the extra [mf4] is not installed", exc_type=ImportError)
    assert "is damaged, or no file in ASAM MDF 4 format" in told(Path(__file__).parent / "data" / "ends_its_reader.mf4")


def test_reading_leaves_the_hooks_as_they_were(write: Write) -> None:
    hook = sys.unraisablehook
    path = write("x.blf")
    list(read_log(path))
    path.write_bytes(b"rubbish")
    told(path)
    assert sys.unraisablehook is hook


# --- recording a bus --------------------------------------------------------------------------------------------------


@pytest.fixture
def channel(request: pytest.FixtureRequest) -> str:
    return f"recording {request.node.name}"


async def test_every_frame_of_a_bus_is_recorded(channel: str, tmp_path: Path) -> None:
    """Also the last ones, which have come but were not read yet when the recording ends."""
    with (
        open_simulator_bus(interface="virtual", channel=channel) as speaker,
        open_simulator_bus(interface="virtual", channel=channel) as ear,
    ):
        async with Recorder(ear, LogWriter(tmp_path / "x.log")):
            for frame in FRAMES * 10:
                speaker.send(frame)
    back = list(read_log(tmp_path / "x.log"))
    assert [m.arbitration_id for m in back] == [m.arbitration_id for m in FRAMES * 10]


async def test_only_some_messages_are_recorded(channel: str, tmp_path: Path) -> None:
    with (
        open_simulator_bus(interface="virtual", channel=channel) as speaker,
        open_simulator_bus(interface="virtual", channel=channel) as ear,
    ):
        only = {(0x100, False), (0x102, True)}  # 0x102 is there with 11 bits only
        async with Recorder(ear, LogWriter(tmp_path / "x.log"), only=only):
            for frame in FRAMES:
                speaker.send(frame)
    assert [m.arbitration_id for m in read_log(tmp_path / "x.log")] == [0x100]


class DeadBus(can.BusABC):
    """Gives one frame, then fails."""

    def __init__(self) -> None:
        self._frames = [FRAMES[0]]
        super().__init__(channel="dead")

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        raise NotImplementedError

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        del timeout
        if not self._frames:
            raise can.CanOperationError("the network is down")
        return self._frames.pop(), True


async def test_a_bus_that_dies_ends_the_recording_and_keeps_it(tmp_path: Path) -> None:
    with DeadBus() as bus, pytest.raises(BusUnavailable, match=r"network is down.*what came before is recorded"):
        async with Recorder(bus, LogWriter(tmp_path / "x.blf")) as recorder:
            await asyncio.wait_for(recorder.failed.wait(), 10)
    assert len(list(read_log(tmp_path / "x.blf"))) == 1


async def test_a_full_disk_ends_the_recording(channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LogWriter(tmp_path / "x.log")

    def full(_writer: object, _message: can.Message) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CandumpWriter, "on_message_received", full)
    with (
        open_simulator_bus(interface="virtual", channel=channel) as speaker,
        open_simulator_bus(interface="virtual", channel=channel) as ear,
    ):
        speaker.send(FRAMES[0])
        with pytest.raises(RecordingError, match="No space left on device"):
            async with Recorder(ear, writer) as recorder:
                await asyncio.wait_for(recorder.failed.wait(), 10)
