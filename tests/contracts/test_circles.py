"""No two modules of the project need each other, by whatever way round.

Read from the source: imports at the top, in functions and for types alone count the same. What knows each other both
ways is one module in two files. Only what is named counts: `from a.b import c` needs a.b, or a.b.c where that is a
module, and not the package a on the way there.
"""

import ast
import gc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models")

ALLOWED: Final[Mapping[frozenset[str], str]] = {}
"""Circles that stay, each with its reason."""


@pytest.fixture(autouse=True)
def no_garbage_while_parsing() -> Iterator[None]:
    """`ast.parse` of CPython 3.11 may fail when a collected object logs a traceback meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def modules(root: Path, packages: Iterable[str]) -> dict[str, Path]:
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: Iterable[str]) -> set[str]:
    """The modules that ``path`` imports from, anywhere in it: the most exact name that is a module."""
    known = frozenset(known)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, *([base] if base else [])])
            for alias in node.names:
                exact = f"{base}.{alias.name}"
                found.add(exact if exact in known else base)
    return {one for one in found if one in known and one != name}


def circles(graph: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """The largest groups of more than one module in which each needs every other."""
    needs = {start: reached(graph, start) for start in graph}
    groups = {frozenset(other for other in needs[one] if one in needs[other]) for one in graph if one in needs[one]}
    return sorted(groups, key=sorted)


def reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Every module that ``start`` needs, itself only when it does so by way of others."""
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += graph[one]
    return found


def graph_of(root: Path, packages: Iterable[str]) -> dict[str, set[str]]:
    known = modules(root, packages)
    return {name: imports(name, path, known) for name, path in known.items()}


def test_circles_are_found(tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "room").mkdir(parents=True)
    (house / "__init__.py").write_text("from house.room import door\n")
    (house / "room" / "__init__.py").write_text("")
    (house / "room" / "door.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import house.key\n"
    )
    (house / "key.py").write_text("def turn():\n    from house.lock import Lock\n    return Lock\n")
    (house / "lock.py").write_text("from .room.door import Door\nclass Lock: pass\n")
    (house / "alone.py").write_text("from house import key\nfrom . import lock\n")
    graph = graph_of(tmp_path, ["house"])
    assert graph["house.alone"] == {"house.key", "house.lock"}
    assert circles(graph) == [frozenset({"house.room.door", "house.key", "house.lock"})]
    assert circles({"a": {"b"}, "b": set(), "c": {"a", "b"}}) == []


def test_no_modules_need_each_other() -> None:
    found = [sorted(c) for c in circles(graph_of(ROOT, PACKAGES)) if c not in ALLOWED]
    assert found == [], "open the circle: what both need becomes a module of its own, or a protocol on the lower side"


def test_every_allowed_circle_is_one() -> None:
    assert set(ALLOWED) <= set(circles(graph_of(ROOT, PACKAGES)))
