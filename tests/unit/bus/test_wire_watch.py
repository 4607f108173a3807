"""When a wire is in trouble, when it is not any more, and when it is opened anew."""

from itertools import pairwise

from vehicle_agent.backends.can.wire_watch import NOISE, SILENCE, WireWatch

DOWN = OSError("the network is down")
TOLD = "it cannot be read (the network is down), tried again and again"


def test_a_bus_that_was_never_heard_is_no_trouble() -> None:
    watch = WireWatch(0)
    assert watch.trouble(1000) == ""
    assert not watch.wants_reopening(1000)


def test_silence_is_told_after_one_and_a_half_seconds() -> None:
    watch = WireWatch(0)
    watch.heard(10)
    assert watch.trouble(11.49) == ""
    assert not watch.wants_reopening(11.49)
    assert watch.trouble(11.5) == SILENCE
    assert watch.wants_reopening(11.5)
    watch.heard(12)
    assert watch.trouble(12) == ""


def test_one_error_among_frames_is_nothing() -> None:
    watch = WireWatch(0)
    watch.heard(1)
    watch.failed(DOWN, 1.1)
    watch.heard(1.2)
    assert watch.trouble(2) == ""
    assert not watch.wants_reopening(2)


def test_an_error_without_frames_is_told_after_half_a_second() -> None:
    """An interface that goes down says so once."""
    watch = WireWatch(0)
    watch.heard(1)
    watch.failed(DOWN, 1.1)
    assert watch.trouble(1.59) == ""
    assert watch.trouble(1.6) == TOLD
    assert watch.wants_reopening(1.6)


def test_the_pauses_between_attempts_grow() -> None:
    watch = WireWatch(0)
    watch.failed(DOWN, 0)
    attempts = [now / 100 for now in range(10000) if watch.wants_reopening(now / 100)]
    gaps = [round(b - a, 2) for a, b in pairwise(attempts)]
    assert gaps[:6] == [0.25, 0.5, 1, 2, 4, 8]
    assert set(gaps[6:]) == {10}
    watch.heard(200)
    watch.failed(DOWN, 200)
    assert not watch.wants_reopening(200.49)
    assert watch.wants_reopening(200.5)
    assert watch.wants_reopening(200.75)


def test_what_fails_again_after_it_was_opened_was_never_well() -> None:
    watch = WireWatch(0)
    watch.failed(DOWN, 0)
    for opened_s in (1, 3):
        watch.opened(opened_s)
        watch.failed(DOWN, opened_s + 0.1)
        assert all(watch.trouble(opened_s + n / 100) == TOLD for n in range(200))


def test_what_does_not_fail_again_is_well() -> None:
    watch = WireWatch(0)
    watch.failed(DOWN, 0)
    watch.opened(1)
    assert watch.trouble(1.99) == TOLD
    assert watch.trouble(2) == ""


def test_noise_is_told_while_it_lasts() -> None:
    watch = WireWatch(0)
    watch.heard(1)
    watch.unreadable(1)
    assert watch.trouble(1.2) == NOISE
    watch.heard(5.9)
    assert watch.trouble(5.99) == NOISE
    assert watch.trouble(6) == ""
    watch.unreadable(9)
    assert watch.trouble(9) == f"{SILENCE}; {NOISE}"
