"""Values that disagree with the words: counted, not judged."""

import pytest

from vehicle_agent.planning.agreement import bent_number, contradictions, numbers_before, unsaid_numbers
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn

CATALOGUE = load_catalogue(with_packs=False)


def plan(*calls: tuple[str, dict[str, object]]) -> Plan:
    return Plan.of(*(CATALOGUE.call(name, **arguments) for name, arguments in calls))


@pytest.mark.parametrize(
    ("text", "name", "arguments", "count"),
    [
        ("turn the aircon off", "set_air_conditioning", {"state": "on"}, 1),
        ("turn the aircon off", "set_air_conditioning", {"state": "off"}, 0),
        ("off with the light no on", "set_air_conditioning", {"state": "on"}, 0),
        ("it is stuffy in here", "set_air_conditioning", {"state": "on"}, 0),
        ("shut the passenger window", "control_window", {"position": 100, "window": "passenger"}, 1),
        ("heat the passenger seat", "set_seat_heating", {}, 1),
        ("unlock the car", "set_door_locks", {"state": "lock"}, 1),
        ("turn the sound off", "set_mute", {"state": "on"}, 0),
    ],
)
def test_contradictions(text: str, name: str, arguments: dict[str, object], count: int) -> None:
    assert contradictions(plan((name, arguments)), text) == count


def test_words_for_another_call_do_not_contradict_a_default() -> None:
    both = plan(("set_seat_heating", {}), ("control_window", {"position": 100, "window": "passenger"}))
    assert contradictions(both, "heat my seat and open the passenger window") == 0
    assert contradictions(both, "heat a seat and open the passenger window") == 0


@pytest.mark.parametrize(
    ("text", "level", "count"),
    [("fan to three", 3, 0), ("fan to six", 1, 1), ("fan on full", 7, 0)],
)
def test_unsaid_numbers(text: str, level: int, count: int) -> None:
    assert unsaid_numbers(plan(("set_fan_speed", {"level": level})), text) == count


@pytest.mark.parametrize(
    ("text", "name", "arguments", "bent"),
    [
        ("volume to twelve and a half", "set_volume", {"level": 12}, True),
        ("volume to twelve", "set_volume", {"level": 12}, False),
        ("volume to one twenty", "set_volume", {"level": 100}, True),
        ("warn me above one thirty", "set_speed_warning", {"speed": 130}, False),
        ("window three quarters down", "control_window", {"position": 75}, False),
        ("a crack", "control_window", {"position": 10}, False),
        ("turn it up a lot", "adjust_volume", {"direction": "up", "amount": 30}, False),
        ("timer ten", "set_timer", {"minutes": 12}, False),
        ("set it to minus three", "adjust_climate_temperature", {"direction": "down", "amount": 3}, True),
        ("three degrees down", "adjust_climate_temperature", {"direction": "down", "amount": 3}, False),
    ],
)
def test_a_number_bent_by_the_model(text: str, name: str, arguments: dict[str, object], bent: bool) -> None:
    assert bent_number(plan((name, arguments)), text) is bent


def test_in_a_longer_plan_numbers_may_belong_to_another_call() -> None:
    both = plan(("set_volume", {"level": 12}), ("set_fan_speed", {"level": 3}))
    assert not bent_number(both, "volume to thirteen and fan to three")


WINDOW: tuple[str, dict[str, object]] = ("control_window", {"position": 50})


def _turn(number: int, *calls: tuple[str, dict[str, object]], declined: bool = False) -> PastTurn:
    return PastTurn(number, plan(*calls), declined=declined)


@pytest.mark.parametrize(
    ("earlier", "numbers"),
    [
        (NOTHING_BEFORE, set()),
        (Earlier(turns=(_turn(1, WINDOW),)), {25, 50, 75}),  # itself, and a step either way
        (Earlier(turns=(_turn(1, ("control_window", {"position": 90})),)), {65, 90, 100}),
        (Earlier(turns=(_turn(1, ("set_fan_speed", {"level": 3})),)), {3}),  # it has another function to adjust it
        (Earlier(turns=(_turn(1, ("set_climate_temperature", {"temperature": 21.5})),)), {21.5}),
        (Earlier(asked=plan(WINDOW)), {25, 50, 75}),
        (Earlier(turns=(_turn(1, WINDOW), _turn(2, ("set_volume", {"level": 7})))), {7, 25, 50, 75}),
        (Earlier(turns=(_turn(1, WINDOW, declined=True),)), set()),
        (Earlier(turns=(_turn(1, ("set_seat_massage", {"intensity": "low"}), ("get_eta", {})),)), set()),
    ],
)
def test_numbers_that_words_may_mean_without_saying_them(earlier: Earlier, numbers: set[float]) -> None:
    assert numbers_before(earlier) == numbers


def test_a_number_known_from_before_is_neither_unsaid_nor_bent() -> None:
    known = numbers_before(Earlier(turns=(_turn(1, WINDOW),)))
    for position, odd in ((75, False), (50, False), (60, True)):
        moved = plan(("control_window", {"position": position}))
        assert bent_number(moved, "the other two too", known) is odd
        assert unsaid_numbers(moved, "the other two too", known) == odd
    assert bent_number(plan(WINDOW), "the other two too")
