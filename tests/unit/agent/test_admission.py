"""How many requests may wait: one more than that is told so at once."""

from contextlib import ExitStack

import pytest
from support.car import Clock

from vehicle_agent.service.admission import Admission, Busy


def test_two_of_one_sender() -> None:
    admission = Admission(Clock())
    with admission.place("turns", ":1.1"), admission.place("turns", ":1.1"):
        with pytest.raises(Busy, match="2 requests of yours"), admission.place("turns", ":1.1"):
            pass
        with admission.place("turns", ":1.2"):
            pass
    assert admission.full("turns", ":1.1") == ""


def test_eight_in_all() -> None:
    admission = Admission(Clock())
    with ExitStack() as stack:
        for sender in range(8):
            assert admission.full("turns", ":1.99") == ""
            stack.enter_context(admission.place("turns", f":1.{sender}"))
        assert "8 requests are waiting" in admission.full("turns", ":1.99")
        with pytest.raises(Busy), admission.place("turns", ":1.99"):
            pass
        with admission.place("cancels", ":1.99"):  # has places of its own
            pass
    assert admission.full("turns", ":1.99") == ""
    assert admission.remembered == 0


def test_a_place_is_given_back_whatever_happens() -> None:
    admission = Admission(Clock())
    for _ in range(20):
        with pytest.raises(ValueError, match="x"), admission.place("turns", ":1.1"):
            raise ValueError("x")
    assert admission.full("turns", ":1.1") == ""


def test_a_hundred_at_once_then_fifty_a_second() -> None:
    clock = Clock()
    admission = Admission(clock)
    assert [bool(admission.too_often(":1.1")) for _ in range(101)] == [False] * 100 + [True]
    assert admission.too_often(":1.2") == ""
    clock.advance(0.019)
    assert "50 requests a second" in admission.too_often(":1.1")
    clock.advance(0.0011)
    assert admission.too_often(":1.1") == ""
    assert admission.too_often(":1.1") != ""
    clock.advance(3600)
    assert [bool(admission.too_often(":1.1")) for _ in range(101)] == [False] * 100 + [True]


def test_senders_are_not_remembered_for_ever() -> None:
    admission = Admission(Clock())
    for sender in range(10_000):
        admission.too_often(f":1.{sender}")
    assert admission.remembered == 256
