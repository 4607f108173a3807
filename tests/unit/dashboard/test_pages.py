"""What a page is sent, above all one that does not keep up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.waiting import until

from simulators.dashboard import pages
from simulators.dashboard.desk import LogEntry
from simulators.dashboard.pages import LOG_WAITING, Page, Pages
from simulators.dashboard.state import Board


class Socket:
    """Takes nothing while ``stuck``."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def send_str(self, data: str) -> None:
        await self.takes.wait()
        self.sent.append(json.loads(data))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [document for document in self.sent if document["type"] == kind]


def _board(speed: int, frames: int = 0) -> Board:
    return {"car": {"speed": speed, "gear": "D"}, "bus": {"Gear": [frames]}, "signals": {}}


@asynccontextmanager
async def _open(socket: Socket) -> AsyncIterator[Page]:
    page = Page(socket, question_left_s=lambda: 0.0, clock=lambda: 1.0)
    task = asyncio.create_task(page.serve())
    try:
        yield page
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_page_is_told_the_whole_board_once_then_only_changes() -> None:
    socket = Socket()
    async with _open(socket) as page:
        page.show(_board(0))
        await until(lambda: len(socket.sent) == 1)
        page.show(_board(50))
        await until(lambda: len(socket.sent) == 2)
    assert socket.sent[0]["board"]["car"] == {"speed": 0, "gear": "D"}
    assert socket.sent[1]["board"] == {"car": {"speed": 50}}


async def test_an_unchanged_board_is_not_sent() -> None:
    socket = Socket()
    async with _open(socket) as page:
        page.show(_board(0))
        await until(lambda: len(socket.sent) == 1)
        page.show(_board(0))
        page.reply({"id": 1, "ok": True})
        await until(lambda: len(socket.of("reply")) == 1)
        assert len(socket.of("board")) == 1


async def test_a_slow_page_gets_the_latest_state_and_no_queue_of_old_ones() -> None:
    socket = Socket()
    async with _open(socket) as page:
        page.show(_board(0))
        await until(lambda: len(socket.sent) == 1)
        socket.takes.clear()
        for speed in range(1, 500):
            page.show(_board(speed, frames=speed))
            await asyncio.sleep(0)
        socket.takes.set()
        await until(lambda: socket.sent[-1].get("board", {}).get("car") == {"speed": 499})
    assert len(socket.of("board")) <= 3  # the first, the one that was stuck, the latest


async def test_a_slow_pages_log_is_bounded_and_says_what_it_missed() -> None:
    socket = Socket()
    async with _open(socket) as page:
        page.show(_board(0))
        await until(lambda: len(socket.sent) == 1)
        socket.takes.clear()
        page.show(_board(1))
        await asyncio.sleep(0)
        for number in range(LOG_WAITING + 30):
            page.note(LogEntry(number=number, at_s=0, kind="car", text="x"))
        socket.takes.set()
        await until(lambda: len(socket.of("log")) == 1)
    (log,) = socket.of("log")
    assert (len(log["lines"]), log["missed"], log["lines"][-1]["n"]) == (LOG_WAITING, 30, LOG_WAITING + 29)


async def test_a_page_that_takes_nothing_for_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SEND_TIMEOUT_S", 0.01)
    socket = Socket()
    socket.takes.clear()
    page = Page(socket, question_left_s=lambda: 0.0, clock=lambda: 1.0)
    page.show(_board(0))
    with pytest.raises(TimeoutError):
        await page.serve()


async def test_a_paused_page_gets_no_bus() -> None:
    socket = Socket()
    async with _open(socket) as page:
        page.watches_bus = False
        page.show(_board(0, frames=3))
        await until(lambda: len(socket.sent) == 1)
        assert "bus" not in socket.sent[0]["board"]
        page.watches_bus = True
        page.show(_board(0, frames=4))
        await until(lambda: len(socket.sent) == 2)
    assert socket.sent[1]["board"] == {"bus": {"Gear": [4]}}


async def test_no_board_is_made_while_nobody_looks() -> None:
    made: list[int] = []

    def make() -> Board:
        made.append(1)
        return _board(len(made))

    shown = Pages(make, every_s=0.001)
    task = asyncio.create_task(shown.run())
    await asyncio.sleep(0.02)
    assert not made
    socket = Socket()
    async with _open(socket) as page:
        with shown.joined(page):
            await until(lambda: len(socket.of("board")) >= 2)
        after = len(made)
        await asyncio.sleep(0.02)
        assert len(made) <= after + 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
