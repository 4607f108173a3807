"""`api check`, which here asks the simulated car too."""

from typing import Annotated

import typer

from vehicle_agent.cli.api import PackArgument, show_checked
from vehicle_agent.cli.output import one_sentence


def check(pack: PackArgument, json_out: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Checks an OEM pack. Example: vehicle-agent api check ./my_car"""
    from simulators.workbench.packs import check_on_the_car

    with one_sentence():
        found, catalogue = check_on_the_car(pack)
    show_checked(found, catalogue, json_out=json_out)
