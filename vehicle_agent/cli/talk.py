"""What talks to the running daemon: `ask`, `call`, `confirm`, `undo` and `cancel`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from vehicle_agent.cli.options import AnswerOption, JsonOption, parse_answer, parse_pairs, said
from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json
from vehicle_agent.service.client import Client
from vehicle_apis.catalogue import load_catalogue

ConnectOption = Annotated[
    bool, typer.Option("--connect", help="For lines written beside a simulated car; here the daemon is always asked.")
]
ContinueOption = Annotated[
    bool, typer.Option("--continue", help="For lines written beside a simulated car; the daemon always goes on.")
]


def ask(
    text: Annotated[str, typer.Argument(help="What the driver says.")],
    answer: AnswerOption = None,
    connect: ConnectOption = True,  # noqa: ARG001
    go_on: ContinueOption = False,  # noqa: ARG001
    json_out: JsonOption = False,
) -> None:
    """Say something to the car. Example: vehicle-agent ask "open my window halfway" """
    with one_sentence():
        yes = parse_answer(answer)
        text = said(text)
        status = ask_daemon(text, yes, json_out=json_out)
    raise typer.Exit(int(status))


def call(
    name: Annotated[str, typer.Argument(help="A function; `vehicle-agent api list` shows them.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="key=value ...")] = None,
    answer: AnswerOption = None,
    connect: ConnectOption = True,  # noqa: ARG001
    json_out: JsonOption = False,
) -> None:
    """One call without the model. Example: vehicle-agent call control_window position=50 window=passenger"""
    with one_sentence():
        yes = parse_answer(answer)
        words = dict(parse_pairs(arguments or [], "position=50"))
        status = call_daemon(name, words, yes, json_out=json_out)
    raise typer.Exit(int(status))


def _talk(work: Callable[[Client], Awaitable[str]]) -> dict[str, Any]:
    """One exchange with the running daemon."""

    async def exchange() -> str:
        async with Client() as client:
            return await work(client)

    document: dict[str, Any] = json.loads(asyncio.run(exchange()))
    return document


def _show(document: dict[str, Any], *, json_out: bool) -> Exit:
    if json_out:
        print_json(document)
    else:
        for outcome in document.get("outcomes", []):
            print(f"step {outcome['id']}: {outcome['verdict']} {outcome['status']}  {outcome['rule']}")
        print(document["reply"])
        question = document.get("question")
        if question:
            print(f"(answer with: vehicle-agent confirm {question['id']} yes)", file=sys.stderr)
    if document.get("question"):
        return Exit.WAITING_FOR_ANSWER
    outcomes = document.get("outcomes", [])
    done = bool(outcomes) and all(o["status"] == "done" for o in outcomes)
    return Exit.DONE if done else Exit.REFUSED_OR_FAILED


def _answered(document: dict[str, Any], yes: bool | None) -> dict[str, Any]:
    while document.get("question") and yes is not None:
        document = {**document, **_confirm(int(document["question"]["id"]), yes=yes)}
    return document


def _confirm(number: int, *, yes: bool) -> dict[str, Any]:
    return _talk(lambda client: client.confirm(number, yes=yes))


def ask_daemon(text: str, yes: bool | None, *, json_out: bool) -> Exit:
    return _show(_answered(_talk(lambda client: client.ask(text)), yes), json_out=json_out)


def call_daemon(name: str, arguments: dict[str, str], yes: bool | None, *, json_out: bool) -> Exit:
    load_catalogue()[name].parse(arguments)  # it says better than the daemon what is wrong
    return _show(_answered(_talk(lambda client: client.call(name, arguments)), yes), json_out=json_out)


def confirm(
    question: Annotated[int, typer.Argument(help="The question's number.")],
    answer: Annotated[str, typer.Argument(help="yes or no")],
    json_out: JsonOption = False,
) -> None:
    """Answer the daemon's open question. Example: vehicle-agent confirm 1 yes"""
    with one_sentence():
        if answer not in {"yes", "no"}:
            raise BadInput(f"answer yes or no, not {answer!r}")
        status = _show(_confirm(question, yes=answer == "yes"), json_out=json_out)
    raise typer.Exit(int(status))


def undo(json_out: JsonOption = False) -> None:
    """Take the daemon's last action back. Example: vehicle-agent undo"""
    with one_sentence():
        status = _show(_talk(lambda client: client.undo()), json_out=json_out)
    raise typer.Exit(int(status))


def cancel(json_out: JsonOption = False) -> None:
    """Drop the daemon's open question and what was not sent yet. Example: vehicle-agent cancel"""
    with one_sentence():
        status = _show(_talk(lambda client: client.cancel()), json_out=json_out)
    raise typer.Exit(int(status))
