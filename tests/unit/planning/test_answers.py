"""What the planner makes of words that come to an open question."""

from collections.abc import Iterator

import pytest
from support.fakes import call
from support.scripted_model import ScriptedModel, scripted_planner

from vehicle_agent.planning.planner import Planner
from vehicle_apis import tokens as wire
from vehicle_apis.call import Plan
from vehicle_apis.codec import Reply, Utterance
from vehicle_apis.earlier import Earlier

ASKED = Earlier(asked=Plan.of(call("send_text_message", recipient="mum", message="late")))
KNOWN: dict[str, Utterance] = {
    "you may send it": Reply("yes"),
    "well perhaps": Reply("yes"),
    "i would rather not": Reply("no"),
    "send that to mum no forget it": Reply("cancel"),
    "open the window no forget it": Reply("yes"),
    "open the window": Plan.of(call("control_window", position=100)),
}


@pytest.fixture
def planner() -> Iterator[Planner]:
    planner = scripted_planner(ScriptedModel(KNOWN, unsure={"well perhaps": {wire.YES: 0.4}}), ask_below=0.6)
    yield planner
    planner.close()


def test_an_answer_has_no_calls(planner: Planner) -> None:
    planned = planner.plan("you may send it", ASKED)
    assert (planned.answer, planned.doubtful, planned.plan.calls) == ("yes", False, ())
    assert planner.plan("i would rather not", ASKED).answer == "no"


def test_a_yes_that_is_less_sure_than_a_plan_must_be_is_doubtful(planner: Planner) -> None:
    planned = planner.plan("well perhaps", ASKED)
    assert (planned.answer, planned.doubtful) == ("yes", True)
    assert planned.unasked == planned.utterance


def test_nothing_is_answered_where_nothing_is_asked(planner: Planner) -> None:
    assert planner.plan("you may send it").answer is None


def test_what_is_taken_back_may_be_what_was_asked(planner: Planner) -> None:
    assert planner.plan("send that to mum no forget it", ASKED).answer == "cancel"


def test_but_never_makes_a_yes(planner: Planner) -> None:
    planned = planner.plan("open the window no forget it", ASKED)
    assert (planned.answer, planned.plan.calls, planned.taken_back) == (None, (), True)
