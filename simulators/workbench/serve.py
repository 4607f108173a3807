"""`serve`, which here can bring a simulated car along."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer

from simulators.headunit import BusNotStarted
from simulators.workbench.packs import simulated_packs
from simulators.world import World
from vehicle_agent.cli import serve as car
from vehicle_agent.cli.output import one_sentence
from vehicle_agent.config import Config, DBusConfig, load_config
from vehicle_agent.errors import Unavailable
from vehicle_agent.service.daemon import run


def serve(
    config: car.ConfigOption = None,
    audio: car.AudioOption = "none",
    simulate: Annotated[
        bool, typer.Option(help="Bring a simulated car and head unit along, on buses of their own.")
    ] = False,
) -> None:
    """The daemon: D-Bus service, buses and microphone as configured. Example: vehicle-agent serve --simulate"""
    if not simulate:
        car.serve(config, audio)
        return

    def reload() -> Config:
        return load_config(config)

    with one_sentence():
        asyncio.run(_with_simulated_car(reload(), audio, reload))


async def _with_simulated_car(settings: Config, audio: str, reload: Callable[[], Config]) -> None:
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
