"""What makes a reading valid; the limits restated by hand."""

import pytest

from state_machines import limits
from state_machines.e2e_state import CheckStatus
from state_machines.validity import Validity, reading
from vehicle_apis.signals import GATE_SIGNALS, WORDED, Reading, SignalSpec

OK, ERROR, REPEATED, STARTED = CheckStatus.OK, CheckStatus.ERROR, CheckStatus.REPEATED, CheckStatus.NOT_AVAILABLE
SILENT = CheckStatus.NO_NEW_DATA
SPEED, GEAR, CRASH = GATE_SIGNALS["speed_kmh"], GATE_SIGNALS["gear"], GATE_SIGNALS["crash"]


def message(*checks: CheckStatus, is_protected: bool = True) -> Validity:
    found = Validity(is_protected=is_protected)
    for check in checks:
        found.take(check)
    return found


def test_the_limits() -> None:
    assert (limits.E2E_WINDOW, limits.E2E_BAD_IN_WINDOW, limits.E2E_MAX_DELTA_COUNTER) == (10, 3, 2)


@pytest.mark.parametrize(("bad", "valid"), [(0, True), (1, True), (2, True), (3, False), (4, False)])
@pytest.mark.parametrize("good", [1, 6, 20])
def test_three_bad_of_the_last_ten(good: int, bad: int, valid: bool) -> None:
    assert message(STARTED, *[OK] * good, *[ERROR] * bad).is_valid is valid
    assert message(STARTED, *[ERROR] * bad, OK).is_valid is valid


def test_the_eleventh_to_last_is_forgotten() -> None:
    heals = [message(STARTED, *[OK] * 5, *[ERROR] * 3, *[OK] * good).is_valid for good in range(9)]
    assert heals == [False] * 8 + [True]
    stays = [message(STARTED, OK, ERROR, *[OK] * between, ERROR, ERROR).is_valid for between in range(6, 10)]
    assert stays == [False, False, True, True]


def test_one_good_frame_is_enough_and_none_is_not() -> None:
    assert not message().is_valid
    assert not message(STARTED).is_valid
    assert not message(STARTED, ERROR).is_valid
    assert message(STARTED, OK).is_valid
    assert message(OK, OK).is_valid


def test_bad_ones_alone_are_counted() -> None:
    assert message(STARTED, OK, *[SILENT] * 20).is_valid
    heals = [message(STARTED, OK, *[ERROR] * 3, *[SILENT] * n).is_valid for n in (7, 8, 20)]
    assert heals == [False, True, True]


def test_of_an_unprotected_message_the_first_frame_counts() -> None:
    assert not message(is_protected=False).is_valid
    assert message(OK, is_protected=False).is_valid
    assert not message(OK).is_valid  # of a protected one it only starts the counter
    assert not message(ERROR, ERROR, ERROR, OK, is_protected=False).is_valid


def test_what_brings_nothing_new_does_not_count() -> None:
    disturbed = message(STARTED, OK, ERROR, ERROR, ERROR, *[REPEATED] * 30)
    assert not disturbed.is_valid
    assert not message(*[REPEATED] * 3, OK).is_valid  # nor does it start anything
    sound = message(STARTED, OK, *[REPEATED] * 30)
    assert sound.is_valid


def test_the_word_for_people() -> None:
    assert [message(*checks).word for checks in ((), (STARTED,), (STARTED, OK), (STARTED, ERROR, ERROR, ERROR))] == [
        "nodata",
        "init",
        "valid",
        "invalid",
    ]


# --- readings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", WORDED.values(), ids=lambda spec: spec.key)
def test_only_the_words_of_a_signal_say_anything(spec: SignalSpec) -> None:
    sound = message(STARTED, OK)
    for word in spec.words:
        assert reading(spec, word, 7.0, sound) == Reading(word, age_ms=7.0)
    for other in ("", "invalid", "5", spec.words[0] + "x"):
        assert reading(spec, other, 7.0, sound) == Reading(other, age_ms=7.0, valid=False)


@pytest.mark.parametrize("word", ["invalid", "", "50"])
def test_a_word_where_a_number_is_due_says_nothing(word: str) -> None:
    assert reading(SPEED, word, 3.0, message(STARTED, OK)) == Reading(word, age_ms=3.0, valid=False)


@pytest.mark.parametrize("kmh", [0.0, 50.0, -1.0, 1e9])
def test_a_number_is_what_it_is(kmh: float) -> None:
    """Whether it is plausible is a matter of the driving state."""
    assert reading(SPEED, kmh, 3.0, message(STARTED, OK)) == Reading(kmh, age_ms=3.0)


def test_a_disturbed_message_makes_its_readings_invalid_but_for_a_crash() -> None:
    disturbed = message(STARTED, OK, ERROR, ERROR, ERROR, OK)
    for spec in GATE_SIGNALS.values():
        value = spec.words[-1] if spec.words else 50.0
        assert reading(spec, value, 1.0, disturbed).valid is (spec.key == "crash")
    assert reading(CRASH, "detected", 1.0, message()) == Reading("detected", age_ms=1.0)
    assert reading(CRASH, "invalid", 1.0, message(STARTED, OK)) == Reading("invalid", age_ms=1.0, valid=False)
    assert not reading(GEAR, "P", 1.0, message()).valid
