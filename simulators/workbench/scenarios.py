"""Scenarios played one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from simulators.car import load_wiring
from simulators.scenario import Report, Scenario
from simulators.workbench.packs import simulated_packs
from simulators.workbench.play import play
from simulators.workbench.scenario_files import load_scenarios
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.conversation.assistant import PlansText


def played(
    names: Iterable[str],
    *,
    seed: int | None,
    faults: Sequence[str],
    interface: str,
    channel: str,
    model: Path | None,
    threads: int,
) -> Iterator[Report]:
    """What each of ``names`` shows, as `play` has it; all are read before the first is played. Raises SimulatorError,
    ModelError, Unavailable."""
    wiring = load_wiring(packs=simulated_packs())
    scripts = load_scenarios(names, wiring)
    planner = _model_for((s for _, s in scripts), model, threads)
    for source, script in scripts:
        yield play(
            script,
            source=source,
            seed=seed,
            faults=faults,
            planner=planner,
            wiring=wiring,
            interface=interface,
            channel=channel,
        )


def _model_for(scripts: Iterable[Scenario], model: Path | None, threads: int) -> PlansText | None:
    """The planner if any of ``scripts`` has spoken words. Raises ModelError."""
    return load_planner(model, threads) if any(script.needs_model for script in scripts) else None
