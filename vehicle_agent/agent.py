"""The composition root: all parts wired for one car, for `serve` and, on a bus of its own, for `ask`."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, runtime_checkable

import can

from state_machines import limits
from state_machines.crash_latch import CrashLatch
from state_machines.dialogue import Dialogue
from state_machines.driving_state import DrivingState, raw_state
from state_machines.gate import Gate, Judge
from state_machines.standing import Ended, Ending, StandingRules
from state_machines.start_grace import StartGrace
from vehicle_agent.backends.agent import AgentBackend
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.dbus import DbusBackend, Endings
from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import configured
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.conversation.assistant import Assistant, PlansText
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.world_view import CarView, History
from vehicle_agent.errors import Unavailable
from vehicle_agent.events import Events, Said, StandingRuleEnded, StandingRuleFailed, Started, StateChanged, Stopped
from vehicle_agent.health import Health
from vehicle_agent.latch_file import LatchFile, LatchKeeper, boot_id
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.lines import record
from vehicle_agent.standing.lookout import ENDING_TAKES_S, CarLookout, HeadUnitLookout
from vehicle_agent.version import installed_version
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import InvalidCall
from vehicle_apis.signals import Signals

log = logging.getLogger(__name__)

GATE_TICK_S: Final = 0.1  # ages grow without frames, so the gate looks at least this often
LONGEST_PAUSE_S: Final = 2.0  # between attempts to end what goes on
WIND_DOWN_S: Final = 1.0  # for what must end before the agent does
_AN_APP: Final = "unknown"  # where the head unit's own name for an app is no app of ours
_IN_THE_CAR: Final = frozenset({Ending.STOP_MOTION, Ending.CLOSE_CAMERA})


@runtime_checkable
class Stoppable(Protocol):
    """An action that can be told that what it began has been ended."""

    def stopped(self) -> None: ...


class Agent:
    """One car's agent; an async context manager. What happens in it is told by ``events``.

    ``clock``: monotonic seconds for everything; ``wall_clock``: that of the frames' stamps; ``opener``: opens the CAN
    bus that the configuration names.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        config: Config,
        planner: PlansText | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        opener: Callable[[BusConfig], can.BusABC] = open_bus,
        events: Events | None = None,
    ) -> None:
        self.catalogue = catalogue
        self._config = config
        self._clock = clock
        self.events = events or Events()
        self.health = Health(self.events)
        self.journal = Journal(
            Path(config.journal.path) if config.journal.path else None,
            max_bytes=config.journal.max_bytes,
            keep=config.journal.keep,
        )
        record(self.events, self.journal, catalogue, words=config.journal.transcripts)
        self._keeper: LatchKeeper | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._crash = self._latch()
        self.gate = Gate(catalogue, clock, latch=self._crash, on_change=self._on_state)
        self._standing = StandingRules(Judge(catalogue), on_started=self._look_again)
        self._grace = StartGrace(clock())
        self._history = History()
        self.can = CanBackend(catalogue, config, clock, wall_clock=wall_clock, opener=opener, events=self.events)
        self._dbus = DbusBackend(configured(config), clock, catalogue)
        self._endings = Endings(self._dbus.client)
        self._own = AgentBackend(now=_local_now, clock=clock, events=self.events)
        self._view = CarView(self.can.signals, self._endings.picture, self._history)
        self.executor = Executor(
            gate=self.gate,
            dialogue=Dialogue(clock),
            standing=self._standing,
            world=self._view,
            backends={"can": self.can, "dbus": self._dbus, "agent": self._own},
            clock=clock,
            events=self.events,
            motions=self.can.motions,
        )
        self.assistant = Assistant(
            planner=planner,
            executor=self.executor,
            history=self._history,
            events=self.events,
            mic_zone=config.car.mic_zone,
            early_start=config.planner.early_start,
        )
        self._head_unit = HeadUnitLookout(
            {Ending.PAUSE_AND_BLANK_VIDEO: self._seen_video, Ending.HOME_SCREEN: self._seen_app},
            self._seen_on_head_unit,
            clock,
            at_leisure=lambda: self.gate.state is DrivingState.PARKED,
        )
        self._car = CarLookout(
            self.can.binding,
            read=self.can.store.read,
            is_fresh=self.can.store.is_fresh,
            begun=lambda: self._standing.begun,
            seen=self._standing.seen,
            clock=clock,
        )
        self._being_ended: set[object] = set()
        self._told_s: dict[object, float] = {}
        self._known = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._lookers: set[asyncio.Task[None]] = set()

    def _latch(self) -> CrashLatch:
        safety = self._config.safety
        if not safety.crash_latch:
            return CrashLatch()
        path = Path(safety.crash_latch)
        file = LatchFile(path, boot=boot_id(), powered_by_ignition=safety.powered_by_ignition)
        latch = file.read()
        self._keeper = LatchKeeper(file, self._latch_trouble)
        return CrashLatch(latch, on_change=self._keeper.keep)

    def _latch_trouble(self, why: str | None) -> None:
        """In the keeper's thread."""
        if why is not None:
            log.error("crash latch: %s", why)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # a loop that has been closed has nobody left to tell
                self._loop.call_soon_threadsafe(self._tell_latch_trouble, why)

    def _tell_latch_trouble(self, why: str | None) -> None:
        if why is None:
            self.health.recovered("crash latch")
        else:
            self.health.degraded("crash latch", why)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        if self._keeper is not None:
            self._keeper.keep(self._crash.stored)  # so that its space is there before it is needed
        await self.can.start(on_signals=self._observe)
        self.events.publish(
            Started(
                version=installed_version(),
                catalogue=self.catalogue.wire_hash(),
                clock_s=self._clock(),
                words=self._config.journal.transcripts,
            )
        )
        self._grace = StartGrace(self._clock())
        self._car.open_all()
        self._head_unit.open_all()
        self._ticker = asyncio.create_task(self._tick(), name="gate tick")
        self._lookers = self._head_unit.start()
        return self

    async def first_looks(self, timeout_s: float) -> None:
        """Waits until what a former run left is known, and has ended if it must; at most ``timeout_s``."""
        until_s = self._clock() + timeout_s
        while self._clock() < until_s:
            judged = self._judged_in(self.can.signals()) is not None
            if judged and self._head_unit.has_asked and not self._tasks:
                return
            await asyncio.sleep(GATE_TICK_S / 2)

    async def wind_down(self, within_s: float = WIND_DOWN_S) -> None:
        """Ends what must not go on when nobody watches the car any more. Before an orderly end; never raises."""
        self.executor.is_closed = True  # what is asked for from now on would begin behind our back
        await self.assistant.cancel()
        await self.assistant.close()
        signals = self.can.signals()
        # without an agent the state is as good as unknown
        left = self._standing.must_end(DrivingState.UNKNOWN, signals)
        tasks = [asyncio.create_task(self._end(ended, gives_up=True)) for ended in left]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
            await _ended(set(tasks))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.assistant.close()
        await _ended({*self._tasks, *self._lookers, *([self._ticker] if self._ticker else [])})
        self._own.close()
        await self._dbus.close()
        await self.can.stop()
        self.events.publish(Stopped())
        await asyncio.to_thread(self._close_files)

    def _close_files(self) -> None:
        """Waits for the disk."""
        if self._keeper is not None:
            self._keeper.close()
        self.journal.close()

    @property
    def is_sending(self) -> bool:
        """A command frame is on its way through the sending thread. For clocks that are not real."""
        return self.can.link.is_sending

    @property
    def waits_for_services(self) -> bool:
        """A service of the head unit has been asked and has not answered yet. For clocks that are not real."""
        return self._dbus.client.is_waiting

    @property
    def head_unit(self) -> Client:
        """The connections to the head unit's services."""
        return self._dbus.client

    async def ready(self, timeout_s: float = 3.0) -> DrivingState:
        """Waits until the gate knows the driving state, at most ``timeout_s``; returns the state."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._known.wait()
        return self.gate.state

    def _observe(self) -> None:
        signals = self.can.signals()
        self.gate.observe(signals)
        self._car.look()
        # also without a new state: the rear view stays in reverse gear only
        self._end_what_must(self._judged_in(signals), signals)

    def _judged_in(self, signals: Signals) -> DrivingState | None:
        """The state that the standing rules go by; None just after a start, while nothing is known yet."""
        raw = raw_state(signals, crash_latched=self._crash.latched)
        return self._grace.state(raw, self.gate.state, self._clock())

    async def _tick(self) -> None:
        while True:
            try:
                self._observe()
            except Exception:  # a listener's defect must not end the looking; a judgement looks for itself
                log.exception("a look at the car's state failed")
            await asyncio.sleep(GATE_TICK_S)

    def _on_state(self, old: DrivingState, new: DrivingState) -> None:
        if new > old:
            self.can.recall()
        self._head_unit.look_now()
        self._end_what_must(new, self.can.signals())  # first: nothing that only tells may keep it from happening
        self.events.publish(StateChanged(old=old.word, new=new.word))
        if new is not DrivingState.UNKNOWN:
            self._known.set()

    def _end_what_must(self, state: DrivingState | None, signals: Signals) -> None:
        if state is None:
            return
        for ended in self._standing.must_end(state, signals):
            if isinstance(ended.sending, Stoppable):
                ended.sending.stopped()
            thing = self._thing(ended)
            if thing not in self._being_ended:
                self._being_ended.add(thing)
                self._spawn(self._end(ended))

    def _thing(self, ended: Ended) -> object:
        """What is ended: once at a time."""
        return self._car.key(ended.call) if ended.how in _IN_THE_CAR else ended.how

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self, ended: Ended, *, gives_up: bool = False) -> None:
        """Carries a standing rule out; needs no permit, it only takes away.

        Tried again, ever more rarely, until it works, is allowed again or is not there any more. ``gives_up``: tried
        again only while there is time.
        """
        thing = self._thing(ended)
        self._being_ended.add(thing)
        pause_s, told = GATE_TICK_S, False
        try:
            while True:
                try:
                    await self._carry_out(ended)
                except Exception as e:  # whatever it was: a standing rule is tried again
                    if not told:
                        told = True
                        log.warning("could not end %s: %s", ended.call, e)
                        self.events.publish(StandingRuleFailed(call=ended.call, error=type(e).__name__, failed=str(e)))
                    lost = isinstance(e, Unavailable)
                else:
                    self.events.publish(StandingRuleEnded(call=ended.call, ended=ended.how.value))
                    if not gives_up:
                        self._tell_ended(ended)
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                if not gives_up and not await self._must_still_end(ended, lost=lost):
                    return
        finally:
            self._being_ended.discard(thing)
            if ended.how in _IN_THE_CAR:
                self._car.open_again(ended.call)
            else:
                self._head_unit.open(ended.how, after_s=ENDING_TAKES_S)

    async def _must_still_end(self, ended: Ended, *, lost: bool) -> bool:
        """Whether an ending that did not work has to be tried again. ``lost``: nobody was there to be told."""
        if ended.call in self._standing.ongoing:
            return False  # allowed again and begun anew meanwhile
        signals = self.can.signals()
        state = self._judged_in(signals)
        if state is not None and not self._standing.must_not(ended.call, state, signals):
            # allowed again where it is: it ends with the next state that does not allow it
            self._standing.seen(self._thing(ended), (ended.call,))
            return False
        if ended.how in _IN_THE_CAR:
            return self._car.shows(ended.call) is not False
        try:
            return bool(await self._probe(ended.how))
        except Exception:  # it may be there; where nobody is there at all, the lookout sees it come back
            return not lost

    def _tell_ended(self, ended: Ended) -> None:
        """Once: what shows itself again after that is ended without a word."""
        thing, now_s = self._thing(ended), self._clock()
        if not ended.was_seen or now_s - self._told_s.get(thing, -math.inf) > limits.SHOWS_LATE_S:
            self.events.publish(Said(text=ended.reason))
        self._told_s[thing] = now_s

    # --- what shows itself ------------------------------------------------------------------------------------------

    def _look_again(self, how: Ending) -> None:
        """A picture was asked for: it may take its time."""
        self._head_unit.open(how)

    def _probe(self, how: Ending) -> Awaitable[tuple[Call, ...]]:
        return self._seen_video() if how is Ending.PAUSE_AND_BLANK_VIDEO else self._seen_app()

    async def _seen_video(self) -> tuple[Call, ...]:
        return (self.catalogue.call("play_video", title="video"),) if await self._endings.shows_video() else ()

    async def _seen_app(self) -> tuple[Call, ...]:
        app = await self._endings.shown_app()
        if app is None:
            return ()
        try:
            return (self.catalogue.call("open_app", app=app),)
        except InvalidCall:
            return (self.catalogue.call("open_app", app=_AN_APP),)

    def _seen_on_head_unit(self, how: Ending, may_be: tuple[Call, ...]) -> None:
        if how not in self._being_ended:
            self._standing.seen(how, may_be)
            self._observe()

    async def _carry_out(self, ended: Ended) -> None:
        match ended.how:
            case Ending.PAUSE_AND_BLANK_VIDEO:
                await self._endings.pause_and_blank_video()
            case Ending.HOME_SCREEN:
                await self._endings.home_screen()
            case Ending.CLOSE_CAMERA:
                await self.can.close_camera()
            case Ending.STOP_MOTION:
                await self.can.stop_motion(ended.call)


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    """Cancels them, again and again: Python 3.11's wait_for swallows a cancellation that comes with its result."""
    while tasks:
        for task in tasks:
            task.cancel()
        done, tasks = await asyncio.wait(tasks, timeout=GATE_TICK_S)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("%s had ended early: %r", task.get_name(), error)


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()
