"""The daemon's life: agent, D-Bus name, sound, systemd, signals."""

import asyncio
import contextlib
import logging
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vehicle_agent.agent import Agent
from vehicle_agent.backends.dbus.config import Role
from vehicle_agent.config import Config, load_config
from vehicle_agent.errors import VehicleAgentError
from vehicle_agent.events import Degraded, Recovered
from vehicle_agent.health import Health
from vehicle_agent.planning.late import LatePlanner
from vehicle_agent.service.bus_presence import BusPresence
from vehicle_agent.service.bus_watch import watch_bus
from vehicle_agent.service.dbus_service import BUS_NAME, AgentService
from vehicle_agent.service.ears import hear
from vehicle_agent.service.systemd_notify import notify, since_process_start_s
from vehicle_apis.catalogue import load_catalogue

if TYPE_CHECKING:
    from vehicle_agent.planning.planner import Planner

_T = TypeVar("_T")

log = logging.getLogger(__name__)

WATCHDOG_EVERY_S: Final = 3.0
ANSWERS_GO_OUT_S: Final = 0.05  # to those who still wait for the outcome of what was stopped
LOADING_ENDS_S: Final = 3.0
FIRST_LOOKS_S: Final = 1.0  # so long the loading of the model, which takes a core, waits for them at most


def run_by_file(path: Path | None, *, audio: str = "none") -> None:
    """`run` by a configuration file, which is read again to reload. Blocks. Raises ConfigError too."""

    def reload() -> Config:
        return load_config(path)

    asyncio.run(run(reload(), audio=audio, reload=reload))


async def run(config: Config, *, audio: str = "none", reload: Callable[[], Config] | None = None) -> None:
    """Serves until SIGTERM or SIGINT. Raises Unavailable, ModelError, AudioError when it cannot begin.

    What keeps the car safe comes first: bus, gate and standing rules, which also end what a former run has begun. The
    model is loaded after that. SIGHUP: begins anew with what ``reload`` gives; a configuration that cannot be used is
    told in the log and changes nothing.
    """
    again: Config | None = config
    while again is not None:
        again = await _Service(again, audio, reload).serve()


class _Service:
    """One life with one configuration."""

    def __init__(self, config: Config, audio: str, reload: Callable[[], Config] | None) -> None:
        self._config = config
        self._audio = audio
        self._reload = reload
        self._next: Config | None = None
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def serve(self) -> Config | None:
        """Returns the configuration to go on with, None to end."""
        catalogue = load_catalogue()
        self._listen_to_signals()
        planner = LatePlanner()
        agent = Agent(catalogue, self._config, planner)
        health = agent.health
        agent.events.subscribe(_tell_health, Degraded, Recovered)
        async with agent, _loading(self._config, after=agent.first_looks(FIRST_LOOKS_S)) as loading:
            notify(f"STATUS=watching the car, {since_process_start_s() * 1000:.0f} ms after the start")
            presence: BusPresence | None = None
            try:
                self._tasks.append(asyncio.create_task(_watchdog(), name="watchdog"))
                self._tasks.append(asyncio.create_task(watch_bus(agent.backends.link, health), name="CAN bus watch"))
                service = AgentService(agent.assistant, catalogue, agent.events, lambda: _state_text(agent))
                presence = await BusPresence.open(self._config, service, health)
                agent.head_unit.watch(health, told=_is_another_bus(self._config))
                if await self._unless_stopped(loading):
                    planner.give(loading.result())
                    self._begin(agent, len(catalogue), health)
                    await self._stop.wait()
            finally:
                notify("STOPPING=1" if self._next is None else _reloading())
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                planner.give_up()
                await agent.wind_down()
                if presence is not None:
                    await asyncio.sleep(ANSWERS_GO_OUT_S)
                    await presence.close()
        return self._next

    def _begin(self, agent: Agent, functions: int, health: Health) -> None:
        if self._audio != "none":
            hearing = hear(agent, self._config, self._audio, self._stop, health)
            self._tasks.append(asyncio.create_task(hearing, name="ears"))
        notify("READY=1")
        print(f"vehicle-agent: serving {functions} functions as {BUS_NAME}", file=sys.stderr, flush=True)

    async def _unless_stopped(self, loading: "asyncio.Future[Planner]") -> bool:
        """Waits for the model; whether it is there and nobody has told to stop. Raises ModelError."""
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            both: set[asyncio.Future[Any]] = {loading, stopping}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if loading.done():
            loading.result()
        return not self._stop.is_set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        # started with `nohup`, it stays deaf to it
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _end(self) -> None:
        self._next = None  # also where it was about to begin anew
        self._stop.set()

    def _hang_up(self) -> None:
        """SIGHUP: the configuration is read again. Without one to read it is an orderly end, as for SIGTERM."""
        if self._reload is None:
            log.warning("SIGHUP: ending, as there is no configuration to read again")
            self._end()
            return
        if self._stop.is_set():
            return
        try:
            self._next = self._reload()
        except VehicleAgentError as e:
            log.error("SIGHUP: going on as before: %s", e)  # noqa: TRY400 - a sentence, no traceback
            return
        log.warning("SIGHUP: beginning anew with the configuration as it is now")
        self._stop.set()


def _reloading() -> str:
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


@asynccontextmanager
async def _loading(config: Config, *, after: Awaitable[None]) -> "AsyncIterator[asyncio.Future[Planner]]":
    """The model, being loaded in a thread; closed at the end. ``after``: what is more urgent.

    At the end it is waited for LOADING_ENDS_S at most: a daemon's orderly end does not take as long as a model may.
    """

    async def load() -> "Planner":
        await after
        return await _in_a_daemon_thread(partial(_load_planner, config))

    loading = asyncio.ensure_future(load())
    try:
        yield loading
    finally:
        await asyncio.wait({loading}, timeout=LOADING_ENDS_S)
        if not loading.done():
            loading.cancel()
        elif not loading.cancelled() and loading.exception() is None:
            await asyncio.to_thread(loading.result().close)


async def _in_a_daemon_thread(work: Callable[[], _T]) -> _T:
    """Like asyncio.to_thread, but neither the event loop nor the interpreter waits for its end."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[_T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not result.done():
            set_it()

    def run() -> None:
        try:
            value = work()
        except BaseException as e:  # noqa: BLE001 - whatever ends it, the reason is kept
            settled = partial(settle, partial(result.set_exception, e))
        else:
            settled = partial(settle, partial(result.set_result, value))
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            loop.call_soon_threadsafe(settled)

    threading.Thread(target=run, name="model", daemon=True).start()
    return await result


def _state_text(agent: Agent) -> str:
    """The driving state, behind what is degraded if anything is."""
    return "; ".join(part for part in (agent.health.text, agent.gate.state.word) if part)


def _tell_health(event: Degraded | Recovered) -> None:
    log.warning("%s", event.health or "all is well again")
    notify(f"STATUS={event.health}")


def _is_another_bus(config: Config) -> Callable[[Role], bool]:
    """Whether a head unit's bus is not the one that the agent itself is on, which is told of already."""
    address: dict[Role, str] = {"session": config.dbus.session, "system": config.dbus.system}
    return lambda role: address[role] != address[config.dbus.agent_bus]


def _load_planner(config: Config) -> "Planner":
    from vehicle_agent.planning.trial import load_tried

    path = Path(config.model.path) if config.model.path else None
    return load_tried(
        load_catalogue(), path, fresh=True, threads=config.model.threads, ask_below=config.planner.ask_below
    )


async def _watchdog() -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(WATCHDOG_EVERY_S)
