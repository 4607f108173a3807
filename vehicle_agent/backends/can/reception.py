"""What comes in: frames become values, and whoever waits for a message is told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final

from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_apis.binding import CarBinding
from vehicle_apis.params import Scalar

_READER_BOUND: Final = 64


class Reception:
    """The values of one car's messages and those who wait for them. ``clock``: monotonic seconds."""

    def __init__(self, binding: CarBinding, clock: Callable[[], float]) -> None:
        self.binding = binding
        self.clock = clock
        self.store = SignalStore(binding, clock)
        self._observers: list[Callable[[], None]] = []
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._readers: dict[str, list[asyncio.Queue[Mapping[str, Scalar]]]] = {}

    def receive(self, frame: Received) -> str | None:
        """Takes a frame; the name of its message when that has new values now. The gate's observers come first."""
        name = self.store.receive(frame)
        if name is None:
            return None
        if self.store.is_gate_message(name):
            for observer in tuple(self._observers):
                observer()
        for waiter in self._waiters.get(name, ()):
            if not waiter.done():
                waiter.set_result(None)
        for reader in self._readers.get(name, ()):
            self._offer(reader, name)
        return name

    def on_signals(self, observer: Callable[[], None]) -> Callable[[], None]:
        """``observer`` is called at every good frame of a safety signal, at once. Returns what ends it.

        One that is there already is called once all the same.
        """
        if observer not in self._observers:
            self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    async def wait_fresh(self, messages: frozenset[str], timeout_s: float) -> frozenset[str]:
        """Waits until all ``messages`` are being received; those that still are not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                for name in sorted(messages):
                    while not self.store.is_fresh(name):
                        await self.next_frame(name)
        return frozenset(name for name in messages if not self.store.is_fresh(name))

    async def next_frame(self, name: str) -> None:
        """Waits for the next good frame of a message."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(name, [])
        waiters.append(waiter)
        try:
            await waiter
        finally:
            waiters.remove(waiter)

    async def frames_of(self, message: str) -> AsyncGenerator[Mapping[str, Scalar]]:
        """The values of a message from now on, frame by frame; a slow reader misses the oldest."""
        frames: asyncio.Queue[Mapping[str, Scalar]] = asyncio.Queue(_READER_BOUND)
        readers = self._readers.setdefault(message, [])
        readers.append(frames)
        try:
            while True:
                yield await frames.get()
        finally:
            readers.remove(frames)

    def awaited_by(self, message: str) -> int:
        """How many wait for a frame of ``message``."""
        return len(self._waiters.get(message, ())) + len(self._readers.get(message, ()))

    def silence(self, message: str) -> str:
        """The sentence for a message that does not come."""
        return f"The {self.binding.ecu(message)} does not answer."

    def _offer(self, reader: asyncio.Queue[Mapping[str, Scalar]], name: str) -> None:
        values = self.store.values(name)
        if values is not None:
            if reader.full():
                reader.get_nowait()
            reader.put_nowait(values)
