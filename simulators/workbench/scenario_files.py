"""Scenarios by name or file, read."""

from collections.abc import Iterable
from pathlib import Path

from simulators.car import Wiring, load_wiring
from simulators.scenario import Scenario, built_in, load
from simulators.workbench.packs import simulated_packs


def load_scenarios(names: Iterable[str], wiring: Wiring | None = None) -> list[tuple[str, Scenario]]:
    """Where each is from, and what it says; "all" are the built-in ones. ``wiring``: the car's, with its packs; loaded
    when left out. Raises ScenarioError."""
    known = built_in()
    wiring = wiring or load_wiring(packs=simulated_packs())
    wanted: list[str] = []
    for name in names:
        wanted += list(known) if name == "all" else [name]
    return [(name, load(known.get(name, Path(name)), wiring=wiring)) for name in wanted]
