"""AUTOSAR end-to-end protection of CAN frames: profiles 1 and 2, sender and receiver.

Byte 0 holds the CRC, the low nibble of byte 1 the counter (profile variants 1A and 2). The CRC finds corruption and
mixed up messages; it is no authentication.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from cantools.database.can import Message
from e2e import p01, p02

from vehicle_apis.errors import VehicleApiError

MAX_DELTA_COUNTER: Final = 2  # at most one frame lost in between
MIN_LENGTH_BYTES: Final = 2
MAX_LENGTH_BYTES: Final = 8  # classic CAN
_COUNTER_BYTE: Final = 1
_COUNTER_MASK: Final = 0x0F


class E2EError(VehicleApiError, ValueError):
    """A protection is configured in a way that its profile does not know."""


class E2EStatus(Enum):
    """What a receiver makes of one frame. ``is_new_data``: its content may be used. ``is_bad``: the check failed."""

    OK = "ok"
    NO_NEW_DATA = "no_new_data"
    WRONG_CRC = "wrong_crc"
    INITIAL = "initial"
    REPEATED = "repeated"
    SOME_LOST = "some_lost"
    WRONG_SEQUENCE = "wrong_sequence"

    # worked out once per member: every frame of a bus asks
    is_new_data: bool
    is_bad: bool

    def __init__(self, word: str) -> None:
        # a repetition and the first frame are neither new data nor bad
        self.is_new_data = word in {"ok", "some_lost"}
        self.is_bad = word in {"wrong_crc", "wrong_sequence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile1:
    """CRC-8 SAE J1850 over the 16 bit data ID (low, high: BOTH mode) and the data; counter 0..14."""

    data_id: int
    length_bytes: int = MAX_LENGTH_BYTES
    modulus: int = 15

    def __post_init__(self) -> None:
        if not 0 <= self.data_id <= 0xFFFF:
            raise E2EError(f"data_id {self.data_id:#x} does not fit 16 bits")
        _check_length(self.length_bytes)

    def seal(self, data: bytearray) -> None:
        """Writes the CRC over the rest of ``data`` in place."""
        p01.e2e_p01_protect(data, self.data_id, increment_counter=False)

    def crc_is_right(self, data: bytes) -> bool:
        """False also for counter 15, which this profile does not have."""
        return p01.e2e_p01_check(bytearray(data), self.data_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile2:
    """CRC-8 H2F over the data and the entry of ``data_id_list`` that belongs to the counter; counter 0..15."""

    data_id_list: bytes
    length_bytes: int = MAX_LENGTH_BYTES
    modulus: int = 16

    def __post_init__(self) -> None:
        if len(self.data_id_list) != 16:
            raise E2EError(f"data_id_list has {len(self.data_id_list)} entries, profile 2 needs 16")
        _check_length(self.length_bytes)

    def seal(self, data: bytearray) -> None:
        """Writes the CRC over the rest of ``data`` in place."""
        p02.e2e_p02_protect(data, self.data_id_list, increment_counter=False)

    def crc_is_right(self, data: bytes) -> bool:
        return p02.e2e_p02_check(bytearray(data), self.data_id_list)


Protection: TypeAlias = Profile1 | Profile2


def _check_length(length_bytes: int) -> None:
    if not MIN_LENGTH_BYTES <= length_bytes <= MAX_LENGTH_BYTES:
        raise E2EError(f"a protected frame has {MIN_LENGTH_BYTES} to {MAX_LENGTH_BYTES} bytes, not {length_bytes}")


def protect(protection: Protection, data: bytes, counter: int) -> bytes:
    """``data`` with ``counter`` (0 <= counter < modulus) and CRC written in. Raises E2EError for a wrong length."""
    if len(data) != protection.length_bytes:
        raise E2EError(f"the frame has {len(data)} bytes, its protection is for {protection.length_bytes}")
    if not 0 <= counter < protection.modulus:
        raise E2EError(f"counter {counter} is not below {protection.modulus}")
    sealed = bytearray(data)
    sealed[_COUNTER_BYTE] = (sealed[_COUNTER_BYTE] & ~_COUNTER_MASK & 0xFF) | counter
    protection.seal(sealed)
    return bytes(sealed)


class E2ESender:
    """Counts the transmissions of one message. Not thread-safe: one sender, one thread."""

    def __init__(self, protection: Protection, *, first_counter: int = 0) -> None:
        self.protection = protection
        self._next = first_counter % protection.modulus

    def protect(self, data: bytes) -> bytes:
        """The frame to send now. Raises E2EError for a wrong length."""
        sealed = protect(self.protection, data, self._next)
        self._next = (self._next + 1) % self.protection.modulus
        return sealed


class E2EReceiver:
    """Judges the received frames of one message, in order.

    ``event_driven``: for messages that are sent when needed, such as commands. Only the very same frame again is then a
    repetition and no jump of the counter is an error, because the sender may have been restarted in between.

    After a jump of the counter the frame is a WRONG_SEQUENCE and the next one is compared with it.
    """

    def __init__(
        self,
        protection: Protection,
        *,
        max_delta_counter: int = MAX_DELTA_COUNTER,
        event_driven: bool = False,
    ) -> None:
        self.protection = protection
        self.counts: Counter[E2EStatus] = Counter()
        self._max_delta = max_delta_counter
        self._event_driven = event_driven
        self._last_counter: int | None = None
        self._last_data = b""

    def receive(self, data: bytes | None) -> E2EStatus:
        """``data`` of the next frame, or None when a cycle passed without one. Never raises."""
        status = E2EStatus.NO_NEW_DATA if data is None else self._judge(bytes(data))
        self.counts[status] += 1
        return status

    def _judge(self, data: bytes) -> E2EStatus:
        if len(data) != self.protection.length_bytes or not self.protection.crc_is_right(data):
            return E2EStatus.WRONG_CRC
        counter = data[_COUNTER_BYTE] & _COUNTER_MASK
        last, self._last_counter = self._last_counter, counter
        last_data, self._last_data = self._last_data, data
        if self._event_driven:
            return E2EStatus.REPEATED if data == last_data else E2EStatus.OK
        if last is None:
            return E2EStatus.INITIAL
        delta = (counter - last) % self.protection.modulus
        if delta == 0:
            return E2EStatus.REPEATED
        if delta == 1:
            return E2EStatus.OK
        return E2EStatus.SOME_LOST if delta <= self._max_delta else E2EStatus.WRONG_SEQUENCE


def check_layout(message: Message, protection: Protection, *, crc: str = "Crc", counter: str = "Counter") -> None:
    """Raises E2EError unless ``message`` carries CRC and counter where the profile puts them."""
    if message.length != protection.length_bytes:
        raise E2EError(f"{message.name} has {message.length} bytes, its protection is for {protection.length_bytes}")
    wanted = {crc: (0, 8), counter: (8, 4)}
    for signal in message.signals:
        if signal.name in wanted:
            # a big-endian signal's start is its most significant bit
            start = signal.start if signal.byte_order == "little_endian" else signal.start - signal.length + 1
            place, length = wanted.pop(signal.name)
            if (start, signal.length) != (place, length):
                raise E2EError(f"{message.name}.{signal.name} must have {length} bits from bit {place}")
    if wanted:
        raise E2EError(f"{message.name} has no signal {', '.join(wanted)}; the DBC must show where CRC and counter are")
