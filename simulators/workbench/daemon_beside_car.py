"""The daemon with a simulated car of its own in one process."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from simulators.headunit import BusNotStarted
from simulators.workbench.packs import simulated_packs
from simulators.world import World
from vehicle_agent.config import Config, DBusConfig, load_config
from vehicle_agent.errors import Unavailable
from vehicle_agent.service.daemon import run


def serve_beside_a_car(config: Path | None, audio: str) -> None:
    """Runs the daemon on the buses of a car of its own. ``config``: its file. Raises ConfigError, Unavailable."""

    def reload() -> Config:
        return load_config(config)

    asyncio.run(_serve(reload(), audio, reload))


async def _serve(settings: Config, audio: str, reload: Callable[[], Config]) -> None:
    try:
        async with World(interface="virtual", packs=simulated_packs()) as world:

            def on_it(wanted: Config) -> Config:
                bus = wanted.bus.model_copy(update={"interface": "virtual", "channel": world.channel})
                dbus = DBusConfig(session=world.dbus_address, system=world.dbus_address)
                return wanted.model_copy(update={"bus": bus, "dbus": dbus})

            print(f"export DBUS_SESSION_BUS_ADDRESS={world.dbus_address}", flush=True)
            await run(on_it(settings), audio=audio, reload=lambda: on_it(reload()))
    except BusNotStarted as e:
        raise Unavailable(str(e)) from e
