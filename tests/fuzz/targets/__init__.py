"""One module a target, each with a `TARGET`; found by the file's name."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fuzz.target import Target

OPEN: Final[Mapping[str, str]] = {
    "recording_mf4": "each input costs a process of its own, half a second; to be run by name alone",
}
"""Targets that are no part of a campaign, and why."""

NAMES: Final = tuple(sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - OPEN.keys()))


def load(name: str) -> Target | None:
    """The target, None where what it tests is not there."""
    target = importlib.import_module(f"fuzz.targets.{name}").TARGET
    assert target is None or (isinstance(target, Target) and target.name == name)
    return target
