"""The load of `bench busy` ends whatever happens, and its figures are those that were measured."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.shipped import shipped_model

from simulators.workbench.bench.busy import BusyPrograms, measure_busy
from simulators.workbench.bench.planner_process import PlannerProcess
from vehicle_agent.errors import ModelError


class Bench:
    """Two planners of given times, in order of their asking, and a load that is only noted."""

    def __init__(self, now_ms: tuple[float, float], former_ms: tuple[float, float]) -> None:
        """Milliseconds without and with load."""
        self.times = {"now": now_ms, "former": former_ms}
        self.log: list[tuple[str, int]] = []
        self.running = 0

    def run(self, rounds: int, processes: int, told: list[str]) -> dict[str, object]:
        return measure_busy({name: Asked(self, name) for name in self.times}, rounds, processes, told.append, self.load)

    @contextmanager
    def load(self, processes: int) -> Iterator[None]:
        self.running = processes
        yield
        self.running = 0


class Asked:
    """One of its planners."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._name = name

    def measure(self, limit_s: float) -> list[float]:
        assert limit_s > 0
        self._bench.log.append((self._name, self._bench.running))
        return [self._bench.times[self._name][self._bench.running > 0]] * 20


def test_the_load_is_there_and_gone() -> None:
    with BusyPrograms(2) as load:
        assert [p.poll() for p in load.running] == [None, None]
    assert [p.returncode for p in load.running] == [-9, -9]


def test_the_load_ends_when_measuring_fails() -> None:
    with pytest.raises(ModelError), BusyPrograms(2) as load:
        raise ModelError("the measured planner ended")
    assert all(p.returncode is not None for p in load.running)


def test_the_load_ends_when_one_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    begun: list[subprocess.Popen[bytes]] = []

    def start(*args: object, **kwargs: object) -> object:
        if len(begun) == 2:
            raise OSError(11, "Resource temporarily unavailable")
        begun.append(real(*args, **kwargs))  # type: ignore[call-overload]
        return begun[-1]

    monkeypatch.setattr("subprocess.Popen", start)
    with pytest.raises(OSError, match="unavailable"):
        BusyPrograms(3).__enter__()
    assert [p.returncode for p in begun] == [-9, -9]


def test_the_load_ends_with_a_parent_that_is_killed() -> None:
    code = (
        "import sys, time\n"
        "from simulators.workbench.bench.busy import BusyPrograms\n"
        "load = BusyPrograms(2).__enter__()\n"
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
    bench = Bench((10.0, 30.0), (10.0, 900.0))
    told: list[str] = []
    report = bench.run(2, 3, told)
    assert bench.log == [
        *[("now", 0), ("former", 0), ("now", 3), ("former", 3)],
        *[("former", 0), ("now", 0), ("former", 3), ("now", 3)],
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
    assert Bench((idle_ms, busy_ms), (10.0, 900.0)).run(1, 1, [])["busy_target_reached"] is reached


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
