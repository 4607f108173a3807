"""Plays a scenario with car, head unit and agent in this process; what `sim run`, `sim sweep` and tests use."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final

from simulators.car import Wiring, load_wiring
from simulators.headunit import BusNotStarted
from simulators.scenario import Event, Exchange, Report, Said, Scenario, Stage, run
from simulators.simulated_time import run_simulated
from simulators.tap import BusTap
from simulators.timing import timing
from simulators.workbench.packs import simulated_packs
from simulators.workbench.timed_agent import timed_agent
from simulators.workbench.witness import Witness
from simulators.world import World
from vehicle_agent import events
from vehicle_agent.agent import Agent
from vehicle_agent.backends.can.bus import channel_of
from vehicle_agent.config import BusConfig
from vehicle_agent.conversation.assistant import PlansText, Turn
from vehicle_agent.errors import Unavailable
from vehicle_apis.catalogue import load_catalogue

READY_S: Final = 5.0
SIMULATED: Final = "simulated"


class AgentDriver:
    """The `Driver` of a scenario on a running agent."""

    def __init__(self, agent: Agent, clock: Callable[[], float]) -> None:
        self.agent = agent
        self.said: list[Said] = []
        self._clock = clock
        agent.events.subscribe(self._hear, events.Said)

    def _hear(self, event: events.Said) -> None:
        self.said.append(Said(self._clock(), event.text))

    @property
    def state(self) -> str:
        return self.agent.gate.state.word

    @property
    def question(self) -> int | None:
        open_question = self.agent.executor.dialogue.question
        return None if open_question is None else open_question.id

    async def say(self, text: str) -> Exchange:
        return _exchange(await self.agent.assistant.ask(text))

    async def call(self, name: str, arguments: Mapping[str, str]) -> Exchange:
        catalogue = self.agent.catalogue
        return _exchange(await self.agent.assistant.call(catalogue.call(name, **catalogue[name].parse(arguments))))

    async def answer(self, question: int, *, yes: bool) -> Exchange:
        return _exchange(await self.agent.assistant.answer(question, yes=yes))

    async def cancel(self) -> Exchange:
        return _exchange(await self.agent.assistant.cancel())

    async def undo(self) -> Exchange:
        return await self.call("undo_last_action", {})


def _exchange(turn: Turn) -> Exchange:
    outcomes = turn.progress.outcomes
    return Exchange(
        calls=tuple(str(o.call) for o in outcomes),
        verdicts=tuple(o.verdict for o in outcomes),
        rules=tuple(o.rule for o in outcomes),
        statuses=tuple(o.status.value for o in outcomes),
        reasons=tuple(o.reason for o in outcomes),
        reply=turn.reply,
    )


def play(
    scenario: Scenario,
    *,
    source: str = "",
    seed: int | None = None,
    faults: Sequence[str] = (),
    planner: PlansText | None = None,
    wiring: Wiring | None = None,
    interface: str = SIMULATED,
    channel: str = "",
    on_event: Callable[[Event], None] = lambda _event: None,
    beside: Callable[[World], AbstractAsyncContextManager[object]] | None = None,
) -> Report:
    """Runs ``scenario`` from its start to its end and returns what it showed. Blocks; must not run in an event loop.

    ``faults``: hold from the start, besides the scenario's own. ``planner``: needed when somebody says something.
    ``interface``: SIMULATED plays in simulated time on a bus of this process, python-can's names in real time, on
    ``channel`` or the interface's usual one.
    ``beside``: something that lives as long as the world does, a recorder for example.
    Raises Unavailable, SimulatorError.
    """
    if scenario.needs_model and planner is None:
        raise Unavailable("This scenario has spoken commands and needs the language model; see `vehicle-agent doctor`.")
    run_to_the_end = run_simulated if interface == SIMULATED else asyncio.run
    began_s = time.monotonic()
    report = run_to_the_end(
        _play(
            scenario,
            source=source,
            seed=scenario.seed if seed is None else seed,
            faults=faults,
            planner=planner,
            wiring=wiring or load_wiring(packs=simulated_packs()),
            bus=_bus(interface, channel),
            on_event=on_event,
            beside=beside,
        )
    )
    return replace(report, took_s=time.monotonic() - began_s)


def _bus(interface: str, channel: str) -> BusConfig | None:
    """None: one of this process that nobody else uses."""
    if interface in {SIMULATED, "virtual"}:
        return None
    return BusConfig.model_validate({"interface": interface, "channel": channel})


async def _play(
    scenario: Scenario,
    *,
    source: str,
    seed: int,
    faults: Sequence[str],
    planner: PlansText | None,
    wiring: Wiring,
    bus: BusConfig | None,
    on_event: Callable[[Event], None],
    beside: Callable[[World], AbstractAsyncContextManager[object]] | None,
) -> Report:
    times = timing()
    world = World(
        interface="virtual" if bus is None else bus.interface,
        channel=None if bus is None else channel_of(bus),
        wiring=wiring,
        with_head_unit=scenario.needs_head_unit,
        timing=times,
        seed=seed,
    )
    for name, value in scenario.start.items():
        world.car.set(name, value)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(times.started(world))
        except BusNotStarted as e:
            raise Unavailable(str(e)) from e
        tap = BusTap(world.car.wiring, world.open_bus, clock=times.clock)
        await stack.enter_async_context(times.started(tap))
        if beside is not None:
            await stack.enter_async_context(times.started(beside(world)))
        driver = witness = None
        if scenario.needs_agent:
            driver = AgentDriver(timed_agent(world, load_catalogue(), planner), times.clock)
            await stack.enter_async_context(times.started(driver.agent))
            witness = Witness(world, driver.agent.catalogue, times.clock)
            await stack.enter_async_context(_watching(witness, driver.agent))
            await driver.agent.ready(READY_S)
        for fault in faults:
            world.car.inject(fault)
        stage = Stage(world=world, tap=tap, driver=driver)
        report = await run(scenario, stage, source=source, seed=seed, clock=times.clock, on_event=on_event)
        return report if witness is None else replace(report, unsafe=tuple(map(str, witness.unsafe)))


@asynccontextmanager
async def _watching(witness: Witness, agent: Agent) -> AsyncIterator[None]:
    unsubscribe = agent.events.subscribe(witness.judged, events.Judged)
    task = asyncio.create_task(witness.watch(), name="witness")
    try:
        yield
    finally:
        unsubscribe()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
