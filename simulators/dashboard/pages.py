"""One open page: what it has been told, and what it is told next. Nothing waits for a slow one."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from simulators.dashboard.desk import LogEntry
from simulators.dashboard.state import BUS_SECTIONS, Board, delta, told

LOG_WAITING: Final = 200  # lines kept for a page that does not keep up; the oldest go first
REPLIES_WAITING: Final = 32
SEND_TIMEOUT_S: Final = 10.0


class Socket(Protocol):
    async def send_str(self, data: str) -> None:
        """Waits while the other end takes nothing."""


class Page:
    """Boards are not queued: whoever is late gets the latest one, and what has changed since the last one it got."""

    def __init__(self, socket: Socket, *, question_left_s: Callable[[], float], clock: Callable[[], float]) -> None:
        self._socket = socket
        self._question_left_s = question_left_s
        self._clock = clock
        self._board: Board = {}
        self._told: Board = {}
        self._log: deque[LogEntry] = deque(maxlen=LOG_WAITING)
        self._missed = 0
        self._replies: deque[Mapping[str, object]] = deque(maxlen=REPLIES_WAITING)
        self._wake = asyncio.Event()
        self.watches_bus = True
        self.boards_sent = 0

    # --- from the server, never waiting -----------------------------------------------------------------------------

    def show(self, board: Board) -> None:
        self._board = board
        self._wake.set()

    def note(self, entry: LogEntry) -> None:
        self._missed += len(self._log) == LOG_WAITING
        self._log.append(entry)
        self._wake.set()

    def reply(self, document: Mapping[str, object]) -> None:
        self._replies.append(document)
        self._wake.set()

    # --- to the browser ---------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Sends until cancelled. Raises TimeoutError when the other end takes nothing for SEND_TIMEOUT_S."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._replies:
                await self._send({"type": "reply", **self._replies.popleft()})
            await self._send_log()
            await self._send_board()

    async def _send_log(self) -> None:
        if not self._log:
            return
        lines, missed = [entry.to_json() for entry in self._log], self._missed
        self._log.clear()
        self._missed = 0
        await self._send({"type": "log", "lines": lines, "missed": missed})

    async def _send_board(self) -> None:
        board = self._board
        changes = delta(self._told, board, self._wants)
        if not changes:
            return
        self._told = told(self._told, board, self._wants)
        self.boards_sent += 1
        left_s = round(self._question_left_s(), 2)
        await self._send(
            {"type": "board", "now_s": round(self._clock(), 3), "question_left_s": left_s, "board": changes}
        )

    def _wants(self, section: str) -> bool:
        return self.watches_bus or section not in BUS_SECTIONS

    async def _send(self, document: Mapping[str, object]) -> None:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self._socket.send_str(text)


class Pages:
    """All open pages of one desk. Boards are made only while somebody looks."""

    def __init__(self, make_board: Callable[[], Board], *, every_s: float) -> None:
        self._make_board = make_board
        self._every_s = every_s
        self._pages: set[Page] = set()
        self._somebody = asyncio.Event()

    def __len__(self) -> int:
        return len(self._pages)

    @contextlib.contextmanager
    def joined(self, page: Page) -> Iterator[None]:
        """While this lasts, ``page`` is shown what happens."""
        self._pages.add(page)
        self._somebody.set()
        try:
            yield
        finally:
            self._pages.discard(page)
            if not self._pages:
                self._somebody.clear()

    def note(self, entry: LogEntry) -> None:
        for page in self._pages:
            page.note(entry)

    async def run(self) -> None:
        """Shows the board to everybody, at most every ``every_s`` seconds, until cancelled."""
        while True:
            await self._somebody.wait()
            board = self._make_board()
            for page in tuple(self._pages):
                page.show(board)
            await asyncio.sleep(self._every_s)
