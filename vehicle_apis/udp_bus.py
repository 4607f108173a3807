"""python-can's bus over UDP multicast, for processes of one computer: one group is one bus, and a datagram that is no
frame costs nothing but itself.

python-can binds its socket to the port alone, and Linux gives such a socket the datagrams of every group that anybody
on this computer has joined. Its reader raises for each datagram that is no frame, and a reader that pauses after errors
is blind.
"""

import contextlib
import select
import socket
import struct
import time
from typing import Final

import can
import msgpack
from can.bus import CanProtocol
from can.interfaces.udp_multicast import UdpMulticastBus
from can.interfaces.udp_multicast.bus import GeneralPurposeUdpMulticastBus

from vehicle_apis.can_bus import THIS_HOST_ONLY

_LONGEST_BYTES: Final = 1024  # an FD frame needs some 280
_TIMESTAMPNS: Final = 35  # of asm-generic/socket.h, which Python does not name
_MULTICAST_ALL: Final = 49  # of linux/in.h
_MULTICAST_ALL_IPV6: Final = 29  # of linux/in6.h
_STAMP: Final = struct.Struct("@ll")
_NANO: Final = 1e-9
_MAP_OF_11: Final = 0x8B  # how python-can's datagrams begin
_FD_LENGTHS: Final = frozenset({*range(9), 12, 16, 20, 24, 32, 48, 64})
_KINDS: Final = ("is_extended_id", "is_remote_frame", "is_error_frame", "is_fd")


class GroupBus(UdpMulticastBus):
    """One multicast group as a classic CAN bus; IPv4 or IPv6. Raises what python-can raises, but not for bad datagrams.

    ``unreadable``: how many datagrams were no frames. FD frames are passed over, as python-can does without ``fd``.
    """

    def __init__(self, channel: str, port: int, *, can_filters: can.typechecking.CanFilters | None = None) -> None:
        self._group = _Group(channel, port, THIS_HOST_ONLY)
        self._multicast = self._group
        self.unreadable = 0
        # not UdpMulticastBus's, which opens a socket of the other kind
        can.BusABC.__init__(self, channel, can_filters=can_filters)
        self._can_protocol = CanProtocol.CAN_20
        self.channel_info = f"udp_multicast {channel}"

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        until_s = None if timeout is None else time.monotonic() + timeout
        waited = False
        while True:
            found = self._group.receive()
            if found is None:
                if waited:
                    return None, False
                self._group.wait(timeout)
                waited = True
                continue
            message = frame_of(*found)
            if message is None:
                self.unreadable += 1
            elif not message.is_fd:
                return message, False
            # a flood of what is no frame must not hold up whoever wants to stop
            if until_s is not None and time.monotonic() > until_s:
                return None, False


class _Group(GeneralPurposeUdpMulticastBus):
    """The socket of one group."""

    def _create_socket(self, address_family: socket.AddressFamily) -> socket.socket:
        sock = socket.socket(address_family, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
            group = socket.inet_pton(address_family, self.group)
            any_interface = struct.pack("@I", 0)
            if address_family == socket.AF_INET:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self.hop_limit)
                sock.setsockopt(socket.IPPROTO_IP, _MULTICAST_ALL, 0)
                sock.bind((self.group, self.port))
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + any_interface)
            else:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, self.hop_limit)
                with contextlib.suppress(OSError):  # from Linux 4.20; nearly always the address below is what counts
                    sock.setsockopt(socket.IPPROTO_IPV6, _MULTICAST_ALL_IPV6, 0)
                try:
                    sock.bind((self.group, self.port))
                except OSError:  # a group of one link, whose number nobody told; the option above keeps others out
                    sock.bind(("::", self.port))
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + any_interface)
        except OSError as e:
            sock.close()
            raise can.CanInitializationError(f"{e.strerror or e}") from e
        return sock

    def receive(self) -> tuple[bytes, float] | None:
        """The next datagram that is there and when the kernel got it, in seconds since 1970; None when none is there.

        Raises can.CanOperationError.
        """
        try:
            data, extra, flags, _ = self._socket.recvmsg(
                _LONGEST_BYTES, socket.CMSG_SPACE(_STAMP.size), socket.MSG_DONTWAIT
            )
        except (BlockingIOError, TimeoutError):  # the latter where a sender has set a time limit
            return None
        except OSError as e:
            raise can.CanOperationError(f"the socket cannot be read: {e.strerror or e}") from e
        time_s = time.time()
        for level, kind, stamp in extra:
            if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS and len(stamp) == _STAMP.size:
                seconds, nanoseconds = _STAMP.unpack(stamp)
                time_s = seconds + nanoseconds * _NANO
        return (b"" if flags & socket.MSG_TRUNC else data), time_s

    def wait(self, timeout_s: float | None) -> None:
        """Until a datagram is there or the time is over. Raises can.CanOperationError."""
        try:
            select.select([self._socket], [], [], timeout_s)
        except (OSError, ValueError) as e:  # ValueError: it was closed
            raise can.CanOperationError(f"the socket cannot be waited for: {e}") from e


def frame_of(data: bytes, time_s: float) -> can.Message | None:
    """The frame in a datagram; None for anything else. ``time_s`` takes the place of the sender's own stamp."""
    if not data or data[0] != _MAP_OF_11:
        return None
    try:
        fields = msgpack.unpackb(data, raw=False)
        extended, remote, error, fd = (fields[name] for name in _KINDS)
        faster, passive = fields["bitrate_switch"], fields["error_state_indicator"]
        identifier, dlc, content = fields["arbitration_id"], fields["dlc"], fields["data"]
    except Exception:  # noqa: BLE001 - msgpack lets a dozen kinds of errors through
        return None
    if not (type(extended) is type(remote) is type(error) is type(fd) is type(faster) is type(passive) is bool):
        return None
    if type(identifier) is not int or type(dlc) is not int or not isinstance(content, bytes | None):
        return None
    content = b"" if content is None or remote else content
    if not 0 <= identifier <= (0x1FFFFFFF if extended else 0x7FF):
        return None
    if (remote and error) or (not fd and (faster or passive)):
        return None
    if remote or error:
        is_possible = 0 <= dlc <= 8 and not fd and len(content) <= dlc
    else:
        is_possible = (dlc in _FD_LENGTHS if fd else 0 <= dlc <= 8) and len(content) == dlc
    if not is_possible:
        return None
    return can.Message(
        timestamp=time_s,
        arbitration_id=identifier,
        is_extended_id=extended,
        is_remote_frame=remote,
        is_error_frame=error,
        dlc=dlc,
        data=bytearray(content),
        is_fd=fd,
        bitrate_switch=faster,
        error_state_indicator=passive,
    )
