"""What is written before an utterance, and what is written in the light of it: steps, results, answers, specialists."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE, SPECS, calls, earliers, utterances

from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import (
    Incomplete,
    Reply,
    Routed,
    Utterance,
    decode,
    encode,
    encode_call,
    encode_earlier,
    encode_tool,
)
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn, WantedPiece, stepped
from vehicle_apis.errors import CodecError
from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TextParam, TimeParam
from vehicle_apis.ref import EarlierRef, Ref
from vehicle_apis.spec import ApiSpec
from vehicle_apis.tokens import END, fn_token, special_tokens

CALL = CATALOGUE.call
FN = {s.name: fn_token(CATALOGUE.token_index(s.name)) for s in SPECS}
HALF, FRONT = CALL("control_window", position=50), CALL("control_window", position=10, window="passenger")
MASSAGE, FIND, ETA = CALL("set_seat_massage", intensity="low"), CALL("find_nearby", category="atm"), CALL("get_eta")
BEFORE = Earlier(turns=(PastTurn(2, Plan.of(FIND, HALF, MASSAGE)), PastTurn(5, Plan.of(ETA, FRONT))))


def before(*done: Call) -> Earlier:
    return Earlier(turns=(PastTurn(1, Plan.of(*done)),))


def _window(position: int, window: str) -> Call:
    return CALL("control_window", position=position, window=window)


# --- steps ------------------------------------------------------------------------------------------------------------

STEPPING = [spec for spec in SPECS if spec.steps]


@pytest.mark.parametrize("spec", STEPPING, ids=lambda s: s.name)
@given(data=st.data(), by=st.sampled_from([1, -1]))
@settings(max_examples=30)
def test_a_step_is_there_and_back(spec: ApiSpec, data: st.DataObject, by: int) -> None:
    last = data.draw(calls(spec))
    (parameter,) = spec.steps
    wanted = last.with_arguments(**{parameter: stepped(last, parameter, by)})
    pieces = [*encode_call(wanted, CATALOGUE, {parameter: by}), END]
    assert ("<more>" if by > 0 else "<less>") in pieces
    assert decode(pieces, CATALOGUE, before(last)) == Plan.of(wanted)
    with pytest.raises(CodecError, match="nothing was said before"):
        decode(pieces, CATALOGUE)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        # "a bit more": 25 from the newest window, which is the passenger's
        (
            (FN["control_window"], "<more>", "<arg_1>", " passenger"),
            CALL("control_window", position=35, window="passenger"),
        ),
        # of another window its own last value counts
        ((FN["control_window"], "<more>", "<arg_1>", " driver"), _window(75, "driver")),
        # of one that was not moved the newest
        ((FN["control_window"], "<more>", "<arg_1>", " rear"), _window(35, "rear")),
        (
            (FN["control_window"], "<less>", "<arg_1>", " passenger"),
            CALL("control_window", position=0, window="passenger"),
        ),
        ((FN["set_seat_massage"], "<arg_0>", "<more>"), CALL("set_seat_massage", intensity="medium")),
        ((FN["set_seat_massage"], "<arg_0>", "<less>"), CALL("set_seat_massage", intensity="off")),
    ],
)
def test_a_step_is_from_the_last_value_of_the_same_place(pieces: tuple[str, ...], expected: Call) -> None:
    assert decode([*pieces, END], CATALOGUE, BEFORE) == Plan.of(expected)


def test_a_step_may_be_from_what_is_being_asked_about_but_not_from_what_was_declined() -> None:
    more = [FN["control_window"], "<more>", END]
    assert decode(more, CATALOGUE, Earlier(asked=Plan.of(HALF))) == Plan.of(CALL("control_window", position=75))
    with pytest.raises(CodecError):
        decode(more, CATALOGUE, Earlier(turns=(PastTurn(1, Plan.of(HALF), declined=True),)))


# --- earlier results --------------------------------------------------------------------------------------------------


def test_an_earlier_result_is_the_newest_that_fits() -> None:
    to = CALL("navigate_to", destination=EarlierRef(2, 1))
    assert decode([FN["navigate_to"], "<prior>", END], CATALOGUE, BEFORE) == Plan.of(to)
    text = CALL("send_text_message", recipient="mom", message=EarlierRef(5, 1))
    pieces = [FN["send_text_message"], " mom", "<arg_1>", "<prior>", END]
    assert decode(pieces, CATALOGUE, BEFORE) == Plan.of(text)
    assert [*encode_call(to, CATALOGUE), END] == [FN["navigate_to"], "<prior>", END]
    assert encode(Plan.of(text), CATALOGUE) == pieces


def test_an_earlier_and_a_new_result_are_two_things() -> None:
    plan = Plan.of(FIND, CALL("navigate_to", destination=Ref(1)), CALL("add_waypoint", place=EarlierRef(2, 1)))
    assert decode(encode(plan, CATALOGUE), CATALOGUE, BEFORE) == plan


@pytest.mark.parametrize("earlier", [NOTHING_BEFORE, before(HALF), before(ETA), Earlier(asked=Plan.of(FIND))])
def test_without_a_result_that_fits_there_is_none(earlier: Earlier) -> None:
    with pytest.raises(CodecError, match="no earlier turn"):
        decode([FN["navigate_to"], "<prior>", END], CATALOGUE, earlier)


# --- answers and specialists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "no", "cancel"])
def test_an_answer_stands_alone(answer: str) -> None:
    pieces = [f"<{answer}>", END]
    assert decode(pieces, CATALOGUE) == Reply(answer)  # type: ignore[arg-type]  # a parameter is no literal
    assert encode(decode(pieces, CATALOGUE), CATALOGUE) == pieces


def test_a_request_for_a_specialist() -> None:
    asked = Routed("knowledge", "how old is rome", Plan.of(ETA))
    pieces = [FN["get_eta"], "<route_1>", " how old is rome", END]
    assert (encode(asked, CATALOGUE), decode(pieces, CATALOGUE)) == (pieces, asked)
    assert decode(["<route_2>", END], CATALOGUE) == Routed("talk")
    assert decode(["<route_0>", "  what  is that light ", END], CATALOGUE) == Routed("manual", "what is that light")


@pytest.mark.parametrize(
    "pieces",
    [
        [FN["control_window"], "<more>", "<arg_0>", "50"],
        [FN["control_window"], "50", "<arg_0>", "<more>"],
        [FN["control_window"], "<more>", "<arg_1>", "<less>"],
        [FN["control_window"], "<more>", "<less>"],
        [FN["set_volume"], "<more>"],
        [FN["navigate_to"], "<more>"],
        [FN["set_seat_massage"], "<arg_1>", "<more>"],
        [FN["call_contact"], "<prior>"],
        [FN["control_window"], "<prior>"],
        ["<prior>"],
        ["<more>"],
        ["<yes>", "<no>"],
        ["<yes>", FN["get_eta"]],
        [FN["get_eta"], "<yes>"],
        ["<route_3>", " x"],
        ["<route_15>"],
        ["<route_0>"] * 2,
        ["<route_0>", " x", FN["get_eta"]],
        ["<route_0>", " x", " y"],
        ["<clarify>", "<route_0>"],
        ["<clarify>", "<yes>"],
        *([token] for token in ("<turn>", "<asked>", "<heard>", "<tool>")),
        ["<turn>", FN["get_eta"]],
        ["<fn_383>"],
        [f"<fn_{'9' * 5000}>"],
    ],
    ids=lambda pieces: " ".join(pieces)[:60],
)
def test_malformed(pieces: list[str]) -> None:
    with pytest.raises(CodecError):
        decode([*pieces, END], CATALOGUE, BEFORE)


def test_a_route_that_does_not_end_is_malformed() -> None:
    with pytest.raises(CodecError):
        decode(["<route_0>"], CATALOGUE)


_PIECES = st.sampled_from(
    [*special_tokens()[-26:], *special_tokens()[:90], *special_tokens()[128:147], " on", "5", " ", "", "07:30", " mom"]
) | st.text(max_size=6)


@given(st.lists(_PIECES, max_size=8), earliers())
@settings(max_examples=400, deadline=None)
def test_whatever_was_before_anything_else_is_a_codec_error(pieces: list[str], earlier: Earlier) -> None:
    with suppress(CodecError):
        decode([*pieces, END], CATALOGUE, earlier)


@given(utterances(), earliers(), st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_output_is_a_codec_error_or_another_meaning(
    utterance: Utterance, earlier: Earlier, data: st.DataObject
) -> None:
    pieces = encode(utterance, CATALOGUE)
    assert decode(pieces, CATALOGUE, earlier) == utterance  # what was before changes no value that was said
    pieces[data.draw(st.integers(0, len(pieces) - 1))] = data.draw(_PIECES)
    with suppress(CodecError):
        decode(pieces, CATALOGUE, earlier)


# --- what stands before the utterance ---------------------------------------------------------------------------------


def test_golden_pieces_of_what_was_before() -> None:
    text = CALL("send_text_message", recipient="mom", message=EarlierRef(2, 1))
    earlier = Earlier(
        turns=(PastTurn(2, Plan.of(FIND, HALF)), PastTurn(3, Plan.of(text), declined=True)),
        asked=Plan.of(CALL("operate_trunk", action="open")),
    )
    assert encode_earlier(earlier, CATALOGUE) == [
        *("<turn>", FN["find_nearby"], " atm", FN["control_window"], "50"),
        *("<turn>", "<no>", FN["send_text_message"], " mom", "<arg_1>", "<prior>"),
        *("<asked>", FN["operate_trunk"], " open"),
    ]
    wanted = Earlier(wanted=WantedPiece("send a message", "send_text_message", "message"))
    assert encode_earlier(wanted, CATALOGUE) == [
        *("<heard>", " send a message", "<clarify>", FN["send_text_message"], "<arg_1>"),
    ]
    assert encode_earlier(NOTHING_BEFORE, CATALOGUE) == []


@given(earliers())
@settings(max_examples=100, deadline=None)
def test_each_turn_that_was_before_can_be_read_again(earlier: Earlier) -> None:
    pieces = encode_earlier(earlier, CATALOGUE)
    assert END not in pieces
    parts: list[list[str]] = []
    for piece in pieces:
        if piece in {"<turn>", "<asked>", "<heard>"}:
            parts.append([])
        else:
            parts[-1].append(piece)
    told = [Plan.of(*turn.plan.calls) for turn in earlier.turns] + [earlier.asked] * bool(earlier.asked.steps)
    for plan, part in zip(told, parts, strict=False):
        calls = part[1:] if part[0] == "<no>" else part
        assert decode([*calls, END], CATALOGUE) == plan
    if earlier.wanted is not None:
        heard, *rest = parts[-1]
        spec = CATALOGUE[earlier.wanted.function]
        assert heard == f" {earlier.wanted.words}"
        assert decode([*rest, END], CATALOGUE) == Incomplete(spec, earlier.wanted.missing)


def test_a_packs_calls_are_left_out_because_the_model_does_not_know_their_tokens() -> None:
    lamp = ApiSpec(name="set_lamp", domain="oem", doc="x", backend="can", params=(TextParam(name="hue"),))
    catalogue = Catalogue(CATALOGUE.builtin, [ApiPack(name="oem", version="1", apis=(lamp,))])
    on = catalogue.call("set_lamp", hue="red")
    both = Plan((Step(id=1, call=on), Step(id=2, call=ETA)))
    assert encode_earlier(Earlier(turns=(PastTurn(1, both),)), catalogue) == ["<turn>", FN["get_eta"]]
    alone = Earlier(turns=(PastTurn(1, Plan.of(on), declined=True),), asked=Plan.of(on))
    assert encode_earlier(alone, catalogue) == []
    assert encode_earlier(Earlier(wanted=WantedPiece("lamp", "set_lamp", "hue")), catalogue) == []


def test_golden_pieces_of_a_described_function() -> None:
    spec = ApiSpec(
        name="set_fridge",
        domain="oem",
        doc="Cool the fridge (2nd row): how cold, until when.",
        backend="can",
        params=(
            EnumParam(name="mode", values=("on", "deep_cold")),
            IntegerParam(name="level", min=1, max=5),
            NumberParam(name="power", min=0.5, max=2),
            TimeParam(name="until", default="00:00"),
            TextParam(name="note", default=""),
        ),
    )
    assert encode_tool(spec, 200) == [
        *("<tool>", "<fn_200>", " set fridge cool the fridge 2nd row how cold until when"),
        *("<arg_0>", " mode on deep cold", "<arg_1>", " level 1 to 5", "<arg_2>", " power 0.5 to 2"),
        *("<arg_3>", " until time", "<arg_4>", " note words"),
    ]
    assert encode_call(Call(spec, {"mode": "on", "level": 2, "power": 1}), CATALOGUE, token=200) == [
        *("<fn_200>", " on", "<arg_1>", "2", "<arg_2>", "1"),
    ]
    long = spec.model_copy(update={"doc": "word " * 40})
    assert encode_tool(long, 200)[2].count(" word") == 24
