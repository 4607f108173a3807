"""The specification's two files, parsed."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
UPSTREAM = HERE.parents[2] / "shared" / "spec"
FILES = ("safety.yaml", "catalogue.yaml")


@cache
def load(name: str, folder: Path = HERE) -> dict[str, Any]:
    """One of FILES as plain data."""
    data: dict[str, Any] = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    return data


def functions() -> dict[str, dict[str, Any]]:
    """Function name -> its entry, over all domains."""
    return {name: entry for domain in load("catalogue.yaml")["domains"].values() for name, entry in domain.items()}
