"""`sim` and `demo`: the simulated car, alone and in a drive."""

import asyncio
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.ask import SetOption
from vehicle_agent.cli.evaluate import JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json

app = typer.Typer(no_args_is_help=True, help="The simulated car alone.")


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A YAML file, or the name of a built-in scenario.")],
    time_scale: Annotated[float, typer.Option(help="How much faster than real the car moves.", min=0.01)] = 1.0,
    json_out: JsonOption = False,
) -> None:
    """Runs a scenario and checks what it expects. Example: vehicle-agent sim run commute --time-scale 10"""
    from simulators import scenario as scenarios
    from simulators.car import load_wiring
    from simulators.errors import SimulatorError
    from simulators.world import World
    from vehicle_agent.cli.packs import simulated_packs

    async def drive() -> scenarios.Report:
        async with World(with_head_unit=False, time_scale=time_scale, wiring=wiring) as world:
            return await scenarios.run(script, world.car)

    with one_sentence():
        try:
            wiring = load_wiring(packs=simulated_packs())
            script = scenarios.load(scenarios.built_in().get(scenario, Path(scenario)), wiring=wiring)
            report = asyncio.run(drive())
        except SimulatorError as e:
            raise BadInput(str(e)) from e
    if json_out:
        print_json({"passed": report.passed, "checks": [asdict(c) for c in report.checks]})
    else:
        for check in report.checks:
            mark = "ok" if check.met else "NO"
            print(f"{check.at_s:7.1f} s  {mark}  {check.name}: wanted {check.wanted}, seen {check.seen}")
        print("passed" if report.passed else "FAILED")
    raise typer.Exit(int(Exit.DONE if report.passed else Exit.REFUSED_OR_FAILED))


@app.command()
def car(
    settings: SetOption = None,
    interface: Annotated[str, typer.Option(help="udp_multicast or socketcan")] = "udp_multicast",
    channel: Annotated[str, typer.Option(help="Multicast group or SocketCAN device.")] = "",
) -> None:
    """Runs the simulated car and head unit until interrupted, for a daemon beside it. Example: vehicle-agent sim car"""
    from simulators.errors import SimulatorError
    from simulators.headunit import BusNotStarted
    from simulators.world import World
    from vehicle_agent.backends.can.bus import channel_of
    from vehicle_agent.cli.packs import simulated_packs
    from vehicle_agent.cli.session import parse_settings
    from vehicle_agent.config import BusConfig

    async def live() -> None:
        bus = BusConfig.model_validate({"interface": interface, "channel": channel})
        world = World(interface=interface, channel=channel_of(bus), packs=simulated_packs())
        for name, value in pairs:
            world.car.set(name, value)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with world:
            print(f"# a car on {interface} {world.channel}; for a daemon beside it:")
            print(f"export DBUS_SESSION_BUS_ADDRESS={world.dbus_address} DBUS_SYSTEM_BUS_ADDRESS={world.dbus_address}")
            sys.stdout.flush()
            await stop.wait()

    with one_sentence():
        pairs = parse_settings(settings or [])
        if interface not in {"udp_multicast", "socketcan"}:
            raise BadInput(f"the interface is udp_multicast or socketcan, not {interface!r}")
        try:
            asyncio.run(live())
        except (SimulatorError, BusNotStarted) as e:
            raise BadInput(str(e)) from e


def demo(
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    voice: Annotated[bool, typer.Option("--voice/--no-voice", help="Speak the spoken lines, or type them.")] = True,
) -> None:
    """A drive of spoken and typed commands on the simulated car. Example: vehicle-agent demo"""
    from vehicle_agent.cli.drive import drive
    from vehicle_agent.cli.evaluate import load_planner

    with one_sentence():
        planner = load_planner(model, threads)
        asyncio.run(drive(planner, voice=voice))
