"""Nearest line, retrieval and templates: what each can and cannot do."""

from functools import cache

import pytest
from support.compare_rows import CATALOGUE, plan

from models.compare.baselines.neighbour import label, reread
from models.compare.baselines.retrieval import Retriever, description
from models.compare.baselines.templates import Templates, clock, joined, to_plan
from models.data.lines import parse_line
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Refusal, Utterance


def test_slots_are_read_again_between_their_neighbours() -> None:
    line = parse_line("call {contact} on mobile => call_contact name={contact} | number_type=mobile")
    assert reread(line, "please call aunt may on mobile") == {"{contact}": "aunt may"}
    assert reread(line, "ring aunt may") == {}
    last = parse_line("drive me to {place} => navigate_to destination={place}")
    assert reread(last, "drive me to the old mill") == {"{place}": "the old mill"}


def test_a_number_is_read_again_when_there_is_one_on_both_sides() -> None:
    line = parse_line("volume to {n:0-100} => set_volume level={n:0-100}")
    assert reread(line, "put the volume on thirty five") == {"{n:0-100}": "35"}
    assert reread(line, "volume thirty or forty") == {}
    assert label(line, {"{n:0-100}": "35"}, CATALOGUE) == plan("set_volume", level=35)


def test_retrieval_knows_the_catalogue_alone() -> None:
    pytest.importorskip("sklearn")
    assert "fog lights" in description(CATALOGUE["set_fog_lights"])
    best = Retriever(CATALOGUE).best("turn the fog lights on", 4)
    assert best[0].name == "set_fog_lights"
    assert len(best) == 4


def test_clock_times_of_slots() -> None:
    assert clock({"hour": 7, "part": "pm"}) == "19:00"
    assert clock({"hour": 12, "minute": 5, "part": "am"}) == "00:05"
    assert clock({"hour": 14, "minute": 30}) == "14:30"
    assert clock({"minute": 30}) is None


def test_a_result_is_used_and_plans_keep_their_references_when_joined() -> None:
    nested = to_plan("find_nearby__navigate_to", {"category": "coffee"}, CATALOGUE)
    both = joined([plan("set_fan_speed", level=1), nested])
    assert [str(call) for call in both.calls][1:] == ["find_nearby(category=coffee)", "navigate_to(destination=$2)"]


@cache
def templates() -> Templates:
    pytest.importorskip("hassil")
    return Templates(CATALOGUE)


def calls(utterance: Utterance) -> list[str]:
    return [str(call) for call in utterance.calls] if isinstance(utterance, Plan) else []


def test_every_function_has_templates_and_every_intent_a_function() -> None:
    assert templates().functions == {spec.name for spec in CATALOGUE}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("could you set the fan to three please", ["set_fan_speed(level=3)"]),
        ("fan off", ["set_fan_speed(level=0)"]),
        ("dial oh seven double five", ["dial_number(number=0755)"]),
        ("wake me at half past six in the morning", ["set_alarm(time=06:30)"]),
        ("take me to the nearest pharmacy", ["find_nearby(category=pharmacy)", "navigate_to(destination=$1)"]),
        ("lock the doors and fold the mirrors", ["set_door_locks(state=lock)", "fold_mirrors(action=fold)"]),
        ("what is the capital of peru", []),
    ],
)
def test_template_sentences(text: str, wanted: list[str]) -> None:
    assert calls(templates().answer(text).utterance) == wanted


def test_no_match_is_a_refusal() -> None:
    assert templates().answer("the neighbours bought a new caravan").utterance == Refusal()


def test_every_fixed_value_of_the_templates_is_valid() -> None:
    """A misspelled slot or value would make its templates match nothing for ever."""
    for name, intent in templates().intents.intents.items():
        parts = [CATALOGUE[part] for part in name.split("__")]
        for data in intent.data:
            for slot, value in data.slots.items():
                owner = next((spec for spec in parts if slot in spec.by_name), None)
                assert owner is not None, f"{name}: {slot}"
                assert isinstance(value, str | int | float)
                owner.by_name[slot].normalise(value)


def test_calls_are_equal_whatever_made_them() -> None:
    assert Call(CATALOGUE["get_time"], {}) == CATALOGUE.call("get_time")
