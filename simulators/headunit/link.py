"""A connection to a bus that leaves nothing open behind."""

from dbus_next.aio.message_bus import MessageBus


async def connect(address: str) -> MessageBus:
    return await MessageBus(bus_address=address).connect()


async def close(bus: MessageBus) -> None:
    """dbus-next shuts its socket down but does not close it, which Python reports as a leak."""
    if not bus._disconnected:
        bus.disconnect()  # type: ignore[no-untyped-call]
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    bus._stream.close()
    bus._sock.close()
