"""A pack's functions are spoken of, ordered and ended like built-in ones: through the same fields."""

import pytest
from support.car import BY_STATE, PARKED, STANDSTILL
from support.packs import SEAT_PUMP

from state_machines.driving_state import DrivingState
from state_machines.gate import Judge
from state_machines.standing import StandingRules
from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.conversation.questions import joined
from vehicle_agent.planning.ordering import ordered
from vehicle_apis.binding import load_binding
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.codec import Incomplete
from vehicle_apis.errors import CatalogueError
from vehicle_apis.pack import ApiPack
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Ending, RunsAfter


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.syspath_prepend(SEAT_PUMP)
    from seat_pump import PACK  # type: ignore[import-not-found]

    return Catalogue(load_catalogue(with_packs=False).builtin, [PACK])


def test_what_a_call_does(catalogue: Catalogue) -> None:
    calls = [
        catalogue.call("set_lumbar_support", pressure=0),
        catalogue.call("set_lumbar_support", pressure=40, seat="all"),
        catalogue.call("adjust_lumbar_support", direction="up", seat="passenger"),  # brings no phrase
    ]
    assert doubt_question(calls) == (
        "Did you mean: let the air out of the driver's seat, blow up both front seats to 40 percent "
        "and adjust lumbar support up the passenger's seat?"
    )


def test_what_is_asked_when_something_is_missing(catalogue: Catalogue) -> None:
    missing = Incomplete(catalogue["set_lumbar_support"], "pressure")
    assert clarifying_question(missing) == "How firm should the support be, in percent?"
    assert joined("set the support", missing, "forty") == ("set the support to forty", "set the support forty")
    assert clarifying_question(Incomplete(catalogue["adjust_lumbar_support"], "direction")) == (
        "Which direction for adjust lumbar support: up or down?"
    )


def test_how_verdicts_speak_of_it(catalogue: Catalogue) -> None:
    judge, call = Judge(catalogue), catalogue.call("set_lumbar_support", pressure=40)
    found = {
        state.word: judge.assess(call, state, BY_STATE[state.word]).reason
        for state in (DrivingState.DRIVING, DrivingState.FAST)
    }
    assert found == {
        "driving": "Blowing up the driver seat while the car is moving: are you sure?",
        "fast": "Blowing up the driver seat works only below 130 km/h.",
    }


def test_what_it_waits_for(catalogue: Catalogue) -> None:
    seat = catalogue.call("recall_seat_memory", slot=1)
    firm = catalogue.call("set_lumbar_support", pressure=40)
    firmer = catalogue.call("adjust_lumbar_support", direction="up")
    other = catalogue.call("adjust_lumbar_support", direction="up", seat="passenger")
    assert [step.after for step in ordered(Plan.of(seat, firm, firmer, other))] == [(), (1,), (2,), ()]
    assert firm.spec.needs_success_of == {"recall_seat_memory"}


def test_what_it_begins_ends_with_the_state_that_allows_it(catalogue: Catalogue) -> None:
    rules, call = StandingRules(Judge(catalogue)), catalogue.call("calibrate_seat_pump")
    rules.started(call, DrivingState.PARKED)
    assert rules.must_end(DrivingState.PARKED, PARKED) == ()
    (ended,) = rules.must_end(DrivingState.STANDSTILL, STANDSTILL)
    assert (ended.call, ended.how) == (call, Ending.STOP_MOTION)
    (function,) = (f for f in load_binding(catalogue).motors if f.spec.name == "calibrate_seat_pump")
    assert function.stop(call) is not None


def test_a_pack_speaks_of_built_in_functions_and_its_own_but_of_no_other_pack(catalogue: Catalogue) -> None:
    after = (RunsAfter(function="set_lumbar_support"),)
    spec = ApiSpec(name="set_foot_rest", domain="seats", doc="x", backend="can", runs_after=after)
    packs = [*catalogue.packs, ApiPack(name="foot_rest", version="1", apis=(spec,))]
    with pytest.raises(CatalogueError, match="'foot_rest': set_foot_rest: runs_after names 'set_lumbar_support'"):
        Catalogue(catalogue.builtin, packs)
