"""A pass of training examples: reproducible, balanced, without the writers who are held out, labels intact."""

from collections import Counter
from itertools import islice
from random import Random

import pytest
from support.training import source

from models.data.augment import compound, speak
from models.data.example import to_example
from models.data.generate import HELD_OUT_WRITERS, MAX_REPEAT, balanced
from models.data.lines import BadLine, Line, parse_line, read_lines
from models.data.slots import fill, load_lexicons
from models.paths import SENTENCES
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Routed, decode, encode
from vehicle_apis.earlier import Earlier

CATALOGUE = load_catalogue(with_packs=False)
SAMPLE = 1500


@pytest.mark.parametrize(
    "row",
    [
        "no arrow", "=> -", "text => ", "text => ? ", "text => ? a b c", "text => =perhaps", "text => > talk",
        "text => > nobody: words", "text => set_mute state", "text => set_mute state=on ; set_mute on",
    ],
)  # fmt: skip
def test_bad_lines(row: str) -> None:
    with pytest.raises(BadLine):
        parse_line(row)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("a => > knowledge: b c", Line("a", route=("knowledge", "b c"))),
        ("a => =cancel", Line("a", answer="cancel")),
        ("a => ? call_contact", Line("a", clarify=("call_contact", ""))),
    ],
)
def test_lines_without_calls(row: str, line: Line) -> None:
    assert parse_line(row) == line


def test_a_route_may_follow_calls() -> None:
    line = parse_line("fogs on and when do i need them => set_fog_lights state=on ; > manual: when to use fog lights")
    assert [call.name for call in line.calls] == ["set_fog_lights"]
    assert line.route == ("manual", "when to use fog lights")


def test_routes_outlive_slots_and_speech() -> None:
    line = parse_line("how far is {city} please => > knowledge: how far is {city}")
    rng = Random(5)
    texts = set()
    for _ in range(300):
        filled = fill(line, load_lexicons(), rng)
        spoken = speak(filled, rng)
        texts.add(spoken.text)
        assert spoken.route == filled.route
        assert filled.route is not None
        assert filled.route[0] == "knowledge"
        assert "{" not in filled.route[1]
        assert filled.route[1].removeprefix("how far is ") in filled.text
    assert len(texts) > 100


def test_answers_and_questions_outlive_speech() -> None:
    rng = Random(2)
    for row in ("yeah go on then => =yes", "ring => ? call_contact name"):
        line = parse_line(row)
        for _ in range(100):
            spoken = speak(line, rng)
            assert (spoken.answer, spoken.clarify) == (line.answer, line.clarify)


def test_talk_is_routed_without_its_words_and_the_others_with_them() -> None:
    talk = to_example(parse_line("good morning => > talk: good morning"), CATALOGUE)
    assert talk.pieces == ("<route_2>", "<end>")
    asked = to_example(parse_line("what's that light => > manual: orange light"), CATALOGUE)
    assert asked.pieces == ("<route_0>", " orange light", "<end>")
    meaning = decode(asked.pieces, CATALOGUE)
    assert meaning == Routed("manual", "orange light")
    assert tuple(encode(meaning, CATALOGUE)) == asked.pieces


def test_the_same_seed_gives_the_same_pass() -> None:
    first, again, other = (list(islice(source().examples(seed), SAMPLE)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_rare_functions_come_up_to_three_times_and_every_line_once() -> None:
    common = [Line(f"common {i}", (parse_line("x => get_time").calls[0],)) for i in range(300)]
    middle = [Line(f"middle {i}", (parse_line("x => get_eta").calls[0],)) for i in range(60)]
    rare = [Line("rare", (parse_line("x => undo_last_action").calls[0],))]
    counts = Counter(line.text for line in balanced([*common, *middle, *rare], Random(1)))
    assert counts["rare"] == MAX_REPEAT
    assert {counts[line.text] for line in common} == {1}
    assert counts.keys() == {line.text for line in (*common, *middle, *rare)}


def test_nothing_of_the_writers_held_out_is_trained_on() -> None:
    read = source()
    there = [SENTENCES / name for name in HELD_OUT_WRITERS if (SENTENCES / name).is_dir()]
    assert there
    apart = {line.text for folder in there for line in read_lines(folder)}
    assert {line.text for line in read.held_out_writers} == apart
    others = {line.text for f in SENTENCES.iterdir() if f.name not in HELD_OUT_WRITERS for line in read_lines(f)}
    assert {line.text for line in read.train} <= others
    assert not any(line.held_out for line in read.train)
    talks = {tuple(t.line.text for t in talk) for talk in read.held_out_conversations}
    assert talks
    assert not talks & {tuple(t.line.text for t in talk) for talk in read.conversations}
    assert not {known.spec.name for known in read.held_out_invented if known in read.invented}


def test_a_pass_holds_every_kind_of_example() -> None:
    drawn = list(islice(source().examples(seed=4), 4000))
    starts = Counter(example.pieces[0] for example in drawn)
    before = Counter(example.before[0] for example in drawn if example.before)
    assert {
        "<refuse>",
        "<clarify>",
        "<yes>",
        "<no>",
        "<cancel>",
        "<route_0>",
        "<route_1>",
        "<route_2>",
    } <= starts.keys()
    assert {"<turn>", "<asked>", "<heard>", "<tool>"} <= before.keys()
    written = Counter(piece for example in drawn for piece in example.pieces)
    assert min(written["<more>"], written["<less>"], written["<prior>"], written["<ref_1>"]) > 5


def test_what_a_pass_writes_can_be_read() -> None:
    """By the codec itself, where the functions are known and nothing was before."""
    alone = [e for e in islice(source().examples(seed=9), SAMPLE) if not e.before]
    for example in alone:
        decode(example.pieces, CATALOGUE, Earlier())
    assert len(alone) > SAMPLE // 3


def test_a_compound_keeps_the_order_and_drops_a_second_please() -> None:
    first, second = parse_line("mute => set_mute state=on"), parse_line("please lock up => set_door_locks state=lock")
    joined = compound([first, second], Random(3))
    assert [call.name for call in joined.calls] == ["set_mute", "set_door_locks"]
    assert joined.text.startswith("mute ")
    assert joined.text.endswith(" lock up")
    assert "please please" not in joined.text
