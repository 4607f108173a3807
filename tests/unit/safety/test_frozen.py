"""What has been judged, asked or seen cannot be changed afterwards."""

import dataclasses
import inspect

import pytest

from state_machines import dialogue, expansion, rulebook, standing, verdict
from vehicle_apis import call, signals

VALUES = [
    value
    for module in (dialogue, expansion, rulebook, standing, verdict, call, signals)
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
