"""Fitting how far plans can be trusted: on made-up runs whose truth is known."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from support.calls import CATALOGUE
from support.fakes import call

from models.calibrate import (
    Case,
    auc,
    calibrate,
    chosen_threshold,
    curve,
    fit,
    held_apart,
    is_unwanted,
    log_loss,
    main,
    reliability,
)
from vehicle_agent.planning.confidence import FEATURES, Calibration, DecodeStatistics
from vehicle_agent.planning.planner import Planned
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.ref import Ref

FIND, ETA = call("find_nearby", category="atm"), call("get_eta")
GO = call("navigate_to", destination=Ref(1))
CALL = Incomplete(CATALOGUE["call_contact"], "name")
FAN = Plan.of(call("set_fan_speed", level=3))


@pytest.mark.parametrize(
    ("label", "got", "unwanted"),
    [
        (FAN, Plan.of(call("set_fan_speed", level=5)), False),
        (FAN, Plan.of(call("set_volume", level=5)), True),
        (Plan.of(call("set_fog_lights", state="on")), Plan.of(call("set_fog_lights", state="off")), True),
        (Refusal(), Plan.of(ETA), False),
        (Refusal(), FAN, True),
        (FAN, Refusal(), False),
    ],
)
def test_is_unwanted(label: Utterance, got: Utterance, unwanted: bool) -> None:
    assert is_unwanted(label, got) is unwanted


def made_up(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, truth by a known rule, and groups of four."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) * np.array([1.0, 5.0, 0.1]) + 2.0
    p = 1 / (1 + np.exp(-(1.5 * (x[:, 0] - 2.0) + 0.5)))
    return x, (rng.random(n) < p).astype(np.float64), np.arange(n) // 4


def test_the_fit_finds_the_rule() -> None:
    x, y, _ = made_up(8000)
    found = fit(x, y, 1.0)
    assert found.weights[0] / found.scale[0] == pytest.approx(1.5, abs=0.15)
    assert abs(found.weights[1]) < 0.1
    p = found.probabilities(x)
    assert p.mean() == pytest.approx(y.mean(), abs=0.005)  # the bias is not shrunk
    assert log_loss(p, y) < log_loss(np.full(len(y), y.mean()), y)


def test_ridge_shrinks() -> None:
    x, y, _ = made_up(400)
    assert abs(fit(x, y, 1000.0).weights[0]) < abs(fit(x, y, 0.1).weights[0]) / 2


def test_a_feature_that_never_varies_does_no_harm() -> None:
    x, y, _ = made_up(200)
    x[:, 2] = 7.0
    assert np.isfinite(fit(x, y, 1.0).probabilities(x)).all()


def test_variants_of_a_line_stay_together() -> None:
    """Each group carries its own answer; who saw one of its variants would know the others'."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(60), 5)
    answer = rng.random(60) < 0.5
    x = np.eye(60)[groups]
    y = answer[groups].astype(np.float64)
    assert auc(held_apart(x, y, groups, 0.1, 1), y) < 0.75
    mixed = rng.permutation(np.arange(300))
    assert auc(held_apart(x, y, mixed, 0.1, 1), y) > 0.95


def test_auc() -> None:
    y = np.array([1.0, 1.0, 0.0, 0.0])
    assert auc(np.array([0.9, 0.8, 0.2, 0.1]), y) == 1.0
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), y) == 0.5
    assert auc(np.array([0.9, 0.1, 0.5, 0.2]), y) == 0.5
    assert math.isnan(auc(np.array([0.5]), np.array([1.0])))


def case(p: float, *, right: bool, unwanted: bool = False, group: int = 0, reads: bool = False) -> Case:
    return Case(
        group=group,
        text="x",
        planned=Planned(
            heard="x", utterance=Plan.of(ETA) if reads else FAN, statistics=DecodeStatistics(least=p, first=p)
        ),
        right=right,
        unwanted=unwanted,
    )


def test_what_asking_costs_and_saves() -> None:
    cases = [
        case(0.95, right=True),
        case(0.6, right=True),
        case(0.5, right=False, unwanted=True),
        case(0.8, right=False),
        case(0.1, right=False, reads=True),  # never asked about
    ]
    p = np.array([c.planned.statistics.least for c in cases])
    points = curve(cases, p, (0.0, 0.55, 0.7, 0.9))
    assert [(q.right_asked, q.unwanted_left, q.wrong_left) for q in points] == [
        (0.0, 1, 2),
        (0.0, 0, 1),
        (0.5, 0, 1),
        (0.5, 0, 0),
    ]
    assert chosen_threshold(points, 0.02) == 0.55
    assert chosen_threshold(points, 0.5) == 0.9
    assert chosen_threshold([], 0.5) == 0.0


def test_the_table_leaves_nothing_out() -> None:
    x, y, groups = made_up(500)
    p = held_apart(x, y, groups, 1.0, 1)
    rows = reliability(p, y).splitlines()[1:]
    assert sum(int(row.split()[3]) for row in rows) == 500


def test_what_is_written_can_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    levels = rng.uniform(0.2, 0.999, 300)
    cases = [
        case(float(p), right=bool(rng.random() < p), unwanted=bool(rng.random() > p), group=i // 3)
        for i, p in enumerate(levels)
    ]
    document = calibrate(cases, 1, 0.05, None) | {"model_fingerprint": "f"}
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document))
    calibration = Calibration.from_json(json.loads(path.read_text()))
    assert calibration.probability(DecodeStatistics(least=0.99, first=0.99)) > calibration.probability(
        DecodeStatistics(least=0.3, first=0.3)
    )
    assert calibrate(cases, 1, 0.05, 0.25)["ask_below"] == 0.25
    printed = capsys.readouterr().out
    assert "AUC" in printed
    assert all(name in printed for name in FEATURES)
    with pytest.raises(SystemExit):
        calibrate(cases[:1], 1, 0.05, None)


def test_a_file_that_is_no_model_gives_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "model.gguf"
    wrong.write_text("no model")
    monkeypatch.setattr("sys.argv", ["calibrate", "--model", str(wrong)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "is no GGUF" in capsys.readouterr().err
