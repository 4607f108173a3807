"""`sim run` and `sim list`: scenarios."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulators.errors import SimulatorError
from vehicle_agent.cli.options import JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json

if TYPE_CHECKING:  # as costly as the car
    from simulators.scenario import Report

InterfaceOption = Annotated[
    str, typer.Option(help="simulated (time jumps, no waiting), or in real time: virtual, udp_multicast, socketcan.")
]


def run(
    scenario: Annotated[list[str], typer.Argument(help='YAML files, names of built-in scenarios, or "all".')],
    seed: Annotated[
        int | None, typer.Option(help="For faults and jitter; left out, the scenario's own.", min=0)
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(help="Holds from the start; repeatable.")] = None,
    interface: InterfaceOption = "simulated",
    channel: Annotated[str, typer.Option(help="Multicast group or SocketCAN device; left out, the usual one.")] = "",
    junit: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="One line a scenario, and what was not met.")] = False,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """Plays scenarios and checks what they expect. Example: vehicle-agent sim run commute --junit results.xml

    --json prints one JSON line a scenario. Exit status 0 when every expectation was met, 1 when not.
    """
    from simulators.scenario import write_junit
    from simulators.workbench.scenarios import played

    reports: list[Report] = []
    with one_sentence():
        check_interface(interface)
        try:
            for report in played(
                scenario,
                seed=seed,
                faults=fault or (),
                interface=interface,
                channel=channel,
                model=model,
                threads=threads,
            ):
                reports.append(report)
                _show(report, quiet=quiet, json_out=json_out)
        except SimulatorError as e:
            raise BadInput(str(e)) from e
        if junit is not None:
            with writing(junit):
                write_junit(reports, junit)
    failed = sum(not report.passed for report in reports)
    if len(reports) > 1 and not json_out:
        print(f"{len(reports) - failed} of {len(reports)} scenarios passed")
    raise typer.Exit(int(Exit.REFUSED_OR_FAILED if failed else Exit.DONE))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises BadInput where ``path`` cannot be written."""
    try:
        yield
    except OSError as e:
        raise BadInput(f"{path} cannot be written: {e.strerror or e}; choose another place") from e


def check_interface(interface: str) -> None:
    """Raises BadInput."""
    known = ("simulated", "virtual", "udp_multicast", "socketcan")
    if interface not in known:
        raise BadInput(f"the interface is {', '.join(known[:-1])} or {known[-1]}, not {interface!r}")


def _show(report: "Report", *, quiet: bool, json_out: bool) -> None:
    if json_out:
        print_json(report.to_json())
        return
    lines = report.to_text().splitlines()
    if quiet:
        lines = [line for line in lines[:-1] if "NOT MET" in line] + lines[-1:]
    print("\n".join(lines), flush=True)


def list_scenarios(json_out: JsonOption = False) -> None:
    """The built-in scenarios. Example: vehicle-agent sim list"""
    from simulators.workbench.scenario_files import load_scenarios

    with one_sentence():
        found = load_scenarios(["all"])
        if json_out:
            print_json(
                [
                    {"name": name, "about": s.about, "tags": s.tags, "rules": s.rules, "steps": len(s.steps)}
                    for name, s in found
                ]
            )
            return
        width = max(len(name) for name, _ in found)
        for name, script in found:
            print(f"{name:<{width}}  {script.about or script.name}")
