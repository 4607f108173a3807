"""Agents as processes of their own that are killed and started again on one simulated car, and what they end."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from simulators.world import World
from support.waiting import until
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.errors import BackendError
from vehicle_agent.service.client import Client

# as a service is started: not deaf to SIGHUP, though these tests may run below `nohup`
RUN = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from vehicle_agent.cli import main; main()"
START_S = 60.0
END_S = 40.0
PARTS = ("video", "app", "camera", "seat", "trunk", "mirror")
PICTURES = {
    "video": ("play_video", {"title": "otter parade"}),
    "app": ("open_app", {"app": "netflix"}),
    "camera": ("show_camera", {"view": "front"}),
}
MOTIONS = {
    "seat": ("adjust_seat_position", {"direction": "up", "amount": "40"}),
    "trunk": ("operate_trunk", {"action": "open"}),
    "mirror": ("fold_mirrors", {"action": "fold"}),
}


class _Client(Client):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    async def __aenter__(self) -> Self:
        self._connection = await Connection.open("session", self._address, 60.0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)

    async def state(self) -> str:
        return await self._method("State", "", [])


class AgentProcess:
    """`serve` with systemd's socket beside it. ``started_s``, ``watching_s``, ``ready_s``: when, monotonic."""

    def __init__(self, config: Path, folder: Path) -> None:
        self._config = config
        self._path = folder / f"notify{time.monotonic_ns()}"
        self.heard: list[tuple[float, str]] = []
        self.process: Process | None = None
        self.started_s = 0.0

    async def __aenter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self._path))
        asyncio.get_running_loop().add_reader(self._socket, self._hear)
        self.started_s = time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RUN, "serve", "--config", str(self._config)),
            stdout=DEVNULL,
            stderr=PIPE,
            env={**os.environ, "NOTIFY_SOCKET": str(self._path), "PYTHONFAULTHANDLER": "1"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        if self.process is not None:
            if self.process.returncode is None:
                self.process.kill()
            await self.process.communicate()

    def _hear(self) -> None:
        self.heard.append((time.monotonic(), self._socket.recv(1000).decode()))

    async def said(self, what: str) -> float:
        """When it told systemd ``what``."""

        def found() -> list[float]:
            return [at_s for at_s, text in self.heard if text.startswith(what)]

        await until(lambda: bool(found()), timeout_s=START_S)
        return found()[0]

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """Exit status and standard error; one that does not end tells where it hangs."""
        assert self.process is not None
        handle = asyncio.get_running_loop().call_later(END_S, self.send, signal.SIGABRT)
        _, errors = await self.process.communicate()
        handle.cancel()
        return self.process.returncode or 0, errors.decode()


@dataclass
class Restarts:
    """One simulated car with head unit on buses that processes share."""

    world: World
    config: Path
    folder: Path
    hanging: list[asyncio.Task[None]] = field(default_factory=list)

    @asynccontextmanager
    async def agent(self) -> AsyncIterator[AgentProcess]:
        async with AgentProcess(self.config, self.folder) as process:
            yield process

    def drive(self, kmh: float) -> None:
        """At once; 0 = parked."""
        self.world.car.set("gear", "D" if kmh else "P")
        self.world.car.set("speed", kmh)

    def goes_on(self, part: str) -> bool:
        car, unit = self.world.car.state(), self.world.head_unit
        match part:
            case "video":
                return unit.player.status == "Playing" or not unit.picture.get("Blanked")
            case "app":
                return unit.display.app != "home"
            case "camera":
                return car["camera_view"] != "off"
            case "seat":
                return car["driver_seat_moving"] == "yes"
            case "trunk":
                return car["trunk"] in {"opening", "closing"}
            case _:
                return car["mirrors_moving"] == "yes"

    async def begin(self, motion: str) -> None:
        """The pictures and one motion, over the bus like any other program; waits until each is seen."""
        async with _Client(self.world.dbus_address) as client:
            async with asyncio.timeout(START_S):
                while await self._state(client) != "parked":  # noqa: ASYNC110 - asked like any client
                    await asyncio.sleep(0.05)
            for name, arguments in PICTURES.values():
                done = json.loads(await client.call(name, arguments))
                assert [o["status"] for o in done["outcomes"]] == ["done"], done
        self.hanging.append(asyncio.create_task(self._hang(*MOTIONS[motion])))
        for part in (*PICTURES, motion):
            await until(partial(self.goes_on, part), timeout_s=30)

    @staticmethod
    async def _state(client: _Client) -> str:
        try:
            return await client.state()
        except BackendError:  # it has no name yet
            return ""

    async def _hang(self, name: str, arguments: dict[str, str]) -> None:
        """Its answer comes when the motion is over, or never."""
        try:
            async with _Client(self.world.dbus_address) as client:
                await client.call(name, arguments)
        except BackendError:
            pass

    async def until_over(self, parts: tuple[str, ...], timeout_s: float = 20.0) -> dict[str, float]:
        """When each of ``parts`` was seen to have ended, monotonic seconds."""
        over: dict[str, float] = {}

        def all_over() -> bool:
            for part in parts:
                if part not in over and not self.goes_on(part):
                    over[part] = time.monotonic()
            return len(over) == len(parts)

        async with asyncio.timeout(timeout_s):
            while not all_over():  # noqa: ASYNC110 - nothing tells; and the car needs the time itself
                await asyncio.sleep(0.01)
        return over


@asynccontextmanager
async def restarts(*, time_scale: float = 0.05, extra: str = "") -> AsyncIterator[Restarts]:
    """``time_scale``: motions are slow enough to be under way still when the next agent has started."""
    channel = f"239.74.164.{1 + os.getpid() % 250}"
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="va-restart-")))
        world = await stack.enter_async_context(
            World(interface="udp_multicast", channel=channel, time_scale=time_scale)
        )
        address = json.dumps(world.dbus_address)
        config = folder / "config.toml"
        config.write_text(
            f'[bus]\ninterface = "udp_multicast"\nchannel = "{channel}"\n'
            f"[dbus]\nsession = {address}\nsystem = {address}\n[model]\nthreads = 1\n"
            f'[safety]\ncrash_latch = "{folder}/crash"\n{extra}',
            encoding="utf-8",
        )
        bench = Restarts(world, config, folder)
        try:
            yield bench
        finally:
            for task in bench.hanging:
                task.cancel()
            await asyncio.gather(*bench.hanging, return_exceptions=True)


async def kill(agent: AgentProcess) -> None:
    agent.send(signal.SIGKILL)
    await agent.ended()


async def hang_and_abort(agent: AgentProcess) -> None:
    """As the watchdog sees it: it does nothing any more, then it is ended."""
    agent.send(signal.SIGSTOP)
    await asyncio.sleep(0.2)
    agent.send(signal.SIGABRT)
    agent.send(signal.SIGCONT)
    await agent.ended()


async def terminate(agent: AgentProcess) -> None:
    agent.send(signal.SIGTERM)
    status, errors = await agent.ended()
    assert (status, "Traceback" in errors) == (0, False), errors
