"""`sim dashboard`: the simulated car, an agent and the web page that shows both, in one process."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from simulators.workbench.ask import SetOption
from vehicle_agent.cli.evaluate import ModelOption, ThreadsOption
from vehicle_agent.cli.output import BadInput, one_sentence
from vehicle_agent.packages import problem

if TYPE_CHECKING:
    from simulators.dashboard import AgentEvent, Dashboard, OpenQuestion, PlannedStep
    from simulators.workbench.session import Session
    from vehicle_agent.config import BusConfig
    from vehicle_agent.conversation.assistant import PlansText, StreamsPlan, Turn
    from vehicle_agent.conversation.judgement import Judgement
    from vehicle_agent.conversation.outcome import Outcome
    from vehicle_agent.planning.early import Early
    from vehicle_agent.planning.planner import Planned, Planner
    from vehicle_apis.call import Plan
    from vehicle_apis.params import Scalar

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
    from vehicle_agent.config import BusConfig

    with one_sentence():
        if interface not in INTERFACES:
            raise BadInput(f"the interface is one of {', '.join(INTERFACES)}, not {interface!r}")
        bus = None if interface == "virtual" else BusConfig.model_validate({"interface": interface, "channel": channel})
        asyncio.run(_until_interrupted(None if no_model else (model, threads), settings or (), bus, host, port, show))


async def _until_interrupted(
    model: tuple[Path | None, int] | None,
    settings: Iterable[str],
    bus: "BusConfig | None",
    host: str,
    port: int,
    show: bool,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    planner = await asyncio.to_thread(_load, *model) if model is not None else None
    try:
        async with running(planner, settings, bus=bus, host=host, port=port) as page:
            print(f"the dashboard is at {page.url} (Ctrl-C ends it)", flush=True)
            _tell_who_may_drive(host)
            if show:
                await asyncio.to_thread(webbrowser.open, page.url)
            await stop.wait()
    finally:
        if planner is not None:
            await asyncio.to_thread(planner.close)


def _load(model: Path | None, threads: int) -> "Planner | None":
    """None when no model is there and none was asked for."""
    from vehicle_agent.cli.evaluate import load_planner
    from vehicle_agent.errors import ModelError

    try:
        return load_planner(model, threads)
    except ModelError as e:
        if model is not None:
            raise
        print(f"vehicle-agent: {e}; the page takes calls instead of text", file=sys.stderr)
        return None


def _tell_who_may_drive(host: str) -> None:
    from simulators.dashboard import is_loopback

    if is_loopback(host):
        print("only this computer reaches it, and no page of another site can command the car")
    else:
        print(f"warning: whoever reaches {host} can drive this simulated car and read what is said", file=sys.stderr)
    sys.stdout.flush()


@asynccontextmanager
async def running(
    planner: "PlansText | None",
    settings: Iterable[str] = (),
    *,
    bus: "BusConfig | None" = None,
    host: str = "127.0.0.1",
    port: int = 0,
    time_scale: float = 1.0,
) -> "AsyncIterator[Dashboard]":
    """Car, agent, tap and web server. Raises BadInput, Unavailable."""
    try:
        from simulators.dashboard import Dashboard, Desk
    except ImportError as e:
        raise BadInput(f"the dashboard cannot be shown: {problem(e) or e}") from e
    from simulators.errors import SimulatorError
    from simulators.tap import BusTap
    from simulators.workbench.session import session

    events = _Events()
    heard = None if planner is None else _heard(planner, events.tell)
    async with session(
        heard, settings, bus=bus, time_scale=time_scale, said=events.said, state_changed=events.state
    ) as s:
        agent = SessionAgent(s, events, understands_text=planner is not None)
        car = s.world.car
        try:
            async with (
                BusTap(car.wiring, s.world.open_bus) as tap,
                Dashboard(Desk(car, tap, agent), host=host, port=port) as page,
            ):
                yield page
        except SimulatorError as e:
            raise BadInput(str(e)) from e


# --- the agent, as the dashboard sees it ----------------------------------------------------------------------------


class _Events:
    """What happens in an agent, for whoever subscribed."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[AgentEvent], None]] = []

    def tell(self, what: "Planned | Plan | Judgement | Outcome") -> None:
        self._emit(_event(what))

    def said(self, text: str) -> None:
        from simulators.dashboard import Said

        self._emit(Said(text=text))

    def state(self, word: str) -> None:
        from simulators.dashboard import StateChanged

        self._emit(StateChanged(state=word))

    def _emit(self, event: "AgentEvent") -> None:
        for listener in tuple(self.listeners):
            listener(event)


def _event(what: "Planned | Plan | Judgement | Outcome") -> "AgentEvent":
    from simulators import dashboard as d
    from vehicle_agent.conversation.judgement import Judgement
    from vehicle_agent.conversation.outcome import Outcome
    from vehicle_agent.planning.planner import Planned
    from vehicle_apis.call import Plan

    match what:
        case Planned():
            return d.Planned(
                steps=_steps(what.plan),
                confidence=what.confidence,
                model_ms=what.model_ms,
                doubtful=what.doubtful,
                why=what.why,
            )
        case Plan():
            return d.Planned(steps=_steps(what))
        case Judgement():
            return d.Judged(
                call=str(what.call),
                decision=what.decision,
                rule=what.rule,
                state=what.state,
                binding=what.binding,
            )
        case Outcome():
            return d.Settled(
                step=what.id,
                call=str(what.call),
                status=what.status.value,
                verdict=what.verdict,
                rule=what.rule,
                reason=what.reason,
                observed="" if what.observed is None else what.observed.text,
                confirmed_ms=what.sent_to_confirmed_ms,
            )
        case _:
            assert_never(what)


def _steps(plan: "Plan") -> "tuple[PlannedStep, ...]":
    from simulators.dashboard import PlannedStep

    return tuple(PlannedStep(id=s.id, call=str(s.call), after=tuple(sorted(s.waits_for))) for s in plan)


class _Heard:
    """A planner whose plans are told as soon as they are known, not only when they have been carried out."""

    def __init__(self, planner: "PlansText", tell: "Callable[[Planned], None]") -> None:
        self._planner = planner
        self._tell = tell

    async def plan_async(self, text: str) -> "Planned":
        return self._told(await self._planner.plan_async(text))

    def _told(self, planned: "Planned") -> "Planned":
        self._tell(planned)
        return planned


class _HeardStream(_Heard):
    """Like `_Heard`, for a planner that also tells of calls before the plan is complete."""

    def __init__(self, planner: "StreamsPlan", tell: "Callable[[Planned], None]") -> None:
        super().__init__(planner, tell)
        self._stream = planner.stream

    async def stream(self, text: str, on_early: "Callable[[Early], None]") -> "Planned":
        return self._told(await self._stream(text, on_early))


def _heard(planner: "PlansText", tell: "Callable[[Planned], None]") -> _Heard:
    from vehicle_agent.conversation.assistant import StreamsPlan

    return _HeardStream(planner, tell) if isinstance(planner, StreamsPlan) else _Heard(planner, tell)


class SessionAgent:
    """`AgentPort` over the agent of a session."""

    def __init__(self, session: "Session", events: _Events, *, understands_text: bool) -> None:
        self._agent = session.agent
        self._assistant = session.assistant
        self._events = events
        self.understands_text = understands_text
        executor = session.agent.executor
        executor.settled = events.tell
        keep = executor.record

        def record(judgement: "Judgement") -> None:
            keep(judgement)
            events.tell(judgement)

        executor.record = record

    def functions(self) -> "Mapping[str, object]":
        from vehicle_apis.schema import parameters_schema

        return {spec.name: parameters_schema(spec) for spec in self._agent.catalogue}

    async def ask(self, text: str) -> "Mapping[str, object]":
        from simulators.dashboard import AgentRefused

        try:
            return await self._turn(self._assistant.ask(text), text)
        except RuntimeError as e:
            if self.understands_text or isinstance(e, AgentRefused):
                raise
            # the words that need no model (yes, no, cancel) have had their way
            raise AgentRefused("there is no language model, so say it as a call: control_window position=50") from e

    async def call(self, name: str, arguments: "Mapping[str, Scalar]") -> "Mapping[str, object]":
        from simulators.dashboard import AgentRefused
        from vehicle_apis.call import Call, Plan
        from vehicle_apis.errors import VehicleApiError

        try:
            spec = self._agent.catalogue[name]
            wanted = Call(spec, spec.parse({key: str(value) for key, value in arguments.items()}))
        except VehicleApiError as e:
            raise AgentRefused(str(e)) from e
        self._events.tell(Plan.of(wanted))
        return await self._turn(self._assistant.call(wanted))

    async def answer(self, question_id: int, *, yes: bool) -> "Mapping[str, object]":
        return await self._turn(self._assistant.answer(question_id, yes=yes))

    async def cancel(self) -> "Mapping[str, object]":
        return await self._turn(self._assistant.cancel())

    async def undo(self) -> "Mapping[str, object]":
        return await self.call("undo_last_action", {})

    def state(self) -> str:
        return self._agent.gate.state.word

    def question(self) -> "OpenQuestion | None":
        from simulators.dashboard import OpenQuestion

        dialogue = self._agent.executor.dialogue
        question = dialogue.question
        if question is None:
            return None
        return OpenQuestion(id=question.id, text=question.text, remaining_s=dialogue.remaining_s)

    def subscribe(self, listener: "Callable[[AgentEvent], None]") -> "Callable[[], None]":
        listeners = self._events.listeners
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    async def _turn(self, work: "Awaitable[Turn]", text: str | None = None) -> "Mapping[str, object]":
        from simulators.dashboard import AgentRefused
        from vehicle_agent.conversation.turn_json import turn_json
        from vehicle_agent.errors import VehicleAgentError

        try:
            return turn_json(await work, text=text)
        except VehicleAgentError as e:
            raise AgentRefused(str(e)) from e
