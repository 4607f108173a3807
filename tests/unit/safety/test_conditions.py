"""Conditions at their limits, each with its strict reading when unknown."""

import math
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from support.car import signals

from state_machines.conditions import CONDITIONS
from vehicle_apis.signals import Reading, Signals

Anything: TypeAlias = Any  # wrong types are part of what is tried


def car_with(**words: Anything) -> Signals:
    return replace(Signals(), **words)


def read(name: str, car: Signals) -> str:
    return CONDITIONS[name][0](car)


def test_what_a_rule_may_ask_for() -> None:
    assert {name: words for name, (_, words) in CONDITIONS.items()} == {
        "ambient_light": ("day", "night"),
        "rain": ("no", "yes"),
        "plugged_in": ("no", "yes"),
        "rolling": ("no", "yes"),
    }


@pytest.mark.parametrize(
    ("name", "words", "when_unknown"),
    [("ambient_light", ("day", "night"), "night"), ("rain", ("no", "yes"), "yes"), ("plugged_in", ("no", "yes"), "no")],
)
def test_words(name: str, words: tuple[str, str], when_unknown: str) -> None:
    assert CONDITIONS[name][1] == words
    for word in words:
        for age_ms, known in ((0, True), (5000, True), (5000.1, False), (-1, False), (math.nan, False)):
            want = word if known else when_unknown
            assert read(name, car_with(**{name: Reading(word, age_ms=age_ms)})) == want
        assert read(name, car_with(**{name: Reading(word, valid=False)})) == when_unknown
    assert read(name, Signals()) == when_unknown
    for other in ("", "maybe", 1.0):
        assert read(name, car_with(**{name: Reading(other)})) == when_unknown


@pytest.mark.parametrize(
    ("first", "second", "rolls"),
    [
        (0, 0, "no"),
        (2.99, 2.99, "no"),
        (3, 0, "yes"),
        (0, 3, "yes"),
        (None, 50, "yes"),
        (50, None, "yes"),
        (None, None, "no"),
        (Reading(50.0, age_ms=500), None, "yes"),
        (Reading(50.0, age_ms=500.1), 0, "no"),
        (Reading(50.0, valid=False), 0, "no"),
        (Reading(50.0, age_ms=-1), 0, "no"),
        (-50, 0, "no"),
        (400, 0, "yes"),  # implausible, but no reason to open the doors
        (10**400, 0, "yes"),
        (math.inf, 0, "yes"),
        (math.nan, 0, "no"),
        ("50", 0, "no"),
        (True, 0, "no"),
    ],
)
def test_rolling(first: Anything, second: Anything, rolls: str) -> None:
    assert read("rolling", signals("D", first, second)) == rolls
