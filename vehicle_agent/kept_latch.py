"""The agent's crash latch, kept on disk where the configuration names a file for it."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Final

from state_machines.crash_latch import CrashLatch
from vehicle_agent.config import SafetyConfig
from vehicle_agent.health import Health
from vehicle_agent.latch_file import LatchFile, LatchKeeper, boot_id

log = logging.getLogger(__name__)

_PART: Final = "crash latch"


class KeptLatch:
    """``latch`` as a former run left it; every change is stored, and ``health`` tells when that does not work."""

    def __init__(self, config: SafetyConfig, health: Health) -> None:
        self._health = health
        self._loop: asyncio.AbstractEventLoop | None = None
        self._keeper: LatchKeeper | None = None
        self.latch = CrashLatch()
        if config.crash_latch:
            file = LatchFile(Path(config.crash_latch), boot=boot_id(), powered_by_ignition=config.powered_by_ignition)
            self._keeper = LatchKeeper(file, self._trouble)
            self.latch = CrashLatch(file.read(), on_change=self._keeper.keep)

    def start(self) -> None:
        """In the event loop, which hears of troubles from now on."""
        self._loop = asyncio.get_running_loop()
        if self._keeper is not None:
            self._keeper.keep(self.latch.stored)  # so that its space is there before it is needed

    def close(self) -> None:
        """Waits for the disk."""
        if self._keeper is not None:
            self._keeper.close()

    def _trouble(self, why: str | None) -> None:
        """In the keeper's thread."""
        if why is not None:
            log.error("%s: %s", _PART, why)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # a loop that has been closed has nobody left to tell
                self._loop.call_soon_threadsafe(self._tell, why)

    def _tell(self, why: str | None) -> None:
        if why is None:
            self._health.recovered(_PART)
        else:
            self._health.degraded(_PART, why)
