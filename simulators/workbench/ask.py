"""`ask` and `call`: the whole way, on a simulated car or, with --connect, on the running daemon."""

from typing import Annotated

import typer

from vehicle_agent.cli.options import (
    AnswerOption,
    AskBelowOption,
    JsonOption,
    ModelOption,
    ThreadsOption,
    parse_answer,
    parse_pairs,
    said,
)
from vehicle_agent.cli.output import one_sentence

SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="What the simulated car does, e.g. speed=50, gear=D; repeatable.")
]
ConnectOption = Annotated[bool, typer.Option("--connect", help="Ask the running daemon instead of a simulated car.")]

ContinueOption = Annotated[
    bool,
    typer.Option(
        "--continue",
        help="Go on with the conversation of the last `ask` on this computer, if that is at most 60 s ago: what was "
        "said, done and asked is known, the car is a new one all the same. The daemon always goes on.",
    ),
]


def ask(
    text: Annotated[str, typer.Argument(help="What the driver says.")],
    settings: SetOption = None,
    answer: AnswerOption = None,
    connect: ConnectOption = False,
    go_on: ContinueOption = False,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    ask_below: AskBelowOption = None,
    journal: Annotated[str, typer.Option(help="Write what happens to this file.")] = "",
    json_out: JsonOption = False,
) -> None:
    """Say something to the car. Example: vehicle-agent ask "open my window halfway" --set speed=30 --set gear=D"""
    with one_sentence():
        yes = parse_answer(answer)
        text = said(text)
        if connect:
            from vehicle_agent.cli.talk import ask_daemon

            status = ask_daemon(text, yes, json_out=json_out)
        else:
            from simulators.workbench.simulated import run_text

            status = run_text(
                text,
                settings or [],
                yes,
                model=model,
                threads=threads,
                ask_below=ask_below,
                json_out=json_out,
                journal=journal,
                go_on=go_on,
            )
    raise typer.Exit(int(status))


def call(
    name: Annotated[str, typer.Argument(help="A function; `vehicle-agent api list` shows them.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="key=value ...")] = None,
    settings: SetOption = None,
    answer: AnswerOption = None,
    connect: ConnectOption = False,
    json_out: JsonOption = False,
) -> None:
    """One call without the model. Example: vehicle-agent call control_window position=50 window=passenger"""
    with one_sentence():
        yes = parse_answer(answer)
        words = dict(parse_pairs(arguments or [], "position=50"))
        if connect:
            from vehicle_agent.cli.talk import call_daemon

            status = call_daemon(name, words, yes, json_out=json_out)
        else:
            from simulators.workbench.simulated import run_call

            status = run_call(name, words, settings or [], yes, json_out=json_out)
    raise typer.Exit(int(status))
