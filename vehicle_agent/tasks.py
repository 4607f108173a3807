"""Ending tasks that may not want to end."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

log = logging.getLogger(__name__)

AGAIN_AFTER_S: Final = 0.1


async def end_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them, again and again: Python 3.11's wait_for swallows a cancellation that comes with its result."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=AGAIN_AFTER_S)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("%s had ended early: %r", task.get_name(), error)
