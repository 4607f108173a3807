"""Whatever the model prefers, only valid plans can come out."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE
from support.fake_tokenizer import GrammarBench

from vehicle_agent.planning.grammar import MAX_CALLS
from vehicle_agent.planning.spoken_digits import spoken_numbers
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed
from vehicle_apis.errors import CodecError, InvalidCall
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TextParam
from vehicle_apis.ref import Ref

BENCH: Final = GrammarBench(CATALOGUE)
PLACE_TAKERS: Final = ("destination", "place")

_WORDS: Final = (
    "take me there to the nearest pharmacy and text anna weber saying traffic it is seventy degrees call double five "
    "one oh a an in navigation seventeen that this here them him her"
)
_vocabulary: Final = st.sampled_from(_WORDS.split(" "))
_texts: Final = st.lists(_vocabulary, min_size=1, max_size=14).map(" ".join)


def _walk(data: st.DataObject, text: str, *, prefer_calls: bool) -> list[int]:
    """One way through the grammar. The end is put off as long as it can be when calls are preferred."""
    walk = BENCH.begin(text)
    output: list[int] = []
    g = BENCH.grammar
    while not walk.done:
        allowed = sorted(walk.allowed())
        assert allowed, f"nothing may follow {BENCH.tokenizer.codec_pieces(output)} in {text!r}"
        longer = [t for t in allowed if t not in {g.end, g.refuse, g.clarify}] if prefer_calls else []
        token = data.draw(st.sampled_from(longer or allowed))
        walk.feed(token)
        output.append(token)
        assert len(output) < 400
    assert walk.allowed() == set()
    return output


@settings(max_examples=80)
@given(data=st.data(), text=_texts, prefer_calls=st.booleans())
def test_every_way_through_the_grammar_ends_in_a_valid_meaning(
    data: st.DataObject, text: str, prefer_calls: bool
) -> None:
    output = _walk(data, text, prefer_calls=prefer_calls)
    try:
        meaning = BENCH.meaning(output)
    except CodecError as e:
        _check_refused_number(e)
        return
    match meaning:
        case Refusal():
            return
        case Incomplete(spec=spec, missing=missing):
            assert missing in spec.required
        case Routed(query=query, plan=plan):
            assert len(query.split()) <= 24
            assert len(plan) <= MAX_CALLS
            _check(plan, text)
        case Plan():
            assert 1 <= len(meaning) <= MAX_CALLS
            _check(meaning, text)
        case Reply():
            raise AssertionError("nothing was asked")


def _check_refused_number(error: CodecError) -> None:
    """The one thing that can be written and is not valid: a number out of its range."""
    cause = error.__cause__
    assert isinstance(cause, InvalidCall)
    assert isinstance(CATALOGUE[cause.function].by_name[cause.parameter], NumberParam | IntegerParam)


def _check(plan: Plan, text: str) -> None:
    for step in plan:
        for param in step.call.spec.params:
            value = step.call.arguments[param.name]
            if isinstance(value, Ref):
                producer = plan.calls[value.step - 1].spec
                assert producer.returns is not None
                assert producer.returns == "place" or param.name not in PLACE_TAKERS
            elif isinstance(param, TextParam) and param.digits:
                assert value in spoken_numbers(text)
            elif isinstance(param, TextParam) and value != param.default and not param.spoken_number:
                assert f" {value} " in f" {text} "
            elif isinstance(param, NumberParam) and param.by_unit and value != param.default:
                low, high = param.by_unit[str(step.call.arguments["unit"])]
                assert low <= float(str(value)) <= high


@pytest.mark.parametrize("text", ["there", "it", "me", "that", "a the", "x"])
@settings(max_examples=10)
@given(data=st.data())
def test_an_utterance_of_pointers_alone_is_no_dead_end(text: str, data: st.DataObject) -> None:
    _walk(data, text, prefer_calls=True)


def test_there_is_always_a_way_to_refuse_and_to_ask() -> None:
    allowed = BENCH.begin("hello").allowed()
    assert {BENCH.grammar.refuse, BENCH.grammar.clarify} <= allowed


def test_seventy_degrees_are_fahrenheit() -> None:
    walk, out = BENCH.force("set it to seventy", BENCH.fn("set_climate_temperature"), "70")
    assert BENCH.grammar.end not in walk.allowed()  # the unit must be written
    walk, out = BENCH.force(
        "set it to seventy", BENCH.fn("set_climate_temperature"), "70", "<arg_2>", " fahrenheit", "<end>"
    )
    plan = BENCH.meaning(out)
    assert isinstance(plan, Plan)
    assert plan.calls[0].arguments["unit"] == "fahrenheit"
    walk, _ = BENCH.force("set it to seventy", BENCH.fn("set_climate_temperature"), "70", "<arg_2>")
    assert {BENCH.tokenizer.text_of([t]) for t in walk.allowed()} == {" fahr"}


def test_twenty_one_degrees_are_celsius_and_no_unit_is_written() -> None:
    walk, _ = BENCH.force("twenty one", BENCH.fn("set_climate_temperature"), "21")
    unit = BENCH.tokenizer.special["<arg_2>"]
    assert unit not in walk.allowed()
    assert BENCH.grammar.end in walk.allowed()


@pytest.mark.parametrize("between", ["31", "45", "60", "90", "15"])
def test_a_temperature_of_neither_unit_is_never_a_plan(between: str) -> None:
    try:
        _, output = BENCH.force("x", BENCH.fn("set_climate_temperature"), between, "<end>")
    except AssertionError:
        return  # it cannot even be written
    with pytest.raises(CodecError, match="temperature"):
        BENCH.meaning(output)


def test_five_calls_are_the_most() -> None:
    walk, _ = BENCH.force("what time is it", *[BENCH.fn("get_time")] * MAX_CALLS)
    assert walk.allowed() == {BENCH.grammar.end, *BENCH.grammar.routes}


def test_a_result_can_be_used_only_where_it_makes_sense() -> None:
    refs = [BENCH.tokenizer.special[f"<ref_{i}>"] for i in (1, 2, 3)]
    head = (BENCH.fn("find_nearby"), " hotel", BENCH.fn("get_eta"), BENCH.fn("set_climate_sync"), " on")
    walk, _ = BENCH.force("hotel", *head, BENCH.fn("navigate_to"))
    assert [r in walk.allowed() for r in refs] == [True, False, False]  # an arrival time is no destination
    walk, _ = BENCH.force("hotel", *head, BENCH.fn("send_text_message"), " hotel", "<arg_1>")
    assert [r in walk.allowed() for r in refs] == [True, True, False]
    walk, _ = BENCH.force("hotel", *head, BENCH.fn("send_text_message"))
    assert not any(r in walk.allowed() for r in refs)  # nobody is texted by a result


def test_text_is_copied_word_by_word() -> None:
    text = "navigate to willow pharmacy please"
    walk, _ = BENCH.force(text, BENCH.fn("navigate_to"), " willow")
    assert BENCH.tokenizer.tokenize(" pharmacy")[0] in walk.allowed()
    walk.feed(BENCH.tokenizer.tokenize(" pharmacy")[0])
    assert {BENCH.tokenizer.text_of([t]) for t in walk.allowed()} == {"macy"}  # it cannot stop within a word


def test_without_a_spoken_number_nothing_can_be_dialled() -> None:
    dial = BENCH.tokenizer.special[BENCH.fn("dial_number")]
    assert dial not in BENCH.begin("dial mum").allowed()
    assert dial in BENCH.begin("dial nine one one").allowed()


@given(data=st.data(), text=st.lists(st.sampled_from(("two", "five", "double", "oh", "dial", "hundred"))).map(" ".join))
@settings(max_examples=40)
def test_only_numbers_that_were_spoken_can_be_dialled(data: st.DataObject, text: str) -> None:
    walk = BENCH.begin(text)
    dial = BENCH.tokenizer.special[BENCH.fn("dial_number")]
    if dial not in walk.allowed():
        assert spoken_numbers(text) == ()
        return
    walk.feed(dial)
    out = [dial]
    while BENCH.grammar.end not in (allowed := walk.allowed()):
        token = data.draw(st.sampled_from(sorted(allowed)))
        walk.feed(token)
        out.append(token)
    plan = BENCH.meaning([*out, BENCH.grammar.end])
    assert isinstance(plan, Plan)
    assert plan.calls[0].arguments["number"] in spoken_numbers(text)


def test_every_enum_value_of_every_function_can_be_written() -> None:
    for spec in CATALOGUE:
        for index, param in enumerate(spec.params):
            if isinstance(param, EnumParam) and index == 0 and param.default is None:
                for value in param.values:
                    BENCH.force("x", BENCH.fn(spec.name), " " + value.replace("_", " "))
