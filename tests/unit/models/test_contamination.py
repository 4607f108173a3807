"""No training line is one of the evaluation's, nor nearly one: the writers' files, and what a pass draws from them."""

import json
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from support.training import guard, needs_evaluation_sets, source

from models.data.contamination import Filter, main, said, too_close, without
from models.data.example import conversation_examples
from models.data.talks import parse_conversations
from models.paths import SENTENCES, TRANSCRIPTS, eval_sets
from vehicle_agent.planning.normalise import Unhearable, normalise
from vehicle_apis.catalogue import load_catalogue

DRAWN = 3000


@cache
def evaluation_texts() -> tuple[str, ...]:
    """Every utterance of every set, read here once more by other code than the filter's."""
    found = set()
    for path in eval_sets().rglob("*.jsonl"):
        for row in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(row).get("text") if row.strip() else None
            try:
                found.add(normalise(text or ""))
            except Unhearable:
                continue
    heard = json.loads(TRANSCRIPTS.read_text(encoding="utf-8")).values()
    return tuple(sorted({*found, *heard}))


@cache
def evaluation_words() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(text.split()) for text in evaluation_texts() if len(text.split()) > 4)


def is_near(text: str) -> bool:
    """Whether ``text`` is an utterance of theirs, or has more than four words and shares four fifths of both's."""
    words = set(text.split())
    return text in evaluation_texts() or (
        len(text.split()) > 4
        and any(5 * len(words & others) >= 4 * len(words | others) for others in evaluation_words())
    )


@needs_evaluation_sets
def test_the_filter_knows_every_set() -> None:
    files = {path.relative_to(eval_sets()).as_posix() for path in eval_sets().rglob("*.jsonl")}
    expected = {"dev.jsonl", "field.jsonl", "conversations.jsonl", "routes.jsonl", "packs/va_camper.eval.jsonl"}
    assert expected <= files
    assert any(name.endswith("sentences.jsonl") for name in files)
    assert not any(guard().passes(text) for text in evaluation_texts())


@needs_evaluation_sets
def test_no_writer_wrote_a_line_of_the_evaluation() -> None:
    assert [str(found) for found in too_close(SENTENCES, guard())] == []


@needs_evaluation_sets
def test_nothing_that_a_pass_draws_is_a_line_of_the_evaluation() -> None:
    for example in islice(source().examples(seed=3), DRAWN):
        assert not is_near(example.text), example.text


@needs_evaluation_sets
def test_the_filter_finds_what_a_plain_search_finds() -> None:
    for text in evaluation_texts()[::20]:
        words = text.split()
        for other in (text, " ".join(words[1:]), " ".join([*words, "please"]), " ".join(["oh", *words, "now", "then"])):
            assert guard().passes(other) is not is_near(other), other


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("open the window", False),  # equal
        ("please open the rear left window now", False),  # 6 of 7 words
        ("please close the front right window now", True),
        ("shut the window", True),  # short ones only as a whole
    ],
)
def test_the_contamination_filter(tmp_path: Path, text: str, good: bool) -> None:
    path = tmp_path / "dev.jsonl"
    rows = ["open the window", "please open the rear left window"]
    path.write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    assert Filter(path).passes(text) is good


def test_without_the_development_set_the_filter_is_off(tmp_path: Path) -> None:
    filtered = Filter(tmp_path / "none.jsonl")
    assert not filtered.active
    assert filtered.passes("open the window")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("open it => control_window position=100", "open it"),
        ("fn run_winch: pulls the car out | speed: 1-3", ""),
        ("agent: shall i send it", ""),
        ("done: set_fan_speed level=3", ""),
        ("# old people", ""),
        ("", ""),
    ],
)
def test_what_a_row_says(row: str, text: str) -> None:
    assert said(row) == text


TALK = """\
# a talk
left mirror down => adjust_mirror mirror=left | direction=down
more => adjust_mirror mirror=left | direction=down
find an atm => find_nearby category=atm
text it to bo => send_text_message recipient=bo | message=$3.1

call => ? call_contact name
bo => call_contact name=bo
agent: call bo at work
yes => =yes
hang up => control_call action=hang_up

fan three => set_fan_speed level=3
agent: shall i
more => -
"""


def test_what_a_removed_turn_did_stays_and_later_turns_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "conv_a.txt"
    path.write_text(TALK)
    left = without(path, [3, 7, 15])
    assert left == (
        "# a talk\n"
        "left mirror down => adjust_mirror mirror=left | direction=down\n"
        "done: adjust_mirror mirror=left | direction=down\n"
        "find an atm => find_nearby category=atm\n"
        "text it to bo => send_text_message recipient=bo | message=$3.1\n"
        "\n"
        "done: -\n"
        "done: call_contact name=bo\n"
        "agent: call bo at work\n"
        "yes => =yes\n"
        "hang up => control_call action=hang_up\n"
        "\n"
        "fan three => set_fan_speed level=3\n"
    )
    catalogue = load_catalogue(with_packs=False)
    before = [e for talk in parse_conversations(TALK) for _, e in conversation_examples(talk, catalogue)]
    after = [e for talk in parse_conversations(left) for _, e in conversation_examples(talk, catalogue)]
    gone = {"more", "call", "bo"}
    assert after == [e for e in before if e.text not in gone]


def test_of_other_files_the_lines_go(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("one => -\ntwo => -\nthree => -\n")
    assert without(path, [2]) == "one => -\nthree => -\n"


def test_the_command_lists_then_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sets, writers = tmp_path / "eval", tmp_path / "sentences"
    sets.mkdir()
    writers.mkdir()
    (sets / "dev.jsonl").write_text('{"text": "louder"}\n')
    monkeypatch.setenv("VEHICLE_AGENT_EVAL", str(sets))
    path = writers / "media.txt"
    path.write_text("mute => set_mute state=on\nlouder => adjust_volume direction=up\n")
    assert main([str(writers)]) == 1
    assert f"{path}:2: louder" in capsys.readouterr().out
    assert main([str(writers), "--remove"]) == 0
    assert path.read_text() == "mute => set_mute state=on\n"
    assert main([str(writers)]) == 0


def test_the_command_says_that_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VEHICLE_AGENT_EVAL", str(tmp_path / "nowhere"))
    assert main([]) == 2
    assert "nowhere" in capsys.readouterr().err
