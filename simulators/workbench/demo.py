"""`demo`: a drive on the simulated car."""

from typing import Annotated

import typer

from vehicle_agent.cli.options import ModelOption, ThreadsOption
from vehicle_agent.cli.output import one_sentence


def demo(
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    voice: Annotated[bool, typer.Option("--voice/--no-voice", help="Speak the spoken lines, or type them.")] = True,
) -> None:
    """A drive of spoken and typed commands on the simulated car. Example: vehicle-agent demo"""
    from simulators.workbench.drive import demonstrate

    with one_sentence():
        demonstrate(model, threads, voice=voice)
