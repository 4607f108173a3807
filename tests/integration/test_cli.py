"""The console script as a person or a program uses it: documents, exit statuses, one sentence for every mistake."""

import asyncio
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from headunit_bench import needs_bus
from support.commands import all_commands
from typer.testing import CliRunner

from simulators.headunit.private_bus import PrivateBus
from vehicle_agent.cli import app
from vehicle_agent.record.journal import Journal

PROGRAM = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")


def run(*arguments: str, given: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One command. A traceback is a failure of every test."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb", **(env or {})},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def inside(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One command in this process, where a start costs nothing: for what ends before anything is begun."""
    result = CliRunner().invoke(app, list(arguments), prog_name="vehicle-agent")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def document(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the one JSON document on standard output."""
    done = run(*arguments, "--json")
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    loaded: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, loaded


def sentence(done: subprocess.CompletedProcess[str], status: int = 2) -> str:
    """The one sentence of a command that could not work."""
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.strip().count("\n") == 0, done.stderr
    return done.stderr


# --- one call on a car of its own -------------------------------------------------------------------------------------


@needs_bus
def test_a_call_is_done_and_its_frames_are_shown() -> None:
    status, turn = document("call", "control_window", "position=50", "window=passenger")
    assert (status, turn["outcomes"][0]["status"], turn["outcomes"][0]["verdict"]) == (0, "done", "allow")
    assert {"id", "name", "data", "t_ms"} <= turn["frames"][0].keys()
    assert turn["calls"][0] == {
        "id": 1,
        "name": "control_window",
        "arguments": {"position": 50, "window": "passenger"},
        "after": [],
    }


@needs_bus
def test_a_refused_call() -> None:
    done = run("call", "set_door_locks", "state=unlock", "--set", "speed=50", "--set", "gear=D")
    assert done.returncode == 1
    assert "rolling" in done.stdout


@needs_bus
@pytest.mark.parametrize(
    ("answer", "status", "outcome"), [("", 3, "pending"), ("yes", 0, "done"), ("no", 1, "refused")]
)
def test_a_question(answer: str, status: int, outcome: str) -> None:
    options = ("--answer", answer) if answer else ()
    got, turn = document("call", "send_text_message", "recipient=mom", "message=[/bold] on my way", *options)
    assert (got, turn["outcomes"][0]["status"]) == (status, outcome)
    assert (turn["question"] is not None) is (answer == "")


@needs_bus
def test_markup_and_foreign_signs_in_an_argument_are_shown_as_they_are() -> None:
    done = run("call", "create_reminder", "text=[/bold] caf\u00e9 [red]x")
    assert done.returncode == 0
    assert "[/bold] caf\u00e9 [red]x" in done.stdout


@needs_bus
def test_an_unknown_setting_suggests_the_names() -> None:
    assert "spee" in sentence(run("call", "get_time", "--set", "spee=50"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("call", "fly"), "no function 'fly'"),
        (("call", "control_window"), "position is missing"),
        (("call", "control_window", "position=101"), "0 to 100"),
        (("call", "control_window", "position=half"), "position"),
        (("call", "control_window", "position"), "position=50"),
        (("call", "control_window", "position=1", "roof=2"), "no parameter 'roof'"),
        (("call", "set_alarm", "time=25:00"), "HH:MM"),
        (("call", "dial_number", "number=abc"), "digits"),
        (("call", "navigate_to", "destination=$1"), "a single call"),
        (("call", "get_time", "--answer", "perhaps"), "yes or no"),
        (("call", "get_time", "--set", "speed"), "speed=50"),
        (("ask", " "), "empty"),
        (("plan",), "say what to plan"),
        (("judge", "/nowhere.jsonl"), "No such file"),
        (("judge", "/"), "directory"),
        (("eval", "/nowhere.jsonl"), "No such file"),
        (("plan", "--file", "/nowhere.jsonl"), "No such file"),
        (("journal", "show", "/nowhere"), "No such file"),
        (("journal", "replay", "/nowhere"), "No such file"),
        (("config", "check", "/nowhere.toml"), "No such file"),
        (("api", "show", "fly"), "no function 'fly'"),
        (("api", "export", "--format", "xml"), "openai or jsonschema"),
        (("api", "check", "nobody"), "nobody"),
        (("models", "verify", "--model", "/nowhere.gguf"), "/nowhere.gguf"),
        (("plan", "hello", "--model", "/nowhere.gguf"), "/nowhere.gguf"),
        (("sim", "run", "nowhere.yaml"), "nowhere"),
        (("transcribe", "/nowhere.wav"), "nowhere"),
        (("confirm", "1", "maybe"), "yes or no"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_sentence(arguments: Sequence[str], named: str) -> None:
    assert named in sentence(inside(*arguments))


# --- without a bus ----------------------------------------------------------------------------------------------------


def test_connect_without_an_agent_says_how_to_start_one(tmp_path: Path) -> None:
    env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    for command in (("undo",), ("call", "get_time", "--connect")):
        assert "vehicle-agent" in sentence(run(*command, env=env), status=1)


def test_serve_without_a_bus_is_one_sentence(tmp_path: Path) -> None:
    env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    assert "the session D-Bus cannot be used" in sentence(run("serve", env=env), status=1)


@needs_bus
async def test_serve_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    async with PrivateBus() as bus:
        env = {"DBUS_SESSION_BUS_ADDRESS": bus.address, "VEHICLE_AGENT_MODEL": f"{tmp_path}/none.gguf"}
        done = await asyncio.to_thread(run, "serve", env=env)
    assert "none.gguf" in sentence(done)


def test_without_dbus_daemon_a_car_of_its_own_cannot_be_had(tmp_path: Path) -> None:
    assert "dbus" in sentence(run("call", "get_time", env={"PATH": str(tmp_path)}), status=1)


# --- judge ------------------------------------------------------------------------------------------------------------


def test_judge_answers_line_by_line() -> None:
    lines = [
        {"call": {"name": "play_video", "arguments": {"title": "x"}}, "signals": {"speed": [0, 0], "gear": "P"}},
        {"call": {"name": "play_video", "arguments": {"title": "x"}}, "signals": {"speed": [50, 50], "gear": "D"}},
        {"call": {"name": "fly", "arguments": {}}},
        {"call": {"name": "control_window", "arguments": {"position": "x"}}, "signals": {}},
        {"call": {"name": "get_time"}, "signals": {"speed": [None, {}], "gear": 3}, "age_ms": {"speed": [1, 2]}},
    ]
    done = run("judge", "-", given="\n".join(map(json.dumps, lines)))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["state"], a["verdict"]) for a in answers] == [
        ("parked", "allow"),
        ("driving", "deny"),
        ("unknown", "deny"),
        ("unknown", "deny"),
        ("unknown", "allow"),
    ]
    assert [answers[2]["rule"], answers[3]["rule"]] == ["unknown_function", "invalid_call"]
    assert done.returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "{}",
        '{"call": 3}',
        '{"call": {"name": 3}}',
        '{"call": {"name": "get_time", "arguments": []}}',
        '{"call": {"name": "get_time"}, "signals": []}',
        '{"call": {"name": "get_time"}, "signals": {"speed": [1, 2, 3]}}',
        '{"call": {"name": "get_time"}, "signals": {"gear": "P"}, "age_ms": {"gear": "old"}}',
        "[" * 5000,
    ],
)
def test_judge_names_the_bad_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"call": {"name": "get_time"}}\n\n' + line + "\n")
    assert "line 3" in sentence(inside("judge", str(file)))


# --- lists, exports, checks -------------------------------------------------------------------------------------------


def test_export_is_valid_for_openai() -> None:
    tools = json.loads(inside("api", "export", "--format", "openai").stdout)
    assert len(tools) >= 84
    assert all(t["type"] == "function" and t["function"]["parameters"]["type"] == "object" for t in tools)
    window = next(t["function"] for t in tools if t["function"]["name"] == "control_window")
    assert window["parameters"]["required"] == ["position"]


def test_doctor_lists_what_is_there() -> None:
    done = inside("doctor", "--json")
    found = json.loads(done.stdout)
    assert {"Python", "planner model", "dbus-daemon"} <= {f["what"] for f in found}
    assert all(f["remedy"] for f in found if not f["ok"])
    assert done.returncode == int(any(f["needed"] and not f["ok"] for f in found))


def test_config_check(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[model]\nthreads = 1\n")
    status, config = document("config", "check", str(file))
    assert (status, config["model"]["threads"]) == (0, 1)
    file.write_text("[model]\nthread = 1\n")
    assert "model.thread" in sentence(run("config", "check", str(file)))  # as a process of its own: no traceback


def test_journal_commands(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write("input", text="hello")
    journal.close()
    assert "hello" in inside("journal", "show", str(tmp_path / "j")).stdout
    status, report = document("journal", "replay", str(tmp_path / "j"))
    assert (status, report["judged"], report["differences"]) == (0, 0, [])
    with (tmp_path / "j").open("a") as file:
        file.write('{"t": 1, "seq": 4, "kind": "input"}\n{"t": 1, "se')
    shown = inside("journal", "show", str(tmp_path / "j")).stdout
    assert "2 lines are missing" in shown
    assert "line 3 was cut off" in shown
    said = inside("journal", "replay", str(tmp_path / "j")).stdout
    assert "2 lines are missing, 1 were cut off" in said


def test_an_argument_that_is_no_text_is_no_traceback() -> None:
    done = subprocess.run([*PROGRAM, "call", b"\xff\xfe"], capture_output=True, timeout=100, check=False)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


COMMANDS = [
    (),
    *((c,) for c in ("plan", "ask", "call", "say", "transcribe", "judge", "eval", "bench", "serve", "doctor", "demo")),
    *((c,) for c in ("confirm", "undo", "cancel", "sim", "api", "models", "journal", "config")),
    *(("api", c) for c in ("list", "show", "export", "check", "new")),
    *(("models", c) for c in ("list", "install", "verify", "build", "train")),
    *(("sim", c) for c in ("run", "list", "sweep", "car", "dashboard", "record", "replay")),
    *(("bench", c) for c in ("gate", "bus", "jitter", "confirm", "soak")),
    *(("journal", c) for c in ("show", "replay")),
    ("config", "check"),
]


def test_help_everywhere_at_once() -> None:
    """All in one process: only the first pays for the imports."""
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom vehicle_agent.cli import app\n"
        f"for command in {COMMANDS!r}:\n"
        "    result = CliRunner().invoke(app, [*command, '--help'], prog_name='vehicle-agent')\n"
        "    assert result.exit_code == 0, command\n"
        "    leaf = command and command[0] not in ('api', 'models', 'sim', 'journal', 'config') or len(command) == 2\n"
        "    assert not leaf or command[-1] in ('build',) or 'Example' in result.output, (command, result.output)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_help_of_the_program_and_of_a_group_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom vehicle_agent.cli import app\n"
        "for command in ('', 'api', 'models', 'sim', 'bench', 'journal', 'config', 'ask', 'call'):\n"
        "    result = CliRunner().invoke(app, [*command.split(), '--help'])\n"
        "    assert result.exit_code == 0, command\n"
        "heavy = {'llama_cpp', 'numpy', 'can', 'cantools', 'dbus_next', 'torch', 'transitions'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_help_of_every_command_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom vehicle_agent.cli import app\n"
        "heavy = {'llama_cpp', 'numpy', 'can', 'cantools', 'torch', 'playwright', 'matplotlib', 'aiohttp'}\n"
        f"for command in {sorted(all_commands())!r}:\n"
        "    result = CliRunner().invoke(app, [*command.split(), '--help'])\n"
        "    assert result.exit_code == 0, command\n"
        "    assert not heavy & set(sys.modules), (command, heavy & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_help_costs_little() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("ask", "--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0  # about 0.5 s when idle
