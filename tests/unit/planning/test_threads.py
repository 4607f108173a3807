"""How many threads a step takes and how they wait, at each load."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.shipped import shipped_model

from vehicle_agent.planning.llama import Llama
from vehicle_agent.planning.threads import (
    Cores,
    RunnableThreads,
    StepThreads,
    bound_spinning,
    runnable_threads,
    usable_cores,
)

TWO = Cores(usable=2, installed=2)


class Computer:
    """A clock, and how many threads run; the caller is one of them."""

    def __init__(self, most: int = 2, cores: Cores = TWO) -> None:
        self.now_s = 100.0
        self.running: int | None = 1
        self.asked = 0
        self.steps = StepThreads(most, cores=cores, runnable=self._runnable, clock=lambda: self.now_s)

    def _runnable(self) -> int | None:
        self.asked += 1
        return self.running

    def look(self, running: int | None, after_s: float = 0.01) -> int:
        self.now_s += after_s
        self.running = running
        return self.steps.look()


def test_an_idle_computer_gives_all_threads() -> None:
    computer = Computer()
    assert [computer.look(1) for _ in range(3)] == [2, 2, 2]
    assert not computer.steps.is_busy


@pytest.mark.parametrize("others", [2, 3, 4, 20])
def test_a_step_takes_one_thread_while_others_have_the_cores(others: int) -> None:
    computer = Computer()
    computer.look(1 + others)
    assert not computer.steps.is_busy, "one look is none: it may be a short burst"
    assert computer.look(1 + others) == 1
    assert computer.steps.is_busy


def test_bursts_of_others_are_no_load() -> None:
    computer = Computer()
    for running in (4, 1, 6, 1, 1, 9):
        assert computer.look(running) == 2
        assert not computer.steps.is_busy


def test_a_computer_with_cores_to_spare_is_not_busy() -> None:
    eight = Cores(usable=8, installed=8)
    computer = Computer(2, eight)
    computer.look(8)
    computer.look(8)
    assert not computer.steps.is_busy, "seven others leave one core, and the count is often one too high"
    computer.look(9)
    computer.look(9)
    assert computer.steps.is_busy, "eight leave none"


def test_it_is_busy_for_a_second_after_the_last_sign() -> None:
    computer = Computer()
    computer.look(3)
    computer.look(3)
    computer.look(1, 0.999)
    assert computer.steps.is_busy
    computer.look(1, 0.001)
    assert not computer.steps.is_busy


@pytest.mark.parametrize(
    ("wall_ms", "cpu_ms", "busy"),
    [
        (10.0, 10.0, False),
        (5.0, 3.0, False),  # 2.0 ms
        (4.9, 2.8, True),  # 2.1 ms, 43 %
        (10.0, 6.1, False),  # 39 %
        (10.0, 5.9, True),  # 41 %
        (2000.0, 1000.0, True),
    ],
)
def test_a_step_that_had_to_wait_is_a_sign_of_load(wall_ms: float, cpu_ms: float, busy: bool) -> None:
    """Other programs on the few cores of a container, a quota: what the count of the whole computer does not show."""
    computer = Computer(2, Cores(usable=2, installed=64))
    computer.steps.took(computer.look(9), wall_ms / 1000, cpu_ms / 1000)
    computer.look(9)
    assert computer.steps.is_busy is busy
    computer.look(9, 1.0)
    assert not computer.steps.is_busy


def test_a_step_of_one_thread_waits_for_nobody() -> None:
    computer = Computer()
    computer.steps.took(1, 1.0, 0.1)
    computer.look(1)
    assert not computer.steps.is_busy


def test_what_still_spins_of_the_last_step_is_ours() -> None:
    computer = Computer(3, Cores(usable=3, installed=3))
    for _ in range(3):
        computer.steps.took(3, 0.004, 0.004)
        computer.look(3, 0.0019)
        assert not computer.steps.is_busy
    computer.look(4, 0.0021)
    computer.look(4)
    assert computer.steps.is_busy, "ours wait no longer: these are others"


def test_a_system_that_does_not_tell_is_taken_for_idle() -> None:
    computer = Computer()
    assert [computer.look(None) for _ in range(3)] == [2, 2, 2]
    assert not computer.steps.is_busy


@pytest.mark.parametrize(
    ("most", "cores", "taken"),
    [
        (2, Cores(usable=1, installed=1), 1),
        (8, Cores(usable=2, installed=64), 2),
        (1, Cores(usable=64, installed=64), 1),
        (4, Cores(usable=64, installed=64), 4),
        (0, TWO, 1),
    ],
)
def test_never_more_than_configured_nor_than_there_are_cores(most: int, cores: Cores, taken: int) -> None:
    computer = Computer(most, cores)
    assert computer.look(1) == computer.steps.most == taken


def test_one_thread_looks_at_nothing() -> None:
    computer = Computer(1)
    computer.look(50)
    computer.look(50)
    assert computer.asked == 0
    assert not computer.steps.is_busy


@pytest.mark.parametrize(
    ("content", "running"),
    [("0.78 1.43 0.88 3/107 8231\n", 3), ("", None), ("0 0 0", None), ("0 0 0 x/1 2", None), ("a b c \u00e9 d", None)],
)
def test_the_systems_count(tmp_path: Path, content: str, running: int | None) -> None:
    path = tmp_path / "loadavg"
    path.write_text(content, encoding="utf-8")
    assert runnable_threads(path) == running
    kept = RunnableThreads(path)
    assert [kept(), kept()] == [running, running]
    kept.close()
    kept.close()
    assert kept() is None


def test_no_count_is_no_crash(tmp_path: Path) -> None:
    assert runnable_threads(tmp_path / "none") is None
    assert runnable_threads(tmp_path) is None
    assert RunnableThreads(tmp_path / "none")() is None


def test_cores_are_those_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {3, 7, 9})
    assert usable_cores() == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert usable_cores() == 1
    assert Cores.of_this_computer() == Cores(usable=1, installed=1)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "100000"),
        ({"GOMP_SPINCOUNT": ""}, "100000"),
        ({"GOMP_SPINCOUNT": "7"}, "7"),
        ({"OMP_WAIT_POLICY": "passive"}, None),
    ],
)
def test_spinning_is_bounded_unless_the_user_said_otherwise(given: dict[str, str], found: str | None) -> None:
    bound_spinning(given)
    assert given.get("GOMP_SPINCOUNT") == found


def test_the_bound_is_set_before_the_library_is_loaded() -> None:
    """libgomp reads it once."""
    code = (
        "import ctypes, os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'llama_cpp': print(os.environ.get('GOMP_SPINCOUNT')); sys.exit()\n"
        "sys.meta_path.insert(0, Watch())\n"
        "from vehicle_agent.planning.llama import Llama\n"
        "Llama('none.gguf')\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert done.stdout.strip() == "100000", done.stderr


def test_the_logits_are_the_same_with_any_threads() -> None:
    class Fixed:
        most = 2
        now = 2

        def look(self) -> int:
            return self.now

        def took(self, threads: int, wall_s: float, cpu_s: float) -> None:
            assert threads == self.now
            assert wall_s > 0
            assert cpu_s >= 0

        def close(self) -> None: ...

    steps = Fixed()
    model = Llama(shipped_model(), threads=2, steps=steps)
    try:
        tokens = [model.bos, *model.tokenize(" open the window halfway")]
        rows = []
        for threads in (2, 1, 2):
            steps.now = threads
            model.restart([])
            rows.append(model.evaluate(tokens).copy().tolist())
        assert rows.count(rows[0]) == len(rows)
    finally:
        model.close()
