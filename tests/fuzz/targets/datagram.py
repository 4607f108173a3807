"""Datagrams of the UDP bus: whatever comes is a frame that can have been on a bus, or none."""

from collections.abc import Hashable

import can
import msgpack
from can.interfaces.udp_multicast.utils import pack_message

from fuzz.target import Target
from vehicle_apis.udp_bus import frame_of


def run(data: bytes) -> Hashable:
    message = frame_of(data, 2.5)
    if message is None:
        return None
    assert message.timestamp == 2.5
    message._check()  # python-can's own promises
    assert type(message.arbitration_id) is int
    assert len(message.data) <= 64
    again = frame_of(pack_message(message), 2.5)
    assert again is not None
    assert again.equals(message)
    return (message.is_extended_id, message.is_remote_frame, message.is_error_frame, message.is_fd, len(message.data))


def seeds() -> list[bytes]:
    frames = [
        can.Message(arbitration_id=0x100, is_extended_id=False, data=bytes(range(8))),
        can.Message(arbitration_id=0x18FF1234, data=b""),
        can.Message(arbitration_id=0x101, is_extended_id=False, is_remote_frame=True, dlc=2),
        can.Message(arbitration_id=0x4, is_error_frame=True, data=bytes(8)),
        can.Message(arbitration_id=0x102, is_extended_id=False, is_fd=True, data=bytes(12)),
    ]
    return [*(pack_message(frame) for frame in frames), msgpack.packb({}), b"\x8b", b""]


TARGET = Target(
    name="datagram",
    run=run,
    allowed=(),
    seeds=seeds,
    dictionary=(
        *(b"\x8b", b"\xc0", b"\xc2", b"\xc3", b"\xce\xff\xff\xff\xff", b"\xa3dlc", b"\xa4data"),
        b"\xcb\x7f\xf8\0\0\0\0\0\0",
    ),
    max_bytes=1_000,
    share=0,
)
