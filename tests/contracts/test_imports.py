"""Who may import whom (architecture): the layers point one way."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models", "tests"}
# package -> what of ours it may import besides itself
ALLOWED = {
    "vehicle_apis": set(),
    "state_machines": {"vehicle_apis"},
    "vehicle_agent": {"vehicle_apis", "state_machines"},
    "simulators": {"vehicle_apis"},
    "models": {"vehicle_apis", "vehicle_agent.planning", "vehicle_agent.evaluation", "vehicle_agent.errors"},
}
WORKBENCH = "simulators.workbench"  # knows both the agent and the simulated car
STARTERS = {"simulators", "models"}  # what vehicle_agent/cli may import besides, inside its functions


@pytest.fixture(autouse=True)
def no_garbage_while_parsing() -> Iterator[None]:
    """CPython 3.11 fails in `ast.parse` when a collected object logs a traceback meanwhile, which parses as well
    ("AST constructor recursion depth mismatch"): what earlier tests left is collected before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _runs_later(node: ast.AST) -> bool:
    """A function's body, or what only the type checker reads."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(dotted module, is it imported with the module); ``from a import b`` counts as a.b."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {node for outer in ast.walk(tree) if _runs_later(outer) for node in ast.walk(outer)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node not in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute, so that layers can be read off"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node not in inside


def within(module: str, packages: set[str]) -> bool:
    return any(module == p or module.startswith(f"{p}.") for p in packages)


@pytest.mark.parametrize("package", ALLOWED)
def test_layers(package: str) -> None:
    wrong = []
    for path in modules(package):
        is_cli = path.is_relative_to(ROOT / "vehicle_agent" / "cli")
        allowed = ALLOWED[package]
        if path.is_relative_to(ROOT / "simulators" / "workbench"):
            allowed = allowed | {"state_machines", "vehicle_agent"}
        for module, top_level in imports(path):
            if not within(module, OURS) or within(module, {package} | allowed):
                continue
            if is_cli and within(module, STARTERS) and (not top_level or within(module, {WORKBENCH})):
                continue
            wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_there_is_something_to_check() -> None:
    assert len(modules("vehicle_apis")) > 10
    assert len(modules("state_machines")) > 10


def test_only_the_gate_issues_permits() -> None:
    users = {
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in modules(package)
        for module, _ in imports(path)
        if module in {"state_machines.permit.issue", "state_machines.permit._GATE_KEY"}
    }
    assert users == {"state_machines/gate.py"}


def test_only_the_dialogue_makes_confirmations() -> None:
    makers = {
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Confirmation"
    }
    assert makers == {"state_machines/dialogue.py"}


PURE = {"collections", "dataclasses", "enum", "functools", "itertools", "math", "re", "typing", "transitions"}


def test_the_safety_logic_is_pure() -> None:
    """No clock, no I/O, no randomness, no event loop: everything comes in as an argument."""
    foreign = {
        f"{path.name}: {module}"
        for path in modules("state_machines")
        for module, _ in imports(path)
        if not within(module, PURE | {"state_machines", "vehicle_apis"})
    }
    assert not foreign


def test_the_safety_logic_knows_nothing_of_the_model() -> None:
    assert not [
        path
        for path in modules("state_machines")
        for module, _ in imports(path)
        if within(module, {"vehicle_apis.codec", "vehicle_apis.tokens", "vehicle_apis.schema"})
    ]
