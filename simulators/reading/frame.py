"""Checks that hold for a frame of any format."""

from typing import Final

import can

_CLASSIC_BYTES: Final = 8
_FD_LENGTHS: Final = frozenset({*range(9), 12, 16, 20, 24, 32, 48, 64})
MAX_STANDARD: Final = 0x7FF
MAX_EXTENDED: Final = 0x1FFFFFFF

# the classes of linux/can/error.h
_CLASSES: Final = (
    "send timeout",
    "lost arbitration",
    "controller problem",
    "protocol violation",
    "transceiver",
    "no acknowledgement",
    "bus off",
    "bus error",
    "restarted",
    "counters",
)


def error_classes(message: can.Message) -> list[str]:
    """What an error frame of SocketCAN tells of; [] when it does not say."""
    return [name for bit, name in enumerate(_CLASSES) if message.arbitration_id >> bit & 1]


def kind_of(message: can.Message) -> str:
    """ "data" for what a classic bus and the agent take, else "error", "remote" or "FD"."""
    if message.is_error_frame:
        return "error"
    if message.is_remote_frame:
        return "remote"
    return "FD" if message.is_fd else "data"


def problem_of(message: can.Message) -> tuple[str, str] | None:
    """Why a frame cannot have been on a bus, as a reason to leave it out and a sentence; None for one that can."""
    if message.is_error_frame:
        return None
    highest = MAX_EXTENDED if message.is_extended_id else MAX_STANDARD
    if not 0 <= message.arbitration_id <= highest:
        return "identifier", f"{message.arbitration_id:#x} is no identifier of a CAN frame"
    if message.is_remote_frame:
        return None
    has = len(message.data)
    if message.is_fd:
        if has not in _FD_LENGTHS or has != message.dlc:
            return "incomplete", f"{has} bytes of data are there, its length says {message.dlc}"
    # a classic frame may tell a length code above 8 and has 8 bytes then
    elif has != min(message.dlc, _CLASSIC_BYTES):
        return "incomplete", f"{has} bytes of data are there, its length says {message.dlc}"
    return None
