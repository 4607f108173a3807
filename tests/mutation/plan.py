"""Which tests are asked about which module, quickest first."""

import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from mutation.contract import Contract
from mutation.harness import Stage, pytest_stage
from mutation.mutants import Module, Mutant

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "state_machines"
_SAFETY: Final = "tests/unit/safety"

# a module's own tests; the rules are data: they have to fail by what they make the judge say
_OWN: Final[dict[str, tuple[str, ...]]] = {
    "conditions": ("test_conditions",),
    "crash_latch": ("test_crash_latch", "test_would_allow"),
    "dialogue": ("test_dialogue",),
    "driving_state": ("test_driving_state", "test_would_allow"),
    "e2e_state": ("test_e2e_state", "test_validity"),
    "expansion": ("test_expansion_and_zone",),
    "frame_age": ("test_frame_age", "test_frozen"),
    "gate": ("test_rulebook", "test_gate", "test_would_allow"),
    "limits": (
        "test_limits",
        "test_driving_state",
        "test_conditions",
        "test_crash_latch",
        "test_dialogue",
        "test_validity",
    ),
    "media_kind": ("test_media_kind", "test_frozen"),
    "permit": ("test_gate",),
    "reasons": ("test_words", "test_rulebook"),
    "rulebook": ("test_rulebook",),
    "standing": ("test_standing", "test_standing_seen"),
    "start_grace": ("test_start_grace",),
    "telephone": ("test_telephone",),
    "tick": ("test_tick",),
    "validity": ("test_validity", "test_e2e_state"),
    "verdict": ("test_frozen", "test_gate"),
    "zone": ("test_expansion_and_zone",),
}
_RULES: Final = ("test_rulebook",)
_IN_CONTRACT: Final = frozenset(
    {
        "conditions",
        "driving_state",
        "expansion",
        "gate",
        "limits",
        "rulebook",
        "rules",
        "telephone",
    }  # what the judge consists of
)
_QUICK: Final = ("test_words", "test_frozen")  # which say something about every module but the zone
_ALONE: Final = frozenset(
    {"e2e_state", "frame_age", "media_kind", "tick", "validity"}
)  # what comes before the gate, which imports none of them


def warm_up() -> None:
    """Imports the tests' helpers, which make the catalogue; none of them may import the package under test."""
    importlib.import_module("support.calls")
    importlib.import_module("support.car")


def modules() -> list[Module]:
    return [Module.read(path, PACKAGE) for path in sorted((ROOT / PACKAGE).glob("*.py"))]


@cache
def _contract() -> Stage:
    contract = Contract()

    def passes(mutant: Mutant | None) -> bool:
        try:
            return contract.holds(about=mutant.key.where if mutant is not None else "")
        except Exception:  # noqa: BLE001 - a mutant may raise anything, at import already
            return False

    return Stage("contract", passes)


@cache
def _own(module: str) -> Stage:
    names = _OWN[module]
    return pytest_stage(f"own tests of {module}", ROOT, [f"{_SAFETY}/{name}.py" for name in names])


@cache
def _quick() -> Stage:
    return pytest_stage("sentences and values", ROOT, [f"{_SAFETY}/{name}.py" for name in _QUICK])


@cache
def _rest(module: str) -> Stage:
    asked = {*_OWN.get(module, ()), *_QUICK}
    files = sorted(p.stem for p in (ROOT / _SAFETY).glob("test_*.py") if p.stem not in asked)
    return pytest_stage("other tests", ROOT, [f"{_SAFETY}/{name}.py" for name in files])


@cache
def _rules() -> Stage:
    return pytest_stage("rules as data", ROOT, [f"{_SAFETY}/{name}.py" for name in _RULES])


def stages_of(module: Module) -> Sequence[Stage]:
    """Own tests, the questions of the contract test, every other test of the safety logic."""
    if module.short not in _OWN:
        return (_contract(), _rules(), _quick(), _rest(module.short))
    if module.short in _ALONE:
        return (_own(module.short),)
    quick = (_quick(),) if module.short != "zone" else ()
    contract = (_contract(),) if module.short in _IN_CONTRACT else ()
    return (_own(module.short), *quick, *contract, _rest(module.short))


def own_stages_of(module: Module) -> Sequence[Stage]:
    """The first stage alone."""
    return stages_of(module)[:1]
