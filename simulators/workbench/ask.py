"""`ask` and `call`: the whole way, on a simulated car or, with --connect, on the running daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

import typer

from vehicle_agent.cli.evaluate import AskBelowOption, JsonOption, ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence, print_json

if TYPE_CHECKING:
    from simulators.workbench.session import Session
    from vehicle_agent.conversation.assistant import Turn
    from vehicle_agent.planning.planner import Planner

SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="What the simulated car does, e.g. speed=50, gear=D; repeatable.")
]
AnswerOption = Annotated[str | None, typer.Option(help="yes or no: answers a question at once.")]
ConnectOption = Annotated[bool, typer.Option("--connect", help="Ask the running daemon instead of a simulated car.")]


def ask(
    text: Annotated[str, typer.Argument(help="What the driver says.")],
    settings: SetOption = None,
    answer: AnswerOption = None,
    connect: ConnectOption = False,
    model: ModelOption = None,
    threads: ThreadsOption = 2,
    ask_below: AskBelowOption = None,
    journal: Annotated[str, typer.Option(help="Write what happens to this file.")] = "",
    json_out: JsonOption = False,
) -> None:
    """Say something to the car. Example: vehicle-agent ask "open my window halfway" --set speed=30 --set gear=D"""
    with one_sentence():
        yes = parse_answer(answer)
        if not text.strip():
            raise BadInput("the text is empty; say what the driver says")
        if connect:
            from vehicle_agent.cli.serve import ask_daemon

            status = ask_daemon(text, yes, json_out=json_out)
        else:
            from vehicle_agent.cli.evaluate import load_planner

            planner = load_planner(model, threads, ask_below)
            status = asyncio.run(run_text(planner, text, settings or [], yes, json_out=json_out, journal=journal))
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
    from simulators.workbench.session import parse_settings
    from vehicle_apis.call import Call
    from vehicle_apis.catalogue import load_catalogue

    with one_sentence():
        yes = parse_answer(answer)
        words = dict(parse_settings(arguments or [], "position=50"))
        spec = load_catalogue()[name]
        wanted = Call(spec, spec.parse(words))
        if connect:
            from vehicle_agent.cli.serve import call_daemon

            status = call_daemon(name, words, yes, json_out=json_out)
        else:

            async def turn(s: "Session") -> "Turn":
                return await s.assistant.call(wanted)

            job = _Job(settings=settings or [], begin=turn, yes=yes, json_out=json_out)
            status = asyncio.run(_on_simulated_car(None, job))
    raise typer.Exit(int(status))


def parse_answer(answer: str | None) -> bool | None:
    if answer is None:
        return None
    if answer not in {"yes", "no"}:
        raise BadInput(f"--answer is yes or no, not {answer!r}")
    return answer == "yes"


async def run_text(
    planner: "Planner",
    text: str,
    settings: list[str],
    yes: bool | None,
    *,
    json_out: bool,
    journal: str = "",
    extra: Mapping[str, object] | None = None,
) -> Exit:
    """One utterance on a simulated car of its own. ``extra`` is added to the JSON."""

    async def turn(s: "Session") -> "Turn":
        return await s.assistant.ask(text)

    job = _Job(settings=settings, begin=turn, yes=yes, journal=journal, text=text, json_out=json_out, extra=extra or {})
    return await _on_simulated_car(planner, job)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    settings: list[str]
    begin: "Callable[[Session], Awaitable[Turn]]"
    yes: bool | None
    json_out: bool
    journal: str = ""
    text: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


async def _on_simulated_car(planner: "Planner | None", job: _Job) -> Exit:
    from simulators.workbench.session import exit_status, session
    from vehicle_agent.conversation.turn_json import turn_json

    async with session(planner, job.settings, journal=job.journal) as s:
        s.take_frames()
        turn = await job.begin(s)
        planned = turn.planned
        while turn.progress.question is not None and job.yes is not None:
            turn = await s.assistant.answer(turn.progress.question.id, yes=job.yes)
        turn = replace(turn, planned=planned)
        frames = s.take_frames()
    if job.json_out:
        print_json({**turn_json(turn, text=job.text, frames=frames), **job.extra})
    else:
        print_turn(turn, frames)
    if planned is not None and not planned.heard:
        fail(planned.why)
    return exit_status(turn)


def print_turn(turn: "Turn", frames: list[dict[str, object]]) -> None:
    """A turn for people: plan, verdicts, frames, answer."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    if turn.planned is not None and turn.planned.heard:
        console.print(
            f"[dim]heard[/]   {turn.planned.heard}   [dim]{turn.planned.model_ms:.0f} ms, "
            f"confidence {turn.planned.confidence:.2f}[/]"
        )
    for step, outcome in zip(turn.progress.plan, turn.progress.outcomes, strict=True):
        colour = {"done": "green", "pending": "yellow"}.get(outcome.status.value, "red")
        verdict = (
            f"[dim]{outcome.verdict} by {escape(outcome.rule)}[/]" if outcome.rule else f"[dim]{outcome.verdict}[/]"
        )
        console.print(
            f"[dim]step {step.id}[/]  {escape(str(step.call))}   {verdict}   [{colour}]{outcome.status.value}[/]"
        )
    for frame in frames:
        arrow = ">" if frame["direction"] == "sent" else "<"
        console.print(f"[dim]{frame['t_ms']:>9.1f} ms {arrow} {frame['id']:03X} {frame['name']:<22} {frame['data']}[/]")
    console.print(f"[bold]{escape(turn.reply)}[/]")
