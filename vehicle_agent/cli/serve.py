"""`serve` runs the daemon; `confirm`, `undo` and `cancel` talk to it."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vehicle_agent.cli.output import BadInput, Exit, one_sentence, print_json

if TYPE_CHECKING:
    from vehicle_agent.config import Config
    from vehicle_agent.service.client import Client

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def serve(
    config: Annotated[Path | None, typer.Option(help="TOML file; default /etc/vehicle-agent/config.toml.")] = None,
    audio: Annotated[
        str, typer.Option(help='"microphone", a WAV file, "-" for raw sound on standard input, "none".')
    ] = "none",
    simulate: Annotated[
        bool, typer.Option(help="Bring a simulated car and head unit along, on buses of their own.")
    ] = False,
) -> None:
    """The daemon: D-Bus service, buses and microphone as configured. Example: vehicle-agent serve --simulate"""
    from vehicle_agent.config import load_config
    from vehicle_agent.service.daemon import run

    def reload() -> "Config":
        return load_config(config)

    with one_sentence():
        settings = reload()
        if simulate:
            asyncio.run(_with_simulated_car(settings, audio, reload))
        else:
            asyncio.run(run(settings, audio=audio, reload=reload))


async def _with_simulated_car(settings: "Config", audio: str, reload: "Callable[[], Config]") -> None:
    from simulators.headunit import BusNotStarted
    from simulators.world import World
    from vehicle_agent.cli.packs import simulated_packs
    from vehicle_agent.config import DBusConfig
    from vehicle_agent.errors import Unavailable
    from vehicle_agent.service.daemon import run

    try:
        async with World(interface="virtual", packs=simulated_packs()) as world:

            def on_it(wanted: "Config") -> "Config":
                bus = wanted.bus.model_copy(update={"interface": "virtual", "channel": world.channel})
                dbus = DBusConfig(session=world.dbus_address, system=world.dbus_address)
                return wanted.model_copy(update={"bus": bus, "dbus": dbus})

            print(f"export DBUS_SESSION_BUS_ADDRESS={world.dbus_address}", flush=True)
            await run(on_it(settings), audio=audio, reload=lambda: on_it(reload()))
    except BusNotStarted as e:
        raise Unavailable(str(e)) from e


def _talk(work: "Callable[[Client], Awaitable[str]]") -> dict[str, Any]:
    """One exchange with the running daemon."""
    from vehicle_agent.service.client import Client

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
