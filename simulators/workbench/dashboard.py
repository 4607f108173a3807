"""The simulated car, an agent and the web page that shows both, in one process."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from simulators import dashboard as d
from simulators.dashboard import AgentEvent, AgentRefused, Dashboard, Desk, OpenQuestion, PlannedStep, is_loopback
from simulators.errors import SimulatorError
from simulators.tap import BusTap
from simulators.workbench.session import Session, session
from vehicle_agent import events
from vehicle_agent.cli.output import BadInput
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.config import BusConfig
from vehicle_agent.conversation.assistant import PlansText, Turn
from vehicle_agent.conversation.turn import note
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.errors import ModelError, VehicleAgentError
from vehicle_agent.planning.planner import Planner
from vehicle_apis.call import Call, Plan
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import Scalar
from vehicle_apis.schema import parameters_schema


async def until_interrupted(
    model: tuple[Path | None, int] | None,
    settings: Iterable[str],
    on: tuple[str, str],
    host: str,
    port: int,
    show: bool,
) -> None:
    """Shows the page until it is told to end. Raises BadInput, Unavailable.

    ``model``: file and threads; None = calls only. ``on``: interface and channel of the CAN bus.
    """
    interface, channel = on
    bus = None if interface == "virtual" else BusConfig.model_validate({"interface": interface, "channel": channel})
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


def _load(model: Path | None, threads: int) -> Planner | None:
    """None when no model is there and none was asked for."""
    try:
        return load_planner(model, threads)
    except ModelError as e:
        if model is not None:
            raise
        print(f"vehicle-agent: {e}; the page takes calls instead of text", file=sys.stderr)
        return None


def _tell_who_may_drive(host: str) -> None:
    if is_loopback(host):
        print("only this computer reaches it, and no page of another site can command the car")
    else:
        print(f"warning: whoever reaches {host} can drive this simulated car and read what is said", file=sys.stderr)
    sys.stdout.flush()


@asynccontextmanager
async def running(
    planner: PlansText | None,
    settings: Iterable[str] = (),
    *,
    bus: BusConfig | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    time_scale: float = 1.0,
) -> AsyncIterator[Dashboard]:
    """Car, agent, tap and web server. Raises BadInput, Unavailable."""
    async with session(planner, settings, bus=bus, time_scale=time_scale) as s:
        agent = SessionAgent(s, understands_text=planner is not None)
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


def _told(event: events.Event) -> AgentEvent | None:
    """What the page shows of it."""
    match event:
        case events.PlanMade(planned=planned):
            return d.Planned(
                steps=_steps(planned.plan),
                confidence=planned.confidence,
                model_ms=planned.model_ms,
                doubtful=planned.doubtful,
                why=planned.why,
                note=note(planned),
            )
        case events.Input(call=call) if call is not None:
            return d.Planned(steps=_steps(Plan.of(call)))
        case events.Judged():
            return d.Judged(
                call=str(event.call),
                decision=event.decision,
                rule=event.rule,
                state=event.state,
                binding=event.binding,
            )
        case events.Settled(outcome=outcome):
            return d.Settled(
                step=outcome.id,
                call=str(outcome.call),
                status=outcome.status.value,
                verdict=outcome.verdict,
                rule=outcome.rule,
                reason=outcome.reason,
                observed="" if outcome.observed is None else outcome.observed.text,
                confirmed_ms=outcome.sent_to_confirmed_ms,
            )
        case events.Said(text=text):
            return d.Said(text=text)
        case events.StateChanged(new=word):
            return d.StateChanged(state=word)
        case _:
            return None


def _steps(plan: Plan) -> tuple[PlannedStep, ...]:
    return tuple(PlannedStep(id=s.id, call=str(s.call), after=tuple(sorted(s.waits_for))) for s in plan)


class SessionAgent:
    """`AgentPort` over the agent of a session."""

    def __init__(self, session: Session, *, understands_text: bool) -> None:
        self._agent = session.agent
        self._assistant = session.assistant
        self.understands_text = understands_text

    def functions(self) -> Mapping[str, object]:
        return {spec.name: parameters_schema(spec) for spec in self._agent.catalogue}

    async def ask(self, text: str) -> Mapping[str, object]:
        try:
            return await self._turn(self._assistant.ask(text), text)
        except RuntimeError as e:
            if self.understands_text or isinstance(e, AgentRefused):
                raise
            # the words that need no model (yes, no, cancel) have had their way
            raise AgentRefused("there is no language model, so say it as a call: control_window position=50") from e

    async def call(self, name: str, arguments: Mapping[str, Scalar]) -> Mapping[str, object]:
        try:
            spec = self._agent.catalogue[name]
            wanted = Call(spec, spec.parse({key: str(value) for key, value in arguments.items()}))
        except VehicleApiError as e:
            raise AgentRefused(str(e)) from e
        return await self._turn(self._assistant.call(wanted))

    async def answer(self, question_id: int, *, yes: bool) -> Mapping[str, object]:
        return await self._turn(self._assistant.answer(question_id, yes=yes))

    async def cancel(self) -> Mapping[str, object]:
        return await self._turn(self._assistant.cancel())

    async def undo(self) -> Mapping[str, object]:
        return await self.call("undo_last_action", {})

    def state(self) -> str:
        return self._agent.gate.state.word

    def question(self) -> OpenQuestion | None:
        dialogue = self._agent.executor.dialogue
        question = dialogue.question
        if question is None:
            return None
        return OpenQuestion(id=question.id, text=question.text, remaining_s=dialogue.remaining_s)

    def subscribe(self, listener: Callable[[AgentEvent], None]) -> Callable[[], None]:
        def hand_on(event: events.Event) -> None:
            told = _told(event)
            if told is not None:
                listener(told)

        return self._agent.events.subscribe(hand_on)

    async def _turn(self, work: Awaitable[Turn], text: str | None = None) -> Mapping[str, object]:
        try:
            return turn_json(await work, text=text)
        except VehicleAgentError as e:
            raise AgentRefused(str(e)) from e
