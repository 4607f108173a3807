"""Counter and checksum per transmission, for any message of a cantools database.

`Rolling` is a ``modifier_callback`` for python-can's `send_periodic`. It needs nothing else of this project.
"""

import threading
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from typing import Final, Protocol, TypeAlias

from cantools.database.can import Message, Signal
from cantools.database.errors import Error as CantoolsError
from e2e import crc

from vehicle_apis.e2e import Profile1, Profile2, Protection, check_layout
from vehicle_apis.errors import VehicleApiError


class TransmissionError(VehicleApiError, ValueError):
    """A message has no place for the counter or the checksum, or the values given for it do not fit."""


class HasData(Protocol):
    """What `Rolling` needs of a frame; python-can's Message has it."""

    data: bytearray


Algorithm: TypeAlias = Callable[[Message, bytes, int], int]
"""(message, data, counter) -> checksum. ``data`` holds the counter already. Bytes that the checksum fills are left out
of it; where it fills a part of a byte, that part is zero."""

Values: TypeAlias = Callable[[], Mapping[str, float | int | str]]
"""The signals of the moment, without counter and checksum."""


def crc8_j1850(_message: Message, data: bytes, _counter: int) -> int:
    """CRC-8 SAE J1850 (polynomial 0x1D, start and final XOR 0xFF) over all other bytes."""
    return int(crc.calculate_crc8(data))


def crc8_h2f(_message: Message, data: bytes, _counter: int) -> int:
    """CRC-8 H2F (polynomial 0x2F, start and final XOR 0xFF) over all other bytes."""
    return int(crc.calculate_crc8_h2f(data))


def xor8(_message: Message, data: bytes, _counter: int) -> int:
    """All other bytes combined by exclusive or."""
    return reduce(xor, data, 0)


def sum8(_message: Message, data: bytes, _counter: int) -> int:
    """The sum of all other bytes, modulo 256."""
    return sum(data) & 0xFF


_EIGHT_BIT: Final[tuple[Algorithm, ...]] = (crc8_j1850, crc8_h2f, xor8, sum8)


class _Field:
    """A signal's place in the data, bit by bit; its number is the raw one, without sign, scale and offset."""

    def __init__(self, signal: Signal) -> None:
        self.name = signal.name
        self.length = signal.length
        if signal.byte_order == "little_endian":
            self._bits = [signal.start + n for n in range(signal.length)]
        else:  # ``start`` is the most significant bit; after bit 0 of a byte comes bit 7 of the next
            bits = [signal.start]
            while len(bits) < signal.length:
                bits.append(bits[-1] - 1 if bits[-1] % 8 else bits[-1] + 15)
            self._bits = bits[::-1]
        places = set(self._bits)
        self.whole_bytes = frozenset(b // 8 for b in places if places >= set(range(b // 8 * 8, b // 8 * 8 + 8)))

    def put(self, data: bytearray, number: int) -> None:
        for n, bit in enumerate(self._bits):
            mask = 1 << bit % 8
            if number >> n & 1:
                data[bit // 8] |= mask
            else:
                data[bit // 8] &= ~mask

    def get(self, data: bytes | bytearray) -> int:
        return sum((data[bit // 8] >> bit % 8 & 1) << n for n, bit in enumerate(self._bits))


class Rolling:
    """Renews counter, checksum and values of one message at every transmission.

    ``counter``: the signal that counts transmissions, 0 to ``modulus`` - 1 (default: as far as its bits go).
    ``checksum``: the signal that takes what ``algorithm`` makes of the rest; both or neither. With an AUTOSAR profile
    from `vehicle_apis.e2e` as ``algorithm``, modulus and layout are the profile's.
    ``values``: what the frame shows at that moment; left out, the frame's data stay as they are.

    May be called from any thread; one Rolling counts for one message, however many tasks send it. A call that raises
    does not count. Raises TransmissionError or E2EError when ``message`` does not fit.
    """

    def __init__(
        self,
        message: Message,
        *,
        counter: str = "Counter",
        modulus: int | None = None,
        checksum: str | None = None,
        algorithm: Algorithm | Protection | None = None,
        values: Values | None = None,
        first: int = 0,
    ) -> None:
        self.message = message
        self._values = values
        self._counter = _field(message, counter)
        self._protection = algorithm if isinstance(algorithm, Profile1 | Profile2) else None
        self._algorithm = None if isinstance(algorithm, Profile1 | Profile2) else algorithm
        if (checksum is None) != (algorithm is None):
            raise TransmissionError(f"{message.name}: a checksum needs both its signal and its algorithm")
        if checksum == counter:
            raise TransmissionError(f"{message.name}.{counter} cannot be counter and checksum at once")
        self._checksum = None if checksum is None else _field(message, checksum)
        if self._protection is not None and self._checksum is not None:
            check_layout(message, self._protection, crc=self._checksum.name, counter=counter)
            modulus = self._protection.modulus if modulus is None else modulus
            if modulus != self._protection.modulus:
                raise TransmissionError(f"{message.name}: the profile counts to {self._protection.modulus}")
        self.modulus = 1 << self._counter.length if modulus is None else modulus
        if not 2 <= self.modulus <= 1 << self._counter.length:
            raise TransmissionError(
                f"{message.name}.{counter} has {self._counter.length} bits and cannot count to {self.modulus}"
            )
        if self._algorithm in _EIGHT_BIT and self._checksum is not None and self._checksum.length < 8:
            raise TransmissionError(
                f"{message.name}.{checksum} has {self._checksum.length} bits, its algorithm needs 8"
            )
        self._next = first % self.modulus
        self._lock = threading.Lock()
        self._placeholders = {
            f.name: _encodable(message.get_signal_by_name(f.name))
            for f in (self._counter, self._checksum)
            if f is not None
        }

    def __call__(self, frame: HasData) -> None:
        """Writes the next transmission into ``frame``. Raises TransmissionError when length or values do not fit."""
        if len(frame.data) != self.message.length:
            raise TransmissionError(
                f"{self.message.name} has {self.message.length} bytes, the frame has {len(frame.data)}; "
                f"make it with data=bytes({self.message.length})"
            )
        with self._lock:
            data = bytearray(frame.data) if self._values is None else self._encoded(self._values())
            self._counter.put(data, self._next)
            self._seal(data)
            self._next = (self._next + 1) % self.modulus
            frame.data[:] = data  # inside the lock: two tasks may share one frame

    def counter_of(self, data: bytes) -> int:
        """The counter of a received frame."""
        return self._counter.get(data)

    def is_intact(self, data: bytes) -> bool:
        """Whether a received frame has the right length, a counter below the modulus and the right checksum."""
        if len(data) != self.message.length or self._counter.get(data) >= self.modulus:
            return False
        wanted = bytearray(data)
        self._seal(wanted)
        return bytes(wanted) == bytes(data)

    def _encoded(self, values: Mapping[str, float | int | str]) -> bytearray:
        try:
            return bytearray(self.message.encode({**values, **self._placeholders}))
        except (CantoolsError, ValueError, TypeError, KeyError) as e:
            raise TransmissionError(f"{self.message.name} cannot be encoded: {e}") from e

    def _seal(self, data: bytearray) -> None:
        field = self._checksum
        if field is None:
            return
        if self._protection is not None:
            self._protection.seal(data)
        elif self._algorithm is not None:
            field.put(data, 0)
            others = bytes(byte for n, byte in enumerate(data) if n not in field.whole_bytes)
            checksum = self._algorithm(self.message, others, self._counter.get(data))
            if not 0 <= checksum < 1 << field.length:
                raise TransmissionError(f"{self.message.name}.{field.name} cannot hold the checksum {checksum:#x}")
            field.put(data, checksum)


def _field(message: Message, name: str) -> _Field:
    try:
        signal = message.get_signal_by_name(name)
    except KeyError:
        known = ", ".join(s.name for s in message.signals)
        raise TransmissionError(f"{message.name} has no signal {name!r}; there are: {known}") from None
    if signal.conversion.is_float:
        raise TransmissionError(f"{message.name}.{name} is a floating point number; counters and checksums are whole")
    if signal.multiplexer_ids or signal.is_multiplexer:
        raise TransmissionError(f"{message.name}.{name} must be in every frame, but it is part of the multiplexing")
    return _Field(signal)


def _encodable(signal: Signal) -> float:
    """Any value that cantools takes for ``signal``; it is written over."""
    if signal.minimum is not None:
        return float(signal.minimum)
    zero = signal.conversion.raw_to_scaled(0, decode_choices=False)
    return float(zero) if isinstance(zero, int | float) else 0.0
