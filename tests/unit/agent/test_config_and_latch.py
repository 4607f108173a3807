"""The configuration file, the crash latch's file, systemd's socket."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.car import CRASHED, PARKED
from support.waiting import until

from state_machines.crash_latch import CLEAR, Latch
from vehicle_agent.agent import Agent
from vehicle_agent.config import Config, load_config
from vehicle_agent.errors import ConfigError
from vehicle_agent.latch_file import RECORD_BYTES, LatchFile, LatchKeeper
from vehicle_agent.service.systemd_notify import notify, since_process_start_s
from vehicle_apis.catalogue import load_catalogue


def _load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_config(path)


def test_every_value_has_a_default(tmp_path: Path) -> None:
    assert _load(tmp_path, "") == Config()


def test_values_are_read(tmp_path: Path) -> None:
    config = _load(tmp_path, '[bus]\ninterface = "socketcan"\nchannel = "can0"\n[journal]\ntranscripts = false\n')
    assert (config.bus.interface, config.bus.channel, config.journal.transcripts) == ("socketcan", "can0", False)


def test_the_threshold_for_asking_may_be_left_to_the_calibration(tmp_path: Path) -> None:
    assert _load(tmp_path, "[planner]\nearly_start = false\n").planner.ask_below is None
    assert _load(tmp_path, "[planner]\nask_below = 0\n").planner.ask_below == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[bus]\nspeed = 3", "bus.speed"),
        ("[radio]\n", "radio"),
        ('[bus]\ninterface = "carrier pigeon"', "bus.interface"),
        ('[model]\nthreads = "many"', "model.threads"),
        ("[model]\nthreads = 0", "model.threads"),
        ("[bus]\nport = 80", "bus.port"),
        ("[planner]\nask_below = 1.5", "planner.ask_below"),
        ("bus = 3", "bus"),
        ('[dbus]\nagent_bus = "third"', "dbus.agent_bus"),
        ("[bus", "no TOML file"),
        ("key", "no TOML file"),
    ],
)
def test_a_wrong_file_names_itself_and_the_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError) as e:
        _load(tmp_path, text)
    assert named in str(e.value)
    assert "config.toml" in str(e.value)
    assert "\n" not in str(e.value)


def test_a_binary_file_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="no TOML file"):
        load_config(path)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="directory"):
        load_config(tmp_path)


BOOT = "6c1f0f5e-9a35-4f0b-a6a0-0d8a8d6a2f11"
HELD = Latch(latched=True)


def latch_file(path: Path) -> LatchFile:
    return LatchFile(path, boot=BOOT)


@pytest.mark.parametrize(
    ("content", "latched"),
    [(b"clear\n", False), (b"clear", False), (b"latched\n", True), (b"", True), (b"\xff\x00", True), (b"cle", True)],
)
def test_what_cannot_be_understood_counts_as_latched(tmp_path: Path, content: bytes, latched: bool) -> None:
    (tmp_path / "latch").write_bytes(content)
    assert latch_file(tmp_path / "latch").read() == Latch(latched=latched)


def test_no_file_is_no_crash_and_an_unreadable_one_is(tmp_path: Path) -> None:
    assert latch_file(tmp_path / "latch").read() == CLEAR
    assert latch_file(tmp_path).read() == HELD


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("old", [b"clear\n", b"latched\n", b"", None])
def test_a_file_of_before_or_none_is_made_anew(tmp_path: Path, old: bytes | None) -> None:
    path = tmp_path / "deep" / "latch"
    if old is not None:
        path.parent.mkdir()
        path.write_bytes(old)
    for latch in (HELD, Latch(latched=True, was_off=True), CLEAR, HELD):
        latch_file(path).keep(latch)
        assert latch_file(path).read() == latch
        assert path.stat().st_size == RECORD_BYTES


def test_file_and_folder_are_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
        real(fd)

    monkeypatch.setattr("os.fsync", fsync)
    path = tmp_path / "latch"
    latch_file(path).keep(CLEAR)
    assert synced == [f"{path}.new", str(tmp_path)]
    synced.clear()
    latch_file(path).keep(HELD)
    assert synced == [str(path)]


async def test_a_crash_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "latch"
    config = Config.model_validate({"safety": {"crash_latch": str(path)}})
    agent = Agent(load_catalogue(), config, None)
    assert agent.gate.observe(CRASHED).word == "crashed"
    await until(lambda: path.exists() and path.read_bytes().startswith(b"latched"))
    assert Agent(load_catalogue(), config, None).gate.observe(PARKED).word == "crashed"


async def test_a_disk_that_takes_nothing_does_not_stop_the_gate_is_told_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "latch"
    latch_file(path).keep(CLEAR)
    real = os.fsync

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    told: list[str | None] = []
    keeper = LatchKeeper(latch_file(path), told.append, again_s=0.01)
    monkeypatch.setattr("os.fsync", full)
    keeper.keep(HELD)
    await until(lambda: bool(told))
    assert len(told) == 1
    assert "No space left" in str(told[0])
    assert latch_file(path).read().latched  # by its name, or by what was written all the same
    monkeypatch.setattr("os.fsync", real)
    await until(lambda: len(told) == 2)
    assert told[1] is None
    assert latch_file(path).read() == HELD
    keeper.keep(CLEAR)
    keeper.close()
    assert (latch_file(path).read(), names_in(tmp_path)) == (CLEAR, ["latch"])

    monkeypatch.setattr("os.fsync", full)
    config = Config.model_validate({"safety": {"crash_latch": str(tmp_path / "other")}})
    assert Agent(load_catalogue(), config, None).gate.observe(CRASHED).word == "crashed"
    await until(lambda: any("a crash cannot be kept" in r.message for r in caplog.records))


async def test_what_is_wrong_with_the_disk_is_told_by_the_state(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    safety = {"crash_latch": str(tmp_path / "file" / "latch")}
    config = Config.model_validate({"safety": safety, "bus": {"interface": "virtual", "channel": "latch"}})
    async with Agent(load_catalogue(), config, None) as agent:
        await until(lambda: "crash latch: a crash cannot be kept on disk" in agent.health.text)


def test_a_keeper_ends_although_the_disk_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keeper = LatchKeeper(latch_file(tmp_path / "file" / "latch"))
    keeper.close()
    keeper.keep(HELD)
    began_s = time.monotonic()
    keeper.close(timeout_s=30)
    assert time.monotonic() - began_s < 10


FULL_DISK = """
import os, sys
from pathlib import Path
from state_machines.crash_latch import CLEAR, Latch
from vehicle_agent.latch_file import LatchFile, boot_id
HELD = Latch(latched=True)
file = LatchFile(Path(sys.argv[1]) / "latch", boot=boot_id())
file.keep(CLEAR)
with open(Path(sys.argv[1]) / "ballast", "wb") as ballast:
    try:
        while True:
            os.write(ballast.fileno(), bytes(1024))
    except OSError as e:
        print(e.errno)
for latch in (HELD, Latch(latched=True, was_off=True), CLEAR, HELD):
    file.keep(latch)
    assert file.read() == latch
print("kept")
"""


def test_a_crash_is_kept_on_a_disk_that_is_really_full(tmp_path: Path) -> None:
    program = f"mount -t tmpfs -o size=64k none {tmp_path} && exec {sys.executable} -c '{FULL_DISK}' {tmp_path}"
    command = ["unshare", "-rm", "sh", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode and "ermitted" in done.stderr:
        pytest.skip("this computer lets nobody make a file system of their own")
    assert (done.stdout.split(), done.stderr) == (["28", "kept"], "")


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    name = f"vehicle-agent-test-{tmp_path.name}" if abstract else str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind("\0" + name if abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name if abstract else name)
        assert notify("READY=1")
        assert s.recv(100) == b"READY=1"


def test_who_hears_nothing_any_more_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "s"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "s"))
        heard = [notify("WATCHDOG=1") for _ in range(2000)]
    assert (heard[0], heard[-1]) == (True, False)


def test_how_long_this_process_has_been_there() -> None:
    assert 0 < since_process_start_s() < 1e6


def test_without_systemd_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "")
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "none"))
    assert not notify("READY=1")
