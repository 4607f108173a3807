"""`sim record` and `sim replay`: a bus kept in a file, sent again, or judged by the gate."""

from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence

InterfaceOption = Annotated[str, typer.Option(help="udp_multicast or socketcan.")]
ChannelOption = Annotated[str, typer.Option(help="Multicast group or SocketCAN device; left out, the usual one.")]
PortOption = Annotated[int, typer.Option(help="Port of udp_multicast.", min=1024, max=65535)]
BindingOption = Annotated[Path | None, typer.Option(help="The car's vehicle.toml; left out, the example car's.")]


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
    from simulators.workbench import recordings

    with one_sentence():
        frames = recordings.record(
            file,
            scenario=scenario,
            interface=interface,
            channel=channel,
            port=port,
            seconds=seconds,
            only=only or [],
            overwrite=overwrite,
        )
    if not frames:
        fail("no frame came, so nothing was written; is a car running on this bus?", Exit.REFUSED_OR_FAILED)
    print(f"{frames} frames in {file}")


def replay(  # noqa: PLR0913, PLR0917 - one for each option
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
    bus: Annotated[
        str, typer.Option("--bus", help="Which bus of the recording: interface name or channel number.")
    ] = "",
    skip_pauses: Annotated[
        bool, typer.Option("--skip-pauses", help="Of a pause of more than a minute, one second is left.")
    ] = False,
    json_out: JsonOption = False,
) -> None:
    """Sends a recording onto a bus, or judges it as a test. Example: vehicle-agent sim replay drive.log --judge

    What is left out of the recording is counted and told on standard error.

    With --judge the recording's own times are the clock: the same frames always give the same states and verdicts. With
    --expect the exit status is 1 when anything differs.
    """
    from simulators.workbench import recordings

    as_expected = True
    with one_sentence():
        if (expect or write_expect or binding) and not judge:
            raise BadInput("--expect, --write-expect and --binding belong to --judge")
        if judge:
            as_expected = recordings.judge(
                log,
                bus,
                skip_pauses=skip_pauses,
                binding=binding,
                expect=expect,
                write_expect=write_expect,
                json_out=json_out,
            )
        else:
            recordings.send(
                log,
                bus,
                skip_pauses=skip_pauses,
                interface=interface,
                channel=channel,
                port=port,
                speed=speed,
                json_out=json_out,
            )
    raise typer.Exit(int(Exit.DONE if as_expected else Exit.REFUSED_OR_FAILED))
