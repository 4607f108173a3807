"""The car's network as a DBC describes it: messages and signals by name, coding, protection."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import cantools
from cantools.database.can import Database, Message, Signal
from cantools.database.errors import Error as CantoolsError

from vehicle_apis.e2e import Protection
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import Scalar

MAX_BITS: Final = 1 << 14  # of a message; one of SAE J1939 in many frames has 14280
_DBC_CODE_PAGE: Final = "cp1252"
_SIZES: Final = re.compile(r":\s*(\d+)\s*\|\s*(\d+)\s*@|BO_\s+\d+\s+\w+\s*:\s*(\d+)")


class BindingError(VehicleApiError, ValueError):
    """A binding file or its DBC is wrong. The message names file, key and remedy."""


@dataclass(frozen=True, slots=True)
class SignalRef:
    """One signal of one message."""

    message: str
    signal: str

    def __str__(self) -> str:
        return f"{self.message}.{self.signal}"


def read_dbc(path: Path) -> Database:
    """The DBC at ``path``. Raises BindingError."""
    try:
        text = path.read_text(encoding=_DBC_CODE_PAGE, errors="replace")
    except OSError as e:
        raise BindingError(f"{path}: the DBC cannot be read: {e.strerror or e}; check `dbc` in the binding file") from e
    for match in _SIZES.finditer(text):
        # cantools lays every bit out before it looks whether it fits: a misprint would cost minutes and gigabytes
        if any(len(number) > 9 or int(number) > MAX_BITS for number in match.groups() if number is not None):
            raise BindingError(
                f"{path}: the DBC is not valid: {' '.join(match.group().split())!r} is beyond the {MAX_BITS} bits that "
                "are read; correct it"
            )
    try:
        database = cantools.database.load_string(text, database_format="dbc", strict=True)
    except (CantoolsError, ValueError) as e:
        raise BindingError(f"{path}: the DBC is not valid: {' '.join(str(e).split())}") from e
    if not isinstance(database, Database):
        raise BindingError(f"{path}: this is no CAN database")
    return database


def to_raw(signal: Signal, value: Scalar) -> int | float:
    """The number on the wire for ``value``, a word of the value table or a number in the signal's unit.

    Raises BindingError for an unknown word or a number outside the signal's range.
    """
    if isinstance(value, str):
        for raw, word in (signal.choices or {}).items():
            if str(word) == value:
                return raw
        known = ", ".join(str(w) for w in (signal.choices or {}).values()) or "none"
        raise BindingError(f"signal {signal.name} has no value {value!r} (its value table: {known})")
    if not math.isfinite(value):
        raise BindingError(f"{value} is no number that signal {signal.name} could carry")
    exact = (value - signal.offset) / signal.scale
    if signal.conversion.is_float:
        return exact
    raw = round(exact)
    low, high = (
        (-(1 << signal.length - 1), (1 << signal.length - 1) - 1) if signal.is_signed else (0, (1 << signal.length) - 1)
    )
    slack = abs(signal.scale) / 2
    inside = (signal.minimum is None or value >= signal.minimum - slack) and (
        signal.maximum is None or value <= signal.maximum + slack
    )
    if not low <= raw <= high or not (inside or raw in (signal.choices or {})):
        raise BindingError(
            f"{value:g} does not fit signal {signal.name} ({signal.minimum} to {signal.maximum} {signal.unit or ''})"
        )
    return raw


def plain(value: object) -> Scalar:
    """A decoded value as word or number, without the noise of binary fractions."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded.is_integer() else rounded
    return str(value)


class Network:
    """Messages by name and frame id, with their end-to-end protection.

    ``commands``: messages that the agent sends; a bare signal name never means one of theirs. ``own``: the car's own
    messages; a pack's signal of the same name does not make a bare name ambiguous.
    """

    def __init__(
        self,
        messages: Iterable[Message],
        protections: Mapping[str, Protection],
        commands: Iterable[str] = (),
        own: Iterable[str] = (),
    ) -> None:
        self.messages: Mapping[str, Message] = MappingProxyType({m.name: m for m in messages})
        self.protections: Mapping[str, Protection] = MappingProxyType(dict(protections))
        self.commands = frozenset(commands)
        self.own = frozenset(own)
        self._by_id = {(m.frame_id, m.is_extended_frame): m for m in self.messages.values()}
        self._homes: dict[str, list[str]] = {}
        for message in self.messages.values():
            if message.name not in self.commands:
                for signal in message.signals:
                    self._homes.setdefault(signal.name, []).append(message.name)

    def message_of(self, frame_id: int, *, is_extended: bool = False) -> Message | None:
        return self._by_id.get((frame_id, is_extended))

    def message(self, name: str) -> Message:
        """Raises BindingError."""
        try:
            return self.messages[name]
        except KeyError:
            raise BindingError(f"the DBC has no message {name!r}") from None

    def find(self, name: str, *, first_in: str | None = None) -> SignalRef:
        """The signal ``name`` (``Signal`` or ``Message.Signal``) means. Raises BindingError."""
        message_name, _, signal_name = name.rpartition(".")
        if message_name:
            if all(s.name != signal_name for s in self.message(message_name).signals):
                raise BindingError(f"message {message_name} has no signal {signal_name!r}")
            return SignalRef(message_name, signal_name)
        if first_in is not None and any(s.name == name for s in self.message(first_in).signals):
            return SignalRef(first_in, name)
        homes = self._homes.get(name, [])
        if len(homes) > 1:
            homes = [home for home in homes if home in self.own] or homes
        if len(homes) == 1:
            return SignalRef(homes[0], name)
        if homes:
            raise BindingError(f"signal {name!r} is in {' and '.join(homes)}; write it as {homes[0]}.{name}")
        raise BindingError(f"the DBC has no signal {name!r}")

    def signal(self, ref: SignalRef) -> Signal:
        return self.message(ref.message).get_signal_by_name(ref.signal)

    def encode(self, message_name: str, values: Mapping[str, Scalar]) -> bytes:
        """The data of a frame; signals that are not given are 0 on the wire. Raises BindingError."""
        message = self.message(message_name)
        raw: dict[str, int | float] = {signal.name: 0 for signal in message.signals}
        for name, value in values.items():
            if name not in raw:
                raise BindingError(f"message {message_name} has no signal {name!r}")
            raw[name] = to_raw(message.get_signal_by_name(name), value)
        return message.encode(raw, scaling=False, padding=False, strict=False)

    def decode(self, message: Message, data: bytes) -> dict[str, Scalar] | None:
        """Signal values in their units or as words of their value tables; None when the data cannot be decoded."""
        if len(data) != message.length:
            return None
        try:
            decoded = message.decode(data)
        except (CantoolsError, ValueError, KeyError):  # a multiplexer value that the DBC does not know
            return None
        if not isinstance(decoded, dict):
            return None
        return {name: plain(value) for name, value in decoded.items()}
