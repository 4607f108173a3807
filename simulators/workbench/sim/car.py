"""`sim car`: the simulated car and head unit for a daemon beside them."""

import asyncio
from typing import Annotated

import typer

from simulators.workbench.ask import SetOption
from vehicle_agent.cli.options import parse_pairs
from vehicle_agent.cli.output import BadInput, one_sentence


def car(
    settings: SetOption = None,
    interface: Annotated[str, typer.Option(help="udp_multicast or socketcan")] = "udp_multicast",
    channel: Annotated[str, typer.Option(help="Multicast group or SocketCAN device.")] = "",
) -> None:
    """Runs the simulated car and head unit until interrupted, for a daemon beside it. Example: vehicle-agent sim car"""
    with one_sentence():
        pairs = parse_pairs(settings or [])
        if interface not in {"udp_multicast", "socketcan"}:
            raise BadInput(f"the interface is udp_multicast or socketcan, not {interface!r}")
        from simulators.workbench.car_alone import live

        asyncio.run(live(interface, channel, pairs))
