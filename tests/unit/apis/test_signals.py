"""The one list of the gate's signals, restated by hand, and those who read it."""

import ast
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from vehicle_agent.cli.judge import question
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.binding.model import GateTable
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.signals import GATE_SIGNALS, WORDED, Reading, Signals

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def binding() -> CarBinding:
    return load_binding(load_catalogue(with_packs=False))


def test_the_list() -> None:
    assert {name: (spec.key, spec.words, spec.unit, spec.sources) for name, spec in GATE_SIGNALS.items()} == {
        "speed_kmh": ("speed", (), "km/h", 2),
        "gear": ("gear", ("P", "R", "N", "D"), "", 1),
        "crash": ("crash", ("none", "detected"), "", 1),
        "ignition": ("ignition", ("on", "off"), "", 1),
        "ambient_light": ("ambient_light", ("day", "night"), "", 1),
        "rain": ("rain", ("no", "yes"), "", 1),
        "plugged_in": ("plugged_in", ("no", "yes"), "", 1),
    }
    assert {spec.key for spec in GATE_SIGNALS.values() if spec.is_required} == {"speed", "gear"}
    assert [*WORDED] == [spec.key for spec in WORDED.values()]


def test_a_snapshot_in_the_journal_keeps_its_keys() -> None:
    assert json.loads(json.dumps(asdict(Signals(gear=Reading("P", 20.0))))) == {
        "speed_kmh": [None, None],
        "gear": {"value": "P", "age_ms": 20.0, "valid": True},
        "crash": None,
        "ignition": None,
        "ambient_light": None,
        "rain": None,
        "plugged_in": None,
    }


def test_a_binding_has_a_key_for_each(binding: CarBinding) -> None:
    assert [*GateTable.model_fields] == [spec.key for spec in GATE_SIGNALS.values()]
    required = {name for name, field in GateTable.model_fields.items() if field.is_required()}
    assert required == {"speed", "gear"}
    assert {(s.field, s.spec.key) for s in binding.gate} == {(n, s.key) for n, s in GATE_SIGNALS.items()}


@pytest.mark.parametrize("name", WORDED)
def test_a_question_to_the_judge_takes_each(name: str) -> None:
    word = WORDED[name].words[-1]
    call = {"name": "play_video", "arguments": {}}
    _, _, signals = question({"call": call, "signals": {name: word}, "age_ms": {name: 7}, "valid": {name: False}})
    assert getattr(signals, name) == Reading(word, age_ms=7.0, valid=False)


def test_nobody_lists_them_again() -> None:
    """A collection in which several of the signals stand is a second list."""
    ones_own = {"vehicle_apis/signals.py", "state_machines/conditions.py"}  # the list; what an unknown one counts as
    found = set()
    for package in ("vehicle_apis", "state_machines", "vehicle_agent", "simulators/workbench"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                entries = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
                words = {entry.value for entry in entries if isinstance(entry, ast.Constant)}
                if len(words & set(WORDED)) > 2:
                    found.add(str(path.relative_to(ROOT)))
    assert found <= ones_own
