"""Functions known by description alone: the writers' invented ones, and the episodes made of them."""

from itertools import pairwise
from random import Random

import pytest
from support.calls import CATALOGUE
from support.training import source

from models.data.episodes import FIRST_SPARE, Episodes
from models.data.lines import BadLine, Line, parse_line
from models.data.tools import Invented, parse_function, parse_invented
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import encode, encode_call, encode_tool
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import EnumParam, IntegerParam, TextParam
from vehicle_apis.tokens import N_FUNCTION_TOKENS, TOOL

WINCH = "fn run_winch: pull the car out | direction: in, let out (in) | speed: 1-3 (2)"
TEXT = f"""\
{WINCH}
winch in fast => run_winch speed=3
let some line out => run_winch direction=let_out
open the window => control_window position=100
wind something => ? run_winch direction

fn show_sign: words on the roof | words: text
sign says taxi => show_sign words=taxi
"""


def winch() -> Invented:
    return next(parse_invented(TEXT, "inv.txt"))


def test_a_block_is_a_function_and_its_lines() -> None:
    first, second = parse_invented(TEXT, "inv.txt")
    assert [known.spec.name for known in (first, second)] == ["run_winch", "show_sign"]
    assert [len(known.lines) for known in (first, second)] == [4, 1]
    direction, speed = first.spec.params
    assert isinstance(direction, EnumParam)
    assert isinstance(speed, IntegerParam)
    assert isinstance(second.spec.params[0], TextParam)
    assert (direction.values, direction.default) == (("in", "let_out"), "in")
    assert (speed.min, speed.max, speed.default) == (1, 3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "fn run_winch pulls",
        "fn : pulls",
        "fn run_winch: pulls | speed: 3-1",
        "fn run_winch: pulls | direction: in, out (up)",
        "fn run_winch: pulls | speed: 1-3 (7)",
        f"{WINCH}\nwinch in",
        f"{WINCH}\nwinch in => run_winch speed",
    ],
)
def test_bad_blocks_are_named_with_their_file(text: str) -> None:
    with pytest.raises(BadLine, match=r"inv\.txt"):
        list(parse_invented(text, "inv.txt"))


def test_a_function_without_a_sentence_is_none() -> None:
    with pytest.raises((BadLine, VehicleApiError)):
        parse_function("fn run_winch")


def episodes(*known: Invented) -> Episodes:
    return Episodes(CATALOGUE, known)


def spare_tokens(before: tuple[str, ...]) -> list[int]:
    """The tokens that are described, in their order."""
    return [int(piece.removeprefix("<fn_").removesuffix(">")) for lead, piece in pairwise(before) if lead == TOOL]


@pytest.mark.parametrize("seed", range(20))
def test_an_invented_function_is_called_by_the_token_it_is_described_under(seed: int) -> None:
    known, other = parse_invented(TEXT, "inv.txt")
    example = episodes(known, other).of_invented(known, known.lines[0], Random(seed))
    tokens = spare_tokens(example.before)
    assert len(set(tokens)) == len(tokens)
    assert all(FIRST_SPARE <= token < N_FUNCTION_TOKENS for token in tokens)
    (used,) = [t for t in tokens if example.pieces[0] == f"<fn_{t}>"]
    described = encode_tool(known.spec, used)
    at = example.before.index(f"<fn_{used}>") - 1
    assert list(example.before[at : at + len(described)]) == described
    wanted = Call(known.spec, known.spec.bind_words({"speed": "3"}))
    assert list(example.pieces[:-1]) == encode_call(wanted, CATALOGUE, token=used)


def test_beside_an_invented_function_what_the_car_has_keeps_its_token() -> None:
    known = winch()
    example = episodes(known).of_invented(known, known.lines[2], Random(1))
    assert example.pieces == tuple(encode(Plan.of(CATALOGUE.call("control_window", position=100)), CATALOGUE))


def test_a_question_for_something_missing_names_the_described_token() -> None:
    known = winch()
    example = episodes(known).of_invented(known, known.lines[3], Random(1))
    assert example.pieces[0] == "<clarify>"
    assert example.pieces[1] in {f"<fn_{t}>" for t in spare_tokens(example.before)}
    assert example.pieces[2] == "<arg_0>"


def test_of_two_functions_of_one_name_the_lines_own_is_described() -> None:
    known = winch()
    (other,) = parse_invented("fn run_winch: another | force: 1-9\ngo => run_winch force=4\n")
    for seed in range(40):
        example = episodes(other).of_invented(known, known.lines[0], Random(seed))
        assert any("pull the car out" in piece for piece in example.before)


@pytest.mark.parametrize("seed", range(10))
def test_a_real_function_may_be_described_as_if_it_were_new(seed: int) -> None:
    line = parse_line("twenty one for the passenger => set_climate_temperature temperature=21 | zone=passenger")
    example = episodes(winch()).of_real(line, Random(seed))
    assert int(example.pieces[0].removeprefix("<fn_").removesuffix(">")) in spare_tokens(example.before)
    assert example.pieces[1:] == ("21", "<arg_1>", " passenger", "<end>")


def test_beside_descriptions_that_are_not_named_a_line_means_the_same() -> None:
    for seed in range(20):
        example = episodes(winch()).beside(parse_line("mute => set_mute state=on"), Random(seed))
        assert example.pieces == tuple(encode(Plan.of(CATALOGUE.call("set_mute", state="on")), CATALOGUE))
        assert spare_tokens(example.before)


def test_a_function_that_a_line_names_is_not_described_beside_it() -> None:
    for seed in range(20):
        assert episodes(winch()).beside(Line("pull us out with the winch"), Random(seed)).before == ()


def test_the_writers_lines_of_invented_functions_are_valid() -> None:
    read = source()
    rng = Random(2)
    made = [
        episodes(known).of_invented(known, line, rng)
        for known in (*read.invented, *read.held_out_invented)
        for line in known.lines
    ]
    assert len(made) > 300
