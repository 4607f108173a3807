"""Turns the model's values into frames: coding, protection, faults, cycles."""

from dataclasses import dataclass, field

from simulators.car.domain import Value
from simulators.car.faults import CorruptCrc, Fault, FreezeCounter, Jam, Silence, SpeedsApart, Unplug
from simulators.car.model import CarModel
from simulators.car.wiring import Published
from simulators.errors import UnknownName
from vehicle_apis.e2e import E2ESender

_NOTHING_SENT: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    frame_id: int
    extended: bool
    data: bytes


@dataclass(slots=True)
class _Slot:
    """One message's sending state. ``seen``: the contents of the last frame, ``plain`` its data without protection."""

    published: Published
    due_s: float
    sender: E2ESender | None
    seen: tuple[object, ...] = _NOTHING_SENT
    plain: bytes = b""
    last: bytes = field(default=b"", repr=False)


class Transmitter:
    """``start_s``: when the first frames are due; from there every message keeps its own cycle."""

    def __init__(self, model: CarModel, start_s: float) -> None:
        self._model = model
        self._faults: list[Fault] = []
        self._unplugged: set[str] = set()
        shortest_s = min(p.cycle_s for p in model.wiring.published)
        self._slots = [
            _Slot(
                published=p,
                # spread in steps of the shortest cycle: no burst of all messages, no more wake-ups than needed
                due_s=start_s + index * shortest_s % p.cycle_s,
                sender=E2ESender(p.protection) if p.protection else None,
            )
            for index, p in enumerate(model.wiring.published)
        ]

    # --- faults -------------------------------------------------------------------------------------------------------

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(self._faults)

    def inject(self, fault: Fault) -> None:
        """Raises UnknownName when there is nothing of that name to strike."""
        match fault:
            case Unplug(node):
                _known("control unit", node, sorted(self._model.ecus))
            case Silence(message):
                _known("message", message, [s.published.name for s in self._slots])
            case CorruptCrc(message) | FreezeCounter(message):
                _known("protected message", message, [s.published.name for s in self._slots if s.sender])
            case Jam(motor):
                self._model.motor(motor).jammed = True
            case SpeedsApart():
                pass
        if fault not in self._faults:
            self._faults.append(fault)
        self._index()

    def clear(self) -> None:
        """Everything works again."""
        for motor in self._model.motors().values():
            motor.jammed = False
        self._faults.clear()
        self._index()

    def _index(self) -> None:
        self._unplugged = {f.node for f in self._faults if isinstance(f, Unplug)}

    def is_plugged(self, node: str) -> bool:
        return node not in self._unplugged

    # --- frames -------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float:
        return min(slot.due_s for slot in self._slots)

    def due(self, now_s: float) -> list[Frame]:
        """The frames that cycle or change call for now. A missed cycle is not made up for."""
        frames = []
        for slot in self._slots:
            cyclic = now_s >= slot.due_s
            if not cyclic and not (slot.published.on_change and self._contents(slot) != slot.seen):
                continue
            frame = self._frame(slot, cyclic=cyclic)
            if cyclic:
                late = now_s - slot.due_s
                cycle = slot.published.cycle_s
                slot.due_s += cycle if late < cycle else late - late % cycle + cycle
            if frame is not None:
                frames.append(frame)
        return frames

    def _contents(self, slot: _Slot) -> tuple[object, ...]:
        values = self._model.values
        contents = tuple([values[name] for name in slot.published.signals])
        if slot.published.group:
            request = self._model.requests[slot.published.group]
            return (request.request_id, request.result, request.reason, *contents)
        return contents

    def _frame(self, slot: _Slot, *, cyclic: bool) -> Frame | None:
        published = slot.published
        if cyclic:
            self._model.ecus[published.node].before_send(published.name)
        contents = self._contents(slot)
        if contents != slot.seen or published.name == "WheelSpeedAverage":
            plain = self._encode(published)
            moved = plain != slot.plain
            slot.seen, slot.plain = contents, plain
            if not moved and not cyclic:  # the change is too small for the frame to show it
                return None
        if published.node in self._unplugged or Silence(published.name) in self._faults:
            return None
        return Frame(published.frame_id, published.extended, self._protected(slot))

    def _protected(self, slot: _Slot) -> bytes:
        if slot.sender is None:
            return slot.plain
        name = slot.published.name
        if FreezeCounter(name) in self._faults and slot.last:
            frozen = E2ESender(slot.sender.protection, first_counter=slot.last[1] & 0x0F)
            return frozen.protect(slot.plain)
        slot.last = slot.sender.protect(slot.plain)
        if CorruptCrc(name) in self._faults:
            return bytes([slot.last[0] ^ 0x5A]) + slot.last[1:]
        return slot.last

    def _encode(self, published: Published) -> bytes:
        model = self._model
        values: dict[str, Value] = {key.rpartition(".")[2]: model.shown(key) for key in published.signals}
        if published.name == "WheelSpeedAverage":
            for fault in self._faults:
                speed = values["WheelSpeedAverage"]
                if isinstance(fault, SpeedsApart) and not isinstance(speed, str):
                    values["WheelSpeedAverage"] = model.domain("speed").snap(speed + fault.kmh)
        if published.group:
            request = model.requests[published.group]
            values["RequestId"] = request.request_id
            for name, word in (("Result", request.result), ("Reason", request.reason)):
                # a pack's value table may lack a word of this car: 0 is "none", "idle"
                values[name] = word if model.wiring.knows(published.name, name, word) else 0
        return model.wiring.network.encode(published.name, values)


def _known(kind: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise UnknownName(f"the simulated car has no {kind} {name!r}; there are: {', '.join(known)}")
