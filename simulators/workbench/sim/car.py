"""`sim car`: the simulated car and head unit for a daemon beside them."""

import asyncio
import signal
import sys
from typing import Annotated

import typer

from simulators.workbench.ask import SetOption
from vehicle_agent.cli.output import BadInput, one_sentence


def car(
    settings: SetOption = None,
    interface: Annotated[str, typer.Option(help="udp_multicast or socketcan")] = "udp_multicast",
    channel: Annotated[str, typer.Option(help="Multicast group or SocketCAN device.")] = "",
) -> None:
    """Runs the simulated car and head unit until interrupted, for a daemon beside it. Example: vehicle-agent sim car"""
    from simulators.errors import SimulatorError
    from simulators.headunit import BusNotStarted
    from simulators.workbench.packs import simulated_packs
    from simulators.world import World
    from vehicle_agent.backends.can.bus import channel_of
    from vehicle_agent.cli.options import parse_pairs
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
        pairs = parse_pairs(settings or [])
        if interface not in {"udp_multicast", "socketcan"}:
            raise BadInput(f"the interface is udp_multicast or socketcan, not {interface!r}")
        try:
            asyncio.run(live())
        except (SimulatorError, BusNotStarted) as e:
            raise BadInput(str(e)) from e
