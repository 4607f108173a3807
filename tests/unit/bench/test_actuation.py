"""From a call to its confirmation, and from a sentence."""

import shutil
from collections import Counter

import pytest

from simulators.workbench.bench.actuation import measure_actuation, switched_calls
from simulators.workbench.bench.figures import percentiles
from vehicle_apis.catalogue import load_catalogue

CATALOGUE = load_catalogue(with_packs=False)


def test_every_call_is_made_in_two_states() -> None:
    calls = switched_calls(CATALOGUE)
    assert set(Counter(call.name for call in calls).values()) == {2}
    assert len({str(call) for call in calls}) == len(calls)
    assert {call.spec.backend for call in calls} == {"can", "dbus"}


def test_percentiles_name_their_unit() -> None:
    assert percentiles("x", [1.0, 2.0, 3.0]) == {"x_p50_ms": 2.0, "x_p95_ms": 3.0, "x_p99_ms": 3.0, "x_max_ms": 3.0}
    assert percentiles("x", []) == {"x_p50_ms": None, "x_p95_ms": None, "x_p99_ms": None, "x_max_ms": None}


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
async def test_calls_are_measured_to_their_confirmation() -> None:
    report = await measure_actuation(1, interfaces=("virtual",))
    asked = len(switched_calls(CATALOGUE))
    assert report["confirm_virtual_calls"] == report["confirm_virtual_calls_done"] == asked
    for name in ("", "_can", "_dbus", "_can_from_sending", "_can_sent_to_accepted"):
        assert isinstance(report[f"confirm_virtual{name}_p95_ms"], float), name
    assert isinstance(report["confirm_target_reached"], bool)
