"""A bus kept in a file, sent again, or judged by the gate."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import can

from simulators import scenario as scenarios
from simulators.bus import open_simulator_bus
from simulators.car import load_wiring
from simulators.errors import SimulatorError
from simulators.reading import Recording, Report, open_recording
from simulators.reading.report import REASONS
from simulators.recording import LogWriter, Recorder, format_of
from simulators.replaying import SENT_KINDS
from simulators.replaying import replay as send_all
from simulators.workbench.packs import simulated_packs
from simulators.workbench.play import play
from simulators.world import World
from vehicle_agent.backends.can.bus import DEFAULT_CHANNEL
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.cli.output import BadInput, print_json
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.record.drives import Drive, differences, judge_drive, read_expectation, write_expectation
from vehicle_agent.record.drives.expectation import lines
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import load_catalogue

_INTERFACES = ("udp_multicast", "socketcan")
_SHOWN_DIFFERENCES = 40
_FRAME_KINDS = frozenset({"error", "remote", "FD", "XL"})
_JUDGED_KINDS = frozenset({"data"})  # the agent takes no other frames


# --- record ---------------------------------------------------------------------------------------------------------


def record(
    file: Path,
    *,
    scenario: str,
    interface: str,
    channel: str,
    port: int,
    seconds: float,
    only: Iterable[str],
    overwrite: bool,
) -> int:
    """Writes every frame of a bus, or of ``scenario``, into ``file``; the number of frames. Blocks. Raises BadInput.

    ``seconds``: 0 = until interrupted. ``only``: names of messages; none = all.
    """
    try:
        format_of(file)
        if bool(scenario) == bool(interface):
            raise BadInput("say what to record: --scenario NAME, or --interface udp_multicast for a running bus")
        wanted = _identifiers(only)
        if scenario:
            return _record_scenario(lambda: LogWriter(file, overwrite=overwrite), scenario, wanted)
        name = _channel(interface, channel)
        with LogWriter(file, overwrite=overwrite) as writer:
            asyncio.run(_record_bus(writer, interface, name, port, seconds, wanted))
    except SimulatorError as e:
        raise BadInput(str(e)) from e
    return writer.frames


def _channel(interface: str, channel: str) -> str:
    if interface == "virtual":
        raise BadInput("virtual is a bus inside one process, nobody else is on it; take udp_multicast or socketcan")
    if interface not in _INTERFACES:
        raise BadInput(f"the interface is {' or '.join(_INTERFACES)}, not {interface!r}")
    return channel or DEFAULT_CHANNEL[interface]


def _identifiers(names: Iterable[str]) -> frozenset[tuple[int, bool]] | None:
    """The identifiers of messages of the simulated car; None for all. Raises BadInput."""
    found = set()
    messages = load_wiring(packs=simulated_packs()).network.messages if names else {}
    for name in names:
        if name not in messages:
            raise BadInput(f"the car has no message {name!r}; there are: {', '.join(sorted(messages))}")
        found.add((messages[name].frame_id, messages[name].is_extended_frame))
    return frozenset(found) or None


async def _record_bus(
    writer: LogWriter,
    interface: str,
    channel: str,
    port: int,
    seconds: float,
    only: frozenset[tuple[int, bool]] | None,
) -> None:
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
    open_writer: Callable[[], LogWriter], scenario: str, only: frozenset[tuple[int, bool]] | None
) -> int:
    """Plays ``scenario`` in simulated time; the number of frames."""

    @asynccontextmanager
    async def recording(world: World) -> AsyncIterator[None]:
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


def send(
    log: Path,
    bus: str,
    *,
    skip_pauses: bool,
    interface: str,
    channel: str,
    port: int,
    speed: float,
    json_out: bool,
) -> None:
    """Sends a recording, or its ``bus``, onto a CAN bus. Blocks. Raises BadInput."""
    with _opened(log) as recording:
        name = _channel(interface, channel)
        _send(_Choice(recording, bus, skip_pauses=skip_pauses), interface, name, port, speed, json_out=json_out)


def judge(
    log: Path,
    bus: str,
    *,
    skip_pauses: bool,
    binding: Path | None,
    expect: Path | None,
    write_expect: Path | None,
    json_out: bool,
) -> bool:
    """Whether the gate makes of a recording, or of its ``bus``, what ``expect`` says. Raises BadInput."""
    with _opened(log) as recording:
        chosen = _Choice(recording, bus, skip_pauses=skip_pauses)
        return _judge(chosen, binding, expect, write_expect, json_out=json_out)


@contextmanager
def _opened(log: Path) -> Iterator[Recording]:
    try:
        with open_recording(log) as recording:
            yield recording
    except SimulatorError as e:
        raise BadInput(str(e)) from e


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """One bus of a recording; ``bus`` is None where there is but one. ``report``: what reading it leaves out."""

    bus: str | None
    report: Report


class _Choice:
    """Which bus of ``recording`` is meant: ``wanted``, or the only one that can be."""

    def __init__(self, recording: Recording, wanted: str, *, skip_pauses: bool) -> None:
        self.path = recording.path
        self._recording = recording
        self._wanted = wanted
        self._skip_pauses = skip_pauses

    def of(self, kinds: frozenset[str], known: Collection[tuple[int, bool]] = ()) -> _Chosen:
        """Looks through the recording for frames of ``kinds``. ``known``: identifiers that tell the right bus.

        Raises BadInput when it holds several buses and nothing tells which one.
        """
        survey = self._recording.survey(kinds)
        if self._wanted:
            name = survey.named(self._wanted)
            return _Chosen(bus=name, report=survey.report(name))
        buses = list(survey.buses)
        if len(buses) <= 1:
            return _Chosen(bus=buses[0] if buses else None, report=survey.report(*buses))
        right = [name for name in buses if survey.identifiers(name) & frozenset(known)]
        if len(right) != 1:
            why = "; the car's messages are on more than one" if right else ""
            raise BadInput(
                f"{self.path} holds {len(buses)} buses{why}: {survey.buses_text()}; choose one with --bus {buses[0]}"
            )
        report = survey.report(right[0])
        report.note(f"taken: {right[0]}, the only bus with the car's messages")
        return _Chosen(bus=right[0], report=report)

    def frames(self, chosen: _Chosen, kinds: frozenset[str]) -> Iterator[can.Message]:
        return self._recording.frames(bus=chosen.bus, kinds=kinds, skip_pauses=self._skip_pauses)

    def tell(self, report: Report, *, waits: bool) -> None:
        """On standard error."""
        told = report.sentences()
        if report.pauses:
            if self._skip_pauses:
                told[-1] += "; skipped"
            elif waits:
                told[-1] += "; --skip-pauses does not wait for them"
        for sentence in told:
            print(f"{self.path}: {sentence}", file=sys.stderr)


def _send(choice: _Choice, interface: str, channel: str, port: int, speed: float, *, json_out: bool) -> None:
    chosen = choice.of(SENT_KINDS)
    if not chosen.report.used:
        raise BadInput(f"{choice.path} holds no frames that can be sent{_left_out(chosen.report)}")
    bus = open_simulator_bus(interface=interface, channel=channel, port=port)
    try:
        choice.tell(chosen.report, waits=speed > 0)
        sent = send_all(choice.frames(chosen, SENT_KINDS), bus, speed=speed)
    finally:
        bus.shutdown()
    if json_out:
        document = {"sent": sent.sent, "seconds": round(sent.seconds, 3), "left_out": dict(chosen.report.counts)}
        print_json({**document, "bus": chosen.bus, "recording": chosen.report.to_json()})
        return
    print(f"{sent.sent} frames sent to {interface} {channel} in {sent.seconds:.1f} s{_left_out(chosen.report)}")


def _left_out(report: Report) -> str:
    frames = [f"{count} {reason}" for reason, count in report.counts.items() if reason in _FRAME_KINDS]
    told = [f"{', '.join(frames)} frames"] if frames else []
    for reason, count in report.counts.items():
        if reason not in _FRAME_KINDS:
            told.append(f"{count} {REASONS[reason][count != 1]}")
    return f"; left out: {', '.join(told)}" if told else ""


def _judge(
    choice: _Choice, binding_path: Path | None, expect: Path | None, write_expect: Path | None, *, json_out: bool
) -> bool:
    catalogue = load_catalogue()
    binding = load_binding(catalogue, binding_path)
    expected = read_expectation(expect) if expect is not None else None
    messages = binding.network.messages.values()
    chosen = choice.of(_JUDGED_KINDS, {(message.frame_id, message.is_extended_frame) for message in messages})
    report = chosen.report
    if not report.used:
        raise BadInput(
            f"{choice.path} holds no classic data frames{_left_out(report)}; the gate judges by nothing else"
        )
    drive = judge_drive(map(_as_received, choice.frames(chosen, _JUDGED_KINDS)), catalogue, binding)
    choice.tell(report, waits=False)
    found = differences(expected, drive) if expected is not None else []
    if write_expect is not None:
        write_expectation(write_expect, drive)
    if json_out:
        document = {"drive": list(lines(drive)), "left_out": dict(report.counts), "differences": found}
        print_json({**document, "bus": chosen.bus, "recording": report.to_json()})
    else:
        _print_drive(choice.path, drive, report)
        for difference in found[:_SHOWN_DIFFERENCES]:
            print(f"DIFFERENT: {difference}")
        if len(found) > _SHOWN_DIFFERENCES:
            print(f"... and {len(found) - _SHOWN_DIFFERENCES} more; --json shows all")
        if expected is not None:
            print(f"{len(found)} differences from {expect}" if found else f"as expected in {expect}")
    return not found


def received(log: Path, left_out: Counter[str]) -> Iterator[Received]:
    """The frames of a recording as the agent receives them; ``left_out`` counts those it ignores, by reason."""
    with open_recording(log) as recording:
        report = recording.new_report()
        yield from map(_as_received, recording.frames(kinds=_JUDGED_KINDS, report=report))
        left_out.update(report.counts)


def _as_received(message: can.Message) -> Received:
    return Received(message.arbitration_id, bytes(message.data), message.timestamp, message.is_extended_id)


def _print_drive(log: Path, drive: Drive, report: Report) -> None:
    print(f"{log}: {drive.frames} frames in {drive.seconds:.3f} s{_left_out(report)}")
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
