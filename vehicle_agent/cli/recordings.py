"""`sim record` and `sim replay`: a bus kept in a file, sent again, or judged by the gate."""

import asyncio
import itertools
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vehicle_agent.cli.evaluate import JsonOption
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence, print_json

if TYPE_CHECKING:
    from simulators.recording import LogWriter
    from simulators.world import World
    from vehicle_agent.backends.can.frames import Received
    from vehicle_agent.recorded import Drive

InterfaceOption = Annotated[str, typer.Option(help="udp_multicast or socketcan.")]
ChannelOption = Annotated[str, typer.Option(help="Multicast group or SocketCAN device; left out, the usual one.")]
PortOption = Annotated[int, typer.Option(help="Port of udp_multicast.", min=1024, max=65535)]
BindingOption = Annotated[Path | None, typer.Option(help="The car's vehicle.toml; left out, the example car's.")]

_INTERFACES = ("udp_multicast", "socketcan")
_SHOWN_DIFFERENCES = 40


# --- record ---------------------------------------------------------------------------------------------------------


def record(
    file: Annotated[Path, typer.Argument(help="What to write; .log (candump), .asc, .blf or .mf4.")],
    scenario: Annotated[str, typer.Option(help="A scenario to drive and record, in simulated time.")] = "",
    interface: Annotated[str, typer.Option(help="Record this bus instead: udp_multicast or socketcan.")] = "",
    channel: ChannelOption = "",
    port: PortOption = 43113,
    seconds: Annotated[float, typer.Option(help="How long; 0 until interrupted.", min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(help="A message to record; repeatable. Left out, all.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Records every frame of a bus or of a scenario. Example: vehicle-agent sim record drive.log --scenario commute"""
    from simulators.errors import SimulatorError
    from simulators.recording import LogWriter, format_of

    with one_sentence():
        try:
            format_of(file)
            if bool(scenario) == bool(interface):
                raise BadInput("say what to record: --scenario NAME, or --interface udp_multicast for a running bus")
            wanted = _identifiers(only or [])
            if scenario:
                frames = _record_scenario(lambda: LogWriter(file, overwrite=overwrite), scenario, wanted)
            else:
                name = _channel(interface, channel)
                with LogWriter(file, overwrite=overwrite) as writer:
                    asyncio.run(_record_bus(writer, interface, name, port, seconds, wanted))
                frames = writer.frames
        except SimulatorError as e:
            raise BadInput(str(e)) from e
    if not frames:
        fail("no frame came, so nothing was written; is a car running on this bus?", Exit.REFUSED_OR_FAILED)
    print(f"{frames} frames in {file}")


def _channel(interface: str, channel: str) -> str:
    from vehicle_agent.backends.can.bus import DEFAULT_CHANNEL

    if interface == "virtual":
        raise BadInput("virtual is a bus inside one process, nobody else is on it; take udp_multicast or socketcan")
    if interface not in _INTERFACES:
        raise BadInput(f"the interface is {' or '.join(_INTERFACES)}, not {interface!r}")
    return channel or DEFAULT_CHANNEL[interface]


def _identifiers(names: Iterable[str]) -> frozenset[tuple[int, bool]] | None:
    """The identifiers of messages of the simulated car; None for all. Raises BadInput."""
    from simulators.car import load_wiring
    from vehicle_agent.cli.packs import simulated_packs

    found = set()
    messages = load_wiring(packs=simulated_packs()).network.messages if names else {}
    for name in names:
        if name not in messages:
            raise BadInput(f"the car has no message {name!r}; there are: {', '.join(sorted(messages))}")
        found.add((messages[name].frame_id, messages[name].is_extended_frame))
    return frozenset(found) or None


async def _record_bus(
    writer: "LogWriter",
    interface: str,
    channel: str,
    port: int,
    seconds: float,
    only: frozenset[tuple[int, bool]] | None,
) -> None:
    from simulators.bus import open_simulator_bus
    from simulators.recording import Recorder

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    bus = await asyncio.to_thread(open_simulator_bus, interface=interface, channel=channel, port=port)
    try:
        async with Recorder(bus, writer, only=only) as recorder:
            print(f"recording {interface} {channel} into {writer.path}; Ctrl-C ends it", file=sys.stderr)
            ends = [asyncio.create_task(stop.wait()), asyncio.create_task(recorder.failed.wait())]
            await asyncio.wait(ends, timeout=seconds or None, return_when=asyncio.FIRST_COMPLETED)
            for task in ends:
                task.cancel()
    finally:
        await asyncio.to_thread(bus.shutdown)


def _record_scenario(
    open_writer: "Callable[[], LogWriter]", scenario: str, only: frozenset[tuple[int, bool]] | None
) -> int:
    """Plays ``scenario`` in simulated time; the number of frames."""
    from simulators import scenario as scenarios
    from simulators.recording import Recorder
    from vehicle_agent.cli.evaluate import load_planner
    from vehicle_agent.cli.play import play

    @asynccontextmanager
    async def recording(world: "World") -> AsyncIterator[None]:
        bus = world.open_bus()
        try:
            async with Recorder(bus, writer, only=only):
                yield
        finally:
            bus.shutdown()

    script = scenarios.load(scenarios.built_in().get(scenario, Path(scenario)))
    planner = load_planner(None, 2) if script.needs_model else None
    with open_writer() as writer:
        report = play(script, source=scenario, planner=planner, beside=recording)
    if not report.passed:
        print(f"not all was as {scenario} expects; `vehicle-agent sim run {scenario}` tells what", file=sys.stderr)
    return writer.frames


# --- replay ---------------------------------------------------------------------------------------------------------


def replay(
    log: Annotated[Path, typer.Argument(help="A recording; .log (candump), .asc, .blf or .mf4.")],
    interface: InterfaceOption = "udp_multicast",
    channel: ChannelOption = "",
    port: PortOption = 43113,
    speed: Annotated[
        float, typer.Option(help="2 is twice as fast; 0 as fast as a bus carries, 4000 frames/s.", min=0)
    ] = 1.0,
    judge: Annotated[bool, typer.Option("--judge", help="No bus: straight into the safety gate.")] = False,
    expect: Annotated[Path | None, typer.Option(help="With --judge: what must come of it.")] = None,
    write_expect: Annotated[Path | None, typer.Option(help="With --judge: write down what came of it.")] = None,
    binding: BindingOption = None,
    json_out: JsonOption = False,
) -> None:
    """Sends a recording onto a bus, or judges it as a test. Example: vehicle-agent sim replay drive.log --judge

    With --judge the recording's own times are the clock: the same frames always give the same states and verdicts. With
    --expect the exit status is 1 when anything differs.
    """
    from simulators.errors import SimulatorError

    status = Exit.DONE
    with one_sentence():
        if (expect or write_expect or binding) and not judge:
            raise BadInput("--expect, --write-expect and --binding belong to --judge")
        try:
            if judge:
                status = _judge(log, binding, expect, write_expect, json_out=json_out)
            else:
                _send(log, interface, _channel(interface, channel), port, speed, json_out=json_out)
        except SimulatorError as e:
            raise BadInput(str(e)) from e
    raise typer.Exit(int(status))


def _send(log: Path, interface: str, channel: str, port: int, speed: float, *, json_out: bool) -> None:
    from simulators.bus import open_simulator_bus
    from simulators.recording import read_log
    from simulators.replaying import replay as send_all

    frames = read_log(log)
    first = next(frames)  # what is no recording is told before a bus is opened
    bus = open_simulator_bus(interface=interface, channel=channel, port=port)
    try:
        sent = send_all(itertools.chain([first], frames), bus, speed=speed)
    finally:
        bus.shutdown()
    if json_out:
        print_json({"sent": sent.sent, "seconds": round(sent.seconds, 3), "left_out": dict(sent.left_out)})
        return
    print(f"{sent.sent} frames sent to {interface} {channel} in {sent.seconds:.1f} s{_left_out(sent.left_out)}")


def _left_out(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"; left out: {told} frames" if told else ""


def _judge(
    log: Path, binding_path: Path | None, expect: Path | None, write_expect: Path | None, *, json_out: bool
) -> Exit:
    from vehicle_agent.recorded import differences, judge_drive, read_expectation, write_expectation
    from vehicle_agent.recorded.expectation import lines
    from vehicle_apis.binding import load_binding
    from vehicle_apis.catalogue import load_catalogue

    catalogue = load_catalogue()
    binding = load_binding(catalogue, binding_path)
    expected = read_expectation(expect) if expect is not None else None
    left_out: Counter[str] = Counter()
    drive = judge_drive(received(log, left_out), catalogue, binding)
    if not drive.frames:
        raise BadInput(f"{log} holds no classic data frames{_left_out(left_out)}; the gate judges by nothing else")
    found = differences(expected, drive) if expected is not None else []
    if write_expect is not None:
        write_expectation(write_expect, drive)
    if json_out:
        print_json({"drive": list(lines(drive)), "left_out": dict(left_out), "differences": found})
    else:
        _print_drive(log, drive, left_out)
        for difference in found[:_SHOWN_DIFFERENCES]:
            print(f"DIFFERENT: {difference}")
        if len(found) > _SHOWN_DIFFERENCES:
            print(f"... and {len(found) - _SHOWN_DIFFERENCES} more; --json shows all")
        if expected is not None:
            print(f"{len(found)} differences from {expect}" if found else f"as expected in {expect}")
    return Exit.REFUSED_OR_FAILED if found else Exit.DONE


def received(log: Path, left_out: "Counter[str]") -> "Iterator[Received]":
    """The frames of a recording as the agent receives them; ``left_out`` counts those it ignores."""
    from simulators.recording import read_log
    from simulators.replaying import kind_of
    from vehicle_agent.backends.can.frames import Received

    for message in read_log(log):
        kind = kind_of(message)
        if kind != "data":
            left_out[kind] += 1
            continue
        yield Received(message.arbitration_id, bytes(message.data), message.timestamp, message.is_extended_id)


def _print_drive(log: Path, drive: "Drive", left_out: "Counter[str]") -> None:
    print(f"{log}: {drive.frames} frames in {drive.seconds:.3f} s{_left_out(left_out)}")
    answers = {(v.at_s, v.state): Counter(v.of.values()) for v in drive.verdicts}
    for change in drive.changes:
        counts = answers[change.at_s, change.new]
        told = f"{counts['allow']} allowed, {counts['confirm']} asked, {counts['deny']} denied"
        print(f"{change.at_s:10.3f} s  {change.old} -> {change.new}  by {change.by}: {change.because}  [{told}]")
    if not drive.changes:
        print("the driving state never changed from unknown")
    for name, found in drive.messages.items():
        if any(what not in {"ok", "initial"} for what in found):
            print(f"{name}: {', '.join(f'{count} {what}' for what, count in found.items())}")
