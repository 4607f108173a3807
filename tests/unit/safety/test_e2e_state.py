"""AUTOSAR's E2E state machine: every transition, across its limits, and against a plain reading of the window."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.e2e_state import CHECK_OF, CheckStatus, E2EState, E2EStateConfig, E2EStateMachine
from state_machines.validity import E2E_STATES
from vehicle_apis.e2e import E2EError, E2EStatus

OK, ERROR = CheckStatus.OK, CheckStatus.ERROR
REPEATED, NOTHING, NO_NEW = CheckStatus.REPEATED, CheckStatus.NOT_AVAILABLE, CheckStatus.NO_NEW_DATA
# every limit another number, so that none can stand in for another
STRICT = E2EStateConfig(
    window_size=6,
    min_ok_state_init=3,
    max_error_state_init=1,
    min_ok_state_valid=2,
    max_error_state_valid=3,
    min_ok_state_invalid=4,
    max_error_state_invalid=0,
)


def states(config: E2EStateConfig, *checks: CheckStatus) -> list[str]:
    machine = E2EStateMachine(config)
    return [machine.check(c).value for c in checks]


@pytest.mark.parametrize("nothing", [ERROR, NO_NEW])
def test_without_data_nothing_begins(nothing: CheckStatus) -> None:
    assert states(STRICT, nothing, nothing) == ["nodata", "nodata"]


@pytest.mark.parametrize("first", [OK, REPEATED, NOTHING])
def test_the_first_data_begin_it_and_no_more(first: CheckStatus) -> None:
    assert states(replace(STRICT, min_ok_state_init=0), first) == ["init"]


def test_init_waits_for_its_good_ones_and_is_lost_with_its_errors() -> None:
    assert states(STRICT, OK, OK, OK) == ["init", "init", "valid"]
    assert states(STRICT, NOTHING, OK, ERROR, OK, OK) == ["init", "init", "init", "init", "valid"]
    assert states(STRICT, OK, ERROR, ERROR, OK) == ["init", "init", "invalid", "invalid"]
    # errors from before the first data count too
    assert states(STRICT, ERROR, ERROR, OK, OK) == ["nodata", "nodata", "init", "invalid"]


def test_valid_is_lost_by_errors_or_by_too_few_good_ones() -> None:
    valid = [OK, OK, OK]
    assert states(STRICT, *valid, ERROR, ERROR, ERROR)[3:] == ["valid"] * 3
    assert states(STRICT, *valid, ERROR, ERROR, ERROR, ERROR)[3:] == ["valid"] * 3 + ["invalid"]
    # six places: the second of the three good ones leaves with the fifth check after them
    assert states(STRICT, *valid, *[NO_NEW] * 5)[3:] == ["valid"] * 4 + ["invalid"]


def test_invalid_heals_when_its_errors_have_left_and_enough_good_ones_came() -> None:
    lost = [OK, ERROR, ERROR]
    assert states(STRICT, *lost, *[OK] * 6)[3:] == ["invalid"] * 5 + ["valid"]
    assert states(STRICT, *lost, *[REPEATED] * 5, OK, OK, OK, OK)[3:] == ["invalid"] * 8 + ["valid"]


def test_not_started_it_takes_nothing() -> None:
    machine = E2EStateMachine(STRICT, start=False)
    assert machine.state is E2EState.DEINIT
    with pytest.raises(E2EError, match="init"):
        machine.check(OK)
    machine.init()
    for _ in range(3):
        machine.check(OK)
    assert machine.is_valid
    machine.deinit()
    with pytest.raises(E2EError):
        machine.check(OK)
    machine.init()
    assert (machine.state, machine.ok_count, machine.error_count) == (E2EState.NODATA, 0, 0)


@pytest.mark.parametrize(
    "change",
    [{"window_size": 0}, {"window_size": 256}]
    + [
        {f"{kind}_state_{state}": n}
        for kind in ("min_ok", "max_error")
        for state in ("init", "valid", "invalid")
        for n in (-1, 7)
    ],
)
def test_impossible_configurations(change: dict[str, int]) -> None:
    with pytest.raises(E2EError):
        replace(STRICT, **change)


@given(st.lists(st.sampled_from(CheckStatus), max_size=60))
def test_the_counts_are_those_of_the_last_checks(checks: list[CheckStatus]) -> None:
    machine = E2EStateMachine(STRICT)
    for n, check in enumerate(checks, 1):
        machine.check(check)
        window = checks[max(0, n - 6) : n]
        assert (machine.ok_count, machine.error_count) == (window.count(OK), window.count(ERROR))


@given(st.lists(st.sampled_from(CheckStatus), max_size=60))
def test_as_the_signals_use_it_it_is_three_bad_in_the_last_ten(checks: list[CheckStatus]) -> None:
    machine = E2EStateMachine(E2E_STATES)
    machine.check(NOTHING)
    for n, check in enumerate(checks, 1):
        machine.check(check)
        if OK in checks[:n]:  # before that there are no values to be valid
            assert machine.is_valid == (checks[max(0, n - 10) : n].count(ERROR) < 3)


def test_what_a_receiver_says_is_counted_as_the_specification_has_it() -> None:
    assert {s for s in E2EStatus if CHECK_OF[s] is OK} == {s for s in E2EStatus if s.is_new_data}
    assert {s for s in E2EStatus if CHECK_OF[s] is ERROR} == {s for s in E2EStatus if s.is_bad}
    assert set(CHECK_OF) == set(E2EStatus)


def test_the_words_and_the_start() -> None:
    assert {state.name: state.value for state in E2EState} == {
        "DEINIT": "deinit",
        "NODATA": "nodata",
        "INIT": "init",
        "VALID": "valid",
        "INVALID": "invalid",
    }
    assert {check.name: check.value for check in CheckStatus} == {
        "OK": "ok",
        "ERROR": "error",
        "REPEATED": "repeated",
        "NOT_AVAILABLE": "not_available",
        "NO_NEW_DATA": "no_new_data",
    }
    machine = E2EStateMachine(STRICT, start=False)
    assert (machine.state, machine.ok_count, machine.error_count) == (E2EState.DEINIT, 0, 0)
    assert not hasattr(machine, "__dict__")
    started = E2EStateMachine(STRICT)
    assert (started.config, started.state) == (STRICT, E2EState.NODATA)


def test_begun_anew_nothing_is_remembered() -> None:
    machine = E2EStateMachine(STRICT)
    for check in (OK, OK, ERROR, ERROR, OK):
        machine.check(check)
    machine.init()
    assert [machine.check(c).value for c in (OK, OK, OK, OK, OK, OK, OK)] == ["init", "init", *["valid"] * 5]
    assert (machine.ok_count, machine.error_count) == (6, 0)


@pytest.mark.parametrize("size", [1, 255])
def test_the_smallest_and_the_largest_window(size: int) -> None:
    config = E2EStateConfig(
        window_size=size,
        min_ok_state_init=size,
        max_error_state_init=size,
        min_ok_state_valid=size,
        max_error_state_valid=size,
        min_ok_state_invalid=size,
        max_error_state_invalid=size,
    )
    assert states(config, *[OK] * size, ERROR)[-2:] == (["valid", "invalid"] if size > 1 else ["init", "init"])


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(E2EError, match=r"^window_size is 1 to 255 checks, not 0$"):
        replace(STRICT, window_size=0)
    with pytest.raises(E2EError, match=r"^max_error_state_init is 0 to window_size \(6\), not 7$"):
        replace(STRICT, max_error_state_init=7)
    with pytest.raises(E2EError, match=r"^the E2E state machine is not started; call init\(\) first$"):
        E2EStateMachine(STRICT, start=False).check(OK)


def test_each_check_is_counted_as_the_table_has_it() -> None:
    assert {status.name: check.name for status, check in CHECK_OF.items()} == {
        "OK": "OK",
        "SOME_LOST": "OK",
        "WRONG_CRC": "ERROR",
        "WRONG_SEQUENCE": "ERROR",
        "REPEATED": "REPEATED",
        "INITIAL": "NOT_AVAILABLE",
        "NO_NEW_DATA": "NO_NEW_DATA",
    }


def test_a_configuration_is_a_value_of_named_numbers() -> None:
    with pytest.raises(AttributeError):
        STRICT.window_size = 3  # type: ignore[misc]  # frozen
    assert not hasattr(STRICT, "__dict__")
    with pytest.raises(TypeError):
        E2EStateConfig(6, 3, 1, 2, 3, 4, 0)  # type: ignore[call-arg]  # by name only
