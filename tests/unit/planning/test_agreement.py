"""Values that disagree with the words: counted, not judged."""

import pytest

from vehicle_agent.planning.agreement import contradictions, unsaid_numbers
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue

CATALOGUE = load_catalogue(with_packs=False)


def plan(*calls: tuple[str, dict[str, object]]) -> Plan:
    return Plan.of(*(CATALOGUE.call(name, **arguments) for name, arguments in calls))  # type: ignore[arg-type]


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
