"""The daemon as a process of its own, without voice: how long it takes to start and how much memory it holds."""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Final, Self

from simulators.errors import SimulatorError
from simulators.headunit import BusNotStarted
from simulators.workbench.bench.utterances import AT_ONCE
from simulators.world import World
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.errors import BackendError, Unavailable
from vehicle_agent.evaluation.procfs import kib_of
from vehicle_agent.service.client import Client

_START_S: Final = 60.0
_STATE_S: Final = 10.0
_STOP_S: Final = 10.0
_POLL_S: Final = 0.02
_ANSWER_S: Final = 30.0
_RUN = "from vehicle_agent.cli import main; main()"


class _Client(Client):
    """The daemon's client on the private bus of this measurement."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    async def __aenter__(self) -> Self:
        self._connection = await Connection.open("session", self._address, _ANSWER_S)
        return self

    async def state(self) -> str:
        return await self._method("State", "", [])


async def measure_process(model: Path | None, threads: int) -> dict[str, object]:
    """Figures of the daemon; where its buses cannot be had (no multicast, no D-Bus daemon) the reason instead."""
    # a group of its own, so that a car simulated elsewhere on this computer is not taken for this one
    channel = f"239.74.163.{16 + os.getpid() % 200}"
    try:
        async with World(interface="udp_multicast", channel=channel) as world:
            with tempfile.TemporaryDirectory() as folder:
                config = Path(folder) / "config.toml"
                config.write_text(_config(channel, world.dbus_address, model, threads), encoding="utf-8")
                return await _measure(config, world.dbus_address)
    except (SimulatorError, BusNotStarted, BackendError) as e:
        return {"agent_process_not_measured_because": str(e)}


def _config(channel: str, address: str, model: Path | None, threads: int) -> str:
    path = "" if model is None else str(model.resolve())
    return (
        f'[bus]\ninterface = "udp_multicast"\nchannel = "{channel}"\n'
        f"[dbus]\nsession = {json.dumps(address)}\nsystem = {json.dumps(address)}\n"
        f"[model]\npath = {json.dumps(path)}\nthreads = {threads}\n"
    )


async def _measure(config: Path, address: str) -> dict[str, object]:
    began_s = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN, "serve", "--config", str(config), stdout=DEVNULL, stderr=PIPE
    )
    status = f"/proc/{process.pid}/status"
    try:
        await _until_serving(process)
        serving_ms = (time.perf_counter() - began_s) * 1000
        async with _Client(address) as client:
            await _until_state_known(client)
            known_ms = (time.perf_counter() - began_s) * 1000
            idle = kib_of(status, "VmRSS", to_mib=True)
            for said in AT_ONCE:
                await client.ask(said.text)
        return {
            "agent_start_to_serving_ms": round(serving_ms),
            "agent_start_to_driving_state_known_ms": round(known_ms),
            "agent_without_voice_vmrss_idle_mib": idle,
            "agent_without_voice_vmrss_mib": kib_of(status, "VmRSS", to_mib=True),
            "agent_without_voice_vmhwm_mib": kib_of(status, "VmHWM", to_mib=True),
        }
    finally:
        await _end(process)


async def _until_serving(process: Process) -> None:
    lines: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_S):
            while process.stderr is not None and (line := await process.stderr.readline()):
                lines.append(line.decode(errors="replace").strip())
                if ": serving " in lines[-1]:
                    return
    raise Unavailable(f"the daemon did not start: {lines[-1] if lines else 'it said nothing'}")


async def _until_state_known(client: _Client) -> None:
    """Raises Unavailable."""
    until_s = time.perf_counter() + _STATE_S
    while await client.state() == "unknown":
        if time.perf_counter() > until_s:
            raise Unavailable("the daemon hears nothing of the simulated car; does multicast work on this computer?")
        await asyncio.sleep(_POLL_S)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
