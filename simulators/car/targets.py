"""What faults may strike in the simulated car, by name, and what cannot be sent."""

import difflib
import re
from collections.abc import Iterable
from typing import Final

from simulators.car.disturbance import farthest_raw, raw_limits
from simulators.car.faults import (
    Babble,
    BusOff,
    CorruptCrc,
    Fault,
    FreezeCounter,
    Ignore,
    Jam,
    MessageFault,
    Offset,
    OutOfRange,
    Reject,
    Reset,
    SpeedsApart,
    Stuck,
    Unplug,
    WireFault,
    WrongCounter,
)
from simulators.car.model import CarModel
from simulators.car.wiring import Published
from simulators.errors import BadValue, UnknownName
from vehicle_apis.binding import BindingError, SignalRef
from vehicle_apis.binding.network import to_raw
from vehicle_apis.numbers import number
from vehicle_apis.params import Scalar

SECOND_SPEED: Final = "WheelSpeedAverage"
_LAST_STANDARD_ID: Final = 0x7FF
_LAST_EXTENDED_ID: Final = 0x1FFFFFFF
_GARBAGE_BYTES: Final = 8
_IDENTIFIER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,16}")


class Targets:
    """Everything here raises UnknownName for a name that is not there, BadValue for what a frame cannot hold."""

    def __init__(self, model: CarModel) -> None:
        self._model = model
        self._network = model.wiring.network
        self._published = {p.name: p for p in model.wiring.published}
        self.commands = tuple(c.name for c in model.wiring.commanded.values())

    def check(self, fault: Fault) -> None:
        """Changes nothing."""
        match fault:
            case Unplug() | BusOff() | Reset() | Ignore():
                _known("control unit", fault.target, self._model.ecus)
            case Reject(group, _):
                _known("command group", group, self._model.requests)
            case FreezeCounter(message) | WrongCounter(message) | CorruptCrc(message):
                self._check_protected(message, hears=isinstance(fault, WireFault))
            case MessageFault(message):
                hears = self.commands if isinstance(fault, WireFault) else ()
                _known("message or control unit", message, [*self._published, *hears, *self._model.ecus])
            case Jam(motor):
                self._model.motor(motor)
            case Babble(frame, _):
                self.babbled(frame)
            case _:
                self._check_signal(fault)

    def _check_protected(self, target: str, *, hears: bool) -> None:
        units = {p.name: p.node for p in self._published.values() if p.protection}
        commands = [c.name for c in self._model.wiring.commanded.values() if c.protection and hears]
        _known("protected message", target, [*units, *commands, *sorted(set(units.values()))])

    def _check_signal(self, fault: Fault) -> None:
        match fault:
            case OutOfRange(signal, value):
                self.raw_beyond(signal, value)
            case Stuck(signal, None):
                self.signal(signal)
            case Stuck(signal, str(value)):
                self.raw_of(signal, value)
            case Offset(signal, _):
                self._check_number(signal)
            case SpeedsApart():
                self._check_number(SECOND_SPEED)
            case _:
                raise BadValue(f"the simulated car cannot do {fault}")

    def _check_number(self, name: str) -> None:
        ref = self.signal(name)
        key = next((k for k in self._published[ref.message].signals if k.rpartition(".")[2] == ref.signal), None)
        if key is None or not self._model.wiring.domains[key].numeric:
            raise BadValue(f"offset: {name} is no number")

    # --- what a name means ----------------------------------------------------------------------------------------

    def is_struck(self, published: Published, target: str) -> bool:
        """``target``: the message of this name, else all messages of the control unit."""
        return published.name == target or (published.node == target and target not in self._published)

    def signal(self, name: str) -> SignalRef:
        """A signal that the car sends, CRC and counter aside."""
        try:
            ref = self._network.find(name)
        except BindingError as e:
            known = sorted({s.name for message in self._published for s in self._network.message(message).signals})
            near = difflib.get_close_matches(name, known, n=1)
            hint = f", did you mean {near[0]!r}" if near else ""
            raise UnknownName(f"{e}{hint}; there are: {', '.join(known)}") from e
        if ref.message not in self._published:
            raise UnknownName(f"{name} is no signal that the car sends; there are: {', '.join(self._published)}")
        if self._published[ref.message].protection is not None and ref.signal in {"Crc", "Counter"}:
            raise BadValue(f"{name} protects the frame: use corrupt_crc, freeze_counter or wrong_counter")
        return ref

    def raw_beyond(self, name: str, value: float | None) -> int | float:
        """The raw value for ``value``, whatever the signal's range; None: the farthest that makes no sense."""
        signal = self._network.signal(self.signal(name))
        if value is None:
            raw = farthest_raw(signal)
            if raw is None:
                raise BadValue(f"out_of_range: every value that {name} can hold has a meaning")
            return raw
        if signal.conversion.is_float:
            return (value - signal.offset) / signal.scale
        raw = round((value - signal.offset) / signal.scale)
        low, high = raw_limits(signal)
        if not low <= raw <= high:
            ends = sorted(float(end * signal.scale + signal.offset) for end in (low, high))
            raise BadValue(f"the bits of {name} hold {ends[0]:g} to {ends[1]:g}, not {value:g}")
        return raw

    def raw_of(self, name: str, value: str) -> int | float:
        """The raw value for a number or word that the signal may have."""
        signal = self._network.signal(self.signal(name))
        given: Scalar
        try:
            given = number(value)
        except ValueError:
            given = value
        try:
            return to_raw(signal, given)
        except (BindingError, OverflowError, ValueError) as e:  # the last two: "inf" and "nan" are numbers to float()
            raise BadValue(f"stuck: {e}") from e

    def babbled(self, frame: str) -> tuple[int, bool, int]:
        """Identifier, whether it is an extended one, and length of the frames a babbling node sends."""
        message = self._network.messages.get(frame)
        if message is not None:
            return message.frame_id, message.is_extended_frame, message.length
        frame_id = int(frame, 0) if _IDENTIFIER.fullmatch(frame) else -1
        if not 0 <= frame_id <= _LAST_EXTENDED_ID:
            _known("message, nor is there an identifier", frame, self._network.messages)
        extended = frame_id > _LAST_STANDARD_ID
        message = self._network.message_of(frame_id, is_extended=extended)
        return frame_id, extended, _GARBAGE_BYTES if message is None else message.length


def _known(kind: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f", did you mean {near[0]!r}" if near else ""
        raise UnknownName(f"the simulated car has no {kind} {name!r}{hint}; there are: {', '.join(names)}")
