"""`sim dashboard`: the simulated car, an agent and the web page that shows both, in one process."""

import asyncio
from typing import Annotated

import typer

from simulators.workbench.ask import SetOption
from vehicle_agent.cli.options import ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, one_sentence
from vehicle_agent.packages import problem

INTERFACES = ("virtual", "udp_multicast", "socketcan")


def dashboard(
    settings: SetOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this computer's own lets others drive the car.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0 = any free one.", min=0, max=65535)] = 8765,
    interface: Annotated[str, typer.Option(help=f"CAN bus: {', '.join(INTERFACES)}.")] = "virtual",
    channel: Annotated[str, typer.Option(help="Multicast group or SocketCAN device.")] = "",
    model: ModelOption = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Without the language model: calls instead of text.")
    ] = False,
    threads: ThreadsOption = 2,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """A web page to drive the simulated car and to watch bus and agent. Example: vehicle-agent sim dashboard --open"""
    with one_sentence():
        if interface not in INTERFACES:
            raise BadInput(f"the interface is one of {', '.join(INTERFACES)}, not {interface!r}")
        try:
            from simulators.workbench.dashboard import until_interrupted
        except ImportError as e:
            raise BadInput(f"the dashboard cannot be shown: {problem(e) or e}") from e
        asyncio.run(
            until_interrupted(
                None if no_model else (model, threads), settings or (), (interface, channel), host, port, show
            )
        )
