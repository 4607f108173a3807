"""How every command ends."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses of every command."""

    DONE = 0
    REFUSED_OR_FAILED = 1
    BAD_INPUT = 2
    WAITING_FOR_ANSWER = 3
