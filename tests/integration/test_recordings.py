"""`sim record` and `sim replay` as a person or a program uses them."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import can
import pytest
import typer
from support.buses import bus_config, hear
from support.waiting import until
from typer.testing import CliRunner, Result

from simulators.bus import open_simulator_bus
from simulators.recording import LogWriter, read_log
from simulators.workbench.sim import recordings
from vehicle_agent.cli.output import Exit
from vehicle_agent.config import BusConfig

DRIVE = Path(__file__).parents[1] / "replay" / "gear_falls_silent.log"
EXPECTED = DRIVE.with_suffix(".states.jsonl")
SCENARIO = DRIVE.with_suffix(".yaml")

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(recordings.record)
app.command()(recordings.replay)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def sentence(result: Result, status: Exit = Exit.BAD_INPUT) -> str:
    """The one sentence of a command that could not work."""
    assert result.exit_code == status, result.output
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    return result.stderr


@pytest.fixture
def config() -> BusConfig:
    return bus_config("udp_multicast")


@pytest.fixture
def ear(config: BusConfig) -> Iterator[can.BusABC]:
    with open_simulator_bus(interface="udp_multicast", channel="239.74.163.2", port=config.port) as bus:
        yield bus


# --- judged ---------------------------------------------------------------------------------------------------------


def test_a_drive_as_expected(tmp_path: Path) -> None:
    done = run("replay", DRIVE, "--judge", "--expect", EXPECTED, "--write-expect", tmp_path / "again.jsonl")
    assert done.exit_code == 0, done.output
    assert "driving -> unknown  by" in done.stdout
    assert f"as expected in {EXPECTED}" in done.stdout.replace("\n", "")
    assert (tmp_path / "again.jsonl").read_text(encoding="utf-8") == EXPECTED.read_text(encoding="utf-8")


def test_a_drive_that_differs_is_told_and_fails(tmp_path: Path) -> None:
    text = EXPECTED.read_text(encoding="utf-8")
    (tmp_path / "x.jsonl").write_text(text.replace('"new": "unknown"', '"new": "parked"'), encoding="utf-8")
    done = run("replay", DRIVE, "--judge", "--expect", tmp_path / "x.jsonl")
    assert done.exit_code == Exit.REFUSED_OR_FAILED
    assert "DIFFERENT: change of state 2: expected driving -> parked at" in done.stdout
    document = json.loads(run("replay", DRIVE, "--judge", "--expect", tmp_path / "x.jsonl", "--json").stdout)
    assert len(document["differences"]) == 1
    assert document["drive"][0]["frames"] == 742


def test_frames_the_agent_ignores_are_counted(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "odd.log") as writer:
        for message in read_log(DRIVE):
            writer.write(message)
            if writer.frames == 1:
                writer.write(can.Message(timestamp=message.timestamp, is_error_frame=True))
                writer.write(can.Message(timestamp=message.timestamp, arbitration_id=1, is_fd=True, data=bytes(12)))
    done = run("replay", tmp_path / "odd.log", "--judge", "--expect", EXPECTED)
    assert done.exit_code == 0, done.output
    assert "left out: 1 FD, 1 error frames" in done.stdout


def test_a_recording_of_errors_alone_is_told(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "odd.log") as writer:
        writer.write(can.Message(timestamp=1, is_error_frame=True))
    told = sentence(run("replay", tmp_path / "odd.log", "--judge"))
    assert "holds no classic data frames; left out: 1 error frames" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("replay", "nothing.log", "--judge"), "No such file"),
        (("replay", "nothing.log"), "No such file"),
        (("replay", "drive.csv"), "the suffix decides the format"),
        (("replay", DRIVE, "--expect", EXPECTED), "belong to --judge"),
        (("replay", DRIVE, "--judge", "--expect", "nothing.jsonl"), "--write-expect makes one"),
        (("replay", DRIVE, "--judge", "--expect", DRIVE), "line 1"),
        (("replay", DRIVE, "--judge", "--binding", "nothing.toml"), "nothing.toml"),
        (("replay", DRIVE, "--interface", "virtual"), "nobody else is on it"),
        (("replay", DRIVE, "--interface", "pigeon"), "the interface is udp_multicast or socketcan"),
        (("replay", DRIVE, "--channel", "nowhere"), "no multicast address"),
        (("record", "x.log"), "say what to record"),
        (("record", "x.log", "--scenario", "crash", "--interface", "udp_multicast"), "say what to record"),
        (("record", "x.txt", "--scenario", "crash"), "the suffix decides the format"),
        (("record", "x.log", "--scenario", "no_such_scenario"), "no_such_scenario"),
        (("record", "x.log", "--scenario", "crash", "--only", "Gearr"), "the car has no message 'Gearr'"),
        (("record", "x.log", "--interface", "virtual"), "nobody else is on it"),
        (("record", "no/x.log", "--interface", "udp_multicast"), "cannot be written"),
        (("record", DRIVE, "--interface", "udp_multicast"), "is there already"),
        (("record", "x.log", "--interface", "socketcan", "--channel", "nosuchcan"), "sudo"),
    ],
)
def test_mistakes(arguments: tuple[object, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert told in sentence(run(*arguments))
    assert list(tmp_path.iterdir()) == []


# --- a scenario -----------------------------------------------------------------------------------------------------


def test_a_recorded_scenario_is_the_drive_of_the_tests(tmp_path: Path) -> None:
    """Recorded anew it is the same drive: simulated time, the same frames."""
    only = [
        word for name in ("VehicleSpeed", "WheelSpeedAverage", "Gear", "Crash", "Ignition") for word in ("--only", name)
    ]
    done = run("record", tmp_path / "x.blf", "--scenario", SCENARIO, *only)
    assert done.exit_code == 0, done.output
    again = [(m.arbitration_id, bytes(m.data)) for m in read_log(tmp_path / "x.blf")]
    before = [(m.arbitration_id, bytes(m.data)) for m in read_log(DRIVE)]
    shorter = min(len(again), len(before))
    assert shorter >= len(before) - 10  # how long the end takes is real time
    assert again[:shorter] == before[:shorter]


# --- a bus ----------------------------------------------------------------------------------------------------------


def test_a_replay_is_heard(config: BusConfig, ear: can.BusABC) -> None:
    frames = list(read_log(DRIVE))
    done = run("replay", DRIVE, "--port", config.port, "--speed", 40)
    assert done.exit_code == 0, done.output
    assert "742 frames sent to udp_multicast 239.74.163.2" in done.stdout
    heard = hear(ear, lambda _m: True, 100)
    assert [(m.arbitration_id, bytes(m.data)) for m in heard] == [
        (m.arbitration_id, bytes(m.data)) for m in frames[:100]
    ]


def test_nothing_heard_is_told_and_leaves_no_file(config: BusConfig, tmp_path: Path) -> None:
    arguments = ("record", tmp_path / "x.log", "--interface", "udp_multicast", "--port", config.port, "--seconds", 0.2)
    done = run(*arguments)
    assert done.exit_code == Exit.REFUSED_OR_FAILED
    assert "no frame came" in done.stderr
    assert list(tmp_path.iterdir()) == []


RECORD = """
import sys, typer
from simulators.workbench.sim import recordings
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(recordings.record)
app()
"""


@pytest.mark.parametrize(("suffix", "number"), [(".log", signal.SIGINT), (".blf", signal.SIGTERM)])
async def test_an_interrupt_closes_the_file(
    suffix: str, number: signal.Signals, config: BusConfig, ear: can.BusABC, tmp_path: Path
) -> None:
    path = tmp_path / f"x{suffix}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORD, str(path), "--interface", "udp_multicast", "--port", str(config.port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        assert b"recording udp_multicast" in await asyncio.wait_for(process.stderr.readline(), 60)
        for frame in range(200):
            ear.send(
                can.Message(arbitration_id=frame, is_extended_id=False, data=bytes([frame]), timestamp=time.time())
            )
        if suffix == ".log":
            await until(lambda: path.exists() and path.read_bytes().count(b"\n") == 200, 30)
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err) == (0, b"")
    assert out.decode() == f"200 frames in {path}\n"
    assert [m.arbitration_id for m in read_log(path)] == list(range(200))


# --- recordings of the field ----------------------------------------------------------------------------------------


def other_bus(path: Path, name: str = "can1", *, foreign: bool = True) -> Path:
    """The drive with frames of a second bus between its own."""
    identifier = "7E8" if foreign else "100"
    lines: list[str] = []
    for line in DRIVE.read_text(encoding="ascii").splitlines():
        lines += [line, f"{line.split()[0]} {name} {identifier}#0000000000000000 R"]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def test_the_only_bus_with_the_cars_messages_is_judged(tmp_path: Path) -> None:
    path = other_bus(tmp_path / "x.log")
    done = run("replay", path, "--judge", "--expect", EXPECTED)
    assert done.exit_code == 0, done.output
    assert "taken: can0, the only bus with the car's messages" in done.stderr
    assert "742 frames used; left out: 742 frames of other buses" in done.stderr


def test_two_buses_with_the_cars_messages_must_be_chosen_from(tmp_path: Path) -> None:
    path = other_bus(tmp_path / "x.log", foreign=False)
    told = sentence(run("replay", path, "--judge"))
    assert "holds 2 buses; the car's messages are on more than one: can0 (742 frames), can1 (742 frames)" in told
    assert "choose one with --bus can0" in told
    assert run("replay", path, "--judge", "--bus", "can0", "--expect", EXPECTED).exit_code == 0
    assert run("replay", path, "--judge", "--bus", "0", "--expect", EXPECTED).exit_code == 0
    assert run("replay", path, "--judge", "--bus", "can1", "--expect", EXPECTED).exit_code == 1
    assert "holds no bus 'can7'" in sentence(run("replay", path, "--judge", "--bus", "can7"))


def test_two_buses_are_not_sent_onto_one(config: BusConfig, ear: can.BusABC, tmp_path: Path) -> None:
    path = other_bus(tmp_path / "x.log")
    assert "choose one with --bus can0" in sentence(run("replay", path, "--port", config.port))
    done = run("replay", path, "--port", config.port, "--bus", "can1", "--speed", 0, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["sent"], document["bus"], document["left_out"]) == (742, "can1", {"other bus": 742})
    assert document["recording"]["buses"] == {"can0": 742, "can1": 742}
    assert {m.arbitration_id for m in hear(ear, lambda _m: True, 100)} == {0x7E8}


def test_what_is_left_out_is_told_with_its_lines(config: BusConfig, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(
        "(1.0) can0 20000004#0008000000000000\n(1.0) can0 123#01\nrubbish\n(1.0) can0 123##0AA\n(1.1) can0 123#01\n(2.",
        encoding="ascii",
    )
    done = run("replay", path, "--port", config.port, "--speed", 0, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["sent"] == document["recording"]["frames"] == 2
    assert document["left_out"] == {"FD": 1, "cut off": 1, "error": 1, "not understood": 1}
    first = {lo["reason"]: lo["first"] for lo in document["recording"]["left_out"]}
    assert first == {"FD": ["line 4"], "cut off": ["line 6"], "error": ["line 1"], "not understood": ["line 3"]}
    assert "2 frames used; left out: 1 error frame (line 1: 1 controller problem)" in done.stderr


def test_a_pause_of_years_is_told_before_it_is_waited_for_and_can_be_skipped(config: BusConfig, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("(1.0) can0 123#01\n(400000000.0) can0 123#02\n", encoding="ascii")
    began_s = time.monotonic()
    done = run("replay", path, "--port", config.port, "--skip-pauses")
    assert done.exit_code == 0, done.output
    assert 1 <= time.monotonic() - began_s < 60
    assert "1 long pause: 12.7 years after line 1; skipped" in done.stderr
    assert "2 frames sent" in done.stdout


TRIAL = {
    "errclasses.log": "(1.0) can0 20000004#0008000000000000\n(1.1) can0 20000040#00\n(1.2) can0 1A0#0011\n",
    "relative.asc": "base hex  timestamps relative\n 0.5 1 1A0 Rx d 1 11\n 0.5 1 1A0 Rx d 1 22\n 0.5 1 1A0 Rx d 1 33\n",
    "cutmid.asc": "base hex  timestamps absolute\n 0.0 1 1A0 Rx d 1 11\n 0.1 1 1A0   ",
    "viewformat.log": " (1.0)  can0  1A0   [2]  11 22\n (1.1)  can0  20000004   [1]  00   ERRORFRAME\n",
}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("errclasses.log", "1 frames in 0.000 s; left out: 2 error frames"),
        ("relative.asc", "3 frames in 1.000 s\n"),
        ("cutmid.asc", "1 frames in 0.000 s; left out: 1 frame cut off at the end"),
        ("viewformat.log", "1 frames in 0.000 s; left out: 1 error frames"),
    ],
)
def test_what_broke_in_the_field(name: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TRIAL[name], encoding="ascii")
    done = run("replay", tmp_path / name, "--judge")
    assert done.exit_code == 0, done.output
    assert told in done.stdout
