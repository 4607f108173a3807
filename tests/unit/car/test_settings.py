"""What can be set from outside and read."""

import pytest

from simulators.car.model import CarModel
from simulators.errors import BadValue, UnknownName


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("speed", "50", 50),
        ("speed", 129.994, 129.99),
        ("vehicle_speed", "invalid", "invalid"),
        ("gear", "D", "D"),
        ("gear", "d", "D"),
        ("crash", "detected", "detected"),
        ("rain", True, "yes"),
        ("rain", "No", "no"),
        ("plugged_in", "yes", "yes"),
        ("ignition", False, "off"),
        ("ambient_light", "night", "night"),
        ("outside_temperature", "-7.5", -7.5),
        ("driver_window", 40, 40),
        ("driver_seat_length", 120, 120),
        ("trunk", "open", "open"),
        ("left_mirror_fold", "folded", "folded"),
        ("battery_level", 12, 12),
        ("trouble_codes", "p0420, C1201", "P0420 C1201"),
        ("trouble_codes", "none", "none"),
        ("emergency_call", "connected", "connected"),
    ],
)
def test_set_is_what_the_state_shows(model: CarModel, name: str, given: object, shown: object) -> None:
    model.set(name, given)
    model.step(0.0)
    assert model.state()[name] == shown


def test_speed_sets_both_sources(model: CarModel) -> None:
    model.set("speed", 88)
    assert model.state()["vehicle_speed"] == model.state()["wheel_speed_average"] == 88


def test_an_unknown_name_lists_what_there_is(model: CarModel) -> None:
    with pytest.raises(UnknownName, match=r"no setting 'sped', did you mean 'speed'; there are: .*gear.*rain"):
        model.set("sped", 1)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("gear", "X", "gear must be one of P, R, N, D, invalid, not 'X'"),
        ("speed", "fast", "speed must be a number from 0 to 655.34 km/h or one of invalid, not 'fast'"),
        ("speed", -1, "not -1"),
        ("speed", float("nan"), "not nan"),
        ("speed", True, "not True"),
        ("driver_window", 101, "from 0 to 100 percent"),
        ("trouble_codes", "X0000", "trouble_codes must be codes such as"),
        ("trouble_codes", 7, "trouble_codes must be codes such as"),
        ("crash", None, "crash must be one of"),
    ],
)
def test_a_bad_value_says_what_is_wanted(model: CarModel, name: str, given: object, message: str) -> None:
    before = model.state()
    with pytest.raises(BadValue) as e:
        model.set(name, given)
    assert message in str(e.value)
    assert model.state() == before


def test_every_setting_takes_its_own_state(model: CarModel) -> None:
    for name in model.settings():
        before = model.state()[name]
        model.set(name, before)
        assert model.state()[name] == before, name


def test_what_follows_from_other_values_cannot_be_set(model: CarModel) -> None:
    for name in ("windows_moving", "range", "driver_seat_memory"):
        assert name in model.state()
        with pytest.raises(UnknownName):
            model.set(name, 1)


def test_setting_a_part_ends_its_motion(model: CarModel) -> None:
    model.motor("driver_window").move_to(100)
    model.set("driver_window", 30)
    model.step(1)
    assert model.state()["driver_window"] == 30
