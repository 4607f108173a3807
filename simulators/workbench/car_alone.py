"""The simulated car and head unit without an agent."""

import asyncio
import signal
import sys
from collections.abc import Iterable

from simulators.errors import SimulatorError
from simulators.headunit import BusNotStarted
from simulators.workbench.packs import simulated_packs
from simulators.world import World
from vehicle_agent.backends.can.bus import channel_of
from vehicle_agent.cli.output import BadInput
from vehicle_agent.config import BusConfig


async def live(interface: str, channel: str, settings: Iterable[tuple[str, str]]) -> None:
    """Runs them until SIGINT or SIGTERM and prints how a daemon finds them. Raises BadInput.

    ``channel``: "" = the interface's usual one. ``settings``: what the car does.
    """
    bus = BusConfig.model_validate({"interface": interface, "channel": channel})
    try:
        world = World(interface=interface, channel=channel_of(bus), packs=simulated_packs())
        for name, value in settings:
            world.car.set(name, value)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with world:
            print(f"# a car on {interface} {world.channel}; for a daemon beside it:")
            print(f"export DBUS_SESSION_BUS_ADDRESS={world.dbus_address} DBUS_SYSTEM_BUS_ADDRESS={world.dbus_address}")
            sys.stdout.flush()
            await stop.wait()
    except (SimulatorError, BusNotStarted) as e:
        raise BadInput(str(e)) from e
