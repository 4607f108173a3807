"""The one judge of "same plan"."""

import pytest
from support.calls import CATALOGUE
from support.fakes import call

from vehicle_agent.evaluation.same_plan import same_meaning, same_plan
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.ref import Ref

FIND, ETA = call("find_nearby", category="atm"), call("get_eta")
GO = call("navigate_to", destination=Ref(1))
CALL = Incomplete(CATALOGUE["call_contact"], "name")
FAN = Plan.of(call("set_fan_speed", level=3))


@pytest.mark.parametrize(
    ("label", "got", "right"),
    [
        (FAN, FAN, True),
        (FAN, Plan.of(call("set_fan_speed", level=4)), False),
        (Plan.of(FIND, GO, ETA), Plan.of(ETA, FIND, GO.with_arguments(destination=Ref(2))), True),
        (Plan.of(FIND, GO, ETA), Plan.of(FIND, ETA, call("navigate_to", destination="atm")), False),
        (Plan.of(FIND, FIND, GO), Plan.of(FIND, FIND, GO.with_arguments(destination=Ref(2))), True),
        (Plan.of(ETA), Plan.of(ETA, ETA), False),
        (Plan.of(call("play_media", query="the n p r hour")), Plan.of(call("play_media", query="npr hour")), True),
        (Refusal(), Refusal(), True),
        (Refusal(), CALL, False),
        (CALL, CALL, True),
        (CALL, Incomplete(CATALOGUE["dial_number"], "number"), False),
        (FAN, Refusal(), False),
    ],
)
def test_same_meaning(label: Utterance, got: Utterance, right: bool) -> None:
    assert same_meaning(label, got) is right


@pytest.mark.parametrize(("got", "within", "right"), [(21.0, 0.0, True), (21.5, 0.49, False), (21.5, 0.5, True)])
def test_numbers_may_differ_by_what_is_allowed(got: float, within: float, right: bool) -> None:
    wanted, other = (Plan.of(call("set_climate_temperature", temperature=t)) for t in (21.0, got))
    assert same_plan(wanted, other, within=within) is right


def test_without_arguments_references_still_count() -> None:
    other = Plan.of(FIND, GO.with_arguments(destination="atm"))
    assert not same_plan(Plan.of(FIND, GO), other, with_arguments=False)
    assert same_plan(FAN, Plan.of(call("set_fan_speed", level=4)), with_arguments=False)
