"""What goes out, in the order it was said."""

from typing import Any, Final

from dbus_next.aio.message_bus import _future_set_result, _MessageWriter

from vehicle_agent.message_bus import wire

MESSAGES_A_TURN: Final = 64


class Writer(_MessageWriter):
    """dbus-next's own takes a full socket for a broken one, and its queue has no bound.

    ``queued_bytes``: what the bus has not taken yet; whoever adds to it looks there first.
    """

    def __init__(self, bus: Any) -> None:  # noqa: ANN401 - dbus-next has no type for it here
        super().__init__(bus)  # type: ignore[no-untyped-call]
        self.queued_bytes = 0

    @property
    def is_idle(self) -> bool:
        return self.buf is None and self.messages.empty()

    def buffer_message(self, msg: Any, future: Any = None) -> None:  # noqa: ANN401
        self.put(wire.written(msg), future)

    def put(self, data: bytes, future: Any = None) -> None:  # noqa: ANN401
        self.queued_bytes += len(data)
        self.messages.put_nowait((data, None, future))

    def put_now(self, data: bytes) -> None:
        """Gives ``data`` to the kernel at once, before what waits, unless a message is half out. Raises OSError."""
        if self.buf is not None:
            raise BlockingIOError("the bus takes nothing at the moment")
        sent = self.sock.send(data)
        if sent < len(data):
            self.queued_bytes += len(data) - sent
            self.buf, self.offset, self.fut = memoryview(data), sent, None
            self.loop.add_writer(self.fd, self.write_callback)

    def begin(self) -> None:
        """Has what waits written in a later turn of the loop."""
        self.schedule_write()

    def write_callback(self) -> None:
        if self.bus._disconnected:
            return
        try:
            for _ in range(MESSAGES_A_TURN):  # the socket tells of itself again in the next turn
                if self.buf is None:
                    if self.messages.empty():
                        self.loop.remove_writer(self.fd)
                        return
                    data, _, self.fut = self.messages.get_nowait()
                    self.buf, self.offset = memoryview(data), 0
                sent = self.sock.send(self.buf[self.offset :])
                self.offset += sent
                self.queued_bytes -= sent
                if self.offset < len(self.buf):
                    return
                self.buf = None
                _future_set_result(self.fut, None)  # type: ignore[no-untyped-call]
        except (BlockingIOError, InterruptedError):
            return  # it is writable again later
        except OSError as e:
            if self.fut is not None and not self.fut.done():
                self.fut.set_exception(e)
                self.fut.exception()  # nobody has to look
            self.bus._finalize(e)
