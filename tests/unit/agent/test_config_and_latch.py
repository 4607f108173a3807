"""The configuration file, the crash latch's file, systemd's socket."""

import socket
from pathlib import Path

import pytest
from support.car import CRASHED, PARKED

from vehicle_agent.config import Config, load_config
from vehicle_agent.daemon import Agent
from vehicle_agent.errors import ConfigError
from vehicle_agent.latch_file import read_latch, write_latch
from vehicle_agent.systemd_notify import notify
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


@pytest.mark.parametrize(
    ("content", "latched"),
    [(b"clear\n", False), (b"clear", False), (b"latched\n", True), (b"", True), (b"\xff\x00", True), (b"cle", True)],
)
def test_what_cannot_be_understood_counts_as_latched(tmp_path: Path, content: bytes, latched: bool) -> None:
    (tmp_path / "latch").write_bytes(content)
    assert read_latch(tmp_path / "latch") is latched


def test_no_file_is_no_crash_and_an_unreadable_one_is(tmp_path: Path) -> None:
    assert read_latch(tmp_path / "latch") is False
    assert read_latch(tmp_path) is True


def test_the_latch_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "latch"
    write_latch(path, latched=True)
    assert read_latch(path)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        write_latch(path, latched=False)
    assert path.read_text() == "latched\n"


async def test_a_crash_outlives_a_restart_and_a_full_disk_does_not_stop_the_gate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config.model_validate({"safety": {"crash_latch": str(tmp_path / "latch")}})
    agent = Agent(load_catalogue(), config, None)
    assert agent.gate.observe(CRASHED).word == "crashed"
    assert Agent(load_catalogue(), config, None).gate.observe(PARKED).word == "crashed"

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    config = Config.model_validate({"safety": {"crash_latch": str(tmp_path / "other")}})
    agent = Agent(load_catalogue(), config, None)
    assert agent.gate.observe(CRASHED).word == "crashed"
    assert any("cannot keep the crash latch" in r.message for r in caplog.records)


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    name = f"vehicle-agent-test-{tmp_path.name}" if abstract else str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind("\0" + name if abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name if abstract else name)
        assert notify("READY=1")
        assert s.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "")
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "none"))
    assert not notify("READY=1")
