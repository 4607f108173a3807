"""Waiting for what other threads bring about."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    """Returns once ``condition`` holds. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # nothing tells when a thread has got that far
            await asyncio.sleep(0.002)
