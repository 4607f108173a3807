"""`api check`, which here asks the simulated car too."""

from typing import Annotated

import typer

from simulators.car import load_wiring
from simulators.car.model import CarModel
from simulators.errors import SimulatorError
from vehicle_agent.cli.api import PackArgument, show_checked
from vehicle_agent.cli.output import BadInput, one_sentence
from vehicle_agent.cli.packs import check_pack


def check(pack: PackArgument, json_out: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Checks an OEM pack. Example: vehicle-agent api check ./my_car"""
    with one_sentence():
        found, catalogue = check_pack(pack)
        try:
            CarModel(load_wiring(packs=catalogue.packs))
        except SimulatorError as e:
            raise BadInput(str(e)) from e
    show_checked(found, catalogue, json_out=json_out)
