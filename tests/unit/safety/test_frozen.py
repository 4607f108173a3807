"""What has been judged, asked or seen cannot be changed afterwards."""

import dataclasses
import inspect
from collections.abc import Mapping

import pytest
from pydantic import ValidationError
from support.calls import SPECS

from state_machines import (
    crash_latch,
    dialogue,
    expansion,
    frame_age,
    media_kind,
    reasons,
    rulebook,
    standing,
    telephone,
    verdict,
)
from vehicle_apis import call, signals
from vehicle_apis.spec import ApiSpec

VALUES = [
    value
    for module in (crash_latch, dialogue, expansion, frame_age, reasons, rulebook, standing, verdict, call, signals)
    for value in vars(module).values()
    if inspect.isclass(value) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
]


def test_there_are_values() -> None:
    assert {v.__name__ for v in VALUES} >= {
        "Allow",
        "Question",
        "Accepted",
        "Context",
        "CompiledRule",
        "Call",
        "Signals",
    }


@pytest.mark.parametrize("value", VALUES, ids=lambda v: v.__name__)
def test_values_are_frozen(value: type) -> None:
    made: object = object.__new__(value)
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, None)
    assert not hasattr(made, "__dict__")


def test_tables_are_frozen() -> None:
    assert isinstance(telephone.EMERGENCY_NUMBERS, frozenset)
    tables = {name: value for m in (telephone, media_kind) for name, value in vars(m).items() if name.isupper()}
    assert {"EMERGENCY_NUMBERS", "_PLUS", "_GROUPING", "_INVISIBLE", "SOUND_ENDINGS", "_FILES"} <= tables.keys()
    assert not any(isinstance(value, set | list) for value in tables.values())


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_what_is_said_of_a_function_is_frozen(spec: ApiSpec) -> None:
    for part in (spec, spec.hearing, spec.activity, spec.telephone, spec.refusal, *spec.runs_after):
        for name in type(part).model_fields if part is not None else ():
            value = getattr(part, name)
            with pytest.raises(ValidationError):
                setattr(part, name, value)
            assert not isinstance(value, dict | list | set), name
            for inner in value.values() if isinstance(value, Mapping) else ():
                assert not isinstance(inner, dict | list | set), name


@pytest.mark.parametrize("value", [v for v in VALUES if v.__module__.startswith("state_machines")], ids=str)
def test_several_fields_are_written_with_their_names(value: type) -> None:
    fields = dataclasses.fields(value)
    assert len(fields) == 1 or all(field.kw_only for field in fields)
