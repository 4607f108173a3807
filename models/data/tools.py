"""Functions that the model knows by their description alone: the writers' invented ones (`inv.txt`).

A block: ``fn NAME: doc | param: a, b, c | param: 1-10 (3) | param: text``, then `TEXT => LABEL` lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.data.lines import BadLine, Line, parse_line
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import EnumParam, IntegerParam, Param, TextParam
from vehicle_apis.spec import ApiSpec

FILE = "inv.txt"
_RANGE = re.compile(r"(-?\d+)\s*-\s*(-?\d+)")
_DEFAULT = re.compile(r"\s*\(([^)]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Invented:
    """A function that no car of ours has, and what people say to it."""

    spec: ApiSpec
    lines: Sequence[Line]


def read_invented(folder: Path) -> Iterator[Invented]:
    """All invented functions below ``folder``. Raises BadLine."""
    for path in sorted(folder.rglob(FILE)):
        yield from parse_invented(path.read_text(encoding="utf-8"), str(path))


def parse_invented(text: str, where: str = "") -> Iterator[Invented]:
    """Raises BadLine."""
    spec: ApiSpec | None = None
    lines: list[Line] = []
    for row in text.splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        try:
            if row.startswith("fn "):
                if spec is not None:
                    yield Invented(spec, tuple(lines))
                spec, lines = parse_function(row), []
            else:
                lines.append(parse_line(row))
        except (BadLine, VehicleApiError, ValueError) as e:
            raise BadLine(f"{where}: {row!r}: {e}") from e
    if spec is not None:
        yield Invented(spec, tuple(lines))


def parse_function(row: str) -> ApiSpec:
    """Raises BadLine, VehicleApiError, ValueError."""
    head, *params = (part.strip() for part in row.removeprefix("fn ").split(" | "))
    name, colon, doc = head.partition(":")
    if not colon:
        raise BadLine(f"expected 'fn NAME: doc', got {row!r}")
    return ApiSpec(
        name=name.strip(), domain="invented", doc=doc.strip(), backend="can", params=tuple(map(_param, params))
    )


def _param(text: str) -> Param:
    name, _, values = text.partition(":")
    default = _DEFAULT.search(values)
    values = _DEFAULT.sub("", values).strip()
    given: dict[str, Any] = {"name": name.strip()}
    if values == "text":
        return TextParam(**given)
    if match := _RANGE.fullmatch(values):
        low, high = map(int, match.groups())
        return IntegerParam(**given, min=low, max=high, default=int(default.group(1)) if default else None)
    words = tuple(dict.fromkeys(v.strip().replace(" ", "_") for v in values.split(",")))
    return EnumParam(**given, values=words, default=default.group(1).strip().replace(" ", "_") if default else None)
