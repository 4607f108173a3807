"""`serve`, which here can bring a simulated car along."""

from typing import Annotated

import typer

from vehicle_agent.cli import serve as car
from vehicle_agent.cli.output import one_sentence


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

    from simulators.workbench.daemon_beside_car import serve_beside_a_car

    with one_sentence():
        serve_beside_a_car(config, audio)
