"""What is lost is told once, tried again with growing pauses, and told once when it is back."""

import asyncio

import pytest
from support.told import health_telling

from vehicle_agent.errors import Unavailable
from vehicle_agent.message_bus.recovery import Recovery


class Part:
    """Fails so often, then works. ``pauses_s``: what was waited before each try."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failures: list[Exception | None]) -> None:
        self.failures = failures
        self.pauses_s: list[float] = []
        self.told: list[str] = []
        self.now_s = 0.0
        self.health = health_telling(self.told.append)
        self.recovery = Recovery("message bus", self.health, self._win, clock=lambda: self.now_s)
        real = asyncio.sleep

        async def sleep(seconds: float) -> None:
            self.pauses_s.append(seconds)
            self.now_s += seconds
            await real(0)

        monkeypatch.setattr(asyncio, "sleep", sleep)

    async def _win(self) -> None:
        failure = self.failures.pop(0)
        if failure is not None:
            raise failure


async def _turns(count: int = 200) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(count):
        future = loop.create_future()
        loop.call_soon(future.set_result, None)
        await future


async def test_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(monkeypatch, [Unavailable("no")] * 8 + [None])
    running = asyncio.create_task(part.recovery.run())
    await _turns()
    assert part.pauses_s == []
    part.recovery.lost("it is gone")
    part.recovery.lost("it is gone")
    await _turns()
    running.cancel()
    assert part.pauses_s == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert part.told == ["degraded: message bus: it is gone", ""]


async def test_what_comes_and_goes_is_not_tried_at_once_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(monkeypatch, [None] * 20)
    running = asyncio.create_task(part.recovery.run())
    for _ in range(4):
        part.recovery.lost("it is gone")
        await _turns()
    assert part.pauses_s == [0.1, 0.2, 0.4, 0.8]
    part.now_s += 11
    part.recovery.lost("it is gone")
    await _turns()
    running.cancel()
    assert part.pauses_s[-1] == 0.1


async def test_what_is_lost_while_it_is_won_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(monkeypatch, [])
    tries = 0

    async def win() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            part.recovery.lost("it is gone")

    part.recovery = Recovery("message bus", part.health, win, clock=lambda: part.now_s)
    running = asyncio.create_task(part.recovery.run())
    part.recovery.lost("it is gone")
    await _turns()
    running.cancel()
    assert tries == 3
    assert part.health.text == ""


async def test_a_defect_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(monkeypatch, [ZeroDivisionError(), Unavailable("no"), None])
    running = asyncio.create_task(part.recovery.run())
    part.recovery.lost("it is gone")
    await _turns()
    assert not running.done()
    running.cancel()
    assert part.health.text == ""
