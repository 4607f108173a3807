"""The load of `bench busy` ends whatever happens, and its figures are those that were measured."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.shipped import shipped_model

from vehicle_agent.cli.bench.busy import Load, measure_busy
from vehicle_agent.cli.bench.planner_process import PlannerProcess
from vehicle_agent.errors import ModelError


class Measured:
    """Answers 10 ms without load and ``busy_ms`` with it; notes when it was asked."""

    def __init__(self, name: str, busy_ms: float, log: list[tuple[str, bool]], idle_ms: float = 10.0) -> None:
        self._name = name
        self._ms = (idle_ms, busy_ms)
        self._log = log

    def measure(self, limit_s: float) -> list[float]:
        assert limit_s > 0
        running = _loops()
        self._log.append((self._name, running > 0))
        return [self._ms[running > 0]] * 20


def _loops() -> int:
    """The load processes of this very process, those that are just being started left out."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return sum(b"os.getppid() == parent" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in found)


def test_the_load_is_there_and_gone() -> None:
    with Load(2) as load:
        assert [p.poll() for p in load.running] == [None, None]
    assert [p.returncode for p in load.running] == [-9, -9]


def test_the_load_ends_when_measuring_fails() -> None:
    with pytest.raises(ModelError), Load(2) as load:
        raise ModelError("the measured planner ended")
    assert all(p.returncode is not None for p in load.running)


def test_the_load_ends_when_one_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    real, begun = subprocess.Popen, []

    def start(*args: object, **kwargs: object) -> object:
        if len(begun) == 2:
            raise OSError(11, "Resource temporarily unavailable")
        begun.append(real(*args, **kwargs))  # type: ignore[call-overload]
        return begun[-1]

    monkeypatch.setattr("subprocess.Popen", start)
    with pytest.raises(OSError, match="unavailable"):
        Load(3).__enter__()
    assert [p.returncode for p in begun] == [-9, -9]


def test_the_load_ends_with_a_parent_that_is_killed() -> None:
    code = (
        "import sys, time\n"
        "from vehicle_agent.cli.bench.busy import Load\n"
        "load = Load(2).__enter__()\n"
        "print(*(p.pid for p in load.running), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s and any(_runs(pid) for pid in pids):
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False


def test_both_ways_meet_both_loads_in_turn() -> None:
    log: list[tuple[str, bool]] = []
    told: list[str] = []
    planners = {"now": Measured("now", 30.0, log), "former": Measured("former", 900.0, log)}
    report = measure_busy(planners, 2, 3, told.append)
    assert log == [
        *[("now", False), ("former", False), ("now", True), ("former", True)],
        *[("former", False), ("now", False), ("former", True), ("now", True)],
    ]
    assert told == ["round 1 of 2", "round 2 of 2"]
    assert report["busy_load_processes"] == 3
    assert report["busy_with_load_now_commands"] == 40
    assert report["busy_with_load_now_median_ms"] == 30.0
    assert report["busy_with_load_former_max_ms"] == 900.0
    assert report["busy_without_load_former_p95_ms"] == 10.0
    assert report["busy_median_with_load_to_without_now"] == 3.0
    assert report["busy_median_with_load_to_without_former"] == 90.0
    assert report["busy_target_reached"] is True


@pytest.mark.parametrize(
    ("busy_ms", "idle_ms", "reached"), [(120.0, 11.0, True), (120.1, 10.0, False), (50.0, 11.1, False)]
)
def test_the_target_is_both_at_once(busy_ms: float, idle_ms: float, reached: bool) -> None:
    log: list[tuple[str, bool]] = []
    planners = {"now": Measured("now", busy_ms, log, idle_ms), "former": Measured("former", 900.0, log)}
    assert measure_busy(planners, 1, 1, lambda _text: None)["busy_target_reached"] is reached


@pytest.mark.parametrize("policy", ["now", "former"])
def test_a_planner_of_its_own_process(policy: str) -> None:
    with PlannerProcess(policy, 2, shipped_model()) as planner:  # type: ignore[arg-type]
        assert len(planner.measure(0.0)) == 1, "at least one sentence"
        assert all(ms > 0 for ms in planner.measure(0.05))


def test_a_planner_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(ModelError, match=r"no planner model.*none\.gguf"),
        PlannerProcess("now", 2, tmp_path / "none.gguf"),
    ):
        pass
