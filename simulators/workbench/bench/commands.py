"""`bench` and its parts on the command line."""

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from simulators.errors import SimulatorError
from simulators.workbench.bench.machine import describe_machine
from vehicle_agent.cli.options import JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json
from vehicle_apis.catalogue import load_catalogue

if TYPE_CHECKING:
    from simulators.workbench.bench.soak import Sample

app = typer.Typer(
    help="Speed and memory on this computer: all stages, or one part at length. Example: vehicle-agent bench"
)

InterfaceOption = Annotated[
    list[str] | None,
    typer.Option(help="virtual, udp_multicast or socketcan; repeatable; default: virtual and udp_multicast."),
]


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    repetitions: Annotated[int, typer.Option(min=1, max=1000, help="Of each utterance.")] = 5,
    json_out: JsonOption = False,
) -> None:
    """Speed and memory of the whole way and its stages. Example: vehicle-agent bench

    The subcommands measure one part at length, tell whether its target is met, and end with status 1 when it is not.
    """
    if context.invoked_subcommand is not None:
        return
    from simulators.workbench.bench.all_stages import run_bench

    with one_sentence():
        report = run_bench(model, threads, repetitions)
    _show(report, json_out=json_out)


@app.command()
def gate(
    repetitions: Annotated[int, typer.Option(min=1, max=10_000, help="Of each function in each state.")] = 50,
    json_out: JsonOption = False,
) -> None:
    """Decisions of the safety gate, those that give permits too. Example: vehicle-agent bench gate"""

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.safety_gate import run_gate

        return run_gate(load_catalogue(), repetitions)

    _measured(measure, "gate_target_reached", json_out=json_out)


@app.command()
def bus(
    seconds: Annotated[float, typer.Option(min=0.1, max=86_400, help="On each interface.")] = 20,
    cycle_ms: Annotated[float, typer.Option(min=1, max=1000, help="Of every message of the car.")] = 8,
    interface: InterfaceOption = None,
    search: Annotated[
        bool, typer.Option("--search/--no-search", help="Also look for the greatest rate that is sustained.")
    ] = True,
    json_out: JsonOption = False,
) -> None:
    """Frames a second from simulated car to gate, losses, queues. Example: vehicle-agent bench bus --seconds 600"""

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.bus_load import FASTER_CYCLES_MS, measure_bus_load, parse_interface

        return asyncio.run(
            measure_bus_load(
                seconds,
                interfaces=tuple(parse_interface(word) for word in interface or ("virtual", "udp_multicast")),
                cycle_ms=cycle_ms,
                faster_cycles_ms=tuple(ms for ms in FASTER_CYCLES_MS if search and ms < cycle_ms),
            )
        )

    _measured(measure, "bus_target_reached", json_out=json_out)


@app.command()
def jitter(
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="For each sender and load.")] = 10,
    cycle_ms: Annotated[float, typer.Option(min=1, max=1000, help="Of every message.")] = 10,
    interface: Annotated[str, typer.Option(help="virtual, udp_multicast or socketcan.")] = "udp_multicast",
    model: ModelOption = None,
    json_out: JsonOption = False,
) -> None:
    """How evenly cyclic frames come, beside python-can and cantools. Example: vehicle-agent bench jitter

    With the model idle, and while it plans with two threads and with one.
    """

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.jitter import run_jitter

        return asyncio.run(run_jitter(model, seconds, interface=interface, cycle_ms=cycle_ms))

    _measured(measure, "jitter_target_reached", json_out=json_out)


@app.command()
def kernels(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Of all sentences, with each in turn.")] = 5,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """Text to plan with each compiled set of kernels that fits this processor. Example: vehicle-agent bench kernels"""

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.kernels import run_kernels

        return run_kernels(model, threads, rounds)

    _measured(measure, "kernels_chosen_is_best", json_out=json_out)


@app.command()
def confirm(
    repetitions: Annotated[int, typer.Option(min=1, max=10_000, help="Of each call, in both its states.")] = 50,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """From a decided call, and from a sentence, to its confirmed actuation. Example: vehicle-agent bench confirm"""

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.actuation import run_actuation

        return asyncio.run(run_actuation(model, threads, repetitions))

    _measured(measure, "confirm_target_reached", json_out=json_out)


@app.command()
def dbus(
    seconds: Annotated[float, typer.Option(min=0.5, max=3600, help="Of each flood.")] = 10,
    messages: Annotated[int, typer.Option(min=1, max=1_000_000, help="Of each flood of requests.")] = 10_000,
    large_mib: Annotated[int, typer.Option(min=1, max=60, help="Of one large request.")] = 30,
    json_out: JsonOption = False,
) -> None:
    """Floods of other programs on the message bus, while a car drives off. Example: vehicle-agent bench dbus

    Signals, ever new signatures, thousands of requests, one of many megabytes. Needs dbus-daemon; takes a few minutes.
    """

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.dbus_flood import measure_dbus

        return asyncio.run(measure_dbus(seconds, messages, large_mib << 20))

    _measured(measure, "dbus_target_reached", json_out=json_out)


@app.command()
def busy(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Each with and without load.")] = 6,
    per_core: Annotated[int, typer.Option(min=1, max=16, help="Computing programs for each core.")] = 1,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """Text to plan while other programs have all cores. Example: vehicle-agent bench busy

    The load is its own; beside it the same sentences without load, and both with threads that spin without bound, as
    was done formerly. To be run on a computer that is idle otherwise.
    """

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.busy import run_busy

        return run_busy(model, threads, rounds, per_core, lambda text: print(text, file=sys.stderr, flush=True))

    _measured(measure, "busy_target_reached", json_out=json_out)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option(min=0.5, max=100_000, help="Of driving.")] = 60,
    real_time: Annotated[bool, typer.Option("--real-time", help="Without it time runs ahead.")] = False,
    typed: Annotated[bool, typer.Option("--typed/--calls-only", help="Sentences for the model too.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of all that happens.")] = 1,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    json_out: JsonOption = False,
) -> None:
    """A long mixed load: memory flat, no task or file kept? Example: vehicle-agent bench soak --minutes 60

    One line a minute goes to standard error.
    """

    def measure() -> dict[str, object]:
        from simulators.workbench.bench.soak import run_soak, run_typed_soak

        if typed:
            return run_typed_soak(minutes, model, threads, real_time=real_time, seed=seed, on_sample=_tell)
        return run_soak(minutes, real_time=real_time, seed=seed, on_sample=_tell)

    _measured(measure, "soak_passed", json_out=json_out)


def _tell(sample: "Sample") -> None:
    print(" ".join(f"{key}={value}" for key, value in sample.to_json().items()), file=sys.stderr, flush=True)


def _measured(measure: Callable[[], dict[str, object]], verdict: str, *, json_out: bool) -> None:
    """Measures, shows, and ends with the status that ``verdict``, one of the figures, asks for."""
    with one_sentence():
        report = describe_machine()
        try:
            report |= measure()
        except SimulatorError as e:
            raise BadInput(str(e)) from e
    _show(report, json_out=json_out)
    raise typer.Exit(int(Exit.DONE if report[verdict] else Exit.REFUSED_OR_FAILED))


def _show(report: dict[str, object], *, json_out: bool) -> None:
    if json_out:
        print_json(report)
        return
    from simulators.workbench.bench.table import print_table

    print_table(report)
