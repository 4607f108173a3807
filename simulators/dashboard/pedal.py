"""Speeding up and slowing down as a car does it: a jump would make the two speed sources disagree for a moment."""

import asyncio
from collections.abc import Callable
from typing import Final

from simulators.car import Car

STEP_KMH: Final = 4.0  # below the 5 km/h from which two sources count as implausible
STEP_S: Final = 0.1


class Pedal:
    """Drives towards ``target_kmh``, one task at a time. ``arrived`` hears of each target that is reached."""

    def __init__(self, car: Car, arrived: Callable[[float], None]) -> None:
        self._car = car
        self._arrived = arrived
        self._task: asyncio.Task[None] | None = None
        self.target_kmh = self._shown_kmh()

    def press(self, kmh: float) -> bool:
        """From now on towards ``kmh``. True when it had to shift from P to D for that."""
        self.target_kmh = kmh
        shifts = kmh > 0 and self._car.state()["gear"] == "P"
        if shifts:
            self._car.set("gear", "D")
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drive(), name="pedal")
        return shifts

    async def release(self) -> None:
        """Keeps the speed of this moment."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self.target_kmh = self._shown_kmh()

    def _shown_kmh(self) -> float:
        shown = self._car.state()["vehicle_speed"]
        return 0.0 if isinstance(shown, str) else float(shown)

    async def _drive(self) -> None:
        now = self._shown_kmh()
        while now != self.target_kmh:
            way = self.target_kmh - now
            now = self.target_kmh if abs(way) <= STEP_KMH else now + (STEP_KMH if way > 0 else -STEP_KMH)
            self._car.set("speed", now)
            await asyncio.sleep(STEP_S)
        self._arrived(now)
