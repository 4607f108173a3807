"""The real planner on a scripted model, after something: what it reads, what the words mean then, reading ahead."""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
from support.calls import CATALOGUE
from support.fakes import call
from support.scripted_model import Script, ScriptedModel, scripted_planner

from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planner import Planner
from vehicle_apis import tokens as wire
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn, WantedPiece
from vehicle_apis.ref import EarlierRef

FAN, LIGHT, WINDOW = (
    call("set_fan_speed", level=3),
    call("set_cabin_light", state="on"),
    call("control_window", position=50),
)
TRUNK, FIND = call("operate_trunk", action="open"), call("find_nearby", category="atm")
MODEL = ScriptedModel({})


def fn(name: str) -> str:
    return wire.fn_token(CATALOGUE.token_index(name))


def before(*done: Call) -> Earlier:
    return Earlier(turns=(PastTurn(1, Plan.of(*done)),))


@pytest.fixture(scope="module")
def shared() -> Iterator[Planner]:
    planner = scripted_planner(MODEL)
    yield planner
    planner.close()


Make = Callable[[Mapping[str, Script]], Planner]


@pytest.fixture
def make(shared: Planner) -> Make:
    """The planner, with a script of its own."""

    def build(known: Mapping[str, Script]) -> Planner:
        MODEL.known, MODEL.unsure = known, {}
        shared.ask_below = 0.0
        return shared

    return build


MORE = {"more": (fn("control_window"), "<more>", wire.END)}


def test_what_was_before_is_read_before_the_utterance(make: Make) -> None:
    planner = make({"fan three": Plan.of(FAN)})
    earlier = Earlier(
        turns=(PastTurn(1, Plan.of(FAN)), PastTurn(2, Plan.of(LIGHT), declined=True)), asked=Plan.of(TRUNK)
    )
    planned = planner.plan("fan three", earlier)
    fan, light, trunk = fn("set_fan_speed"), fn("set_cabin_light"), fn("operate_trunk")
    assert MODEL.read == f"<turn>{fan}3<turn><no>{light} on<asked>{trunk} open fan three"
    assert (planned.heard, planned.plan, planned.statistics.in_context) == ("fan three", Plan.of(FAN), True)
    assert planned.tokens_in == 1 + len("_fan_three\n") + sum([1 + 1 + 1, 3 + len("_on"), 2 + len("_open")])
    alone = planner.plan("fan three")
    assert (MODEL.read, alone.plan, alone.statistics.in_context) == ("fan three", Plan.of(FAN), False)


def test_the_same_words_mean_something_else_after_something_else(make: Make) -> None:
    planner = make({f"<turn>{fn('set_fan_speed')}3 it off": Plan.of(FAN), "it off": Plan.of(LIGHT)})
    assert planner.plan("it off", before(FAN)).plan.calls == (FAN,)
    assert planner.plan("it off", before(WINDOW)).plan.calls == (LIGHT,)


def test_a_step_is_from_the_value_before(make: Make) -> None:
    planner = make(MORE)
    assert planner.plan("more", before(WINDOW)).plan.calls == (call("control_window", position=75),)
    near = before(call("control_window", position=90))
    assert planner.plan("more", near).plan.calls == (call("control_window", position=100),)


def test_an_earlier_result_is_named_by_turn_and_step(make: Make) -> None:
    there = call("navigate_to", destination=EarlierRef(4, 2))
    planner = make({"take me there": Plan.of(there)})
    planned = planner.plan("take me there", Earlier(turns=(PastTurn(4, Plan.of(FAN, FIND)),)))
    assert planned.plan.calls == (there,)


def test_an_answer_is_none_of_the_plans(make: Make) -> None:
    planner = make({"go on": Reply("yes"), "leave it": Reply("no")})
    asked = Earlier(asked=Plan.of(TRUNK))
    for text, answer in (("go on", "yes"), ("leave it", "no")):
        planned = planner.plan(text, asked)
        assert (planned.answer, planned.utterance, planned.doubtful) == (answer, Refusal(), False)
    # with nothing asked an answer cannot be written, whatever the model prefers
    assert planner.plan("go on").answer is None


def test_a_question_for_a_specialist_and_what_is_done_besides(make: Make) -> None:
    planner = make(
        {
            "how old is rome": ("<route_1>", "rome", wire.END),
            "fan three and how are you": Routed("talk", "", Plan.of(FAN)),
        }
    )
    planned = planner.plan("how old is rome")
    assert (planned.route, planned.plan.steps) == (("knowledge", "rome"), ())
    assert planned.why
    both = planner.plan("fan three and how are you")
    assert (both.route, both.plan.calls) == (("talk", "fan three and how are you"), (FAN,))


def test_a_missing_piece_is_read_with_the_words_before_it(make: Make) -> None:
    wanted = Earlier(wanted=WantedPiece("call", "call_contact", "name"))
    planner = make({"dad": Plan.of(call("call_contact", name="dad"))})
    assert planner.plan("dad", wanted).plan.calls == (call("call_contact", name="dad"),)
    assert MODEL.read == f"<heard> call<clarify>{fn('call_contact')}<arg_0> dad"


# --- texts ------------------------------------------------------------------------------------------------------------


def test_a_name_said_before_is_copied_and_none_is_made_of_both(make: Make) -> None:
    def called(text: str, wish: str, earlier: Earlier) -> list[object]:
        planner = make({text: (fn("call_contact"), f" {wish}", wire.END)})
        return [c.arguments.get("name") for c in planner.plan(text, earlier).plan.calls]

    anna, both = (before(call("call_contact", name=name)) for name in ("anna", "anna again"))
    assert called("her again", "anna", anna) == ["anna"]
    assert called("again", "anna again", both) == ["anna again"]
    assert called("anna again", "anna again", NOTHING_BEFORE) == ["anna again"]
    assert "anna again" not in called("again", "anna again", anna)


def test_numbers_of_before_may_be_meant_without_being_said(make: Make) -> None:
    planner = make({"the other two": Plan.of(WINDOW)})
    assert planner.plan("the other two").doubtful  # fifty was not said
    assert not planner.plan("the other two", before(WINDOW)).doubtful


# --- room -------------------------------------------------------------------------------------------------------------


def long_text(words: int) -> Call:
    return call("send_text_message", recipient="anna", message=" ".join(["late"] * words))


def test_of_what_does_not_fit_the_newest_is_read(make: Make) -> None:
    planner = make({"fan three": Plan.of(FAN)})
    turns = (PastTurn(1, Plan.of(long_text(30))), PastTurn(2, Plan.of(LIGHT)))
    planned = planner.plan("fan three", Earlier(turns=turns))
    assert planned.plan.calls == (FAN,)
    assert MODEL.read.count("late") == 30
    turns = (PastTurn(1, Plan.of(long_text(40))), PastTurn(2, Plan.of(LIGHT)))
    planner.plan("fan three", Earlier(turns=turns))
    assert MODEL.read == f"<turn>{fn('set_cabin_light')} on fan three"
    planner.plan("fan three", Earlier(asked=Plan.of(long_text(90))))
    assert MODEL.read == "fan three"


def test_beside_a_long_utterance_less_is_read(make: Make) -> None:
    planner = make({})
    earlier = before(long_text(30))  # 150 characters, which are as many tokens here
    planner.plan("x" * 150, earlier)
    assert MODEL.read.startswith("<turn>")
    planner.plan("x" * 250, earlier)
    assert not MODEL.read.startswith("<turn>")
    assert MODEL.read == "x" * 250


def test_what_is_not_read_is_not_meant(make: Make) -> None:
    planner = make(MORE)
    turns = (PastTurn(1, Plan.of(WINDOW)), PastTurn(2, Plan.of(long_text(40))))
    # no step can be written from a value that the model has not seen
    planned = planner.plan("more", Earlier(turns=turns))
    assert call("control_window", position=75) not in planned.plan.calls


# --- reading ahead ----------------------------------------------------------------------------------------------------


async def test_what_was_read_ahead_is_not_read_again(make: Make) -> None:
    planner = make(MORE)
    earlier = before(WINDOW)
    await planner.prepare(before(LIGHT))
    begun = MODEL.tokens
    cold = await planner.plan_async("more", earlier)
    cost = MODEL.tokens - begun
    await planner.prepare(before(LIGHT))
    await planner.prepare(earlier)
    begun = MODEL.tokens
    warm = await planner.plan_async("more", earlier)
    read = len("_more\n")
    assert MODEL.tokens - begun == cost - len(["<turn>", "<fn>", "5", "0"]) + 1  # <turn> is common to both
    assert MODEL.tokens - begun >= read
    assert (warm.plan, warm.tokens_in) == (cold.plan, cold.tokens_in)


async def test_reading_ahead_changes_no_meaning(make: Make) -> None:
    planner = make({**MORE, "fan three": Plan.of(FAN)})
    await planner.prepare(before(WINDOW))
    assert (await planner.plan_async("fan three")).plan.calls == (FAN,)
    await planner.prepare(NOTHING_BEFORE)
    assert (await planner.plan_async("more", before(WINDOW))).plan.calls == (call("control_window", position=75),)
    await planner.prepare(before(long_text(90)))  # more than there is room for
    assert (await planner.plan_async("fan three")).plan.calls == (FAN,)


# --- while the plan is not complete -----------------------------------------------------------------------------------


async def test_a_call_in_context_may_begin_early(make: Make) -> None:
    planner = make({"more and light": (fn("control_window"), "<more>", fn("set_cabin_light"), " on", wire.END)})
    early: list[Early] = []
    planned = await planner.stream("more and light", early.append, before(WINDOW))
    assert [e.step for e in early] == [planned.plan.steps[0]]
    assert early[0].step.call == call("control_window", position=75)


async def test_what_is_asked_at_once_is_answered_one_after_the_other(make: Make) -> None:
    planner = make({**MORE, "dad": Incomplete(CATALOGUE["call_contact"], "name")})
    first, second = await asyncio.gather(
        planner.plan_async("more", before(WINDOW)), planner.plan_async("dad", before(LIGHT))
    )
    assert first.plan.calls == (call("control_window", position=75),)
    assert isinstance(second.utterance, Incomplete)
