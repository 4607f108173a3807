"""The agent as a car has it: vehicle_agent, vehicle_apis and state_machines, without simulators and models."""

import asyncio
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from headunit_bench import needs_bus
from support.buses import group_of_its_own, usable

from simulators.world import World
from vehicle_agent.config import BusConfig

ROOT = Path(__file__).parents[2]
RUN = "from vehicle_agent.cli import main; main()"


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed on it; its entry points name the simulated car still, as those of the wheel do."""
    folder = tmp_path_factory.mktemp("car")
    if importlib.util.find_spec("hatchling") is None:
        _copy(folder)
    else:
        _unpack_wheel(folder, tmp_path_factory.mktemp("wheel"))
    return folder


def _copy(folder: Path) -> None:
    for package in ("vehicle_agent", "vehicle_apis", "state_machines"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"vehicle_agent-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vehicle-agent\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    sections = (f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in entries.items()) for group, entries in groups)
    (info / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")


def _unpack_wheel(folder: Path, build: Path) -> None:
    """The wheel of this tree without the simulated car."""
    code = f"import hatchling.build; hatchling.build.build_wheel({str(build)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    (path,) = build.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        wheel.extractall(folder)
    path.unlink()
    shutil.rmtree(folder / "simulators")


def environment(car: Path, **more: str) -> dict[str, str]:
    """Without the .pth files that put the checkout on the path."""
    found = {**os.environ, "PYTHONPATH": os.pathsep.join([str(car), sysconfig.get_path("purelib")]), **more}
    if not (car / "vehicle_agent" / "_model").is_dir():
        found["VEHICLE_AGENT_MODEL"] = str(next((ROOT / "models" / "artifacts").glob("*.gguf")))
    found.pop("VEHICLE_AGENT_DEBUG", None)
    return found


def run(car: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", "-c", RUN, *words],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        cwd=car,
        env=environment(car, **more),
    )


def test_there_is_no_simulator(car: Path) -> None:
    code = "import importlib.util as u; print(u.find_spec('simulators'), u.find_spec('models'))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=car, env=environment(car)
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
        ("models", "list"),
        ("plan", "set the fan to three", "--threads", "1"),
        ("api", "check", str(ROOT / "tests" / "packs" / "seat_pump")),
    ],
)
def test_what_a_car_has_works(car: Path, words: tuple[str, ...]) -> None:
    done = run(car, *words)
    assert done.returncode == 0, done.stderr
    assert "--simulate" not in done.stdout
    assert "--set" not in done.stdout


@needs_bus
def test_doctor_finds_all_that_is_needed_and_advises_nothing_that_is_absent(car: Path) -> None:
    done = run(car, "doctor", "--json", DBUS_SESSION_BUS_ADDRESS="")
    assert done.returncode == 0, done.stdout
    found = {f["what"]: f for f in json.loads(done.stdout)}
    assert found["planner model"]["ok"]
    assert found["D-Bus session bus"]["remedy"].startswith("set DBUS_SESSION_BUS_ADDRESS")
    assert not [f for f in found.values() if "vehicle-agent ask" in f["remedy"]]


@pytest.mark.parametrize("words", [("say",), ("demo",), ("bench",), ("sim",), ("serve", "--simulate")])
def test_what_the_workbench_has_is_absent_and_says_so(car: Path, words: tuple[str, ...]) -> None:
    assert f" {words[-1]} " not in run(car, "--help").stdout
    done = run(car, *words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"vehicle-agent: {words[-1]!r} comes with the simulated car, which is not installed here")


def test_ask_and_call_speak_to_the_daemon(car: Path) -> None:
    for words in (("ask", "fan to three", "--connect"), ("call", "set_fan_speed", "level=3")):
        done = run(car, *words, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
        assert done.returncode in {1, 2}
        assert "vehicle-agent: " in done.stderr
        assert "Traceback" not in done.stderr


@needs_bus
async def test_the_daemon_carries_a_command_out_on_buses_of_others(car: Path) -> None:
    """The car and its head unit live in this process; what is installed on the car knows nothing of them."""
    bus = usable(BusConfig(interface="udp_multicast", channel=group_of_its_own()))
    with tempfile.TemporaryDirectory(prefix="va-", dir="/tmp") as name:  # a socket's path must be short
        async with World(interface="udp_multicast", channel=bus.channel) as world:
            config = Path(name) / "config.toml"
            config.write_text(
                f'[model]\nthreads = 1\n[bus]\ninterface = "udp_multicast"\nchannel = "{bus.channel}"\n'
                f'[dbus]\nsession = "{world.dbus_address}"\nsystem = "{world.dbus_address}"\n',
                encoding="utf-8",
            )
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
                notified.bind(f"{name}/notify")
                notified.settimeout(100)
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-S", "-c", RUN, "serve", "--config", str(config)),
                    cwd=car,
                    env=environment(car, NOTIFY_SOCKET=f"{name}/notify"),
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                )
                try:
                    await asyncio.to_thread(_until_ready, notified)
                    words = ("call", "set_fan_speed", "level=3", "--json")
                    done = await asyncio.to_thread(run, car, *words, DBUS_SESSION_BUS_ADDRESS=world.dbus_address)
                finally:
                    process.terminate()
                    _, errors = await asyncio.wait_for(process.communicate(), 60)
            assert done.returncode == 0, (done.stderr, errors)
            assert [o["status"] for o in json.loads(done.stdout)["outcomes"]] == ["done"]
            assert world.car.state()["fan_speed"] == 3
    assert process.returncode == 0
    assert b"Traceback" not in errors


def _until_ready(notified: socket.socket) -> None:
    while not notified.recv(1000).startswith(b"READY=1"):
        pass
