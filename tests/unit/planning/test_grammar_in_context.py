"""What may be written in the light of what was before: steps, results, answers, and texts copied from there."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE, earliers
from support.fake_tokenizer import GrammarBench

from vehicle_agent.planning.spoken_digits import spoken_numbers
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, encode_earlier
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn, WantedPiece
from vehicle_apis.errors import CodecError, InvalidCall
from vehicle_apis.params import IntegerParam, NumberParam, TextParam
from vehicle_apis.ref import EarlierRef

BENCH: Final = GrammarBench(CATALOGUE)
G: Final = BENCH.grammar
SPECIAL: Final = BENCH.tokenizer.special
CALL: Final = CATALOGUE.call
HALF, FIND, ETA = CALL("control_window", position=50), CALL("find_nearby", category="atm"), CALL("get_eta")
MOM = CALL("send_text_message", recipient="mom", message="late again")


def before(*done: Call) -> Earlier:
    return Earlier(turns=(PastTurn(1, Plan.of(*done)),))


def allowed(text: str, *pieces: str, earlier: Earlier = NOTHING_BEFORE) -> set[str]:
    walk, _ = BENCH.force(text, *pieces, earlier=earlier)
    return {BENCH.tokenizer.pieces[token] for token in walk.allowed()}


# --- any way through --------------------------------------------------------------------------------------------------

_WORDS: Final = "again there a bit more to mom one two five seven it navigation and the other"
_texts: Final = st.lists(st.sampled_from(_WORDS.split(" ")), min_size=1, max_size=8).map(" ".join)


@settings(max_examples=120, deadline=None)
@given(data=st.data(), text=_texts, earlier=earliers(), prefer_calls=st.booleans())
def test_every_way_through_decodes(data: st.DataObject, text: str, earlier: Earlier, prefer_calls: bool) -> None:
    walk = BENCH.begin(text, earlier)
    output: list[int] = []
    while not walk.done:
        may = sorted(walk.allowed())
        assert may, f"nothing may follow {BENCH.tokenizer.codec_pieces(output)} in {text!r}"
        _check_context(set(may), earlier)
        # what stands before an utterance is never written
        assert not {SPECIAL[t] for t in ("<turn>", "<asked>", "<heard>", "<tool>")} & set(may)
        longer = [t for t in may if t not in {G.end, G.refuse, G.clarify, *G.answers}] if prefer_calls else []
        special = [t for t in longer or may if t in {G.prior, *G.steps}]  # rare, and what this is about
        token = data.draw(st.sampled_from(special or longer or may))
        for other in data.draw(st.lists(st.sampled_from(may), max_size=2)):
            _feed_elsewhere(text, earlier, [*output, other])
        walk.feed(token)
        output.append(token)
        assert len(output) < 400
    assert walk.allowed() == set()
    try:
        meaning = BENCH.meaning(output, earlier)
    except CodecError as e:
        _check_refused_number(e)
        return
    if isinstance(meaning, Reply):
        assert earlier.asked.steps
    elif isinstance(meaning, Plan | Routed):
        _check_texts(meaning if isinstance(meaning, Plan) else meaning.plan, text, earlier)
    else:
        assert isinstance(meaning, Refusal | Incomplete)


def _check_refused_number(error: CodecError) -> None:
    """The one thing that can be written and is not valid: a number out of its range."""
    cause = error.__cause__
    assert isinstance(cause, InvalidCall), error
    assert isinstance(CATALOGUE[cause.function].by_name[cause.parameter], NumberParam | IntegerParam)


def _feed_elsewhere(text: str, earlier: Earlier, tokens: list[int]) -> None:
    """Any allowed token can be fed, not just the one that is."""
    walk = BENCH.begin(text, earlier)
    for token in tokens:
        walk.feed(token)
    assert walk.done or walk.allowed()


def _check_context(may: set[int], earlier: Earlier) -> None:
    if not earlier.asked.steps:
        assert not may & G.answers
    if not any(step.call.spec.returns for _, step in earlier.steps()):
        assert G.prior not in may
    if not earlier.asked.steps and not list(earlier.steps()):
        assert not may & G.steps


def _check_texts(plan: Plan, text: str, earlier: Earlier) -> None:
    """A text was said, now or before; never made of the end of one and the beginning of the other."""
    said = [text, *(t.strip() for t in BENCH.tokenizer.codec_pieces(_tokens(earlier)))]
    dialled = {str(v) for call in _calls(earlier) for v in call.arguments.values()}
    for call in plan.calls:
        for param in call.spec.params:
            value = call.arguments[param.name]
            if not isinstance(param, TextParam) or not isinstance(value, str) or value == param.default:
                continue
            if param.digits:
                assert value in {*spoken_numbers(text), *dialled}
            elif not param.spoken_number:
                assert any(f" {value} " in f" {one} " for one in said), (value, said)


def _calls(earlier: Earlier) -> list[Call]:
    return [*earlier.asked.calls, *(call for turn in earlier.turns for call in turn.plan.calls)]


def _tokens(earlier: Earlier) -> list[int]:
    t = BENCH.tokenizer
    return [
        token
        for piece in encode_earlier(earlier, CATALOGUE)
        for token in ([t.special[piece]] if piece in t.special else t.tokenize(piece))
    ]


# --- steps ------------------------------------------------------------------------------------------------------------

BOTH: Final = {"<more>", "<less>"}


def test_a_step_is_written_only_after_the_same_function() -> None:
    window = BENCH.fn("control_window")
    assert allowed("more", window, earlier=before(HALF)) >= BOTH
    assert allowed("more", window, earlier=Earlier(asked=Plan.of(HALF))) >= BOTH
    for earlier in (NOTHING_BEFORE, before(ETA), Earlier(turns=(PastTurn(1, Plan.of(HALF), declined=True),))):
        assert not allowed("more", window, earlier=earlier) & BOTH


def test_a_step_stands_for_the_whole_value_and_only_for_one_that_has_steps() -> None:
    window = BENCH.fn("control_window")
    after = allowed("more", window, "<more>", earlier=before(HALF))
    assert not after & (BOTH | {"<arg_0>", "1", "5"})
    assert after >= {"<arg_1>", "<end>", BENCH.fn("get_eta")}
    assert not allowed("more", window, "5", earlier=before(HALF)) & BOTH  # not within a number
    assert not allowed("more", window, "<more>", "<arg_1>", earlier=before(HALF)) & BOTH
    volume = CALL("set_volume", level=10)
    assert not allowed("more", BENCH.fn("set_volume"), earlier=before(volume)) & BOTH


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "place", "message"),
    [
        (NOTHING_BEFORE, False, False),
        (before(HALF), False, False),
        (before(ETA), False, True),  # an arrival time is told, not driven to
        (before(FIND), True, True),
        (Earlier(asked=Plan.of(FIND)), False, False),
        (Earlier(turns=(PastTurn(1, Plan.of(FIND), declined=True),)), False, False),
    ],
)
def test_an_earlier_result_stands_only_where_one_fits(earlier: Earlier, place: bool, message: bool) -> None:
    assert ("<prior>" in allowed("go there", BENCH.fn("navigate_to"), earlier=earlier)) is place
    text = (BENCH.fn("send_text_message"), " mom", "<arg_1>")
    assert ("<prior>" in allowed("text it to mom", *text, earlier=earlier)) is message
    assert "<prior>" not in allowed("text it to mom", text[0], earlier=earlier)  # nobody is texted by a result


def test_an_earlier_result_and_one_of_this_plan() -> None:
    head = (BENCH.fn("find_nearby"), " hotel", BENCH.fn("navigate_to"))
    assert {"<prior>", "<ref_1>"} <= allowed("hotel", *head, earlier=before(FIND))
    _, out = BENCH.force("hotel", *head, "<prior>", "<end>", earlier=before(FIND))
    plan = BENCH.meaning(out, before(FIND))
    assert isinstance(plan, Plan)
    assert plan.calls[1].arguments["destination"] == EarlierRef(1, 1)


# --- answers ----------------------------------------------------------------------------------------------------------

ANSWERS: Final = {"<yes>", "<no>", "<cancel>"}


def test_an_answer_is_written_only_to_a_question() -> None:
    assert allowed("sure", earlier=Earlier(asked=Plan.of(HALF))) >= ANSWERS
    waiting = Earlier(wanted=WantedPiece("call", "call_contact", "name"))
    for earlier in (NOTHING_BEFORE, before(HALF), waiting):
        assert not allowed("sure", earlier=earlier) & ANSWERS


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_an_answer_is_all_there_is(answer: str) -> None:
    walk, _ = BENCH.force("sure", answer, earlier=Earlier(asked=Plan.of(HALF)))
    assert walk.allowed() == {G.end}
    walk.feed(G.end)
    assert walk.done
    after = allowed("sure", BENCH.fn("get_eta"), earlier=Earlier(asked=Plan.of(HALF)))
    assert not after & ANSWERS


# --- specialists ------------------------------------------------------------------------------------------------------


def test_a_question_for_a_specialist_has_words_and_ends() -> None:
    walk, out = BENCH.force("what does this light mean", "<route_0>")
    assert G.end not in walk.allowed()  # a question without words is none
    words = 0
    while walk.allowed() != {G.end}:
        assert walk.in_query
        assert walk.allowed() - {G.end} == set(G.words)
        walk.feed(min(G.words))
        out.append(min(G.words))
        words += 1
        assert G.end in walk.allowed()
        assert words <= 24
    assert words == 24
    walk.feed(G.end)
    assert walk.done
    assert not walk.in_query


def test_who_only_talks_is_not_reworded() -> None:
    assert allowed("how are you", "<route_2>") == {"<end>"}
    _, out = BENCH.force("how are you", "<route_2>", "<end>")
    assert BENCH.meaning(out) == Routed("talk")


def test_only_specialists_that_there_are_can_be_asked() -> None:
    first = allowed("what is that")
    assert {t for t in first if t.startswith("<route")} == {"<route_0>", "<route_1>", "<route_2>"}
    after = allowed("what is that", BENCH.fn("get_eta"))
    assert {t for t in after if t.startswith("<route")} == {"<route_0>", "<route_1>", "<route_2>"}


# --- texts copied from before -----------------------------------------------------------------------------------------


def test_a_person_named_before_can_be_copied_but_not_together_with_new_words() -> None:
    call = BENCH.fn("call_contact")
    earlier = before(MOM)  # "... mom | late again" and then the utterance
    assert {" mom", " late", " again", " call"} <= allowed("call her", call, earlier=earlier)
    assert " mom" not in allowed("call her", call)
    after_mom = allowed("call her", call, " mom", earlier=earlier)
    assert not after_mom & {" late", " call", " her"}
    assert "<end>" in after_mom
    assert not allowed("call her", call, " again", earlier=earlier) & {" call", " her"}  # the last word before


def test_a_person_of_what_was_declined_can_be_copied() -> None:
    declined = Earlier(turns=(PastTurn(1, Plan.of(MOM), declined=True),))
    assert " mom" in allowed("call her instead", BENCH.fn("call_contact"), earlier=declined)


def test_the_words_of_a_command_that_lacked_a_piece_can_be_copied() -> None:
    earlier = Earlier(wanted=WantedPiece("text anna", "send_text_message", "message"))
    assert " anna" in allowed("that i am late", BENCH.fn("send_text_message"), earlier=earlier)


def test_a_number_dialled_before_can_be_dialled_again() -> None:
    dialled = before(CALL("dial_number", number="5550123"))
    dial = BENCH.fn("dial_number")
    assert dial not in allowed("again")
    _, out = BENCH.force("again", dial, " 5550123", "<end>", earlier=dialled)
    assert BENCH.meaning(out) == Plan.of(CALL("dial_number", number="5550123"))
