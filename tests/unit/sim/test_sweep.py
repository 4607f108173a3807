"""Sweeps: every combination, in other processes too; what a table and a picture make of it."""

import csv
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulators import scenario
from simulators.workbench.sweep import Cell, Result, cells, run_cell, squares, sweep, workers, write_csv
from vehicle_agent.cli import app
from vehicle_agent.errors import Unavailable

GOOD = "name: good\nsteps:\n  - {at: 0, set: {rain: yes}, expect: [frame Gear within 0.2 s, Environment.Rain is yes]}\n"


class Here(Executor):
    """Runs at once, in this thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401 - as the base class has it
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_every_combination_once() -> None:
    found = cells({"a": "A", "b": "B"}, ["", "silence Gear"], range(1, 4))
    assert len(found) == len(set(found)) == 12
    assert {c.text for c in found if c.scenario == "a"} == {"A"}


def test_a_fault_shows_in_what_is_met() -> None:
    results = sweep(cells({"good": GOOD}, ["", "silence Gear", "unplug Nobody"], [1]), Here())
    assert [(r.met, r.expected, r.unsafe) for r in results[:2]] == [(2, 2, 0), (1, 2, 0)]
    assert "no control unit 'Nobody'" in results[2].error
    table = squares(results)
    assert table["good", ""].share == 1
    assert table["good", "silence Gear"].share == 0.5
    assert (table["good", "unplug Nobody"].share, table["good", "unplug Nobody"].errors) == (0, 1)


def test_what_a_scenario_is_about_is_not_counted_as_unsafe() -> None:
    lying = scenario.built_in()["fault_all_sources_lie"].read_text(encoding="utf-8")
    (result,) = sweep(cells({"lying": lying}, [""], [1]), Here())
    assert (result.error, result.unsafe) == ("", 0)
    assert result.residual > 0


def test_other_processes_give_the_same(tmp_path: Path) -> None:
    todo = cells({"good": GOOD}, ["", "silence Gear"], [1, 2])
    told: list[Result] = []
    with workers(2) as pool:
        results = sweep(todo, pool, told.append)
    assert [(r.fault, r.seed, r.met) for r in results] == [
        ("", 1, 2),
        ("", 2, 2),
        ("silence Gear", 1, 1),
        ("silence Gear", 2, 1),
    ]
    assert sorted(told, key=str) == sorted(results, key=str)
    write_csv(results, tmp_path / "deep" / "runs.csv")
    with (tmp_path / "deep" / "runs.csv").open(encoding="utf-8") as file:
        assert [row["met"] for row in csv.DictReader(file)] == ["2", "2", "1", "1"]


def test_a_cluster_is_asked_for_by_its_address() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(Unavailable, match="dask scheduler"), workers(1, "nonsense://nowhere"):
        pass


def test_a_cluster_runs_the_same_cells() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor(pure=False) as executor,
    ):
        results = sweep(
            [Cell(scenario="x", text="name: x\nsteps:\n  - {at: 0, note: x}\n", fault="", seed=1)], executor
        )
    assert [(r.error, r.met, r.expected) for r in results] == [("", 0, 0)]


def test_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from simulators.workbench.heat_map import write_heat_map

    results = [
        Result(scenario="a", fault="", seed=1, met=2, expected=2),
        Result(scenario="a", fault="silence Gear", seed=1, met=1, expected=2, unsafe=1),
        Result(scenario="b", fault="", seed=1, error="broken"),
        Result(scenario="b", fault="silence Gear", seed=1),
    ]
    write_heat_map(results, tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(Unavailable, match=r"Use \.png"):
        write_heat_map(results, tmp_path / "map.xyz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["commute", "--seeds", "5-1"], "--seeds is a number or a range"),
        (["commute", "--seeds", "x"], "--seeds is a number or a range"),
        (["commute", "--fault", "melt Gear"], "a fault is one of"),
        (["nowhere"], "no such file"),
        (["all", "--seeds", "1-99999999"], "are more than"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, ["sim", "sweep", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_run_cell_tells_what_is_no_scenario() -> None:
    assert "no YAML" in run_cell(Cell(scenario="x", text="a: [", fault="", seed=1)).error
