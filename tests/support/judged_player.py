"""An executor on a real bus as the daemon wires it: what is said reaches a player only through the gate."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from simulators.headunit import PrivateBus
from state_machines.dialogue import Dialogue
from state_machines.gate import Gate, Judge
from state_machines.standing import StandingRules
from support.car import PARKED, Clock, signals
from support.fakes import CATALOGUE, call, plan
from support.foreign_player import ForeignPlayer, Habit
from vehicle_agent.backends.dbus import DbusBackend, DbusConfig, Endings, media
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.outcome import Outcome
from vehicle_agent.conversation.world_view import CarView, History
from vehicle_agent.events import Events
from vehicle_apis.signals import Signals

AT_60_KMH = signals("D", 60)
TIMEOUT_S = 5.0  # on a busy machine; what tests wait for on purpose is made short below


@dataclass
class Desk:
    """One car with its players on one bus."""

    executor: Executor
    backend: DbusBackend
    endings: Endings
    gate: Gate
    clock: Clock
    history: History
    address: str
    readings: Signals = PARKED

    def drive(self, readings: Signals) -> None:
        """The car now shows ``readings``, and has for long enough to be believed."""
        self.readings = readings
        self.gate.observe(readings)
        self.clock.advance(1.5)
        self.gate.observe(readings)

    async def ask(self, name: str, /, **arguments: object) -> Outcome:
        run = self.executor.start(plan(call(name, **arguments)))
        progress = await run.progress()
        (outcome,) = progress.outcomes
        self.history.remember(outcome.undo)
        return outcome

    async def say(self, action: str) -> str:
        """What the driver hears of a control_playback."""
        outcome = await self.ask("control_playback", action=action)
        return outcome.observed.text if outcome.observed is not None else outcome.reason


@asynccontextmanager
async def desk(
    *habits: Habit, sound_only: tuple[str, ...] = (), timeout_s: float = TIMEOUT_S, names: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Desk, list[ForeignPlayer]]]:
    """``names``: the bus names of the players; the configured one first where none are given."""
    async with AsyncExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        # how long a player may show nothing: 0.1 and 0.2 s
        patched.setattr(media, "_SHORTLY", 0.1 / timeout_s)
        patched.setattr(media, "_LATER", 0.2 / timeout_s)
        bus = await stack.enter_async_context(PrivateBus())
        called = names or ("org.mpris.MediaPlayer2.vehicle",)[: len(habits)]
        players = [
            await stack.enter_async_context(ForeignPlayer(bus.address, habit, name=name))
            for habit, name in zip(habits, called, strict=True)
        ]
        clock, history = Clock(), History()
        config = DbusConfig(
            session_address=bus.address, system_address=bus.address, timeout_s=timeout_s, sound_only=sound_only
        )
        backend = await stack.enter_async_context(DbusBackend(config, clock, CATALOGUE))
        endings, gate = Endings(backend.client), Gate(CATALOGUE, clock)

        def readings() -> Signals:
            return made.readings

        executor = Executor(
            gate=gate,
            dialogue=Dialogue(clock),
            standing=StandingRules(Judge(CATALOGUE)),
            world=CarView(readings, endings.picture, history),
            backends={"dbus": backend},
            events=Events(),
            clock=clock,
        )
        made = Desk(executor, backend, endings, gate, clock, history, bus.address)
        made.drive(PARKED)
        yield made, players
