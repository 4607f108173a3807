"""One turn on a simulated car of its own: what `ask`, `call` and `say` do."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from simulators.workbench.last_ask import put_away, taken_up
from simulators.workbench.session import Session, exit_status, session
from vehicle_agent.cli.heard import heard_in, transcript_json
from vehicle_agent.cli.options import EngineOption
from vehicle_agent.cli.output import Exit, fail, print_json
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.conversation.assistant import PlansText, Turn
from vehicle_agent.conversation.turn import note
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_apis.catalogue import load_catalogue


def run_text(
    text: str,
    settings: list[str],
    yes: bool | None,
    *,
    model: Path | None,
    threads: int,
    ask_below: float | None = None,
    json_out: bool,
    journal: str = "",
    go_on: bool = False,
) -> Exit:
    """One utterance on a simulated car of its own, whose conversation is put away. Blocks.

    ``go_on``: with the conversation that was put away last. Raises ModelError, BadInput, Unavailable.
    """
    planner = load_planner(model, threads, ask_below)
    return ask_on_simulated_car(
        planner, text, settings, yes, json_out=json_out, journal=journal, keep=True, go_on=go_on
    )


def ask_on_simulated_car(
    planner: PlansText,
    text: str,
    settings: list[str],
    yes: bool | None,
    *,
    json_out: bool,
    journal: str = "",
    extra: Mapping[str, object] | None = None,
    keep: bool = False,
    go_on: bool = False,
) -> Exit:
    """One utterance on a simulated car of its own. Blocks. ``keep``: for the next one to ``go_on`` with."""
    kept = taken_up(load_catalogue()) if go_on else None

    async def turn(s: Session) -> Turn:
        if kept is not None:
            asked = await s.assistant.take_up(kept)
            if asked is not None and asked.progress.question is None:
                print(f"vehicle-agent: {asked.reply}", file=sys.stderr)  # the new car refuses what the old one asked
        return await s.assistant.ask(text)

    job = _Job(
        settings=settings,
        begin=turn,
        yes=yes,
        journal=journal,
        text=text,
        json_out=json_out,
        extra=extra or {},
        keep=keep,
    )
    return asyncio.run(_on_simulated_car(planner, job))


def run_wav(
    file: Path,
    engine: EngineOption,
    settings: list[str],
    yes: bool | None,
    *,
    model: Path | None,
    threads: int,
    json_out: bool,
) -> Exit:
    """One spoken utterance on a simulated car of its own. Blocks. Raises AudioError, and what `run_text` does."""
    heard = heard_in(file, engine)
    planner = load_planner(model, threads)
    if not json_out:
        print(f"{heard.engine} heard: {heard.text}  (confidence {heard.confidence:.2f}, rtf {heard.rtf:.2f})")
    extra = {"transcript": transcript_json(heard)}
    return ask_on_simulated_car(planner, heard.text, settings, yes, json_out=json_out, extra=extra)


def run_call(name: str, arguments: Mapping[str, str], settings: list[str], yes: bool | None, *, json_out: bool) -> Exit:
    """One call on a simulated car of its own. Blocks. Raises VehicleApiError, BadInput, Unavailable."""
    catalogue = load_catalogue()
    call = catalogue.call(name, **catalogue[name].parse(arguments))

    async def turn(s: Session) -> Turn:
        return await s.assistant.call(call)

    return asyncio.run(_on_simulated_car(None, _Job(settings=settings, begin=turn, yes=yes, json_out=json_out)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    settings: list[str]
    begin: Callable[[Session], Awaitable[Turn]]
    yes: bool | None
    json_out: bool
    journal: str = ""
    text: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    keep: bool = False


async def _on_simulated_car(planner: PlansText | None, job: _Job) -> Exit:
    async with session(planner, job.settings, journal=job.journal) as s:
        s.take_frames()
        turn = await job.begin(s)
        planned = turn.planned
        while turn.progress.question is not None and job.yes is not None:
            turn = await s.assistant.answer(turn.progress.question.id, yes=job.yes)
        turn = replace(turn, planned=planned)
        frames = s.take_frames()
        if job.keep:
            put_away(s.assistant.put_away())
    if job.json_out:
        print_json({**turn_json(turn, text=job.text, frames=frames), **job.extra})
    else:
        print_turn(turn, frames)
    if planned is not None and not planned.heard:
        fail(planned.why)
    return exit_status(turn)


def print_turn(turn: Turn, frames: list[dict[str, object]]) -> None:
    """A turn for people: plan, verdicts, frames, answer."""
    console = Console(highlight=False)
    if turn.planned is not None and turn.planned.heard:
        console.print(
            f"[dim]heard[/]   {turn.planned.heard}   [dim]{turn.planned.model_ms:.0f} ms, "
            f"confidence {turn.planned.confidence:.2f}[/]"
        )
        if note(turn.planned):
            console.print(f"[dim]{escape(note(turn.planned))}[/]")
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
