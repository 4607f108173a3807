"""What other programs on the message bus can do to the agent: does what the car must end still end, and what is kept?

A simulated car, its head unit and the agent in this process, on a real message bus that lets everybody send
everything; the floods come from other processes. Time and again, while a flood lasts, a video is started in the parked
car and the car drives off.
"""

import asyncio
import gc
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from simulators.workbench.bench.dbus_sender import Flood, FloodReport, flood
from simulators.workbench.bench.figures import percentiles
from simulators.workbench.bench.resources import Resources
from simulators.workbench.session import Session, session
from vehicle_agent.config import Config, DBusConfig
from vehicle_agent.errors import Unavailable
from vehicle_agent.health import Health
from vehicle_agent.planning.planner import Planned
from vehicle_agent.service.bus_presence import BusPresence
from vehicle_agent.service.dbus_service import BUS_NAME, AgentService
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Refusal
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

if TYPE_CHECKING:
    from vehicle_agent.backends.dbus.connection import Connection

LIMIT_S: Final = 0.5
WATCHDOG_S: Final = 10.0  # systemd/vehicle-agent.service
FLAT_MIB: Final = 20.0
THINKING_S: Final = 0.2  # what the model takes for one sentence
_TICK_S: Final = 0.005
_STATE_S: Final = 15.0
_SETTLE_S: Final = 0.3


class SlowPlanner:
    """Understands nothing, and takes its time for it."""

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        del earlier
        await asyncio.sleep(THINKING_S)
        return Planned(heard=text[:600], utterance=Refusal(), why="that is nothing")


@dataclass(kw_only=True)
class Loop:
    """How long the event loop went without a turn for others."""

    largest_gap_s: float = 0.0
    ticks: int = 0

    async def watch(self) -> None:
        last_s = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_S)
            now_s = time.monotonic()
            self.largest_gap_s = max(self.largest_gap_s, now_s - last_s)
            self.ticks += 1
            last_s = now_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Suffered:
    """One flood. ``ended_s``: from the car's start that drives off to the ended video."""

    name: str
    report: FloodReport
    ended_s: tuple[float, ...]
    largest_gap_s: float
    kept_mib: float
    cpu_percent: float

    def figures(self) -> dict[str, object]:
        name = self.name
        figures: dict[str, object] = {
            f"{name}_sent": self.report.sent,
            f"{name}_sent_per_s": self.report.rate,
            f"{name}_answers": ", ".join(f"{k or 'ok'}: {n}" for k, n in sorted(self.report.answers.items())),
            f"{name}_answered_after_s": round(self.report.waited_s, 2),
            f"{name}_drives": len(self.ended_s),
        }
        figures |= percentiles(f"{name}_video_ended", (1000 * s for s in self.ended_s))
        return figures | {
            f"{name}_largest_gap_ms": round(1000 * self.largest_gap_s, 1),
            f"{name}_kept_mib": round(self.kept_mib, 1),
            f"{name}_cpu_percent": self.cpu_percent,
        }

    @property
    def is_borne(self) -> bool:
        return (
            max(self.ended_s, default=math.inf) <= LIMIT_S
            and self.largest_gap_s < WATCHDOG_S / 2
            and self.kept_mib < FLAT_MIB
        )


@dataclass(kw_only=True)
class Target:
    """An agent with its car on a bus of their own."""

    session: Session
    presence: BusPresence
    service: AgentService
    health: Health
    names: tuple[str, ...] = field(default=())

    @property
    def address(self) -> str:
        return self.session.world.dbus_address

    def _video_is_over(self) -> bool:
        unit = self.session.world.head_unit
        return unit.player.get("PlaybackStatus") != "Playing" and bool(unit.picture.get("Blanked"))

    async def drive_off(self) -> float:
        """Plays a video in the parked car, drives off; how long it was to be seen, in seconds. Raises TimeoutError."""
        car, catalogue = self.session.world.car, load_catalogue()
        car.set("gear", "P")
        car.set("speed", 0)
        await _until(lambda: self.session.agent.gate.state.word == "parked")
        async with asyncio.timeout(_STATE_S):
            while self._video_is_over():
                await self.session.assistant.call(catalogue.call("play_video", title="otter parade"))
        car.set("gear", "D")
        car.set("speed", 50)
        began_s = time.monotonic()
        await _until(self._video_is_over)
        return time.monotonic() - began_s

    async def suffer(self, name: str, what: Flood) -> Suffered:
        """``what``: without address and targets. Raises TimeoutError when the video does not end at all."""
        what = replace(what, address=self.address)
        gc.collect()
        before, loop = Resources.of_this_process(), Loop()
        watching = asyncio.create_task(loop.watch())
        sending = asyncio.create_task(flood(what))
        ended_s: list[float] = []
        try:
            while not sending.done() or not ended_s:
                ended_s.append(await self.drive_off())
            report = await sending
        finally:
            watching.cancel()
            sending.cancel()
            await asyncio.gather(watching, sending, return_exceptions=True)
        await asyncio.sleep(_SETTLE_S)
        gc.collect()
        after = Resources.of_this_process()
        return Suffered(
            name=name,
            report=report,
            ended_s=tuple(ended_s),
            largest_gap_s=loop.largest_gap_s,
            kept_mib=(after.rss_kib - before.rss_kib) / 1024,
            cpu_percent=after.cpu_percent_since(before),
        )


async def _until(condition: Callable[[], bool]) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(_STATE_S):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(_TICK_S)


@asynccontextmanager
async def target() -> AsyncIterator[Target]:
    """Raises Unavailable."""
    async with session(SlowPlanner()) as s:
        catalogue, health = load_catalogue(), s.agent.health
        service = AgentService(s.assistant, catalogue, s.agent.events, lambda: s.agent.gate.state.word)
        config = Config(dbus=DBusConfig(session=s.world.dbus_address, system=s.world.dbus_address))
        presence = await BusPresence.open(config, service, health)
        try:
            made = Target(session=s, presence=presence, service=service, health=health)
            await made.drive_off()  # opens the connections and warms everything up
            made.names = (BUS_NAME, *_names_of(s))
            yield made
        finally:
            await presence.close()


def _names_of(s: Session) -> Sequence[str]:
    """The agent's connections to the head unit: anybody can ask the bus for these names."""
    connections: list[Connection] = list(s.agent.head_unit.connections)
    return [connection.name for connection in connections if connection.name]


def floods(names: tuple[str, ...], seconds: float, messages: int, large_bytes: int) -> dict[str, Flood]:
    """``names``: every bus name of the agent."""
    everywhere = Flood(address="", kind="signals", targets=names, seconds=seconds)
    asks = Flood(address="", kind="asks", messages=messages, seconds=seconds)
    return {
        "quiet": replace(everywhere, rate=1),
        "signals": everywhere,
        "signatures": replace(everywhere, kind="signatures"),
        "asks_of_one": asks,
        "asks_of_50": replace(asks, connections=50),
        "asks_elsewhere": replace(asks, targets=names[1:] or names),
        "cancels": replace(asks, kind="cancels"),
        "large_ask": replace(asks, messages=3, text_bytes=large_bytes),
        "slow_asks": replace(asks, messages=max(1, messages // 10), connections=50, slowly=True),
    }


async def measure_dbus(seconds: float, messages: int = 10_000, large_bytes: int = 30 << 20) -> dict[str, object]:
    """Every figure by a name that holds its unit. Raises Unavailable."""
    report: dict[str, object] = {}
    borne = []
    async with target() as suffering:
        for name, what in floods(suffering.names, seconds, messages, large_bytes).items():
            try:
                suffered = await suffering.suffer(name, what)
            except TimeoutError as e:
                raise Unavailable(f"the video did not end while the flood {name} lasted") from e
            report |= suffered.figures()
            borne.append(suffered.is_borne)
    report["dbus_target_reached"] = all(borne)
    return report
