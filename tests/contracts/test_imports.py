"""Who may import whom (architecture): the layers point one way."""

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models", "tests"}
WORKBENCH = "simulators.workbench"
# package -> what of ours it may import besides itself
ALLOWED = {
    "vehicle_apis": set(),
    "state_machines": {"vehicle_apis"},
    "vehicle_agent": {"vehicle_apis", "state_machines"},
    "simulators": {"vehicle_apis"},
    WORKBENCH: {"vehicle_apis", "state_machines", "vehicle_agent", "simulators"},
    "models": {"vehicle_apis", "vehicle_agent.planning", "vehicle_agent.evaluation", "vehicle_agent.errors"},
}
# calls that import what their first argument names
IMPORTING = {"import_module", "__import__", "find_spec", "run_module", "run_path", "resolve_name", "EntryPoint"}


@pytest.fixture(autouse=True)
def no_garbage_while_parsing() -> Iterator[None]:
    """CPython 3.11 fails in `ast.parse` when a collected object logs a traceback meanwhile, which parses as well
    ("AST constructor recursion depth mismatch"): what earlier tests left is collected before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def modules(package: str) -> list[Path]:
    """Of a package; the workbench is one of its own, not part of `simulators`."""
    found = sorted((ROOT / package.replace(".", "/")).rglob("*.py"))
    return [path for path in found if package == WORKBENCH or not path.is_relative_to(ROOT / "simulators/workbench")]


def imports(source: str) -> Iterator[str]:
    """Dotted modules, wherever in the file; ``from a import b`` counts as a.b, and so does what is named in a text:
    "a.b" for a function that imports it, "a:b" as in an entry point."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                assert level == 0, "imports are absolute, so that layers can be read off"
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in IMPORTING:
                arguments = [*node.args, *(k.value for k in node.keywords)]
                yield from (a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str))
            case ast.Constant(value=str(text)) if re.fullmatch(r"[a-z_]\w*(\.\w+)*:\w+", text):
                yield text.replace(":", ".")
            case _:
                pass


def within(module: str, packages: set[str]) -> bool:
    return any(module == p or module.startswith(f"{p}.") for p in packages)


def wrong_imports(package: str, source: str) -> list[str]:
    """What of ours a file of ``package`` imports and may not."""
    allowed = {package} | ALLOWED[package]
    wrong = [m for m in imports(source) if within(m, OURS) and not within(m, allowed)]
    if package == "simulators":
        wrong += [m for m in imports(source) if within(m, {WORKBENCH})]
    return wrong


@pytest.mark.parametrize("package", ALLOWED)
def test_layers(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in modules(package)
        for module in wrong_imports(package, path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("vehicle_agent", "import simulators.world"),
        ("vehicle_agent", "def run():\n    from simulators.world import World"),
        ("vehicle_agent", "if TYPE_CHECKING:\n    from models import build"),
        ("vehicle_agent", "import_module('simulators.world')"),
        ("vehicle_agent", "importlib.import_module(name='models.build')"),
        ("vehicle_agent", "__import__('simulators')"),
        ("vehicle_agent", "COMMANDS = {'ask': 'simulators.workbench.ask:ask'}"),
        ("simulators", "from vehicle_agent.agent import Agent"),
        ("simulators", "from simulators.workbench.play import play"),
        (WORKBENCH, "from models import build"),
        ("models", "from simulators.car import Car"),
        ("state_machines", "from vehicle_agent.errors import ConfigError"),
        ("vehicle_apis", "import state_machines"),
    ],
)
def test_what_may_not_be_imported_is_seen(package: str, source: str) -> None:
    assert wrong_imports(package, source)


def test_there_is_something_to_check() -> None:
    assert len(modules("vehicle_apis")) > 10
    assert len(modules("state_machines")) > 10


def test_only_the_gate_issues_permits() -> None:
    users = {
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in modules(package)
        for module in imports(path.read_text(encoding="utf-8"))
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


PURE = {
    *("collections", "dataclasses", "enum", "functools", "itertools", "math", "re", "typing", "transitions"),
    "urllib.parse",  # text alone
}


def test_the_safety_logic_is_pure() -> None:
    """No clock, no I/O, no randomness, no event loop: everything comes in as an argument."""
    foreign = {
        f"{path.name}: {module}"
        for path in modules("state_machines")
        for module in imports(path.read_text(encoding="utf-8"))
        if not within(module, PURE | {"state_machines", "vehicle_apis"})
    }
    assert not foreign


def test_the_safety_logic_knows_nothing_of_the_model() -> None:
    assert not [
        path
        for path in modules("state_machines")
        for module in imports(path.read_text(encoding="utf-8"))
        if within(module, {"vehicle_apis.codec", "vehicle_apis.tokens", "vehicle_apis.schema"})
    ]
