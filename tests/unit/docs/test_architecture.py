"""The architecture page names what there is: modules and functions of its three walks, files of its table."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from support.named import has, source

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OURS: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models", "tests", "systemd", "docs")
_SYMBOL: Final = re.compile(rf"`((?:{'|'.join(OURS)})(?:\.\w+)+):([A-Za-z_]\w*(?:\.\w+)*)`")
_PATH: Final = re.compile(rf"`((?:{'|'.join(OURS)})/[\w/.-]*|pyproject\.toml)`")
WALKS: Final = ("A sentence to a frame", "A speed frame to a verdict", "A training line to the model file")

# What adding one takes, counted by doing it: a row that leaves a file out sends whoever reads it searching.
NEEDED: Final = {
    "a built-in vehicle function": {
        "vehicle_apis/domains/",
        "vehicle_apis/token_table.txt",
        "state_machines/rules.py",
        "vehicle_apis/dbc/vehicle.dbc",
        "vehicle_apis/dbc/vehicle.toml",
        "simulators/car/ecus/",
        "tests/safety_spec/catalogue.yaml",
        "tests/safety_spec/safety.yaml",
    },
    "a control unit of the simulated car": {
        "simulators/car/ecus/",
        "simulators/car/ecus/__init__.py",
        "vehicle_apis/dbc/vehicle.dbc",
    },
    "a safety rule": {"state_machines/rules.py", "vehicle_apis/domains/", "tests/safety_spec/safety.yaml"},
    "a condition a rule can ask for": {
        "state_machines/conditions.py",
        "vehicle_apis/signals.py",
        "vehicle_apis/dbc/vehicle.toml",
    },
    "a recogniser": {
        "vehicle_agent/voice/",
        "vehicle_agent/voice/types.py",
        "vehicle_agent/voice/engines.py",
        "vehicle_agent/config.py",
        "vehicle_agent/cli/options.py",
        "vehicle_agent/packages.py",
        "pyproject.toml",
        "vehicle_agent/install/assets.py",
    },
    "a backend": {
        "vehicle_agent/backends/",
        "vehicle_agent/backends/base.py",
        "vehicle_agent/backends/build.py",
        "vehicle_apis/dbc/vehicle.toml",
    },
}


def section(title: str) -> str:
    begin = PAGE.index(f"\n## {title}\n")
    return PAGE[begin : PAGE.find("\n## ", begin + 1) if "\n## " in PAGE[begin + 1 :] else len(PAGE)]


def rows() -> dict[str, str]:
    """Of the table of where a new thing goes: what -> the files."""
    table = section("Where a new thing goes")
    cells = (line.strip("|").split("|") for line in table.splitlines() if line.startswith("| "))
    return {what.strip(): files for what, files in cells if what.strip() != "new"}


def test_the_page_is_short() -> None:
    assert len(PAGE.splitlines()) <= 200


def test_every_module_and_function_exists() -> None:
    named = _SYMBOL.findall(PAGE)
    assert len(named) > 40
    assert [f"{module}:{symbol}" for module, symbol in named if not has(module, symbol)] == []


def test_every_path_exists() -> None:
    named = _PATH.findall(PAGE)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []


def _knows(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether the module of one calls or names the other."""
    module, symbol = other
    return one[0] == module or any(re.search(rf"\b{part}\b", source(one[0])) for part in symbol.split("."))


@pytest.mark.parametrize("walk", WALKS)
def test_each_hop_of_a_walk_knows_the_next(walk: str) -> None:
    """A hop is a numbered line. What it names besides its first belongs to what it named before; one of two
    neighbouring hops has something that names something of the other."""
    hops = [_SYMBOL.findall(part) for part in re.split(r"^\d+\. ", section(walk), flags=re.MULTILINE)[1:]]
    assert len(hops) >= 6
    assert [n for n, hop in enumerate(hops, 1) if not hop] == []

    def linked(one: tuple[str, str], others: list[tuple[str, str]]) -> bool:
        return any(_knows(one, other) or _knows(other, one) for other in others)

    gaps = [f"{hop[n]} stands alone" for hop in hops for n in range(1, len(hop)) if not linked(hop[n], hop[:n])]
    gaps += [f"{a} -> {b}" for a, b in pairwise(hops) if not any(linked(one, b) for one in a)]
    assert gaps == []


def test_where_a_new_thing_goes_is_a_file_or_a_page() -> None:
    table = rows()
    assert len(table) >= 18
    assert [what for what, files in table.items() if not _PATH.findall(files) and "](" not in files] == []


@pytest.mark.parametrize("what", NEEDED)
def test_a_row_names_all_that_adding_one_takes(what: str) -> None:
    assert set(_PATH.findall(rows()[what])) == NEEDED[what]
