"""Sets by the names of their files: what is read, what is left out, and how each is scored."""

import json
from pathlib import Path

import pytest

from models.compare import sets
from models.compare.answers import Answer, Row
from models.compare.errors import CompareError
from models.compare.sets import Kind, read_sets
from models.compare.special import decisions
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete, Refusal

CATALOGUE = load_catalogue(with_packs=False)
MUTE = {"id": 1, "name": "set_mute", "arguments": {"state": "on"}}
JACKS = {"id": 1, "name": "control_jacks", "arguments": {"action": "level"}}


def write(path: Path, *lines: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"id": str(n), "tags": [], **line}) + "\n" for n, line in enumerate(lines)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "dev.jsonl", {"text": "mute it", "calls": [MUTE], "tags": ["single"]})
    write(
        tmp_path / "conversations.jsonl",
        {"text": "mute it", "calls": [MUTE], "dialogue": "a", "turn": 1},
        {"text": "thanks", "dialogue": "a", "turn": 2},
        {"text": "mute it", "calls": [MUTE], "dialogue": "b", "turn": 1},
        {"text": "yes", "dialogue": "b", "turn": 2, "asked": "shall i", "answer": "yes"},
    )
    write(tmp_path / "routes.jsonl", {"text": "how do i park", "route": {"to": "manual", "query": "parking"}})
    packs = tmp_path / "packs"
    write(packs / "va_camper" / "va_camper" / "sentences.jsonl", {"text": "made by its maker", "calls": [JACKS]})
    write(
        packs / "va_camper.eval.jsonl",
        {"text": "jacks down", "calls": [JACKS], "tags": ["single", "indirect"]},
        {"text": "jacks down and mute it", "calls": [JACKS, {**MUTE, "id": 2}]},
        {"text": "the jacks should", "clarify": {"name": "control_jacks", "missing": "action"}},
    )
    write(packs / "va_trailer.eval.jsonl", {"text": "gain to four", "calls": [{**JACKS, "name": "set_gain"}]})
    write(packs / "va_camper.eval_builtin.jsonl", {"text": "mute it", "calls": [MUTE]})
    write(tmp_path / "barista" / "labels.jsonl", {"clip": "one.wav"}, {"clip": "unheard.wav"})
    monkeypatch.setattr(sets, "transcripts", lambda: {"one.wav": "an oat latte please"})
    return tmp_path


def test_a_folder_holds_its_sets_in_a_fixed_order(folder: Path) -> None:
    found = read_sets([folder])
    assert [(s.name, s.kind, len(s.labels), s.left_out) for s in found] == [
        ("dev", Kind.LABELLED, 1, 0),
        ("conversations", Kind.CONVERSATIONS, 4, 0),
        ("routes", Kind.ROUTES, 1, 0),
        ("near-packs", Kind.LABELLED, 1, 0),
        ("absent", Kind.ABSENT, 3, 1),
        ("voices", Kind.VOICES, 1, 1),
    ]
    absent = next(s for s in found if s.name == "absent")
    assert set(absent.files) == {"va_camper.eval.jsonl", "va_trailer.eval.jsonl"}
    assert [label.tags for label in absent.labels] == [
        ("refuse", "camper", "indirect"), ("refuse", "camper"), ("refuse", "trailer"),
    ]  # fmt: skip
    assert [label.text for label in found[-1].labels] == ["an oat latte please"]


def test_at_equipment_that_is_absent_nothing_may_be_done_or_asked(folder: Path) -> None:
    (absent,) = read_sets([folder / "packs" / "va_trailer.eval.jsonl"])
    (label,) = absent.labels
    muted = Answer(utterance=Plan.of(CATALOGUE.call("set_mute", state="on")))
    asked = Answer(utterance=Incomplete(CATALOGUE["set_timer"], "minutes"))
    assert Row.of(label, Answer(utterance=Refusal())).score.exact
    assert not Row.of(label, asked).score.exact
    assert Row.of(label, muted).score.opposite


def test_files_may_be_given_one_by_one_under_names_of_their_own(folder: Path) -> None:
    write(folder / "mine.jsonl", {"text": "mute it", "calls": [MUTE]})
    found = read_sets([folder / "mine.jsonl", folder / "dev.jsonl"])
    assert [(s.name, s.title) for s in found] == [("dev", "Single sentences"), ("mine", "mine")]


def test_a_quick_look_keeps_conversations_whole(folder: Path) -> None:
    found = {s.name: s for s in read_sets([folder], quick=2)}
    assert [label.spoken.dialogue for label in found["conversations"].labels] == ["a", "a"]
    assert len(found["absent"].labels) == 2


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("dev.jsonl", {"text": "x", "calls": [{"id": 1, "name": "fly"}]}),
        ("va_x.eval.jsonl", {"calls": [JACKS]}),
        ("labels.jsonl", {"slots": {}}),
    ],
)
def test_bad_lines_are_named_with_their_file(tmp_path: Path, name: str, line: dict[str, object]) -> None:
    write(tmp_path / name, line)
    with pytest.raises(CompareError, match=rf"{name}, line 1"):
        read_sets([tmp_path / name])


def test_a_folder_without_sets(tmp_path: Path) -> None:
    with pytest.raises(CompareError, match="no labelled sets"):
        read_sets([tmp_path])


def test_there_is_a_transcript_for_recordings() -> None:
    texts = sets.transcripts()
    assert len(texts) > 100
    assert all(clip.endswith(".wav") and text == text.lower() for clip, text in texts.items())


def test_decisions_of_nothing() -> None:
    assert decisions([]).acted.n == 0
