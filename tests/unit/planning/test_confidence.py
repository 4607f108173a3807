"""DecodeStatistics to a probability; weights of another model are not used."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import confidence
from vehicle_agent.planning.confidence import (
    FEATURES,
    Calibration,
    Confidence,
    DecodeStatistics,
    StatisticsCollector,
    features,
    shipped_calibration,
)
from vehicle_agent.planning.model_file import find_model, fingerprint

N = len(FEATURES)
PLAIN = Calibration(
    fingerprint="f",
    centre=(0.0,) * N,
    scale=(1.0,) * N,
    weights=(1.0,) + (0.0,) * (N - 1),
    bias=0.0,
    ask_below=0.6,
    meant_weights=(0.0, 0.0, 1.0) + (0.0,) * (N - 3),
    ignore_below=0.2,
)


def test_what_a_run_shows() -> None:
    watch = StatisticsCollector()
    watch.chose(0.9, margin=0.85, outside=0.01, argument=False)
    watch.call_began(0.9)
    watch.chose(0.5, margin=0.1, outside=0.2, argument=True)
    watch.chose(0.8, margin=0.7, outside=0.0, argument=False)
    assert watch.own_least == 0.5
    watch.call_began(0.8)
    watch.chose(0.95, margin=0.9, outside=0.0, argument=False)
    assert watch.own_least == 0.8
    statistics = watch.statistics()
    assert statistics == DecodeStatistics(
        least=0.5,
        log_product=math.log(0.9) + math.log(0.5) + math.log(0.8) + math.log(0.95),
        first=0.9,
        least_argument=0.5,
        calls=2,
        least_margin=0.1,
        outside=0.2,
    )


def test_a_run_without_choices_is_sure() -> None:
    assert StatisticsCollector().statistics() == DecodeStatistics()
    assert all(math.isfinite(v) for v in features(DecodeStatistics()))


@pytest.mark.parametrize("p", [0.0, 1e-300, 0.5, 1.0])
def test_features_are_finite_whatever_was_seen(p: float) -> None:
    statistics = DecodeStatistics(least=p, log_product=-1e9, first=p, least_argument=p, least_margin=p, outside=1 - p)
    assert len(features(statistics)) == N
    assert all(abs(v) < 20 for v in features(statistics))


def test_the_probability_is_logistic() -> None:
    assert PLAIN.probability(DecodeStatistics(least=0.7)) == pytest.approx(0.7)
    halved = replace(PLAIN, centre=(math.log(0.7 / 0.3),) + (0.0,) * (N - 1))
    assert halved.probability(DecodeStatistics(least=0.7)) == pytest.approx(0.5)
    assert replace(PLAIN, bias=1e9).probability(DecodeStatistics()) <= 1.0


def test_whether_the_car_was_meant_has_weights_of_its_own() -> None:
    assert PLAIN.meant(DecodeStatistics(least=0.1, first=0.7)) == pytest.approx(0.7)
    assert replace(PLAIN, meant_weights=()).meant(DecodeStatistics(first=0.1)) == 1.0


def test_without_a_calibration_the_least_probability_stands_in_and_nothing_is_asked() -> None:
    bare = Confidence()
    assert (bare.of(DecodeStatistics(least=0.4, first=0.9)), bare.ask_below) == (0.4, 0.0)
    assert Confidence(PLAIN).of(DecodeStatistics(least=0.25)) == pytest.approx(0.25)
    assert Confidence(PLAIN).ask_below == 0.6


def _document(**changes: object) -> dict[str, object]:
    return {
        "features": list(FEATURES),
        "model_fingerprint": "f",
        "centre": [0] * N,
        "scale": [1] * N,
        "weights": [1] + [0] * (N - 1),
        "bias": 0,
        "ask_below": 0.6,
        "meant_weights": [0, 0, 1] + [0] * (N - 3),
        "meant_bias": 0,
        "ignore_below": 0.2,
    } | changes


Ship = Callable[[dict[str, object] | str | None], None]


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ship:
    """Puts a calibration where the package's is looked for; None = there is none."""
    monkeypatch.setattr(resources, "files", lambda _package: tmp_path)

    def put(document: dict[str, object] | str | None) -> None:
        if document is not None:
            text = document if isinstance(document, str) else json.dumps(document)
            (tmp_path / confidence.FILE_NAME).write_text(text, encoding="utf-8")

    return put


def test_a_calibration_is_read_as_written() -> None:
    assert Calibration.from_json(json.loads(json.dumps(_document()))) == PLAIN


@pytest.mark.parametrize(
    "damage",
    [
        {"features": ["least"]},
        {"weights": [1]},
        {"weights": [1, "x", 0, 0, 0, 0, 0]},
        {"weights": [float("nan")] * N},
        {"scale": [0] * N},
        {"centre": None},
        {"ask_below": 1.5},
        {"bias": "much"},
        {"meant_weights": [1]},
        {"meant_weights": [float("inf")] * N},
        {"ignore_below": -0.1},
    ],
    ids=str,
)
def test_a_damaged_calibration_is_refused_with_the_remedy(damage: dict[str, object]) -> None:
    with pytest.raises(ModelError, match=r"models\.calibrate"):
        Calibration.from_json(_document(**damage))


def test_the_shipped_weights_are_for_their_model_alone(ship: Ship) -> None:
    ship(_document())
    assert Confidence.for_model("f").calibration == shipped_calibration() == PLAIN
    assert Confidence.for_model("another").calibration is None


def test_a_calibration_of_an_older_kind_stops_its_own_model_alone(ship: Ship) -> None:
    ship(_document(features=["least"], weights=[1]))
    assert Confidence.for_model("another") == Confidence()
    with pytest.raises(ModelError, match=r"models\.calibrate"):
        Confidence.for_model("f")


@pytest.mark.parametrize("damaged", ["{", "[]", "{}"])
def test_a_calibration_that_names_no_model_is_damaged_for_all(ship: Ship, damaged: str) -> None:
    ship(damaged)
    with pytest.raises(ModelError, match=r"models\.calibrate"):
        Confidence.for_model("f")


def test_without_a_calibration_nothing_is_asked_about(ship: Ship) -> None:
    ship(None)
    assert Confidence.for_model("f").ask_below == 0.0


def test_the_shipped_calibration_belongs_to_the_shipped_model() -> None:
    shipped = shipped_calibration()
    if shipped is None:
        pytest.skip("no calibration is shipped")
    try:
        path = find_model()
    except ModelError as e:
        pytest.skip(str(e))
    assert shipped.fingerprint == fingerprint(path), "run `python -m models.calibrate`"
    sure = DecodeStatistics(least=0.99, log_product=-0.02, first=0.999, least_argument=0.99, calls=1, least_margin=0.98)
    unsure = DecodeStatistics(
        least=0.2, log_product=-3.0, first=0.3, least_argument=0.2, calls=3, least_margin=0.01, outside=0.5
    )
    assert shipped.probability(sure) > 0.9
    assert shipped.probability(unsure) < 0.5
