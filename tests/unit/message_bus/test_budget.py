"""The share of a processor that one connection gets."""

import pytest

from vehicle_agent.message_bus.budget import Budget


def test_a_burst_is_free() -> None:
    budget = Budget(share=0.25, burst_s=0.020)
    assert budget.spend(0.0, 0.019) == 0
    assert budget.spend(0.0, 0.001) == 0
    assert budget.spend(0.0, 0.001) == pytest.approx(0.004)  # 1 ms of debt at a quarter of a processor


def test_in_the_long_run_it_is_the_share() -> None:
    budget, now_s, worked_s = Budget(share=0.3, burst_s=0.02), 0.0, 0.0
    while now_s < 10:
        now_s += 0.002
        worked_s += 0.002
        now_s += budget.spend(now_s, 0.002)
    assert worked_s / now_s == pytest.approx(0.3, abs=0.01)


def test_idling_saves_no_more_than_a_burst() -> None:
    budget = Budget(share=0.3, burst_s=0.02)
    budget.spend(0.0, 0.02)
    assert budget.spend(1000.0, 0.02) == 0
    assert budget.spend(1000.0, 0.003) == pytest.approx(0.01)
