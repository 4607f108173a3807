"""The daemon's life: agent, D-Bus name, sound, systemd, signals."""

import asyncio
import json
import logging
import signal
import sys
from typing import TYPE_CHECKING, Final

from dbus_next.constants import BusType, RequestNameReply
from dbus_next.errors import DBusError, InvalidAddressError

from vehicle_agent.assistant import Assistant, Turn
from vehicle_agent.backends.can import FrameRecord
from vehicle_agent.backends.dbus.connection import ClosingMessageBus
from vehicle_agent.bare_words import is_urgent
from vehicle_agent.config import Config
from vehicle_agent.daemon import Agent
from vehicle_agent.dbus_service import BUS_NAME, OBJECT_PATH, AgentService
from vehicle_agent.errors import Unavailable, VehicleAgentError
from vehicle_agent.health import Health
from vehicle_agent.planning.planner import Planner
from vehicle_agent.planning.trial import load_tried
from vehicle_agent.systemd_notify import notify
from vehicle_agent.turn_json import turn_json
from vehicle_apis.catalogue import load_catalogue

if TYPE_CHECKING:
    from vehicle_agent.voice.types import Transcript

log = logging.getLogger(__name__)

WATCHDOG_EVERY_S: Final = 3.0
_MAX_FRAMES: Final = 1000
_TURNS_AT_ONCE: Final = 4
_WAITING: Final = 32  # more utterances than these, and the sound waits: a "stop" behind them is not heard


class _Frames:
    """The frames of the turn under way."""

    def __init__(self) -> None:
        self._records: list[FrameRecord] = []

    def add(self, record: FrameRecord) -> None:
        if len(self._records) < _MAX_FRAMES:
            self._records.append(record)

    def take(self) -> list[dict[str, object]]:
        records, self._records = self._records, []
        return [r.to_json(records[0].time_s) for r in records]


async def run(config: Config, *, audio: str = "none") -> None:
    """Serves until SIGTERM or SIGINT. Raises Unavailable, ModelError, AudioError when it cannot begin."""
    catalogue = load_catalogue()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    planner = await asyncio.to_thread(_load_planner, config)
    frames = _Frames()
    health = Health(_tell_health)
    service: AgentService | None = None

    def said(text: str) -> None:
        if service is not None:
            service.Said(text)

    def state_changed(state: str) -> None:
        if service is not None:
            service.StateChanged(state)

    try:
        agent = Agent(catalogue, config, planner, said=said, state_changed=state_changed)
        agent.can.on_frames(frames.add)
        async with agent:
            service = AgentService(agent.assistant, catalogue, frames.take, lambda: _state_text(agent, health))
            bus = await _own_name(config, service)
            tasks = [asyncio.create_task(_watchdog(), name="watchdog")]
            if audio != "none":
                tasks.append(asyncio.create_task(_hear(agent, config, audio, stop), name="ears"))
            notify("READY=1")
            print(f"vehicle-agent: serving {len(catalogue)} functions as {BUS_NAME}", file=sys.stderr, flush=True)
            try:
                await stop.wait()
            finally:
                notify("STOPPING=1")
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                bus.abort()
    finally:
        await asyncio.to_thread(planner.close)


def _state_text(agent: Agent, health: Health) -> str:
    """The driving state, behind what is degraded if anything is."""
    return "; ".join(part for part in (health.text, agent.gate.state.word) if part)


def _tell_health(text: str) -> None:
    log.warning("%s", text or "all is well again")
    notify(f"STATUS={text}")


def _load_planner(config: Config) -> Planner:
    from pathlib import Path

    path = Path(config.model.path) if config.model.path else None
    return load_tried(
        load_catalogue(), path, fresh=True, threads=config.model.threads, ask_below=config.planner.ask_below
    )


async def _own_name(config: Config, service: AgentService) -> ClosingMessageBus:
    role = config.dbus.agent_bus
    address = config.dbus.session if role == "session" else config.dbus.system
    kind = BusType.SESSION if role == "session" else BusType.SYSTEM
    try:
        bus = ClosingMessageBus(bus_address=None if address == role else address, bus_type=kind)  # type: ignore[arg-type]
        await bus.connect()
        bus.export(OBJECT_PATH, service)
        reply = await bus.request_name(BUS_NAME)
    except (OSError, EOFError, DBusError, InvalidAddressError) as e:
        raise Unavailable(
            f"the {role} D-Bus cannot be used ({e}); start one with `dbus-run-session`, or set dbus.{role}"
        ) from e
    if reply not in {RequestNameReply.PRIMARY_OWNER, RequestNameReply.ALREADY_OWNER}:
        bus.abort()
        raise Unavailable(f"another program is {BUS_NAME} already; stop it first")
    return bus


async def _watchdog() -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(WATCHDOG_EVERY_S)


async def _hear(agent: Agent, config: Config, source: str, stop: asyncio.Event) -> None:
    """Utterances from ``source`` to answers on standard output; a file's end ends the daemon."""
    from vehicle_agent.voice.engines import choose_engine
    from vehicle_agent.voice.listening import listen
    from vehicle_agent.voice.source import open_source
    from vehicle_agent.voice.types import Transcript

    try:
        engine = await asyncio.to_thread(choose_engine, config.voice.engine)
        # listening goes on while turns are under way: "stop" must be heard then, and waits for none of them
        async with asyncio.TaskGroup() as tasks, open_source(source) as sound:
            waiting: asyncio.Queue[Transcript | None] = asyncio.Queue(_WAITING)
            tasks.create_task(_take_turns(agent.assistant, waiting, tasks))
            async for heard in listen(engine, sound):
                agent.log.heard(heard)
                if not isinstance(heard, Transcript):
                    continue
                if is_urgent(heard.text):
                    tasks.create_task(_take_turn(agent.assistant, heard))
                else:
                    await waiting.put(heard)
            await waiting.put(None)
    except* VehicleAgentError as group:
        for e in group.exceptions:
            log.error("listening ended, text over D-Bus goes on: %s", e)  # noqa: TRY400 - a sentence, no traceback
    if source != "microphone":
        stop.set()  # a recording is over; a microphone that fails leaves the daemon to its D-Bus callers


async def _take_turns(
    assistant: Assistant, waiting: "asyncio.Queue[Transcript | None]", tasks: asyncio.TaskGroup
) -> None:
    """Utterances in their order, a few at once; ends with None."""
    turns = asyncio.Semaphore(_TURNS_AT_ONCE)

    async def one(heard: "Transcript") -> None:
        try:
            await _take_turn(assistant, heard)
        finally:
            turns.release()

    while (heard := await waiting.get()) is not None:
        await turns.acquire()
        tasks.create_task(one(heard))


async def _take_turn(assistant: Assistant, heard: "Transcript") -> None:
    """The assistant keeps utterances in their order; only a word such as "cancel" does not wait."""
    began = {} if heard.began_s is None else {"began_s": heard.began_s}
    try:
        _tell(await assistant.ask(heard.text, **began), heard)
    except Exception:  # a defect in one turn must not deafen the car
        log.exception("a turn failed")


def _tell(turn: Turn, heard: "Transcript") -> None:
    document = {"transcript": {"text": heard.text, "engine": heard.engine}, **turn_json(turn, text=heard.text)}
    print(json.dumps(document, default=str), flush=True)
