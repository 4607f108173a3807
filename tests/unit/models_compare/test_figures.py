"""Shares, slices, mistakes, the confidence's worth, and the page made of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.compare_rows import BOTH, CATALOGUE, FAN, HORN, LABELS, LOCK, Scripted, label, plan, row

from models.compare.answers import Answer, Row, evenly, rows
from models.compare.confidence import auc, coverage_curve, trust
from models.compare.process import Footprint
from models.compare.prompting import Contest, Pair, Prompting
from models.compare.sets import EvalSet, Kind
from models.compare.shares import Share, mistakes, slices
from models.compare.special import heeding
from models.compare.study import Made, Study, plain, study_of
from models.compare.summary import summarise
from models.compare.sweep import sweep
from models.compare.tables import rare, share, table, wrapped
from models.compare.word_errors import Confuser
from vehicle_apis.codec import Incomplete, Refusal

UNLOCK = plan("set_door_locks", state="unlock")
ROWS = [
    row(FAN, FAN.plan, 0.9),
    row(LOCK, UNLOCK, 0.4),
    row(BOTH, FAN.plan, 0.6),
    row(HORN, Refusal(), 0.8),
]


def test_wilson_intervals_as_published() -> None:
    # Newcombe 1998, table 1: 81 of 263 and 0 of 20
    found = Share.of([True] * 81 + [False] * 182)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    none = Share.of([False] * 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)


def test_shares_as_text() -> None:
    half = Share.of([True, False])
    assert share(half) == "50.0 (9.5-90.5)"
    assert rare(half) == "1 of 2 = 50.0, at most 90.5"
    assert share(Share.of([])) == rare(Share.of([])) == "-"
    assert table(("a", "b"), [(1, 2)]) == "| a | b |\n|---|---:|\n| 1 | 2 |"


def test_slices_overlap_and_pool_plans() -> None:
    found = {s.title: (s.exact.k, s.exact.n, s.unwanted.k) for s in slices(ROWS)}
    assert found == {
        "all": (2, 4, 1),
        "single call": (1, 2, 1),
        "several calls": (0, 1, 0),
        "several calls: 2": (0, 1, 0),
        "plans (several + nested)": (0, 1, 0),
        "to be refused": (1, 1, 0),
    }


def test_mistakes_pair_what_is_missing_with_what_is_too_much() -> None:
    horn = row(HORN, plan("set_mute", state="on"))
    pairs = {(m.wanted, m.got): m.lines for m in mistakes([*ROWS, horn])}
    assert pairs == {("set_door_locks", "nothing"): 1, ("nothing", "set_mute"): 1}


def test_an_unsure_plan_counts_as_a_question_and_is_scored_apart() -> None:
    asks = Incomplete(CATALOGUE["set_fan_speed"], "confirmation")
    asked = Row.of(FAN, Answer(utterance=FAN.plan, asks=asks, confidence=0.2))
    found = summarise("x", [asked])
    assert (found.exact.k, found.exact_if_confirmed.k, found.asked.k, found.wrong_refusal.k) == (0, 1, 1, 1)
    wrong = Row.of(LOCK, Answer(utterance=UNLOCK, asks=asks, confidence=0.2))
    in_use = trust([asked, wrong]).in_use
    assert in_use is not None
    assert (in_use.asked, in_use.left) == (1, 0)


def test_area_under_the_curve() -> None:
    assert auc([0.9, 0.8], [0.1]).auc == 1.0
    assert auc([0.5, 0.9], [0.5, 0.1]).auc == pytest.approx(0.875)
    assert auc([], [0.1]).auc is None


def test_coverage_keeps_ties_together_and_ends_at_everything() -> None:
    points = coverage_curve([row(FAN, FAN.plan, 0.9), row(LOCK, UNLOCK, 0.9), row(HORN, Refusal(), 0.1)])
    assert [(round(p.x, 2), round(p.y, 2)) for p in points] == [(0.67, 0.5), (1.0, 0.67)]


def test_questions_trade_right_commands_for_unwanted_actions() -> None:
    worth = trust(ROWS)
    # one right command (0.9) and one unwanted action (0.4): asking below 0.9 costs nothing and leaves none
    assert {(w.asked, w.left, w.unwanted) for w in worth.working} == {(0, 0, 1)}
    assert worth.unwanted_or_right.auc == 1.0
    assert worth.in_use is None


def test_lines_are_chosen_evenly() -> None:
    assert evenly(LABELS, 2) == [FAN, BOTH]
    assert evenly(LABELS, 9) == list(LABELS)


SET = EvalSet(name="dev", title="Single sentences", kind=Kind.LABELLED, files={"set.jsonl": "0" * 64}, labels=LABELS)


def study() -> Study:
    ours = Scripted("this planner", {one.text: Answer(utterance=one.plan, ms=5.0) for one in LABELS})
    other = Scripted("another", {FAN.text: Answer(utterance=FAN.plan, ms=1.0)})
    said: list[str] = []
    clean = {a.name: rows(a, LABELS, said.append) for a in (ours, other)}
    confuser = Confuser({"fan": [("F", "AE", "N")], "van": [("V", "AE", "N")]}, {"fan": 5.0, "van": 5.0})
    pair = Pair.of(ROWS)
    return Study(
        made=Made(
            date="2026-01-02", machine="a computer", threads=2, load_average=0.1, main_set="dev",
            files={"set.jsonl": "0" * 64}, lines=len(LABELS), model_name="m.gguf", model_sha256="1" * 64, model_mb=54.7,
            catalogue_hash="2" * 64, functions=84, calibrated=True, ask_below=0.4, ignore_below=0.1,
        ),
        sets=[study_of(SET, ROWS, [summarise("another", clean["another"])])],
        ours=summarise("this planner", ROWS),
        footprint=Footprint(load_ms=300.0, peak_mib=150.0, before_mib=60.0),
        trust=trust(ROWS),
        heeding=heeding([replace(r, answer=replace(r.answer, meant=r.answer.confidence)) for r in ROWS], 0.1),
        baselines=[summarise("another", clean["another"])],
        prompting=Prompting(
            contests=[Contest(title="all", ours=pair, theirs=pair, factor=1.0, context_share=1.0)],
            retrieved=Share.of([True]), named=Share.of([False]), file_mb=253.0,
            footprint=Footprint(load_ms=1.0, peak_mib=None, before_mib=None),
        ),
        levels=sweep([ours, other], clean, LABELS, confuser, said.append),
        templates=641,
        neighbours=20_000,
    )  # fmt: skip


def test_the_sweep_has_every_answerer_at_every_rate() -> None:
    levels = study().levels
    assert [(level.name, level.rate) for level in levels[:4]] == [
        ("this planner", 0.0), ("another", 0.0), ("this planner", 0.05), ("another", 0.05),
    ]  # fmt: skip
    assert len(levels) == 8
    assert levels[0].exact == 1.0
    assert levels[-2].exact_range[0] <= levels[-2].exact <= levels[-2].exact_range[1]
    assert levels[-1].word_errors > 0


def test_the_page_names_its_figures_and_images_and_no_sentence_of_the_set() -> None:
    from models.compare.page import page_text

    text = page_text(study(), "evaluation.json", "errors.md", ["a.svg", "b.svg"])
    for wanted in (
        "images/a.svg",
        "images/b.svg",
        "(evaluation.json)",
        "(errors.md)",
        "2026-01-02",
        "a computer",
        "641 templates",
        "0.10 (in use)",
    ):
        assert wanted in text
    assert not any(one.text in text for one in LABELS)
    assert "None" not in text.replace("None.", "")


def test_the_figures_are_plain_json() -> None:
    assert json.loads(json.dumps(plain(study())))["ours"]["exact"]["n"] == 4


def test_plots_are_small_and_transparent(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from models.compare.plots import draw

    for name in draw(study(), tmp_path, "evaluation"):
        svg = (tmp_path / name).read_text(encoding="utf-8")
        assert svg.lstrip().startswith("<?xml")
        assert len(svg) < 100_000


def test_the_page_of_errors_names_lines_by_set_and_id_alone() -> None:
    from models.compare.errors_page import errors_text

    text = errors_text(study(), "evaluation.md")
    assert "(evaluation.md)" in text
    assert "| wrong place or direction | 1 | 1 |" in text
    assert "| a part of the request left out | 1 | 1 |" in text
    assert "`set_door_locks(state=unlock)`" in text


def test_tags_without_a_title_are_slices_of_their_own() -> None:
    revoked = row(label("fan to two no leave it", tags=("refuse", "missing_equipment")), Refusal())
    found = {s.title: s.exact.n for s in slices([*ROWS, revoked])}
    assert (found["to be refused"], found["missing equipment"]) == (2, 1)
    assert "steps:2" not in found


def test_the_sweep_takes_fewer_seeds_where_it_would_take_too_long() -> None:
    confuser = Confuser({"fan": [("F", "AE", "N")], "van": [("V", "AE", "N")]}, {"fan": 5.0, "van": 5.0})
    slow = Scripted("slow", {one.text: Answer(utterance=one.plan, ms=60_000.0) for one in LABELS})
    said: list[str] = []
    sweep([slow], {"slow": rows(slow, LABELS, said.append)}, LABELS, confuser, said.append)
    assert "word errors 5%, seeds (1,)" in said


def test_blocks_are_parted_by_one_empty_line() -> None:
    assert wrapped("a\n\n\n\n## b\n\n| c |") == "a\n\n## b\n\n| c |"
