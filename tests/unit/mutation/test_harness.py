"""The harness on a package made for it, and on a few mutants of the safety logic.

Each run is a process of its own: this one has imported the code under test long ago.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

THING = """
def larger(a, b):
    if a >= b:
        return a
    return b

def countdown(n):
    while n > 0:
        n -= 1
    return n
"""
THING_TEST = """
from toy.thing import countdown, larger

def test_thing():
    assert larger(1, 2) == 2
    assert larger(2, 1) == 2
    assert countdown(3) == 0
"""
RUN = """
import json, sys
from pathlib import Path
from mutation.harness import Harness, HarnessError, pytest_stage, warm_up
from mutation.mutants import Module

root = Path(sys.argv[1])
sys.path.insert(0, str(root))
stages = [pytest_stage(name, root, [name]) for name in sys.argv[3:]]
module = Module.read(root / "toy" / "thing.py", "toy")
warm_up()
if sys.argv[2] == "early":
    import toy.thing
mutants = [m for m in module.mutants({}) if m.key.where == "larger" or m.key.mutated == "while True:"]
harness = Harness("toy", lambda _: stages, jobs=2, cpu_limit_s=2.0)
try:
    harness.check_unchanged([module])
    outcomes = list(harness.run(mutants))
except HarnessError as e:
    sys.exit(f"harness: {e}")
print(json.dumps({f"{o.mutant.key.original} -> {o.mutant.key.mutated}": [o.fate.word, o.stage] for o in outcomes}))
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").touch()
    (tmp_path / "toy" / "thing.py").write_text(THING, encoding="utf-8")
    (tmp_path / "test_nothing.py").write_text("import toy.thing\n\ndef test_nothing(): pass\n", encoding="utf-8")
    (tmp_path / "test_elsewhere.py").write_text("def test_elsewhere(): pass\n", encoding="utf-8")
    (tmp_path / "test_thing.py").write_text(THING_TEST, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=TESTS, capture_output=True, text=True, timeout=100, check=False
    )


def fates(toy: Path, *files: str, when: str = "late") -> dict[str, list[str]]:
    done = run("-c", RUN, str(toy), when, *files)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_the_lethal_die_the_equivalent_survive_the_endless_are_ended(toy: Path) -> None:
    found = fates(toy, "test_nothing.py", "test_thing.py")
    killed, survived = ["killed", "test_thing.py"], ["survived", "test_thing.py"]
    assert found["if a >= b: -> if a < b:"] == killed
    assert found["return b -> return None"] == killed
    # equal values: whichever is returned
    assert found["if a >= b: -> if a > b:"] == survived
    assert found["while n > 0: -> while True:"] == ["timed_out", "test_thing.py"]
    assert len(found) == 7


@pytest.mark.parametrize(
    ("files", "when", "message"),
    [
        (["test_thing.py"], "early", "imported before the mutant could take its place"),
        (["test_elsewhere.py"], "late", "fail without any mutant"),
        (["test_missing.py"], "late", "fail without any mutant"),
    ],
)
def test_a_run_that_would_mean_nothing_is_refused(toy: Path, files: list[str], when: str, message: str) -> None:
    done = run("-c", RUN, str(toy), when, *files)
    assert done.returncode == 1
    assert message in done.stderr


def test_tests_that_fail_anyhow_are_refused(toy: Path) -> None:
    (toy / "test_thing.py").write_text("import toy.thing\n\ndef test_thing(): assert False\n", encoding="utf-8")
    done = run("-c", RUN, str(toy), "late", "test_thing.py")
    assert "fail without any mutant" in done.stderr


def test_a_sample_of_the_driving_states_mutants_dies_by_its_own_tests() -> None:
    done = run("-m", "mutation", "driving_state", "--match", "raw_state", "--sample", "12", "--own-tests")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["driving_state"]["mutants"] == found["driving_state"]["killed"] == 12


def test_a_module_that_is_not_there() -> None:
    done = run("-m", "mutation", "brakes")
    assert done.returncode == 2
    assert "There are" in done.stderr
