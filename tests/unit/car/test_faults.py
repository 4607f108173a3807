"""Faults in words."""

import pytest

from simulators.car import FaultKind, fault_kinds, parse_fault
from simulators.car.faults import BusOff, Delay, Drop, OutOfRange, Reject, Repeat, Reset, SpeedsApart, Stuck, Unplug
from simulators.errors import BadValue


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("unplug Windows", Unplug("Windows")),
        ("  drop   Gear 0.50 ", Drop("Gear", 0.5)),
        ("delay Gear 200", Delay("Gear", 200)),
        ("delay Gear 200 jitter 50", Delay("Gear", 200, 50)),
        ("delay Gear 200 50", Delay("Gear", 200, 50)),
        ("repeat Gear", Repeat("Gear", 1)),
        ("repeat Gear 3", Repeat("Gear", 3)),
        ("reset Windows", Reset("Windows", 1)),
        ("bus_off Windows 0.3", BusOff("Windows", 0.3)),
        ("reject Window busy", Reject("Window", "busy")),
        ("out_of_range VehicleSpeed", OutOfRange("VehicleSpeed")),
        ("out_of_range VehicleSpeed.VehicleSpeed 400", OutOfRange("VehicleSpeed.VehicleSpeed", 400)),
        ("stuck Gear D", Stuck("Gear", "D")),
        ("speeds_apart -20", SpeedsApart(-20)),
    ],
)
def test_words_are_understood(words: str, fault: object) -> None:
    assert parse_fault(words) == fault


@pytest.mark.parametrize("kind", fault_kinds(), ids=lambda kind: kind.name)
def test_every_kind_is_documented_as_it_is_read(kind: FaultKind) -> None:
    assert kind.syntax.startswith(kind.name + " ")
    assert kind.example.startswith(kind.name + " ")
    assert kind.about
    fault = parse_fault(kind.example)
    assert fault.kind is kind
    assert str(fault) == kind.example
    assert parse_fault(str(fault)) == fault


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "a fault is one of unplug, reset"),
        ("explode", "a fault is one of"),
        ("dorp Gear 1", "did you mean 'drop'"),
        ("drop Gear", "this fault is written 'drop MESSAGE SHARE', such as 'drop Gear 0.5'"),
        ("drop Gear 0.1 0.2", "this fault is written"),
        ("drop Gear much", "this fault is written"),
        ("drop Gear 1.5", "drop: share must be from 0 to 1, not 1.5"),
        ("drop Gear nan", "from 0 to 1"),
        ("delay Gear -1", "from 0 to 60000"),
        ("delay Gear 10 jitter", "this fault is written"),
        ("repeat Gear 1.5", "this fault is written"),
        ("repeat Gear 0", "from 1 to 100"),
        ("reset Windows inf", "from 0.01 to 3600"),
        ("babble 0x7ff 1e9", "from 0.1 to 10000"),
        ("out_of_range VehicleSpeed nan", "out_of_range: value must be"),
        ("reject Window because", "there is no reason 'because'; there are: not_available, blocked"),
        ("unplug Windows now", "this fault is written 'unplug ECU'"),
        ("speeds_apart far", "this fault is written 'speeds_apart KMH'"),
    ],
)
def test_what_is_wrong_is_named(words: str, message: str) -> None:
    with pytest.raises(BadValue) as e:
        parse_fault(words)
    assert message in str(e.value)
