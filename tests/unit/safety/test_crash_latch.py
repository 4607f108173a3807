"""The crash latch: one valid frame sets it, only ignition off -> on clears it, a restart keeps it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.car import signals

from state_machines.crash_latch import CLEAR, CrashLatch, Latch
from vehicle_apis.signals import Reading, Signals

CRASH = Reading("detected")
HELD = Latch(latched=True)
HELD_OFF = Latch(latched=True, was_off=True)


def car(ignition: str | Reading | None = None, crash: str | Reading | None = None) -> Signals:
    return signals(ignition=ignition, crash=crash)


@pytest.mark.parametrize("age_ms", [0, 1e9, -5, math.nan])
def test_one_valid_frame_of_any_age_sets_it(age_ms: float) -> None:
    latch = CrashLatch()
    assert not latch.latched
    assert latch.observe(car(crash=Reading("detected", age_ms=age_ms)), 0.0)
    assert latch.observe(Signals(), 1e6)
    assert latch.observe(car(crash="none"), 1e6 + 1)
    assert latch.latched


def test_an_invalid_frame_does_not_set_it() -> None:
    latch = CrashLatch()
    assert not latch.observe(car(crash=Reading("detected", valid=False)), 0.0)
    assert not latch.observe(car(crash="none"), 0.0)


def test_ignition_off_and_on_clears_it() -> None:
    latch = CrashLatch(HELD)
    assert latch.observe(car("on", "none"), 0.0)  # on alone is no off -> on
    assert latch.observe(car("off", "none"), 1.0)
    assert not latch.observe(car("on", "none"), 2.0)
    assert not latch.observe(car("on", "none"), 3.0)


def test_the_edge_may_be_interrupted_by_silence() -> None:
    latch = CrashLatch(HELD)
    latch.observe(car("off"), 0.0)
    assert latch.observe(car(None), 1.0)
    assert latch.observe(car(Reading("off", age_ms=6000)), 2.0)
    assert not latch.observe(car("on"), 3.0)


@pytest.mark.parametrize(
    "off", [Reading("off", valid=False), Reading("off", age_ms=5001), Reading("off", age_ms=-1), Reading("?"), None]
)
def test_an_off_that_cannot_be_trusted_is_none(off: Reading | None) -> None:
    latch = CrashLatch(HELD)
    latch.observe(car(off), 0.0)
    assert latch.observe(car("on"), 1.0)


def test_ignition_may_be_five_seconds_old() -> None:
    latch = CrashLatch(HELD)
    assert latch.observe(car(Reading("off", age_ms=5000)), 10.0)
    assert latch.observe(car(Reading("on", age_ms=5000.1)), 20.0)
    assert not latch.observe(car(Reading("on", age_ms=5000)), 30.0)


@pytest.mark.parametrize("on", [Reading("on", valid=False), Reading("on", age_ms=5001), Reading("?"), None])
def test_an_on_that_cannot_be_trusted_is_none(on: Reading | None) -> None:
    latch = CrashLatch(HELD)
    latch.observe(car("off"), 0.0)
    assert latch.observe(car(on), 1.0)
    assert not latch.observe(car("on"), 1.0)


def test_one_edge_clears_once() -> None:
    latch = CrashLatch()
    latch.observe(car("off"), 0.0)
    latch.observe(car("on"), 1.0)
    latch.observe(car("on", "detected"), 2.0)
    assert latch.observe(car("on"), 3.0)


def test_a_frame_from_before_the_edge_does_not_set_it_again() -> None:
    """The last frame of the old ignition cycle is still the newest one known when the ignition comes back."""
    latch = CrashLatch()
    latch.observe(car("on", "detected"), 0.0)
    assert latch.observe(car("off", Reading("detected", age_ms=10_000)), 10.0)
    assert not latch.observe(car("on", Reading("detected", age_ms=20_000)), 20.0)
    assert not latch.observe(car("on", Reading("detected", age_ms=20_500)), 20.5)
    assert not latch.observe(car("on", "none"), 21.0)


def test_a_frame_at_or_after_the_edge_does() -> None:
    for age_ms in (0, 40):
        latch = CrashLatch(HELD)
        latch.observe(car("off"), 0.0)
        assert latch.observe(car(Reading("on", age_ms=40), Reading("detected", age_ms=age_ms)), 1.0)
    latch = CrashLatch(HELD)
    latch.observe(car("off"), 0.0)
    assert not latch.observe(car(Reading("on", age_ms=40), Reading("detected", age_ms=41)), 1.0)
    assert latch.observe(car("on", Reading("detected", age_ms=0)), 1.001)


@pytest.mark.parametrize(("age_ms", "latched"), [(9_995, True), (10_005, False)])
def test_arrival_is_counted_in_milliseconds(age_ms: float, latched: bool) -> None:
    latch = CrashLatch(HELD)
    latch.observe(car("off"), 9.0)
    assert not latch.observe(car("on"), 10.0)
    assert latch.observe(car("on", Reading("detected", age_ms=age_ms)), 20.0) is latched


def test_a_restart_keeps_it_and_every_change_is_told_once() -> None:
    told: list[Latch] = []
    latch = CrashLatch(on_change=told.append)
    for _ in range(3):
        latch.observe(car("on", "detected"), 0.0)
    assert told == [HELD]
    again = CrashLatch(told[-1], on_change=told.append)
    assert again.latched
    again.observe(car("off"), 0.0)
    again.observe(car("off"), 0.5)
    again.observe(car("on"), 1.0)
    again.observe(car("on"), 2.0)
    assert told == [HELD, HELD_OFF, CLEAR]


def test_a_restart_with_the_ignition_off_clears_it_at_the_next_on() -> None:
    latch = CrashLatch(HELD_OFF)
    assert latch.latched
    assert latch.observe(car("off", "none"), 0.0)
    assert not latch.observe(car("on", "none"), 1.0)
    assert not CrashLatch(HELD_OFF).observe(car("on", "none"), 0.0)


def test_what_was_off_before_a_crash_is_no_edge_after_a_restart_without_one() -> None:
    latch = CrashLatch(Latch(latched=False, was_off=True))
    assert latch.observe(car(None, "detected"), 0.0)
    assert latch.observe(car("on", "none"), 1.0)


def test_a_crash_with_the_ignition_off_is_stored_as_that() -> None:
    told: list[Latch] = []
    latch = CrashLatch(on_change=told.append)
    latch.observe(car("off"), 0.0)
    assert told == []
    latch.observe(car("off", "detected"), 1.0)
    assert told == [HELD_OFF]


def test_a_new_crash_at_the_very_edge_is_stored_anew() -> None:
    told: list[Latch] = []
    latch = CrashLatch(HELD_OFF, on_change=told.append)
    assert latch.observe(car("on", "detected"), 1.0)
    assert told == [HELD]


def test_it_is_told_in_a_word() -> None:
    assert [latch.word for latch in (CLEAR, Latch(was_off=True), HELD, HELD_OFF)] == [
        "clear",
        "clear",
        "latched",
        "latched, ignition off",
    ]


_words = st.sampled_from([None, "on", "off"])
_crashes = st.sampled_from([None, "none", "detected"])


@given(st.lists(st.tuples(_words, _crashes, st.booleans()), max_size=30))
def test_against_a_plain_reading(steps: list[tuple[str | None, str | None, bool]]) -> None:
    latch = CrashLatch()
    latched = was_off = False
    for now_s, (ignition, crash, valid) in enumerate(steps):
        if ignition == "on" and was_off:
            latched = was_off = False
        elif ignition == "off":
            was_off = True
        if crash == "detected" and valid:
            latched = True
        reading = None if crash is None else Reading(crash, valid=valid)
        assert latch.observe(car(ignition, reading), float(now_s)) is latched
