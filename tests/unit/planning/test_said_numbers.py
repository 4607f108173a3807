"""Numbers as they are said, and values the model may not bend."""

import pytest

from vehicle_agent.planning.said_numbers import check_said, said_numbers
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.errors import InvalidCall


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("fan to twelve", (12,)),
        ("set it to twenty one no twenty two", (21, 22)),
        ("warn me over one hundred and ten", (110,)),
        ("a hundred percent", (100,)),
        ("two hundred five and sixty", (205, 60)),
        ("seventy", (70,)),
        ("nothing here", ()),
        ("and hundred", (100,)),
    ],
)
def test_said_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert said_numbers(text) == numbers


def test_a_bent_value_is_refused_and_a_spoken_one_is_not() -> None:
    catalogue = load_catalogue(with_packs=False)
    one = Plan.of(catalogue.call("set_fan_speed", level=1))
    with pytest.raises(InvalidCall, match="from 0 to 7"):
        check_said(one, "fan to twelve")
    check_said(one, "fan to one")
    check_said(one, "fan to the lowest")
    check_said(Plan.of(catalogue.call("set_fan_speed", level=7)), "the fan to twelve no seven")
