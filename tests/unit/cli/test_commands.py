"""Commands that installed packages bring: where they go, that nothing is imported early, what is said when it fails."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from vehicle_agent.cli.commands import GROUP, Command, has_workbench, installed
from vehicle_agent.cli.doctor import findings
from vehicle_agent.packages import CommandError

PROGRAM = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")
TOW = '''
"""A made-up package."""
import sys
import typer
from pathlib import Path
print("imported", file=sys.stderr)
app = typer.Typer(help="The trailer.")

@app.callback()
def _group() -> None:
    """More."""

@app.command()
def light(state: str) -> None:
    """Its light."""
    print("light", state)

def tow(kg: int, fast: bool = False) -> None:
    """Tows a trailer. Example: vehicle-agent tow 300"""
    print("tows", kg, fast)

def couple() -> None:
    """Couples it."""
    print("coupled")
'''


def package(folder: Path, name: str, entries: dict[str, str], source: str | None = TOW) -> None:
    """Installs a package, as pip would leave it."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = "".join(f"{path} = {value}\n" for path, value in entries.items())
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}", encoding="utf-8")
    if source is not None:
        (folder / f"{name}.py").write_text(source, encoding="utf-8")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    environment.pop("VEHICLE_AGENT_DEBUG", None)
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=100, check=False, env=environment)


def only_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    (line,) = done.stderr.splitlines()
    assert line.startswith("vehicle-agent: ")
    for part in parts:
        assert part in line
    assert done.returncode == 2


@pytest.fixture
def trailer(tmp_path: Path) -> Path:
    package(tmp_path, "trailer", {"tow": "trailer:tow", "trailer": "trailer:app", "trailer.couple": "trailer:couple"})
    return tmp_path


def test_help_shows_a_brought_command_without_importing_it(trailer: Path) -> None:
    done = run(trailer, "--help")
    assert done.returncode == 0
    assert "Tows a trailer." in done.stdout
    assert "The trailer." in done.stdout
    assert done.stderr == ""


def test_a_brought_command_and_a_group_with_more_from_elsewhere_run(trailer: Path) -> None:
    assert run(trailer, "tow", "300", "--fast").stdout == "tows 300 True\n"
    assert run(trailer, "trailer", "light", "on").stdout == "light on\n"
    assert run(trailer, "trailer", "couple").stdout == "coupled\n"
    assert "Example: vehicle-agent tow 300" in run(trailer, "tow", "--help").stdout


def test_a_command_goes_into_a_group_of_the_car(tmp_path: Path) -> None:
    package(tmp_path, "trailer", {"api.tow": "trailer:tow"})
    assert run(tmp_path, "api", "tow", "1").stdout == "tows 1 False\n"
    assert "Tows a trailer." in run(tmp_path, "api", "--help").stdout


@pytest.mark.parametrize(
    ("value", "source", "why"),
    [
        ("trailer:tow", None, "No module named 'trailer'"),
        ("trailer:tow", "raise RuntimeError('no hook')", "no hook"),
        ("trailer:tow", "import nothing_like_it", "nothing_like_it"),
        ("trailer:tow", "def tow(:", "invalid syntax"),
        ("trailer:tow", "tow = 3", "int, no function"),
        ("trailer:tow", "other = 3", "tow"),
        ("trailer", "", "names no module:object"),
    ],
)
def test_a_broken_command_is_one_sentence_and_leaves_the_others(
    tmp_path: Path, value: str, source: str | None, why: str
) -> None:
    package(tmp_path, "trailer", {"tow": value}, source)
    only_sentence(run(tmp_path, "tow", "300"), "'tow'", "trailer", why, "update or remove")
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "transcribe" in done.stdout
    assert run(tmp_path, "api", "show", "control_window").returncode == 0


@pytest.mark.parametrize("path", ["plan", "demo", "tow", "ask"])
def test_two_commands_of_one_name_are_a_sentence_at_the_start(tmp_path: Path, path: str) -> None:
    package(tmp_path, "trailer", {path: "trailer:tow"})
    package(tmp_path, "caravan", {path: "caravan:tow"})
    only_sentence(run(tmp_path, "--help"), f"'{path}'", "both bring", "update or remove")


def test_a_command_that_a_group_has_already_is_a_sentence(tmp_path: Path) -> None:
    package(tmp_path, "trailer", {"models.list": "trailer:tow"})
    only_sentence(run(tmp_path, "models", "list"), "'models list'", "trailer")
    package(tmp_path, "caravan", {"undo.tow": "caravan:tow"})
    only_sentence(run(tmp_path, "undo"), "caravan", "no group")


@pytest.mark.parametrize("path", ["caravan.couple", "caravan.deep.couple", "sim.deep.couple"])
def test_a_command_whose_group_is_not_there_is_told(tmp_path: Path, path: str) -> None:
    package(tmp_path, "trailer", {path: "trailer:couple", "tow": "trailer:tow"})
    words = path.split(".")
    group = "sim deep" if words[0] == "sim" else "caravan"
    only_sentence(run(tmp_path, *words), f"'{' '.join(words)}'", "trailer", f"no group '{group}'", "install", "remove")
    assert run(tmp_path, "tow", "300").stdout == "tows 300 False\n"
    assert f"no group '{group}'" in run(tmp_path, *group.split()[:-1], "--help").stdout


def test_the_car_alone_has_no_workbench(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_workbench()
    monkeypatch.setattr("vehicle_agent.cli.commands.entry_points", lambda **_group: [])
    assert not has_workbench()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    (session,) = [f for f in findings() if f.what == "D-Bus session bus"]
    assert session.remedy == "set DBUS_SESSION_BUS_ADDRESS to the address of the car's bus"


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_what_comes_with_a_package_that_is_not_there_is_absent() -> None:
    found = installed([entry("demo", "nowhere_at_all.demo:demo"), entry("ask", "nowhere_at_all.ask:ask")])
    assert "demo" not in found
    assert found["ask"].module == "vehicle_agent.cli.talk"


def test_only_what_the_car_leaves_open_is_replaced() -> None:
    assert installed([entry("ask", "simulators.workbench.ask:ask")])["ask"].module == "simulators.workbench.ask"
    with pytest.raises(CommandError, match="'plan'"):
        installed([entry("plan", "simulators.workbench.ask:ask")])


def test_the_help_is_that_of_the_function() -> None:
    for command in installed().values():
        found = command.load()
        said = getattr(found, "info", None)
        wanted = found.__doc__ if said is None else said.help
        assert " ".join(command.about().split()) == " ".join(str(wanted).split()), command


def test_help_that_is_not_found_is_empty() -> None:
    assert Command(path="x", value="json:nothing").about() == ""
    assert Command(path="x", value="sys:exit").about() == ""
