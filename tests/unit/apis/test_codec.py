"""Pieces and plans: there and back, and no malformed output but a CodecError."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import CATALOGUE, SPECS, calls, utterances

from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Utterance, decode, encode, encode_call, number_text, prompt
from vehicle_apis.errors import CodecError
from vehicle_apis.ref import Ref
from vehicle_apis.spec import ApiSpec
from vehicle_apis.tokens import END, fn_token, special_tokens


@given(utterances())
@settings(max_examples=400)
def test_there_and_back(utterance: Utterance) -> None:
    pieces = encode(utterance, CATALOGUE)
    assert pieces[-1] == END
    assert pieces.count(END) == 1
    assert decode(pieces, CATALOGUE) == utterance


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
@given(data=st.data())
@settings(max_examples=12)
def test_there_and_back_for_every_function(spec: ApiSpec, data: st.DataObject) -> None:
    call = data.draw(calls(spec))
    again = decode([*encode_call(call, CATALOGUE), END], CATALOGUE)
    assert again == Plan.of(call)
    # defaults are not written: writing what was decoded changes nothing
    assert encode(again, CATALOGUE) == [*encode_call(call, CATALOGUE), END]


_PIECES = st.sampled_from(
    [*special_tokens(), " on", " off", "on", "5", "21.5", "-1", "nan", "inf", "1e400", "1_0", "", " ", "07:30", "25:00"]
) | st.text(max_size=6)


@given(st.lists(_PIECES, max_size=8))
@settings(max_examples=600)
def test_anything_else_is_a_codec_error(pieces: list[str]) -> None:
    try:
        utterance = decode(pieces, CATALOGUE)
    except CodecError:
        return
    expected = Refusal() if utterance == Plan() else utterance  # a bare <end> is read as nothing to do
    assert decode(encode(utterance, CATALOGUE), CATALOGUE) == expected


@given(utterances(), st.data())
@settings(max_examples=400)
def test_a_damaged_output_is_a_codec_error_or_another_valid_plan(utterance: Utterance, data: st.DataObject) -> None:
    pieces = encode(utterance, CATALOGUE)
    at = data.draw(st.integers(0, len(pieces) - 1))
    match data.draw(st.sampled_from(["drop", "twice", "replace", "cut"])):
        case "drop":
            pieces = pieces[:at] + pieces[at + 1 :]
        case "twice":
            pieces = [*pieces[: at + 1], *pieces[at:]]
        case "replace":
            pieces[at] = data.draw(_PIECES)
        case _:
            pieces = pieces[:at]
    with suppress(CodecError):
        decode(pieces, CATALOGUE)


FN = {s.name: fn_token(CATALOGUE.token_index(s.name)) for s in SPECS}


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [""],
        ["<refuse>"],
        ["<refuse>", "<end>", "<end>"],
        ["<end>", "<end>"],
        ["<refuse>", FN["get_time"], "<end>"],
        ["<clarify>", "<end>"],
        ["<clarify>", FN["get_time"], "<arg_0>", "<end>"],
        ["<clarify>", FN["set_volume"], "<arg_0>", "<arg_1>", "<end>"],
        [FN["get_time"]],
        [FN["get_time"], "<arg_0>", " x", "<end>"],
        ["get_time", "<end>"],
        ["<fn_127>", "<end>"],
        ["<fn_128>", "<end>"],
        ["<fn_99999999999999999999>", "<end>"],
        [FN["set_volume"], "<end>"],
        [FN["set_volume"], "101", "<end>"],
        [FN["set_volume"], "5.5", "<end>"],
        [FN["set_volume"], "nan", "<end>"],
        [FN["set_volume"], "inf", "<end>"],
        [FN["set_volume"], "1e400", "<end>"],
        [FN["set_volume"], "<end>", "<end>"],
        [FN["set_volume"], "<ref_1>", "<end>"],
        [FN["set_volume"], "5", "<arg_0>", "6", "<end>"],
        [FN["set_volume"], "5", "<arg_1>", " media", "<arg_1>", " phone", "<end>"],
        [FN["set_volume"], "5", "<arg_1>", "<end>"],
        [FN["set_volume"], "5", "<arg_7>", " media", "<end>"],
        [FN["set_volume"], "5", "<arg_1>", " nowhere", "<end>"],
        [FN["navigate_to"], "<ref_1>", "<end>"],
        [FN["navigate_to"], " home", FN["navigate_to"], "<ref_1>", "<end>"],
        [FN["navigate_to"], "<ref_0>", "<end>"],
        [FN["find_nearby"], " atm", FN["navigate_to"], "<ref_2>", "<end>"],
        [FN["set_alarm"], "25:00", "<end>"],
        [FN["dial_number"], " 12x", "<end>"],
        [FN["play_media"], "   ", "<end>"],
        [FN["play_media"], " x" * 600, "<end>"],
        [*([FN["get_time"]] * 9), "<end>"],
    ],
)
def test_malformed(pieces: list[str]) -> None:
    with pytest.raises(CodecError):
        decode(pieces, CATALOGUE)


def test_golden_pieces() -> None:
    call = CATALOGUE.call
    plan = Plan.of(call("find_nearby", category="gas_station"), call("navigate_to", destination="$1", route="eco"))
    assert encode(plan, CATALOGUE) == [
        *(FN["find_nearby"], " gas station"),
        *(FN["navigate_to"], "<ref_1>", "<arg_1>", " eco", "<end>"),
    ]
    assert encode(Refusal(), CATALOGUE) == encode(Plan(), CATALOGUE) == ["<refuse>", "<end>"]
    assert decode(["<end>"], CATALOGUE) == Plan()
    missing = Incomplete(CATALOGUE["call_contact"], "name")
    assert encode(missing, CATALOGUE) == ["<clarify>", FN["call_contact"], "<arg_0>", "<end>"]
    warmer = call("adjust_climate_temperature", direction="up", amount=0.5)
    assert encode_call(warmer, CATALOGUE) == [FN["adjust_climate_temperature"], " up", "<arg_1>", "0.5"]
    # a first parameter with a default needs its marker
    assert encode_call(call("set_seat_heating", level=3), CATALOGUE) == [FN["set_seat_heating"], "<arg_0>", "3"]
    assert decode([FN["navigate_to"], " x", "<arg_1>", " eco", "<end>"], CATALOGUE) == Plan.of(
        call("navigate_to", destination="x", route="eco")
    )


def test_number_text_and_prompt() -> None:
    assert [number_text(v) for v in (21, 21.0, 0.5, 86)] == ["21", "21", "0.5", "86"]
    assert prompt("  open   the\twindow ") == " open the window\n"


@given(calls())
def test_a_call_is_equal_to_itself_written_out(call: Call) -> None:
    again = CATALOGUE.call(call.name, **call.arguments)
    assert again == call
    assert hash(again) == hash(call)
    assert CATALOGUE.call(call.name, **call.spoken_arguments()) == call
    assert call != Ref(1)
    assert call.name in str(call)
