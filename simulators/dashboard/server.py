"""The dashboard's web server: the page, its WebSocket, and the same commands over plain HTTP for scripts."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import WSMsgType, web

from simulators.dashboard.commands import MAX_COMMAND_BYTES, BadCommand, Watch, command_id, parse_command
from simulators.dashboard.desk import Desk
from simulators.dashboard.pages import Page, Pages
from simulators.dashboard.security import headers_of, is_loopback, why_refused
from simulators.errors import SimulatorError

UPDATE_EVERY_S: Final = 0.1
MAX_PAGES: Final = 8
MAX_UNDER_WAY: Final = 32  # commands of all pages that are not answered yet
_HEARTBEAT_S: Final = 20.0
_CLOSE_S: Final = 1.0
_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DashboardUnavailable(SimulatorError, OSError):
    """The address cannot be listened on."""


class Dashboard:
    """An async context manager: serves ``desk`` until it is left. ``port`` 0: any free one; see `url`.

    ``host``: the address to listen on. Raises DashboardUnavailable.
    """

    def __init__(self, desk: Desk, *, host: str = "127.0.0.1", port: int = 8765) -> None:
        self.desk = desk
        self._host = host
        self._port = port
        self._pages = Pages(desk.board, every_s=UPDATE_EVERY_S)
        self._under_way: set[asyncio.Task[None]] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._stack = contextlib.AsyncExitStack()

    @property
    def url(self) -> str:
        """What to open in a browser on this computer."""
        name = "127.0.0.1" if self._host in {"0.0.0.0", "::", ""} else self._host  # noqa: S104 - compared, not bound
        return f"http://{f'[{name}]' if ':' in name else name}:{self._port}/"

    # --- life -------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.desk)
            self.desk.on_log = self._pages.note
            ticker = asyncio.create_task(self._pages.run(), name="dashboard")
            stack.push_async_callback(_ended, ticker)
            stack.push_async_callback(self._end_commands)
            runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, self._host, self._port)
            try:
                await site.start()
            except OSError as e:
                raise DashboardUnavailable(
                    f"the dashboard cannot listen on {self._host} port {self._port} ({e.strerror or e}); choose --port"
                ) from e
            self._port = runner.addresses[0][1]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def application(self) -> web.Application:
        """The web application alone, for another server or a test client; its desk must be running."""
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_COMMAND_BYTES)
        app.on_shutdown.append(self._close_sockets)
        app.router.add_get("/", self._file)
        app.router.add_get("/static/{name}", self._file)
        app.router.add_get("/live", self._live)
        app.router.add_get("/api/state", self._state)
        app.router.add_post("/api/command", self._command)
        return app

    # --- requests ---------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = why_refused(request.headers, self._host)
        if reason is not None:
            return web.Response(status=403, text=f"{reason}\n")
        try:
            response = await handler(request)
        except web.HTTPException as e:
            response = web.Response(status=e.status, text=f"{e.reason}\n")
        if not response.prepared:
            response.headers.update(headers_of(request.host))
        return response

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = _STATIC / request.match_info.get("name", "index.html")
        # the route lets no slash through, so that nothing outside this folder has a name
        kind = _TYPES.get(path.suffix)
        if kind is None or path.parent != _STATIC or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8")

    async def _state(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self.desk.board(), dumps=_json)

    async def _command(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":  # what a form of another site could send without asking
            return web.json_response({"ok": False, "error": "send the command as application/json"}, status=415)
        body = await request.read()
        reply = await self._answer(body, None)
        return web.json_response(reply, status=200 if reply["ok"] else 400, dumps=_json)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if len(self._pages) >= MAX_PAGES:
            return web.Response(status=503, text=f"{MAX_PAGES} pages are open already; close one\n")
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S, max_msg_size=MAX_COMMAND_BYTES, compress=False
        )
        await socket.prepare(request)
        page = Page(socket, question_left_s=self.desk.question_left_s, clock=self.desk.clock)
        await socket.send_str(_json({"type": "hello", **self.desk.hello()}))
        for entry in self.desk.log:
            page.note(entry)
        with self._pages.joined(page):
            self._sockets.add(socket)
            sender = asyncio.create_task(_serve(page, socket), name="dashboard page")
            try:
                async for message in socket:
                    if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                        self._take(message.data, page)
            finally:
                self._sockets.discard(socket)
                await _ended(sender)
        return socket

    async def _close_sockets(self, _app: web.Application) -> None:
        await asyncio.gather(*(socket.close() for socket in tuple(self._sockets)), return_exceptions=True)

    async def _end_commands(self) -> None:
        await _ended(*self._under_way)

    # --- commands ---------------------------------------------------------------------------------------------------

    def _take(self, text: str | bytes, page: Page) -> None:
        """Begins a command; the next one, such as a cancel, need not wait for it, nor does it end with the page."""
        if len(self._under_way) >= MAX_UNDER_WAY:
            error = f"{MAX_UNDER_WAY} commands are under way; wait for one to end"
            page.reply({"id": command_id(text), "ok": False, "error": error})
            return

        async def answered() -> None:
            page.reply(await self._answer(text, page))

        task = asyncio.create_task(answered(), name="dashboard command")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, text: str | bytes, page: Page | None) -> dict[str, object]:
        number = command_id(text)
        try:
            command = parse_command(text)
            if isinstance(command, Watch) and page is not None:
                page.watches_bus = command.bus
            result = await self.desk.run(command)
        except (BadCommand, SimulatorError) as e:
            return {"id": number, "ok": False, "error": str(e)}
        except Exception:  # noqa: BLE001 - a defect of ours: a sentence for the page, the traceback for the log
            _log.exception("a command of the page failed")
            return {"id": number, "ok": False, "error": "that failed inside the dashboard; its log tells more"}
        return {"id": number, "ok": True, **result}


async def _serve(page: Page, socket: web.WebSocketResponse) -> None:
    try:
        await page.serve()
    except (TimeoutError, ConnectionError):  # gone, or asleep: it connects again when it wakes
        await socket.close()


async def _ended(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


__all__ = ["Dashboard", "DashboardUnavailable", "is_loopback"]
