"""The soak: what its verdict looks at, and a minute of it."""

import random
import shutil
from dataclasses import replace

import pytest

from simulators.workbench.bench.resources import Resources
from simulators.workbench.bench.soak import Sample, any_call, judge, run_soak
from vehicle_apis.catalogue import load_catalogue

CATALOGUE = load_catalogue(with_packs=False)


def sample(minute: int, rss_kib: float = 100_000.0, tasks: int = 3, threads: int = 9, files: int = 16) -> Sample:
    resources = Resources(at_s=60.0 * minute, cpu_s=0.0, rss_kib=rss_kib, threads=threads, open_files=files)
    return Sample(at_s=60.0 * minute, resources=resources, tasks=tasks, objects=1000, waiting=0, journal_bytes=0)


def test_memory_may_grow_by_five_percent_after_the_warm_up() -> None:
    warming = [sample(n, rss_kib=50_000.0) for n in range(6)]
    flat = warming + [sample(n) for n in range(6, 54)] + [sample(n, rss_kib=105_000.0) for n in range(54, 60)]
    verdict = judge(flat)
    assert verdict.memory_percent == 5.0
    assert verdict.memory_is_flat
    assert not judge([replace_rss(s, 105_100.0) if s.at_s >= 54 * 60 else s for s in flat]).memory_is_flat


def replace_rss(one: Sample, rss_kib: float) -> Sample:
    return replace(one, resources=replace(one.resources, rss_kib=rss_kib))


def test_one_outlier_is_no_growth() -> None:
    samples = [sample(n) for n in range(60)]
    samples[-1] = sample(59, rss_kib=200_000.0)
    assert judge(samples).memory_is_flat


@pytest.mark.parametrize("kept", [{"tasks": 4}, {"threads": 10}, {"files": 17}], ids=str)
def test_one_kept_task_thread_or_file_is_a_leak(kept: dict[str, int]) -> None:
    samples = [sample(n) for n in range(54)]
    assert judge(samples + [sample(n) for n in range(54, 60)]).nothing_leaks
    assert not judge(samples + [sample(n, **kept) for n in range(54, 60)]).nothing_leaks


def test_a_single_sample_can_be_judged() -> None:
    assert judge([sample(1)]).memory_is_flat


def test_any_call_is_valid_and_of_any_function() -> None:
    rng = random.Random(5)
    names = {any_call(CATALOGUE, rng).name for _ in range(2000)}
    assert names == {spec.name for spec in CATALOGUE}


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
def test_a_short_soak_in_simulated_time() -> None:
    heard: list[Sample] = []
    report = run_soak(0.2, seed=3, sample_s=18.0, on_sample=heard.append)
    assert report["soak_samples"] == len(heard) == 1
    assert report["soak_time"] == "simulated"
    assert float(str(report["soak_frames_received"])) > 18 * 200, "the car has been sending all the time"
    assert report["soak_no_leak"] is True
    actions = report["soak_actions"]
    assert isinstance(actions, dict)
    assert actions["turns"] > 0
    assert all("vmrss_mib" in minute for minute in list(report["soak_by_minute"]))  # type: ignore[call-overload]
