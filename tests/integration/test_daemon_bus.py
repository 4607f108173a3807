"""`serve` as a process of its own, whose message bus is restarted under it."""

import asyncio
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

import pytest
from headunit_bench import needs_bus
from support.bus_daemon import bus_daemon

from vehicle_agent.errors import ModelError, Unavailable
from vehicle_agent.planning.model_file import find_model
from vehicle_agent.service.client import Client

try:
    find_model()
    MODEL = True
except ModelError:
    MODEL = False

pytestmark = [needs_bus, pytest.mark.skipif(not MODEL, reason="the planner model is not there")]


class Systemd:
    """Its end of $NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def wait(self, message: bytes, timeout_s: float) -> float:
        """How long it took. Raises TimeoutError."""
        began_s = time.monotonic()
        while True:
            self.socket.settimeout(max(0.001, began_s + timeout_s - time.monotonic()))
            if self.socket.recv(1000).startswith(message):
                return time.monotonic() - began_s


async def _state() -> str:
    async with asyncio.timeout(20):
        while True:
            try:
                async with Client() as client:
                    return await client.state()
            except Unavailable:
                await asyncio.sleep(0.1)


async def test_the_bus_is_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="va-", dir="/tmp") as name:
        folder = Path(name)
        async with bus_daemon() as daemon:
            config = folder / "config.toml"
            config.write_text(
                f'[model]\nthreads = 1\n[bus]\ninterface = "virtual"\nchannel = "x"\n'
                f'[dbus]\nsession = "{daemon.address}"\nsystem = "{daemon.address}"\n'
            )
            systemd = Systemd(folder / "notify")
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from vehicle_agent.cli import main; main()", "serve", "--config", str(config)),
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
            )
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.address)
            try:
                await asyncio.to_thread(systemd.wait, b"READY=1", 100)
                assert await _state() == "unknown"  # a car without frames
                await daemon.stop()
                noticed_s = await asyncio.to_thread(systemd.wait, b"STATUS=degraded: message bus: ", 20)
                await asyncio.sleep(1)
                await daemon.start()
                await asyncio.to_thread(systemd.wait, b"STATUS=", 20)
                assert await _state() == "unknown"
                print(f"noticed after {noticed_s * 1000:.0f} ms")
                assert noticed_s < 10
            finally:
                process.terminate()
                _, output = await asyncio.wait_for(process.communicate(), 60)
                systemd.socket.close()
    errors = output.decode()
    assert process.returncode == 0
    assert errors.count("degraded: message bus") == 1
    assert "Traceback" not in errors
