"""A dbus-daemon of our own on a temporary socket: no root, no desktop session, nothing shared with other buses."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_START_TIMEOUT_S: Final = 5.0
_STOP_TIMEOUT_S: Final = 2.0

# Everybody who reaches the socket (mode 0700 directory: this user) may own and call everything; no service activation.
_CONFIG: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class BusNotStarted(RuntimeError):
    """There is no private bus; the message names the remedy."""


class PrivateBus:
    """Runs one dbus-daemon while the context is open; ``address`` is what clients connect to."""

    def __init__(self, *, binary: str = "dbus-daemon") -> None:
        self._binary = binary
        self._directory: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self.address = ""

    @property
    def pid(self) -> int | None:
        """Of the daemon, while there is one."""
        return None if self._process is None else self._process.pid

    @staticmethod
    def installed(binary: str = "dbus-daemon") -> bool:
        return shutil.which(binary) is not None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises BusNotStarted."""
        path = shutil.which(self._binary)
        if path is None:
            raise BusNotStarted(
                f"{self._binary} is not installed, so the simulated head unit has no bus; "
                "install it with `apt-get install dbus`"
            )
        # a short path: a Unix socket's name is at most 107 bytes
        self._directory = Path(tempfile.mkdtemp(prefix="va-bus-", dir="/tmp"))  # mkdtemp makes it 0700
        config = self._directory / "bus.conf"
        config.write_text(_CONFIG.format(socket=self._directory / "bus"))
        try:
            self._process = await asyncio.create_subprocess_exec(
                path,
                f"--config-file={config}",
                "--nofork",
                "--nopidfile",
                "--print-address=1",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,  # Ctrl-C in a terminal is for us, who then close connections before the bus
                # or it would tell systemd that the agent is ready as soon as the bus is
                env={k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"},
            )
            assert self._process.stdout is not None  # noqa: S101 - asked for above
            line = await asyncio.wait_for(self._process.stdout.readline(), _START_TIMEOUT_S)
        except (OSError, TimeoutError) as e:
            await self.stop()
            raise BusNotStarted(f"{path} did not start: {e}; try `dbus-daemon --session --print-address`") from e
        if not line.strip():
            await self.stop()
            raise BusNotStarted(f"{path} ended at once; try `dbus-daemon --session --print-address` to see why")
        # what follows the first comma is the server's identity, which a client does not need
        self.address = line.decode().strip().partition(",")[0]

    async def stop(self) -> None:
        """Ends the daemon and removes its files. May be called twice."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.terminate()
            try:
                # communicate also drains and closes the pipe
                await asyncio.wait_for(process.communicate(), _STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        directory, self._directory = self._directory, None
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)
        self.address = ""
