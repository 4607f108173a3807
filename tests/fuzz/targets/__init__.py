"""One module a target, each with a `TARGET`; found by the file's name."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fuzz.target import Target

OPEN: Final[Mapping[str, str]] = {
    "recording_mf4": "asammdf's C code can crash the process over a damaged file; to be run by name alone",
}
"""Targets with a finding that is not mended: they are no part of a campaign. README.md tells more."""

NAMES: Final = tuple(sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - OPEN.keys()))


def load(name: str) -> Target | None:
    """The target, None where what it tests is not there."""
    target = importlib.import_module(f"fuzz.targets.{name}").TARGET
    assert target is None or (isinstance(target, Target) and target.name == name)
    return target
