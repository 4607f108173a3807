"""A real dbus-daemon on one address that can be ended and started again, with any policy."""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

EVERYTHING: Final = """
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
"""
# what /usr/share/dbus-1/system.conf has, apart from what is about launching services
SYSTEM: Final = """
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
"""
_HEAD: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
"""


class BusDaemon:
    """``policy``: elements of a busconfig."""

    def __init__(self, folder: Path, policy: str = EVERYTHING) -> None:
        self.socket = folder / "bus"
        self.address = f"unix:path={self.socket}"
        folder.chmod(0o755)  # for other users, too
        self._config = folder / "bus.conf"
        self._config.write_text(
            f"{_HEAD}<busconfig><type>system</type><listen>{self.address}</listen><auth>EXTERNAL</auth>"
            f'<limit name="max_replies_per_connection">50000</limit>{policy}</busconfig>'
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            "dbus-daemon",
            f"--config-file={self._config}",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert await asyncio.wait_for(self._process.stdout.readline(), 10)

    def freeze(self, frozen: bool) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    async def stop(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def bus_daemon(policy: str = EVERYTHING) -> AsyncIterator[BusDaemon]:
    folder = Path(tempfile.mkdtemp(prefix="va-bus-", dir="/tmp"))  # a socket's name is at most 107 bytes
    daemon = BusDaemon(folder, policy)
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)
