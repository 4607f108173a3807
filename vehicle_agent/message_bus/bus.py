"""dbus-next's connection, guarded."""

import asyncio
import contextlib
import fcntl
import logging
import select
import socket
import sys
import termios
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Self

from dbus_next.aio.message_bus import MessageBus
from dbus_next.constants import BusType, MessageFlag, MessageType
from dbus_next.errors import AuthError, DBusError, InvalidAddressError
from dbus_next.message import Message
from dbus_next.service import ServiceInterface

from vehicle_agent.message_bus import wire
from vehicle_agent.message_bus.budget import TURN_S, Budget
from vehicle_agent.message_bus.intake import Intake, Parcel
from vehicle_agent.message_bus.malformed import Malformed, NotDBus
from vehicle_agent.message_bus.refusal import FAILED, INVALID, TOO_LONG, Rejection, one_line
from vehicle_agent.message_bus.wire import Header
from vehicle_agent.message_bus.writer import Writer

_LOG = logging.getLogger(__name__)

MAX_REQUEST_BYTES: Final = 16 << 10
"""Of the body of a call to us. A sentence has at most 600 characters."""

MAX_REPLY_BYTES: Final = 8 << 20
"""Of the body of an answer to us: a large phone book has one."""

_MAX_REQUEST_VALUES: Final = 200
_MAX_REPLY_VALUES: Final = 100_000
_IN_THE_LOOP_BYTES: Final = 16 << 10  # a larger answer is read in a thread
_MAX_AWAITED: Final = 1000
_CHUNK_BYTES: Final = 64 << 10
_FULL_BYTES: Final = 256 << 10  # while so much waits to go out, nothing is read
_SIGNALS_BYTES: Final = 1 << 20  # while so much waits to go out, signals are not sent
_BEHIND_PAUSE_S: Final = 0.02
_SPARE_BYTES: Final = 32 << 10  # in the kernel on their way out: answers of a connection that offers nothing
_AUTH_LINE_BYTES: Final = 512
_TOLD_EVERY_S: Final = 60.0

_BUS: Final = "org.freedesktop.DBus"
_BUS_SIGNALS: Final = frozenset({"NameOwnerChanged", "NameLost", "NameAcquired"})
_UNKNOWN: Final = "org.freedesktop.DBus.Error.UnknownMethod"
_TOO_LARGE: Final = "org.freedesktop.DBus.Error.LimitsExceeded"
_STANDARD: Final = {
    ("org.freedesktop.DBus.Introspectable", "Introspect"): "",
    ("org.freedesktop.DBus.Peer", "Ping"): "",
    ("org.freedesktop.DBus.Peer", "GetMachineId"): "",
    ("org.freedesktop.DBus.Properties", "Get"): "ss",
    ("org.freedesktop.DBus.Properties", "GetAll"): "s",
    ("org.freedesktop.DBus.Properties", "Set"): "ssv",
    ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects"): "",
}
_DEFECT: Final = "The agent has a defect here; its log says more."

caller: ContextVar[str] = ContextVar("caller", default="")
"""The unique bus name of whoever called the exported method that is running."""


class _Answer:
    """What a handler of dbus-next calls, or leaves an exception to; nobody gets to see a traceback."""

    def __init__(self, bus: "GuardedMessageBus", call: Message) -> None:
        self._bus = bus
        self._call = call

    def __call__(self, reply: Message) -> None:
        if not self._call.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._bus.send(reply)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, Exception) and self.send_error(error)

    def send_error(self, error: Exception) -> bool:
        if isinstance(error, DBusError):
            self(Message.new_error(self._call, error.type, one_line(error.text)))
            return True
        _LOG.error("a defect in %s.%s", self._call.interface, self._call.member, exc_info=error)
        self(Message.new_error(self._call, FAILED, _DEFECT))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a connection keeps at the moment; each is bounded.

    ``awaited``: calls whose replies have not come; ``incoming_bytes``: of messages that are not whole yet;
    ``outgoing_bytes``: what the bus has not taken yet.
    """

    awaited: int
    incoming_bytes: int
    outgoing_bytes: int


class GuardedMessageBus(MessageBus):
    """A connection whose work, memory and answers are bounded. Errors are those of its `connect`.

    ``refuse``: asked about every call to an exported method before its body has come in; returns why it is not taken.
    ``refuse_body``: asked again with the body, before anything is made of it.
    ``on_lost``: called once when the connection is over, whoever ended it.
    """

    on_lost: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, bus_address: str | None = None, bus_type: BusType = BusType.SESSION) -> None:
        """Raises InvalidAddressError, OSError, KeyError (an environment without an address)."""
        self._sock: Any = None
        self._stream: Any = None
        self._fd = -1
        self._auth: Any = None
        self._writer: Any = None
        super().__init__(bus_address=bus_address, bus_type=bus_type)  # type: ignore[arg-type]
        self._out = self._writer = Writer(self)
        self.refuse: Callable[[Header], Rejection | None] = lambda _header: None
        self.refuse_body: Callable[[Header, bytes], Rejection | None] = lambda _header, _body: None
        self._intake = Intake(self._wants, self._note_malformed)
        self._budget = Budget()
        self._scratch = memoryview(bytearray(_CHUNK_BYTES))
        self._later: asyncio.TimerHandle | None = None
        self._awaited: dict[int, str] = {}
        self._late: deque[bytes] = deque()  # at most what one turn brings: nothing is read while there are any
        self._running: set[asyncio.Task[Any]] = set()
        self._readings: set[asyncio.Future[Any]] = set()
        self._malformed_told_s = -_TOLD_EVERY_S

    @property
    def held(self) -> Held:
        return Held(
            awaited=len(self._awaited),
            incoming_bytes=self._intake.kept_bytes,
            outgoing_bytes=self._out.queued_bytes,
        )

    # connecting

    def _setup_socket(self) -> None:
        """Only checks the address: dbus-next would connect here, blocking."""
        for transport, options in self._bus_address:
            known = transport == "tcp" or (transport == "unix" and {"path", "abstract"} & options.keys())
            if not known:
                raise InvalidAddressError(f"no way to connect by {transport} with {', '.join(options) or 'nothing'}")

    async def connect(self) -> "GuardedMessageBus":
        """Raises OSError (EOFError, TimeoutError among them where the bus goes away), AuthError."""
        problem: Exception = ConnectionError("no address")
        for transport, options in self._bus_address:
            try:
                await self._open_socket(transport, options)
                break
            except (OSError, ValueError) as e:
                self._release()
                problem = e
        else:
            raise problem if isinstance(problem, OSError) else ConnectionError(str(problem))
        try:
            await self._authenticate()
            await self._say_hello()
        except BaseException:
            self.abort()
            raise
        return self

    async def _open_socket(self, transport: str, options: dict[str, str]) -> None:
        target: Any
        if transport == "unix":
            family = socket.AF_UNIX
            target = options["path"] if "path" in options else "\0" + options["abstract"]
        else:
            family = socket.AF_INET
            target = (options.get("host", ""), int(options.get("port", "0")))
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        self._fd = self._sock.fileno()
        await self._loop.sock_connect(self._sock, target)
        self._out = self._writer = Writer(self)

    async def _authenticate(self) -> None:
        """As a client of SASL EXTERNAL. dbus-next reads for ever where the bus goes away meanwhile."""
        loop = self._loop
        first = self._auth._authentication_start(negotiate_unix_fd=False)
        await loop.sock_sendall(self._sock, b"\0" + self._auth._format_line(first))
        answer = ""
        while answer != "BEGIN":
            try:
                answer = self._auth._receive_line(await self._auth_readline())
            except ValueError as e:  # no such answer, or no text
                raise AuthError("the bus answered the authentication with something unknown") from e
            await loop.sock_sendall(self._sock, self._auth._format_line(answer))

    async def _auth_readline(self) -> str:
        line = b""
        while not line.endswith(b"\r\n"):
            more = await self._loop.sock_recv(self._sock, 1)  # what follows the line is not for us
            if not more:
                raise EOFError("the bus closed the connection")
            line += more
            if len(line) > _AUTH_LINE_BYTES:
                raise AuthError("the bus answered the authentication with an endless line")
        return line[:-2].decode()

    async def _say_hello(self) -> None:
        hello = Message(destination=_BUS, path="/org/freedesktop/DBus", interface=_BUS, member="Hello", serial=1)
        self._serial = 1
        answered: asyncio.Future[Message] = self._loop.create_future()

        def told(reply: Message | None, error: Exception | None) -> None:
            if answered.done():
                return
            if reply is None:
                answered.set_exception(error or EOFError("the bus closed the connection"))
            else:
                answered.set_result(reply)

        self._method_return_handlers[1] = told
        self._awaited[1] = _BUS
        self._loop.add_reader(self._fd, self._readable)
        await self._loop.sock_sendall(self._sock, wire.written(hello))
        reply = await answered
        if reply.message_type is not MessageType.METHOD_RETURN or reply.signature != "s":
            said = reply.body[0] if reply.signature == "s" else reply.error_name
            raise ConnectionError(f"the bus does not take this connection: {one_line(str(said))}")
        if not reply.body[0].startswith(":"):
            raise ConnectionError("the bus gave this connection no name")
        if self._disconnected:  # by what came right behind the welcome
            raise ConnectionError("the bus closed the connection")
        self.unique_name = reply.body[0]
        if not self._out.is_idle:
            self._out.begin()

    def next_serial(self) -> int:
        self._serial = self._serial % 0xFFFFFFFF + 1  # 0 is none, and 32 bits are all there is
        return int(self._serial)

    # the end

    def _finalize(self, err: Exception | None = None) -> None:
        if self._disconnected:
            return  # its descriptor may be another connection's by now
        if self._later is not None:
            self._later.cancel()
        if self._fd >= 0:
            super()._finalize(err)  # type: ignore[no-untyped-call]
        else:
            self._disconnected = True
            if not self._disconnect_future.done():
                self._disconnect_future.set_result(None)
        if self._disconnect_future.done():
            self._disconnect_future.exception()  # whoever waits for a reply is told; this future has no reader
        self._awaited.clear()
        self._release()
        self.on_lost()

    def _release(self) -> None:
        if self._sock is not None:
            self._sock.close()

    def abort(self) -> None:
        self._user_disconnect = True
        self._finalize(None)

    # reading

    def _message_reader(self) -> None:  # dbus-next's own name for it; it is never asked for
        self._readable()

    def _readable(self) -> None:
        began_s = time.thread_time()
        try:
            count = self._sock.recv_into(self._scratch)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as e:
            self._finalize(e)
            return
        if not count:
            self._finalize(EOFError("the bus closed the connection"))
            return
        self._intake.feed(self._scratch[:count])
        self._work(began_s)

    def _work(self, began_s: float) -> None:
        """Takes what has come in, for as long as one turn may take; the rest has its turn later."""
        until_s = time.perf_counter() + TURN_S
        drained = False
        self._answer_late()
        try:
            while not drained and not self._late and not self._disconnected and time.perf_counter() < until_s:
                taken = self._intake.take()
                drained = taken is None
                if isinstance(taken, Parcel):
                    self._deliver(taken)
        except NotDBus as e:
            _LOG.warning("the bus sent %s; the connection is given up", e)
            self._finalize(ConnectionError(f"the bus sent {e}"))
        if self._disconnected:
            return
        pause_s = self._budget.spend(time.monotonic(), time.thread_time() - began_s)
        if self._late or self._out.queued_bytes > _FULL_BYTES:
            pause_s = max(pause_s, _BEHIND_PAUSE_S)
        if not drained or pause_s:
            if self._later is None:
                self._loop.remove_reader(self._fd)
            self._later = self._loop.call_later(pause_s, self._go_on)
        elif self._later is not None:
            self._later = None
            self._loop.add_reader(self._fd, self._readable)

    def _go_on(self) -> None:
        self._work(time.thread_time())

    def _note_malformed(self, error: Malformed) -> None:
        now_s = time.monotonic()
        if now_s - self._malformed_told_s >= _TOLD_EVERY_S:
            self._malformed_told_s = now_s
            _LOG.warning("the bus sent %s; it is passed over", error)

    # who is heard

    def _wants(self, header: Header) -> bool:
        match header.kind:
            case wire.SIGNAL:
                return header.sender == header.interface == _BUS and header.member in _BUS_SIGNALS
            case wire.RETURN | wire.ERROR:
                return self._wants_reply(header)
            case wire.CALL if header.sender:
                refusal = self._refusal(header)
                if refusal is not None:
                    self._send_refusal(header, refusal)
                return refusal is None
            case _:
                return False  # a call of nobody; what a later version of D-Bus has

    def _wants_reply(self, header: Header) -> bool:
        asked = self._awaited.get(header.reply_serial)
        if asked is None or header.destination not in {"", self.unique_name or header.destination}:
            return False
        # the bus itself may say in a service's stead that it does not answer
        from_bus = header.sender == _BUS and header.kind == wire.ERROR
        if header.sender != asked and not from_bus and (asked.startswith(":") or _BUS in {asked, header.sender}):
            return False
        if header.body_bytes > MAX_REPLY_BYTES:
            self._reply_with(header, _TOO_LARGE, f"the answer has {header.body_bytes} bytes, too many to read")
            return False
        return True

    def _refusal(self, header: Header) -> Rejection | None:
        known = self._signature_of(header)
        if known is None:
            return Rejection(_UNKNOWN, f"There is no {header.member} here.")
        refusal = self.refuse(header)
        if refusal is not None:
            return refusal
        if header.body_bytes > MAX_REQUEST_BYTES:
            return Rejection(TOO_LONG, f"A call may have {MAX_REQUEST_BYTES} bytes, not {header.body_bytes}.")
        if header.signature != known:
            return Rejection(INVALID, f'{header.member} takes "{known}", not "{header.signature}".')
        return None

    def _signature_of(self, header: Header) -> str | None:
        """Of the method that is called; None where there is none."""
        if not self._path_exports:
            return None
        standard = _STANDARD.get((header.interface, header.member))
        if standard is not None:
            return standard
        for interface in self._path_exports.get(header.path, ()):
            if interface.name == header.interface:
                for method in ServiceInterface._get_methods(interface):  # type: ignore[no-untyped-call]
                    if method.name == header.member and not method.disabled:
                        return str(method.in_signature)
        return None

    def _send_refusal(self, header: Header, refusal: Rejection) -> None:
        if not header.wants_reply or self.unique_name is None:
            return
        answer = wire.error_reply(header, self.next_serial(), refusal.error, one_line(refusal.text))
        if not self._path_exports:
            self._late.append(answer)
            self._answer_late()
            return
        was_idle = self._out.is_idle
        self._out.put(answer)
        if was_idle:
            self._out.begin()

    def _answer_late(self) -> None:
        """A connection for our own calls must have room for them at any time, so answers to others come second."""
        while self._late and self._out.is_idle and not self._disconnected:
            waiting = fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0" * 4)
            if int.from_bytes(waiting, sys.byteorder) > _SPARE_BYTES:
                return
            with contextlib.suppress(OSError):
                self._out.put_now(self._late.popleft())

    # what is heard

    def _deliver(self, parcel: Parcel) -> None:
        header, body = parcel.header, parcel.body
        if header.kind == wire.CALL:
            refusal = self.refuse_body(header, body)
            if refusal is not None:
                self._send_refusal(header, refusal)
                return
        most = _MAX_REQUEST_VALUES if header.kind == wire.CALL else _MAX_REPLY_VALUES
        if header.kind in {wire.RETURN, wire.ERROR} and len(body) > _IN_THE_LOOP_BYTES:
            reading = self._loop.run_in_executor(None, _read, header, body, most)
            self._readings.add(reading)
            reading.add_done_callback(self._readings.discard)
            reading.add_done_callback(lambda done: None if done.cancelled() else self._heard(header, done.result()))
        else:
            self._heard(header, _read(header, body, most))

    def _heard(self, header: Header, message: Message | Malformed) -> None:
        if self._disconnected:
            return
        if isinstance(message, Message):
            self._on_message(message)
        elif header.kind == wire.CALL:
            self._send_refusal(header, Rejection(INVALID, f"The call is no D-Bus message: it has {message}."))
        else:
            self._note_malformed(message)
            if header.kind in {wire.RETURN, wire.ERROR}:
                self._reply_with(header, FAILED, f"the answer is no D-Bus message: it has {message}")

    def _reply_with(self, header: Header, error: str, text: str) -> None:
        """Tells whoever waits for this reply that it cannot be had."""
        message = Message(
            message_type=MessageType.ERROR,
            reply_serial=header.reply_serial,
            sender=header.sender or None,  # type: ignore[arg-type]
            error_name=error,
            signature="s",
            body=[text],
        )
        self._on_message(message)

    def _on_message(self, msg: Message) -> None:
        try:
            self._process_message(msg)
        except Exception:  # noqa: BLE001 - a listener's defect must not end the connection
            _LOG.exception("a message of the bus could not be dealt with")

    def _process_message(self, msg: Message) -> None:
        if msg.message_type in {MessageType.METHOD_RETURN, MessageType.ERROR}:
            self._awaited.pop(msg.reply_serial or 0, None)
        if any(handler(msg) for handler in list(self._user_message_handlers)):
            return
        match msg.message_type:
            case MessageType.METHOD_CALL:
                answer = _Answer(self, msg)
                token = caller.set(msg.sender or "")
                try:
                    with answer:
                        handler = self._find_message_handler(msg)  # type: ignore[no-untyped-call]
                        if handler is None:
                            raise DBusError(_UNKNOWN, f"There is no {msg.member} here.")  # type: ignore[no-untyped-call]
                        handler(msg, answer)
                finally:
                    caller.reset(token)
            case MessageType.METHOD_RETURN | MessageType.ERROR:
                handler = self._method_return_handlers.pop(msg.reply_serial, None)
                if handler is not None:
                    handler(msg, None)
            case _:
                pass

    def _make_method_handler(self, interface: Any, method: Any) -> Callable[[Message, Any], None]:  # noqa: ANN401
        def told(msg: Message, answer: _Answer, result: Any) -> None:  # noqa: ANN401
            body, _ = ServiceInterface._fn_result_to_body(result, method.out_signature_tree)  # type: ignore[no-untyped-call]
            answer(Message.new_method_return(msg, method.out_signature, body))

        def run_now(msg: Message, answer: _Answer) -> None:
            # dbus-next looks for file descriptors in the arguments here, and keeps every signature on its way
            told(msg, answer, method.fn(interface, *msg.body))

        async def run(msg: Message, answer: _Answer) -> None:
            with answer:
                told(msg, answer, await method.fn(interface, *msg.body))

        def begin(msg: Message, answer: _Answer) -> None:
            task = self._loop.create_task(run(msg, answer), name=f"{method.name} for {msg.sender}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        return begin if asyncio.iscoroutinefunction(method.fn) else run_now

    def _default_get_machine_id_handler(self, msg: Message, send_reply: Any) -> None:  # noqa: ANN401, ARG002
        # dbus-next asks the bus about each, and answers the second with an error of its own
        raise DBusError("org.freedesktop.DBus.Error.NotSupported", "Ask the bus itself.")  # type: ignore[no-untyped-call]

    # sending

    def send(self, msg: Message) -> "asyncio.Future[None]":  # type: ignore[override]  # its own returns one, too
        """In a later turn of the loop. A signal is dropped while the bus takes nothing."""
        future: asyncio.Future[None] = self._loop.create_future()
        behind = msg.message_type is MessageType.SIGNAL and self._out.queued_bytes > _SIGNALS_BYTES
        if self._disconnected or behind:
            future.set_exception(ConnectionError("the bus takes no messages"))
            future.exception()  # nobody has to look
            return future
        if not msg.serial:
            msg.serial = self.next_serial()
        self._await_reply(msg)
        self._out.buffer_message(msg, future)
        self._out.begin()
        return future

    def _call(self, msg: Message, callback: Callable[[Message | None, Exception | None], None]) -> None:
        if self._disconnected:
            raise ConnectionError("the connection to the bus is lost")  # nobody would ever call back
        super()._call(msg, callback)  # type: ignore[no-untyped-call]

    def send_now(self, message: Message) -> None:
        """Writes to the socket before it returns. Raises BlockingIOError, having queued nothing, if that would wait.

        dbus-next itself writes in a later turn of the event loop.
        """
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        if self._disconnected or not any(event & select.POLLOUT for _, event in poll.poll(0)):
            raise BlockingIOError("the bus takes nothing at the moment")
        if not message.serial:
            message.serial = self.next_serial()
        data = wire.written(message)
        try:
            self._out.put_now(data)
        except BlockingIOError:
            raise
        except OSError as e:
            self._finalize(e)
            return
        self._await_reply(message)

    def _await_reply(self, message: Message) -> None:
        if message.message_type is not MessageType.METHOD_CALL or message.flags & MessageFlag.NO_REPLY_EXPECTED:
            return
        while len(self._awaited) >= _MAX_AWAITED:
            self._awaited.pop(next(iter(self._awaited)))  # the oldest has waited in vain
        self._awaited[message.serial] = message.destination or ""

    def forget(self, serial: int) -> None:
        """No reply to this call is wanted any more."""
        self._awaited.pop(serial, None)
        self._method_return_handlers.pop(serial, None)


def _read(header: Header, body: bytes, max_values: int) -> Message | Malformed:
    try:
        return wire.read_message(header, body, max_values=max_values)
    except Malformed as e:
        return e
