"""Plays a scenario on a running world: time line, driver, attacker; and watches what is expected meanwhile."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, assert_never

import can

from simulators.car.domain import Value
from simulators.errors import UnknownName
from simulators.scenario import facts
from simulators.scenario.driver import Driver, Exchange
from simulators.scenario.expectations import Expectation, Fact, Frame, Holds, NoFrame, Stays
from simulators.scenario.model import Ramp, Scenario, Send, Step
from simulators.scenario.reading import encode, parse_call
from simulators.scenario.report import Check, Event, Report
from simulators.tap import BusTap, Heard
from simulators.world import World
from vehicle_apis.e2e import E2ESender

POLL_S: Final = 0.01
_CLOSE_ENOUGH_S: Final = 1e-6
_RAMP_S: Final = 0.05
_ANSWER_S: Final = 10.0  # so long a turn may take before what it should show counts as not shown
_QUESTION_S: Final = 5.0  # so long an answer waits for its question


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a scenario plays. ``driver``: None when nobody speaks."""

    world: World
    tap: BusTap
    driver: Driver | None = None


class _Talk:
    """What one step's speaking came to."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.exchange: Exchange | None = None


async def run(
    scenario: Scenario,
    stage: Stage,
    *,
    source: str = "",
    seed: int | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    on_event: Callable[[Event], None] = lambda _event: None,
) -> Report:
    """Plays ``scenario``; ``seed`` None takes the scenario's own. All times are ``clock``'s."""
    return await _Play(scenario, stage, source, scenario.seed if seed is None else seed, clock, sleep, on_event).play()


class _Play:
    def __init__(
        self,
        scenario: Scenario,
        stage: Stage,
        source: str,
        seed: int,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        on_event: Callable[[Event], None],
    ) -> None:
        self._scenario = scenario
        self._stage = stage
        self._source = source
        self._seed = seed
        self._clock = clock
        self._sleep = sleep
        self._on_event = on_event
        self._rng = random.Random(seed)
        self._begin_s = 0.0
        self._checks: dict[tuple[int, int], Check] = {}
        self._events: list[Event] = []
        self._over = asyncio.Event()
        self._talk: _Talk | None = None
        self._frames = 0

    async def play(self) -> Report:
        self._begin_s = self._clock()
        unsubscribe = self._stage.tap.subscribe(self._count)
        try:
            # what is not expected to an end ("no frame ...") watches until everything else is over
            async with asyncio.TaskGroup() as until_the_end:
                async with asyncio.TaskGroup() as tasks:
                    await self._steps(tasks, until_the_end)
                self._over.set()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            unsubscribe()
        return Report(
            name=self._scenario.name,
            source=self._source,
            seed=self._seed,
            checks=tuple(self._checks[key] for key in sorted(self._checks)),
            events=tuple(self._events),
            duration_s=self._now(),
            frames=self._frames,
            residual=self._scenario.residual,
        )

    def _count(self, _heard: Heard) -> None:
        self._frames += 1

    def _now(self) -> float:
        return self._clock() - self._begin_s

    def _tell(self, kind: str, text: str) -> None:
        event = Event(at_s=round(self._now(), 3), kind=kind, text=text)  # type: ignore[arg-type]  # the callers below
        self._events.append(event)
        self._on_event(event)

    # --- what happens -----------------------------------------------------------------------------------------------

    async def _steps(self, tasks: asyncio.TaskGroup, until_the_end: asyncio.TaskGroup) -> None:
        latest_s = 0.0
        for index, step in enumerate(self._scenario.steps):
            moved_s = self._rng.uniform(0, self._scenario.jitter_s) if index and self._scenario.jitter_s else 0.0
            latest_s = max(latest_s, step.at_s + moved_s)
            while (wait_s := latest_s - self._now()) > _CLOSE_ENOUGH_S:
                await self._sleep(wait_s)
            # registered before anything is done: what is expected may come at once
            talk = _Talk() if step.speaks else self._talk
            self._talk = talk
            for number, expected in enumerate(step.expect):
                group = until_the_end if isinstance(expected, NoFrame) and expected.for_s is None else tasks
                group.create_task(self._watch((index, number), step, expected, talk))
            if step.expect:
                await asyncio.sleep(0)  # the watchers are on
            self._do(step, tasks, talk)

    def _do(self, step: Step, tasks: asyncio.TaskGroup, talk: "_Talk | None") -> None:
        if step.note:
            self._tell("note", step.note)
        self._change(step)
        if step.ramp is not None:
            tasks.create_task(self._ramp(step.ramp))
        if step.send is not None:
            tasks.create_task(self._send(step.send))
        if step.resend:
            tasks.create_task(self._resend(step.resend))
        if step.speaks and talk is not None:
            tasks.create_task(self._speak(step, talk))

    def _change(self, step: Step) -> None:
        """What the car is told at once: faults end, values, faults begin."""
        car = self._stage.world.car
        if step.clear is True:
            car.clear()
            self._tell("clear", "all faults")
        for fault in step.clear if isinstance(step.clear, tuple) else ():
            with contextlib.suppress(UnknownName):  # one with an end of its own may be over already
                car.clear(fault)
            self._tell("clear", fault)
        for name, value in step.values.items():
            car.set(name, value)
        if step.values:
            self._tell("set", ", ".join(f"{name} {value}" for name, value in step.values.items()))
        for fault in step.faults:
            car.inject(fault)
            self._tell("fault", fault)

    async def _ramp(self, ramp: Ramp) -> None:
        """In small steps: a jump would make the two speed sources disagree for a frame."""
        car = self._stage.world.car
        begin_s, state = self._clock(), car.state()
        from_ = {name: _number(state[name]) for name in ramp.to}
        self._tell("set", ", ".join(f"{n} {from_[n]:g} to {v:g} in {ramp.over_s:g} s" for n, v in ramp.to.items()))
        while True:
            share = min(1.0, (self._clock() - begin_s) / ramp.over_s)
            for name, value in ramp.to.items():
                car.set(name, from_[name] + (value - from_[name]) * share)
            if share > 1 - 1e-9:
                return
            await self._sleep(_RAMP_S)

    async def _send(self, send: Send) -> None:
        wiring = self._stage.world.car.wiring
        frame_id, extended, data = encode(wiring, send)
        what = send.message or f"{frame_id:#x} {send.data}"
        protection = wiring.network.protections.get(send.message) if send.protect else None
        sender = None if protection is None else E2ESender(protection)
        sealed = "with right CRC and counter" if sender else "unprotected"
        self._tell("send", f"{what} from outside, {send.times} times, {sealed}")
        bus = await self._open_bus()
        try:
            for number in range(send.times):
                if number:
                    await self._sleep(send.every_s)
                now = data if sender is None else sender.protect(data)
                bus.send(can.Message(arbitration_id=frame_id, is_extended_id=extended, data=now))
        finally:
            await asyncio.to_thread(bus.shutdown)

    async def _resend(self, message: str) -> None:
        last = self._stage.tap.latest(message)
        if last is None:
            self._tell("send", f"{message} cannot be sent again: it was never seen")
            return
        self._tell("send", f"{message} once more: {last.data.hex()}")
        bus = await self._open_bus()
        try:
            bus.send(can.Message(arbitration_id=last.frame_id, is_extended_id=last.is_extended, data=last.data))
        finally:
            await asyncio.to_thread(bus.shutdown)

    async def _open_bus(self) -> can.BusABC:
        """To send with; it hears nothing, because nobody reads it."""
        return await asyncio.to_thread(lambda: self._stage.world.open_bus(can_filters=_NOTHING))

    async def _speak(self, step: Step, talk: _Talk) -> None:
        driver = self._stage.driver
        if driver is None:
            raise RuntimeError("a scenario that speaks needs a driver")
        try:
            talk.exchange = await self._spoken(step, driver)
        finally:
            talk.done.set()
        if talk.exchange.reply:
            self._tell("says", talk.exchange.reply)

    async def _spoken(self, step: Step, driver: Driver) -> Exchange:
        if step.answer is not None:
            until_s = self._clock() + _QUESTION_S
            while driver.question is None and self._clock() < until_s:
                await self._sleep(POLL_S)
            self._tell("driver", "yes" if step.answer else "no")
            return await driver.answer(driver.question or 0, yes=step.answer)
        if step.call:
            name, words = parse_call(step.call)
            self._tell("driver", f"calls {step.call}")
            return await driver.call(name, words)
        if step.cancel:
            self._tell("driver", "cancel")
            return await driver.cancel()
        if step.undo:
            self._tell("driver", "undo")
            return await driver.undo()
        self._tell("driver", f'"{step.say}"')
        return await driver.say(step.say)

    # --- what is expected -------------------------------------------------------------------------------------------

    async def _watch(self, key: tuple[int, int], step: Step, expected: Expectation, talk: "_Talk | None") -> None:
        begin_s = self._clock()
        match expected:
            case Holds(fact=fact, within_s=within_s):
                limit_s = step.within_s if within_s is None else within_s
                if _of_exchange(fact):
                    limit_s = max(limit_s, _ANSWER_S) if within_s is None else within_s
                met, seen = await self._until(fact, limit_s, begin_s, talk)
                text = f"{fact} within {limit_s:g} s"
            case Stays(fact=fact, for_s=for_s):
                met, seen = await self._throughout(fact, for_s, begin_s, talk)
                text = f"{fact} for {for_s:g} s"
            case Frame(message=message, fact=fact, within_s=within_s):
                limit_s = step.within_s if within_s is None else within_s
                met, seen = await self._frame(message, fact, limit_s)
                text = f"frame {fact or message} within {limit_s:g} s"
            case NoFrame(message=message, fact=fact, for_s=for_s):
                came, seen = await self._frame(message, fact, for_s)
                met = not came
                text = f"no frame {fact or message}" + ("" if for_s is None else f" for {for_s:g} s")
            case _:
                assert_never(expected)
        after_s = round(self._clock() - begin_s, 4)
        at_s = round(begin_s - self._begin_s, 3)
        self._checks[key] = Check(at_s=at_s, text=text, seen=seen, met=met, after_s=after_s)

    async def _until(self, fact: Fact, limit_s: float, begin_s: float, talk: "_Talk | None") -> tuple[bool, str]:
        if _of_exchange(fact) and talk is not None:
            try:
                await asyncio.wait_for(talk.done.wait(), limit_s)
            except TimeoutError:
                return False, "no answer in time"
        while True:
            seen = self._look(fact, begin_s, talk)
            if fact.is_met(seen):
                return True, str(seen)
            if self._clock() - begin_s >= limit_s or (_of_exchange(fact) and talk is not None):
                return False, "nothing" if seen is None else str(seen)
            await self._sleep(POLL_S)

    async def _throughout(self, fact: Fact, for_s: float, begin_s: float, talk: "_Talk | None") -> tuple[bool, str]:
        wrong: list[str] = []

        def heard(frame: Heard) -> None:
            message, _, signal = fact.name.partition(".")
            if frame.name == message and frame.is_good and frame.values is not None:
                seen = frame.values.get(signal)
                if not fact.is_met(seen):
                    wrong.append(str(seen))

        unsubscribe = self._stage.tap.subscribe(heard)
        try:
            while self._clock() - begin_s < for_s:
                seen = self._look(fact, begin_s, talk)
                if not fact.is_met(seen):
                    wrong.append("nothing" if seen is None else str(seen))
                if wrong:
                    return False, wrong[0]
                await self._sleep(POLL_S)
        finally:
            unsubscribe()
        return True, str(self._look(fact, begin_s, talk))

    async def _frame(self, message: str, fact: Fact | None, limit_s: float | None) -> tuple[bool, str]:
        """Whether such a frame came within ``limit_s`` (None: before the scenario's end), and its data."""
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        signal = "" if fact is None else fact.name.partition(".")[2]

        def heard(frame: Heard) -> None:
            if frame.name == message and not found.done():
                values = frame.values or {}
                if fact is None or fact.is_met(values.get(signal)):
                    found.set_result(f"{frame.data.hex()} at {self._now():.3f} s")

        unsubscribe = self._stage.tap.subscribe(heard)
        try:
            async with asyncio.timeout(limit_s):
                if limit_s is None:
                    await _first(found, self._over.wait())
                else:
                    await found
        except TimeoutError:
            pass
        finally:
            unsubscribe()
        return (True, found.result()) if found.done() and not found.cancelled() else (False, "no such frame")

    def _look(self, fact: Fact, since_s: float, talk: "_Talk | None") -> Value | None:
        home, dot, part = fact.name.partition(".")
        if dot and home == "agent":
            if part in facts.LIVE:
                driver = self._stage.driver
                return None if driver is None else facts.of_driver(driver, part, since_s)
            exchange = talk.exchange if talk is not None else None
            return None if exchange is None else facts.of_exchange(exchange, part)
        if dot and home == "headunit":
            return facts.of_head_unit(self._stage.world.head_unit, part)
        return facts.of_car(self._stage.world, self._stage.tap, fact.name)


_NOTHING: Final[list[can.typechecking.CanFilter]] = [{"can_id": 0x1FFFFFFF, "can_mask": 0x1FFFFFFF, "extended": True}]


async def _first(one: "asyncio.Future[str]", other: Coroutine[object, object, object]) -> None:
    """Until one of both is there."""
    task: asyncio.Future[object] = asyncio.ensure_future(other)
    both: list[asyncio.Future[Any]] = [one, task]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()


def _of_exchange(fact: Fact) -> bool:
    home, dot, part = fact.name.partition(".")
    return bool(dot) and home == "agent" and part in facts.OF_EXCHANGE


def _number(value: Value) -> float:
    return 0.0 if isinstance(value, str) else value
