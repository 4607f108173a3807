"""The real planner on a scripted model: doubt, calls before the end, stopping."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE
from support.fakes import call
from support.scripted_model import ScriptedModel, scripted_planner

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planner import Planned, Planner
from vehicle_apis import tokens as wire
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.ref import Ref

FAN, LIGHT = call("set_fan_speed", level=3), call("set_cabin_light", state="on")
UP = call("adjust_fan_speed", direction="up")
FIND, GO, ETA = call("find_nearby", category="atm"), call("navigate_to", destination=Ref(1)), call("get_eta")
THREE = "fan three light on and louder"
KNOWN: dict[str, Utterance] = {
    "fan three": Plan.of(FAN),
    THREE: Plan.of(FAN, LIGHT, call("adjust_volume", direction="up")),
    "fan three and up": Plan.of(FAN, UP, LIGHT),
    "find an atm and go there": Plan.of(FIND, GO, LIGHT),
    "fan three fan three light": Plan.of(FAN, FAN, LIGHT),
    "when do we arrive": Plan.of(ETA),
    "fan to twelve": Plan.of(call("set_fan_speed", level=1)),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
}


def fn(wanted: Call) -> str:
    return wire.fn_token(CATALOGUE.token_index(wanted.name))


Make = Callable[..., Planner]
Unsure = Mapping[str, Mapping[str, float]]
MODEL = ScriptedModel(KNOWN)


@pytest.fixture(scope="module")
def shared() -> Iterator[Planner]:
    planner = scripted_planner(MODEL)  # compiling the grammar takes its time
    yield planner
    planner.close()
    assert MODEL.closed


@pytest.fixture
def make(shared: Planner) -> Make:
    """The planner, with a script of its own."""

    def build(
        ask_below: float = 0.0,
        *,
        known: Mapping[str, Utterance] = KNOWN,
        unsure: Unsure | None = None,
        before: Callable[[str, int], None] = lambda _text, _written: None,
    ) -> Planner:
        MODEL.known, MODEL.unsure, MODEL.before = known, unsure or {}, before
        shared.ask_below = ask_below
        return shared

    return build


async def streamed(planner: Planner, text: str) -> tuple[Planned, list[Early]]:
    early: list[Early] = []
    return await planner.stream(text, early.append), early


@pytest.mark.parametrize("text", KNOWN)
def test_the_script_is_planned(make: Make, text: str) -> None:
    planned = make().plan(text)
    if text == "fan to twelve":  # a value that was not said
        assert (planned.utterance, "from 0 to 7" in planned.why) == (Refusal(), True)
    else:
        calls = planned.plan.calls
        wanted = KNOWN[text]
        expected = tuple(dict.fromkeys(wanted.calls)) if isinstance(wanted, Plan) else ()
        assert calls == expected
        assert planned.confidence == planned.statistics.least > 0.99


def test_an_unsure_command_is_doubtful_below_the_threshold(make: Make) -> None:
    unsure = {"fan three": {fn(FAN): 0.6}, "when do we arrive": {fn(ETA): 0.6}}
    for ask_below, doubtful in ((0.0, False), (0.59, False), (0.61, True)):
        planned = make(ask_below, unsure=unsure).plan("fan three")
        assert (planned.doubtful, planned.plan) == (doubtful, Plan.of(FAN))
    assert planned.confidence == pytest.approx(0.6)
    assert planned.unasked == Incomplete(FAN.spec, "confirmation")
    asks = make(0.99, unsure=unsure).plan("when do we arrive")
    assert (asks.doubtful, asks.unasked) == (False, asks.plan)  # nothing changes: it is answered, right or wrong
    for text in ("call", "why is the sky blue", "   "):
        assert not make(1.0).plan(text).doubtful


async def test_each_call_but_the_last_is_told_before_the_plan_is_complete(make: Make) -> None:
    planned, early = await streamed(make(), THREE)
    assert [e.step for e in early] == list(planned.plan.steps[:2])
    assert all(e.may_begin and 0 < e.after_ms <= planned.total_ms for e in early)


async def test_what_waits_for_another_call_does_not_begin_early(make: Make) -> None:
    _, early = await streamed(make(), "fan three and up")
    assert [(e.step.call, e.may_begin) for e in early] == [(FAN, True), (UP, False)]
    _, early = await streamed(make(), "find an atm and go there")
    assert [(e.step.call, e.may_begin) for e in early] == [(FIND, True), (GO, False)]


async def test_a_repeated_call_is_told_once(make: Make) -> None:
    planned, early = await streamed(make(), "fan three fan three light")
    assert [e.step.call for e in early] == [FAN]
    assert planned.plan.calls == (FAN, LIGHT)


@pytest.mark.parametrize("text", ["fan three", "call", "fan to twelve", "what is that", "  "])
async def test_of_a_single_call_a_question_or_a_refusal_nothing_is_told_early(make: Make, text: str) -> None:
    planned, early = await streamed(make(), text)
    assert early == []
    same = make().plan(text)
    assert (planned.utterance, planned.why) == (same.utterance, same.why)


@pytest.mark.parametrize(("p", "begins"), [(0.89, False), (0.91, True)])
async def test_an_unsure_call_waits_for_the_whole_plan(make: Make, p: float, begins: bool) -> None:
    _, early = await streamed(make(unsure={THREE: {fn(LIGHT): p}}), THREE)
    assert early[1].least == pytest.approx(p, abs=0.01)
    # the light's token also ends the call before it
    assert [e.may_begin for e in early] == [begins, begins]


async def test_a_plan_that_is_unsure_so_far_begins_nothing(make: Make) -> None:
    _, early = await streamed(make(0.95, unsure={THREE: {fn(FAN): 0.93}}), THREE)
    assert [e.may_begin for e in early] == [False, False]


async def test_what_must_not_happen_twice_does_not_begin_early(make: Make) -> None:
    ring, next_one = call("call_contact", name="mum"), call("control_playback", action="next")
    text = "call mum next one and light"
    _, early = await streamed(make(known={text: Plan.of(ring, next_one, LIGHT)}), text)
    assert [(e.step.call, e.may_begin) for e in early] == [(ring, False), (next_one, False)]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([FAN, UP, LIGHT, ETA, FIND, call("set_volume", level=40), call("set_mute", state="on")]),
        min_size=1,
        max_size=5,
    )
)
def test_early_steps_are_steps_of_the_plan(make: Make, calls: list[Call]) -> None:
    planner = make(known={"anything": Plan.of(*calls)})
    early: list[Early] = []
    whole = planner.plan("anything")
    planned = asyncio.run(planner.stream("anything", early.append))
    assert planned.utterance == whole.utterance
    assert [e.step for e in early] == list(whole.plan.steps)[: len(early)]
    assert len(early) >= len(whole.plan) - 1


async def test_a_cancelled_run_ends_before_its_next_token(make: Make) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def before(_text: str, written: int) -> None:
        if written == 1:
            reached.set()
            go_on.wait(10)

    planner = make(before=before)
    under_way = asyncio.create_task(planner.plan_async(THREE))
    await asyncio.to_thread(reached.wait, 10)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    go_on.set()
    evaluated = MODEL.evaluations
    assert (await planner.plan_async("when do we arrive")).plan == Plan.of(ETA)  # the worker is free again
    after = MODEL.evaluations - evaluated
    planner.plan("when do we arrive")
    assert MODEL.evaluations - evaluated == 2 * after  # nothing more of the cancelled one


async def test_the_event_loop_goes_on_while_the_model_works(make: Make) -> None:
    go_on = threading.Event()

    def wait(_text: str, _written: int) -> None:
        go_on.wait(10)

    planner = make(before=wait)
    under_way = asyncio.create_task(planner.stream(THREE, lambda _early: None))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not under_way.done()
    go_on.set()
    assert len((await under_way).plan) == 3


BACK = "fan three light on and louder no cancel that"
TAKEN: dict[str, Utterance] = {
    **KNOWN,
    BACK: Plan.of(FAN, LIGHT, UP),  # the model reads the commands as if nothing had been taken back
    "text bob": Incomplete(CATALOGUE["send_text_message"], "message"),
    "text bob never mind": Plan.of(call("send_text_message", recipient="bob", message="never mind")),
    "play jazz": Plan.of(call("play_media", query="jazz")),
    "light on": Plan.of(LIGHT),
    "turn the light on": Plan.of(LIGHT),
    "fan three no put it up": Plan.of(FAN, UP),
}


async def test_of_what_is_taken_back_nothing_begins_and_the_model_is_not_asked(make: Make) -> None:
    planner = make(known=TAKEN)
    evaluated = MODEL.evaluations
    planned, early = await streamed(planner, BACK)
    assert (early, planned.utterance, planned.taken_back) == ([], Refusal(), True)
    assert planned.why == "you took that back"
    assert planned.heard == BACK
    assert MODEL.evaluations == evaluated


async def test_a_weak_sign_is_asked_about_and_begins_nothing(make: Make) -> None:
    planned, early = await streamed(make(known={**TAKEN, f"{THREE} no": Plan.of(LIGHT)}), f"{THREE} no")
    assert (early, planned.doubtful) == ([], True)
    assert planned.plan.calls == (FAN, LIGHT, call("adjust_volume", direction="up"))  # what was said before the sign
    asks = make(known=TAKEN).plan("when do we arrive no")
    assert (asks.doubtful, asks.plan.calls) == (False, (ETA,))


def test_what_is_said_instead_is_planned_alone(make: Make) -> None:
    planned = make(known=TAKEN).plan("fan three never mind turn the light on")
    assert (planned.plan.calls, planned.doubtful, planned.taken_back) == ((LIGHT,), False, False)


def test_what_points_back_is_planned_with_what_was_said_less_its_calls(make: Make) -> None:
    assert make(known=TAKEN).plan("fan three cancel that put it up").plan.calls == (UP,)


def test_where_the_rest_means_nothing_nothing_is_done(make: Make) -> None:
    planned = make(known=TAKEN).plan("fan three never mind turn the weather off")
    assert (planned.utterance, planned.taken_back) == (Refusal(), True)


def test_a_rest_less_sure_than_even_is_asked_about(make: Make) -> None:
    for p, doubtful in ((0.49, True), (0.51, False)):
        planned = make(known=TAKEN, unsure={"turn the light on": {fn(LIGHT): p}}).plan(
            "fan three never mind turn the light on"
        )
        assert (planned.plan.calls, planned.doubtful) == ((LIGHT,), doubtful)


def test_the_words_of_a_message_take_nothing_back(make: Make) -> None:
    planner = make(known=TAKEN)
    assert planner.plan("text bob never mind").plan == TAKEN["text bob never mind"]
    assert planner.plan("play jazz no forget it").taken_back


def test_a_timer_is_set_to_the_minutes_said(make: Make) -> None:
    text = "timer for ten seconds"
    wrong = Plan.of(call("set_timer", minutes=10))
    assert make(known={text: wrong}).plan(text).plan.calls[0].arguments["minutes"] == 0.1667
    easier = {"timer for ten minutes": wrong}  # the model knows only the easier words
    planned = make(known=easier).plan(text)
    assert planned.plan.calls[0].arguments["minutes"] == 0.1667
    assert planned.heard == text


def test_timers_that_cannot_be_told_apart_are_asked_about(make: Make) -> None:
    text = "timers for five minutes and ten minutes"
    assert make(known={text: Plan.of(call("set_timer", minutes=5))}).plan(text).doubtful


def test_a_number_that_was_not_said_is_asked_about(make: Make) -> None:
    for text, doubtful in (("volume to twelve and a half", True), ("volume to twelve", False), ("volume up", False)):
        known = {text: Plan.of(call("set_volume", level=12))}
        assert make(known=known).plan(text).doubtful is doubtful
