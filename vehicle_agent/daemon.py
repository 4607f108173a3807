"""The composition root: all parts wired for one car, for `serve` and, on a bus of its own, for `ask`."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import can

from state_machines.crash_latch import CrashLatch
from state_machines.dialogue import Dialogue
from state_machines.driving_state import DrivingState
from state_machines.gate import Gate, Judge
from state_machines.standing import Ended, Ending, StandingRules
from vehicle_agent.assistant import Assistant, PlansText
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.dbus import DbusBackend, DbusConfig, Endings
from vehicle_agent.backends.own import Notice, OwnBackend
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.drive_log import DriveLog
from vehicle_agent.errors import ConfigError
from vehicle_agent.executor import Executor
from vehicle_agent.journal import Journal
from vehicle_agent.latch_file import read_latch, write_latch
from vehicle_agent.world_view import CarView, History
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.signals import Signals

log = logging.getLogger(__name__)

GATE_TICK_S: Final = 0.1  # ages grow without frames, so the gate looks at least this often
ENDING_ATTEMPTS: Final = 3


class Agent:
    """One car's agent; an async context manager. ``said`` and ``state_changed`` hear what nobody asked for.

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
        said: Callable[[str], None] = lambda _text: None,
        state_changed: Callable[[str], None] = lambda _state: None,
        opener: Callable[[BusConfig], can.BusABC] = open_bus,
    ) -> None:
        self.catalogue = catalogue
        self._config = config
        self._clock = clock
        self._said = said
        self._state_changed = state_changed
        self.journal = Journal(
            Path(config.journal.path) if config.journal.path else None,
            transcripts=config.journal.transcripts,
            max_bytes=config.journal.max_bytes,
            keep=config.journal.keep,
        )
        self.log = DriveLog(self.journal, catalogue, words=config.journal.transcripts)
        self.gate = Gate(catalogue, clock, latch=self._latch(), on_change=self._on_state)
        self._standing = StandingRules(Judge(catalogue))
        self._history = History()
        self.can = CanBackend(catalogue, config, clock, wall_clock=wall_clock, opener=opener, frame_log=self.log.frame)
        self._dbus = DbusBackend(_dbus_config(config), clock, catalogue)
        self._endings = Endings(self._dbus.client)
        self._own = OwnBackend(now=_local_now, clock=clock, notify=self._notice)
        self._view = CarView(self.can.signals, self._endings.picture, self._history)
        self.executor = Executor(
            gate=self.gate,
            dialogue=Dialogue(clock),
            standing=self._standing,
            world=self._view,
            backends={"can": self.can, "dbus": self._dbus, "agent": self._own},
            clock=clock,
            record=self.log.judgement,
            motions=self.can.motions,
        )
        self.assistant = Assistant(
            planner=planner,
            executor=self.executor,
            history=self._history,
            journal=self.journal,
            mic_zone=config.car.mic_zone,
            said=said,
            early_start=config.planner.early_start,
        )
        self._known = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None

    def _latch(self) -> CrashLatch:
        if not self._config.safety.crash_latch:
            return CrashLatch()
        path = Path(self._config.safety.crash_latch)

        def keep(latched: bool) -> None:
            try:
                write_latch(path, latched=latched)
            except ConfigError as e:
                log.error("%s", e)  # noqa: TRY400 - a sentence; a full disk must not stop the gate in a crash

        return CrashLatch(latched=read_latch(path), on_change=keep)

    async def __aenter__(self) -> Self:
        await self.can.start(on_signals=self._observe)
        self.log.started(self._clock())
        self._ticker = asyncio.create_task(self._tick(), name="gate tick")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.assistant.close()
        for task in (*self._tasks, *([self._ticker] if self._ticker else [])):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._own.close()
        await self._dbus.close()
        await self.can.stop()
        self.log.stopped()
        await asyncio.to_thread(self.journal.close)  # it waits for the disk

    @property
    def is_sending(self) -> bool:
        """A command frame is on its way through the sending thread. For clocks that are not real."""
        return self.can.link.is_sending

    @property
    def waits_for_services(self) -> bool:
        """A service of the head unit has been asked and has not answered yet. For clocks that are not real."""
        return self._dbus.client.is_waiting

    async def ready(self, timeout_s: float = 3.0) -> DrivingState:
        """Waits until the gate knows the driving state, at most ``timeout_s``; returns the state."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._known.wait()
        return self.gate.state

    def _observe(self) -> None:
        signals = self.can.signals()
        state = self.gate.observe(signals)
        # also without a new state: the rear view stays in reverse gear only
        self._end_what_must(state, signals)

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
        self._end_what_must(new, self.can.signals())  # first: nothing that only tells may keep it from happening
        self.journal.write("state", old=old.word, new=new.word)
        if new is not DrivingState.UNKNOWN:
            self._known.set()
        self._state_changed(new.word)

    def _end_what_must(self, state: DrivingState, signals: Signals) -> None:
        for ended in self._standing.must_end(state, signals):
            self._spawn(self._end(ended))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self, ended: Ended) -> None:
        """Carries a standing rule out; needs no permit, it only takes away. Tried again if it does not work."""
        for attempt in range(1, ENDING_ATTEMPTS + 1):
            if attempt > 1:
                await asyncio.sleep(GATE_TICK_S)
                if ended.call in self._standing.ongoing:
                    return  # allowed again and begun anew meanwhile
            try:
                await self._carry_out(ended)
            except Exception as e:  # whatever it was: a standing rule is tried again
                log.warning("could not end %s: %s", ended.call, e)
                self.journal.write("standing", call=str(ended.call), error=type(e).__name__, failed=str(e))
            else:
                self.journal.write("standing", call=str(ended.call), ended=ended.how.value)
                self._said(ended.reason)
                return

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

    def _notice(self, notice: Notice) -> None:
        self.journal.write("notice", text=notice.text)
        self._said(notice.text)


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


def _dbus_config(config: Config) -> DbusConfig:
    def address(value: str, role: str) -> str:
        return "" if value == role else value

    return DbusConfig(
        session_address=address(config.dbus.session, "session"),
        system_address=address(config.dbus.system, "system"),
        sound_only=config.services.sound_only,
    )
