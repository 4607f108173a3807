"""The agent as a car has it: vehicle_agent, vehicle_apis and state_machines, without simulators and models."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "from vehicle_agent.cli import main; main()"


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed on it; its entry points name the simulated car still, as those of the wheel do."""
    folder = tmp_path_factory.mktemp("car")
    for package in ("vehicle_agent", "vehicle_apis", "state_machines"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"vehicle_agent-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vehicle-agent\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    sections = (f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in entries.items()) for group, entries in groups)
    (info / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")
    return folder


def run(car: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Without the .pth files that put the checkout on the path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(car), sysconfig.get_path("purelib")])}
    environment["VEHICLE_AGENT_MODEL"] = str(next((ROOT / "models" / "artifacts").glob("*.gguf")))
    environment.pop("VEHICLE_AGENT_DEBUG", None)
    return subprocess.run(
        [sys.executable, "-S", "-c", RUN, *words],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        cwd=car,
        env=environment,
    )


def test_there_is_no_simulator(car: Path) -> None:
    code = "import importlib.util as u; print(u.find_spec('simulators'), u.find_spec('models'))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(car), sysconfig.get_path("purelib")])}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=car, env=environment
    )
    assert done.stdout == "None None\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("serve", "--help"),
        ("call", "--help"),
        ("config", "check"),
        ("api", "list"),
        ("plan", "set the fan to three", "--threads", "1"),
        ("api", "check", str(ROOT / "tests" / "packs" / "seat_pump")),
    ],
)
def test_what_a_car_has_works(car: Path, words: tuple[str, ...]) -> None:
    done = run(car, *words)
    assert done.returncode == 0, done.stderr
    assert "--simulate" not in done.stdout
    assert "--set" not in done.stdout


@pytest.mark.parametrize("name", ["say", "demo", "bench", "sim"])
def test_what_the_workbench_has_is_absent_and_says_so(car: Path, name: str) -> None:
    assert f" {name} " not in run(car, "--help").stdout
    done = run(car, name)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"vehicle-agent: {name!r} comes with the simulated car, which is not installed here")


def test_ask_and_call_speak_to_the_daemon(car: Path) -> None:
    for words in (("ask", "fan to three", "--connect"), ("call", "set_fan_speed", "level=3")):
        done = run(car, *words)
        assert done.returncode in {1, 2}
        assert "vehicle-agent: " in done.stderr
        assert "Traceback" not in done.stderr
