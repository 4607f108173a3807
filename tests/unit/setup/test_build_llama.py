"""The set-up's own script: what it makes of pip's output, and what it asks pip for."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_llama", ROOT / ".ci" / "build_llama.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_is_the_one_of_the_lock_file(script: ModuleType, tmp_path: Path) -> None:
    assert script.pinned(ROOT / "requirements.lock").startswith("llama-cpp-python==0.")
    lock = tmp_path / "requirements.lock"
    lock.write_text("# llama-cpp-python\nnumpy==2.0\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="does not name llama-cpp-python"):
        script.pinned(lock)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_compile_is_seen_to_go_on(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "EVERY_S", 0.0)
    status = script.run(_python("for n in (1, 2, 3): print(f'  [{n}/3] /usr/bin/c++ -c x.cpp')"), dict(os.environ))
    said = capsys.readouterr().out.splitlines()
    assert status == 0
    assert said[0] == "  compiling llama.cpp: 3 steps, some minutes"
    assert [line.partition(" after ")[0] for line in said[1:4]] == ["  1 of 3", "  2 of 3", "  3 of 3"]
    assert said[4].startswith("  compiled in ")


def test_a_failure_shows_its_last_lines(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    code = "import sys; [print(f'line {n}') for n in range(100)]; print('no compiler'); sys.exit(3)"
    assert script.run(_python(code), dict(os.environ)) == 3
    said = capsys.readouterr().err.splitlines()
    assert said[-2] == "no compiler"
    assert "build-essential" in said[-1]
    assert "line 20" not in said


@pytest.mark.parametrize("anew", [False, True])
def test_the_flags_are_ours_and_the_users_own_come_after(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, anew: bool
) -> None:
    asked: list[tuple[list[str], str]] = []

    def run(command: list[str], environment: dict[str, str]) -> int:
        asked.append((command, environment["CMAKE_ARGS"]))
        return 0

    removed: list[list[str]] = []
    monkeypatch.setattr(script, "run", run)
    monkeypatch.setattr(script.subprocess, "run", lambda command, **_options: removed.append(command))
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_OPENMP=OFF")
    monkeypatch.setattr(sys, "argv", ["build_llama.py", "python", *(["--anew"] if anew else [])])
    assert script.main() == 0
    command, flags = asked[0]
    assert flags.startswith("-DCMAKE_PROJECT_llama_cpp_INCLUDE=/")
    assert flags.endswith("llama.cmake -DGGML_OPENMP=OFF")
    assert ("--no-binary" in command) is anew
    assert bool(removed) is anew
