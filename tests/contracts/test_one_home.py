"""What is said about a function stands in its specification: nothing else asks for a function by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from vehicle_apis.tokens import token_table

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators")
NAMES: Final = frozenset(token_table())
HOMES: Final = "vehicle_apis/domains"

# file (or folder, ending with /) -> why it may ask for functions by their names
ALLOWED: Final = {
    "state_machines/rules.py": "the rules are one normative table",
    "vehicle_agent/backends/agent.py": "how the agent itself carries its functions out",
    "vehicle_agent/backends/dbus/": "how the head unit's services carry them out, and what their names mean there",
    "vehicle_agent/record/drives/probes.py": "calls that meet each rule, written out so that a lost rule is seen",
}


def _is_name(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value in NAMES


def _holds_names(node: ast.AST) -> bool:
    """A name, or a display of names: a set, a tuple, a call of frozenset, a dictionary keyed by them."""
    match node:
        case ast.Dict(keys=keys):
            return any(_is_key(key) for key in keys)
        case ast.Set(elts=elements) | ast.Tuple(elts=elements) | ast.List(elts=elements):
            return any(_is_name(element) for element in elements)
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple" | "dict"), args=args):
            return any(_holds_names(arg) for arg in args)
        case _:
            return _is_name(node)


def _is_key(node: ast.AST | None) -> bool:
    """A name, or a pair that begins with one."""
    return _is_name(node) or (isinstance(node, ast.Tuple) and bool(node.elts) and _is_name(node.elts[0]))


def _asks(tree: ast.AST) -> Iterator[int]:
    """Lines that compare with a function's name, look one up, or hold a table or a set of names."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                found = any(_holds_names(part) for part in (left, *others))
            case ast.Dict() | ast.Set():
                found = _holds_names(node)
            case ast.Call(func=ast.Name(id="frozenset" | "set")):
                found = _holds_names(node)
            case ast.MatchValue(value=value):
                found = _is_name(value)
            case ast.Subscript(value=ast.Name() | ast.Attribute(), slice=key):
                found = _is_name(key)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                found = _is_name(value)  # a constant that is compared later on
            case _:
                found = False
        if found:
            yield node.lineno  # type: ignore[attr-defined]  # every node above has one


def _where() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            lines = sorted(set(_asks(ast.parse(path.read_text(encoding="utf-8")))))
            if lines and not name.startswith(HOMES):
                found[name] = lines
    return found


def _is_allowed(name: str, entry: str) -> bool:
    return name.startswith(entry) if entry.endswith("/") else name == entry


def test_nobody_else_asks_for_a_function_by_its_name() -> None:
    wrong = {name: lines for name, lines in _where().items() if not any(_is_allowed(name, a) for a in ALLOWED)}
    assert not wrong, f"{wrong}: let the function's specification say it (vehicle_apis/domains)"


def test_each_exception_is_needed() -> None:
    found = _where()
    assert not [entry for entry in ALLOWED if not any(_is_allowed(name, entry) for name in found)]


@pytest.mark.parametrize(
    "line",
    [
        'call.name == "open_app"',
        '"open_app" != call.name',
        'call.name in {"open_app", "set_mute"}',
        'call.name in ("open_app",)',
        'X = frozenset({"set_mute"})',
        'X = {"set_mute": 1}',
        'X = {("set_mute", "state"): 1}',
        'TIMER: Final = "set_timer"',
        'X["set_mute"]',
        'match call.name:\n    case "set_mute":\n        pass',
    ],
)
def test_what_is_found(line: str) -> None:
    assert list(_asks(ast.parse(line)))


@pytest.mark.parametrize("line", ['catalogue.call("open_app", app=app)', "call.name == other.name", 'X = {"app": 1}'])
def test_what_is_not(line: str) -> None:
    assert not list(_asks(ast.parse(line)))
