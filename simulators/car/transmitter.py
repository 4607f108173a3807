"""Turns the model's values into frames: coding, protection, faults, cycles."""

import functools
import heapq
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from simulators.car.disturbance import MAX_DELTA_COUNTER, Active, Babbler, Disturbance
from simulators.car.ecu import Ecu, Reason
from simulators.car.faults import (
    Babble,
    BusOff,
    Delay,
    Fault,
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
)
from simulators.car.model import CarModel
from simulators.car.targets import SECOND_SPEED, Targets
from simulators.car.wiring import Published
from simulators.errors import UnknownName
from vehicle_apis.binding.network import to_raw
from vehicle_apis.e2e import Protection, protect

_NOTHING_SENT: Final = object()
_SLACK_S: Final = 1e-6  # a frame this close to its time is sent now: two clocks may differ in the last digit
_LATE_FRAMES: Final = 100_000  # more than this under way, and the newest are lost
_NEVER_S: Final = float("inf")
_BURST_FRAMES: Final = 8  # at one moment; the example car's own cycles stay below

_Key: TypeAlias = tuple[str, str]


class Frame(NamedTuple):
    frame_id: int
    extended: bool
    data: bytes


@dataclass(slots=True, kw_only=True, eq=False)
class _Slot:
    """One message's sending state. ``seen``: the contents of the last frame, ``plain`` its data without protection.

    ``ready``: finished frames of these contents by their counter; a message without protection has but one.
    ``counter``: of the next frame; ``last``: of the last one. Frames are due at ``origin_s + count * cycle_s``.
    """

    published: Published
    contents: Callable[[], object]
    before_send: Callable[[str], None] | None
    origin_s: float
    cycle_s: float
    protection: Protection | None
    modulus: int
    ready: list[Frame | None]
    count: int = 0
    counter: int = 0
    last: int | None = None
    seen: object = _NOTHING_SENT
    plain: bytes = field(default=b"", repr=False)
    disturbance: Disturbance | None = None
    latest_s: float = -_NEVER_S  # when the last delayed frame comes

    def forget(self) -> None:
        """As after the unit's start."""
        self.counter, self.last, self.seen = 0, None, _NOTHING_SENT
        self.plain, self.ready = b"", [None] * self.modulus


class Transmitter:
    """``start_s``: when the first frames are due; from there every message keeps its own cycle, without drift.

    ``seed``: of all randomness; the same one, calls and times give the same frames.
    """

    def __init__(self, model: CarModel, start_s: float, *, seed: int = 0) -> None:
        self._model = model
        self._targets = Targets(model)
        self._seed = seed
        self._now_s = start_s
        self._active: dict[_Key, Active] = {}
        self._deaf: frozenset[str] = frozenset()
        self._receive_faults: dict[str, Disturbance] = {}
        self._babblers: dict[_Key, Babbler] = {}
        self._late: list[tuple[float, int, str, Frame]] = []
        self._late_numbers = itertools.count()
        self._ends_s = _NEVER_S
        published = model.wiring.published
        shortest_s = min(p.cycle_s for p in published)
        # spread in steps of the shortest cycle, or of a part of it where that would be a burst: the later frames of a
        # burst wait for the earlier ones, a wake-up for each would cost more than it brings
        step_s = shortest_s / math.ceil(sum(shortest_s / p.cycle_s for p in published) / _BURST_FRAMES)
        self._slots = [self._slot(p, start_s + index * step_s % p.cycle_s) for index, p in enumerate(published)]
        self._spontaneous = [slot for slot in self._slots if slot.published.on_change]
        self._queue: list[tuple[float, int]] = []
        self._line_up()

    def _slot(self, published: Published, origin_s: float) -> _Slot:
        ecu = self._model.ecus[published.node]
        has_turns = type(ecu).before_send is not Ecu.before_send
        modulus = published.protection.modulus if published.protection else 1
        return _Slot(
            published=published,
            contents=self._contents(published),
            before_send=ecu.before_send if has_turns else None,
            origin_s=origin_s,
            cycle_s=published.cycle_s,
            protection=published.protection,
            modulus=modulus,
            ready=[None] * modulus,
        )

    def _contents(self, published: Published) -> Callable[[], object]:
        """What is compared to know whether a message must be coded anew."""
        values: Callable[[], object] = tuple
        if published.signals:
            values = functools.partial(operator.itemgetter(*published.signals), self._model.values)
        if not published.group:
            return values
        request = self._model.requests[published.group]
        return lambda: (request.request_id, request.result, request.reason, values())

    def _line_up(self) -> None:
        self._queue = [(slot.origin_s + slot.count * slot.cycle_s, index) for index, slot in enumerate(self._slots)]
        heapq.heapify(self._queue)

    # --- faults -------------------------------------------------------------------------------------------------------

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(active.fault for active in self._active.values())

    def inject(self, fault: Fault, now_s: float | None = None) -> None:
        """A fault of the same kind and target is replaced. ``now_s``: else the time of the last `due`.

        Raises UnknownName when there is nothing of that name to strike, BadValue for what cannot be sent.
        """
        now_s = self._now_s if now_s is None else now_s
        key = (fault.kind.name, fault.target)
        active = Active(fault, seed=f"{self._seed} {fault.kind.name} {fault.target}")
        self._targets.check(fault)
        self._begin(active, now_s)
        self._active[key] = active
        self._compile()

    def _begin(self, active: Active, now_s: float) -> None:
        """What is done once."""
        match active.fault:
            case OutOfRange(signal, value):
                active.held = self._targets.raw_beyond(signal, value)
            case Stuck(signal, value):
                active.held = self._shown_raw(signal) if value is None else self._targets.raw_of(signal, value)
            case Babble() as babble:
                self._babblers[babble.kind.name, babble.target] = self._babbler(babble, active, now_s)
            case Jam(motor):
                self._model.motor(motor).jammed = True
            case BusOff(_, seconds):
                active.until_s = now_s + seconds
            case Reset(ecu, seconds):
                active.until_s = now_s + seconds
                self._model.restart(ecu)
                for slot in self._slots:
                    if slot.published.node == ecu:
                        slot.forget()
            case _:
                pass

    def _shown_raw(self, signal: str) -> int | float:
        """What a signal has on the wire now."""
        ref = self._targets.signal(signal)
        slot = next(slot for slot in self._slots if slot.published.name == ref.message)
        message = self._model.wiring.network.message(ref.message)
        decoded = message.decode(self._encode(slot), scaling=False, decode_choices=False)
        raw = decoded[ref.signal] if isinstance(decoded, dict) else 0
        return raw if isinstance(raw, int | float) else 0

    def _babbler(self, fault: Babble, active: Active, now_s: float) -> Babbler:
        frame_id, extended, length = self._targets.babbled(fault.frame)
        return Babbler(
            frame_id=frame_id,
            extended=extended,
            length=length,
            period_s=1 / fault.frames_per_s,
            now_s=now_s,
            rng=active.rng(fault.frame),
        )

    def clear(self, what: Fault | str | None = None) -> None:
        """Ends all faults, or those that ``what`` names: a fault, its words, or the beginning of them ("drop Gear").

        Raises UnknownName when there is no such fault. Delayed frames come at once.
        """
        keys = [key for key, active in self._active.items() if what is None or _is_meant(what, active.fault)]
        if what is not None and not keys:
            there = ", ".join(repr(str(fault)) for fault in self.faults) or "none"
            raise UnknownName(f"no fault {str(what)!r} is at work; there are: {there}")
        self._end(keys)

    def _end(self, keys: Iterable[_Key]) -> None:
        for key in keys:
            fault = self._active.pop(key).fault
            self._babblers.pop(key, None)
            match fault:
                case Jam(motor):
                    self._model.motor(motor).jammed = False
                case Delay(message):
                    self._hurry(message)
                case Reset(ecu):
                    self._restart_cycles(ecu)
                case _:
                    pass
        self._compile()

    def _hurry(self, target: str) -> None:
        """Frames that are under way come now, in order."""
        slots = [slot for slot in self._slots if self._targets.is_struck(slot.published, target)]
        names = {slot.published.name for slot in slots}
        self._late = [(self._now_s if e[2] in names else e[0], *e[1:]) for e in self._late]
        heapq.heapify(self._late)
        for slot in slots:
            slot.latest_s = -_NEVER_S

    def _restart_cycles(self, ecu: str) -> None:
        for slot in self._slots:
            if slot.published.node == ecu:
                slot.origin_s, slot.count = self._now_s, 0
        self._line_up()

    def hears(self, ecu: str) -> bool:
        """Whether a control unit takes commands."""
        return ecu not in self._deaf

    def received(self, message: str, data: bytes) -> list[bytes]:
        """What its unit receives of one command frame, delays aside."""
        faults = self._receive_faults.get(message)
        return [data] if faults is None else faults.on_wire(data)

    def receive_delay_s(self, message: str) -> float:
        """How late the next command frame reaches its unit."""
        faults = self._receive_faults.get(message)
        return 0.0 if faults is None else faults.delay_s() or 0.0

    def rejection(self, group: str) -> Reason | None:
        """The reason all commands of a group are rejected with."""
        active = self._active.get((Reject.kind.name, group))
        return active.fault.reason if active is not None and isinstance(active.fault, Reject) else None

    # --- what faults do to each message -------------------------------------------------------------------------------

    def _compile(self) -> None:
        """Says for each message what strikes it, so that the others cost nothing."""
        actives = list(self._active.values())
        self._ends_s = min((active.until_s for active in actives), default=_NEVER_S)
        self._deaf = frozenset(
            active.fault.target for active in actives if isinstance(active.fault, Unplug | BusOff | Reset | Ignore)
        )
        for slot in self._slots:
            disturbance = self._disturbance(slot.published, actives)
            before = slot.disturbance or Disturbance()
            if (disturbance.raw, disturbance.offsets) != (before.raw, before.offsets):
                slot.seen = _NOTHING_SENT  # to be coded anew
            slot.disturbance = None if disturbance == Disturbance() else disturbance
        self._receive_faults = {}
        for name in self._targets.commands:
            faults = Disturbance()
            for active in actives:
                if isinstance(active.fault, WireFault) and active.fault.message == name:
                    faults.add_wire(active.fault, active.rng(name))
            if faults.wire:
                self._receive_faults[name] = faults

    def _disturbance(self, published: Published, actives: Sequence[Active]) -> Disturbance:
        found = Disturbance()
        for active in actives:
            match active.fault:
                case Unplug(ecu) | Reset(ecu):
                    found.is_silent |= ecu == published.node
                case BusOff(ecu):
                    found.is_off_bus |= ecu == published.node
                case MessageFault(target) if self._targets.is_struck(published, target):
                    found.add(active, published)
                case OutOfRange(signal) | Stuck(signal) | Offset(signal):
                    ref = self._targets.signal(signal)
                    if ref.message == published.name:
                        found.add_signal(active, ref.signal)
                case SpeedsApart() if self._targets.signal(SECOND_SPEED).message == published.name:
                    found.add_signal(active, SECOND_SPEED)
                case _:
                    pass
        return found

    # --- frames -------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float:
        """When `due` has something to do next, changes of the model aside."""
        due_s = min(self._queue[0][0], self._ends_s)
        if self._late:
            due_s = min(due_s, self._late[0][0])
        for babbler in self._babblers.values():
            due_s = min(due_s, babbler.next_s)
        return due_s

    def due(self, now_s: float) -> list[Frame]:
        """The frames that cycle or change call for now. A missed cycle is not made up for."""
        self._now_s = now_s
        soon_s = now_s + _SLACK_S
        if self._ends_s <= soon_s:
            self._end([key for key, active in self._active.items() if active.until_s <= soon_s])
        frames: list[Frame] = []
        queue, slots = self._queue, self._slots
        while queue[0][0] <= soon_s:
            index = queue[0][1]
            slot = slots[index]
            if slot.before_send is not None:
                slot.before_send(slot.published.name)
            contents = slot.contents()
            if contents != slot.seen:
                self._refresh(slot, contents)
            self._send(slot, frames)
            slot.count += 1
            next_s = slot.origin_s + slot.count * slot.cycle_s
            if next_s <= soon_s:
                slot.count = int((soon_s - slot.origin_s) / slot.cycle_s) + 1
                next_s = slot.origin_s + slot.count * slot.cycle_s
            heapq.heapreplace(queue, (next_s, index))
        for slot in self._spontaneous:
            contents = slot.contents()
            # a change may be too small for the frame to show it
            if contents != slot.seen and self._refresh(slot, contents):
                self._send(slot, frames)
        if self._babblers or self._late:
            self._add_others(frames, now_s, soon_s)
        return frames

    def _add_others(self, frames: list[Frame], now_s: float, soon_s: float) -> None:
        while self._late and self._late[0][0] <= soon_s:
            frames.append(heapq.heappop(self._late)[3])
        for babbler in self._babblers.values():
            frames += [Frame(babbler.frame_id, babbler.extended, data) for data in babbler.due(now_s)]

    def _refresh(self, slot: _Slot, contents: object) -> bool:
        """Codes the contents anew; whether the frame shows anything new."""
        disturbance = slot.disturbance
        if disturbance is not None and disturbance.is_frozen and slot.plain:
            return False
        plain = self._encode(slot)
        slot.seen = contents
        if plain == slot.plain:
            return False
        slot.plain = plain
        slot.ready = [None] * slot.modulus
        return True

    def _send(self, slot: _Slot, frames: list[Frame]) -> None:
        if slot.disturbance is not None:
            self._send_disturbed(slot, slot.disturbance, frames)
            return
        counter = slot.counter
        slot.last = counter
        slot.counter = (counter + 1) % slot.modulus
        frames.append(slot.ready[counter] or self._finish(slot, counter))

    def _finish(self, slot: _Slot, counter: int) -> Frame:
        published = slot.published
        data = slot.plain if slot.protection is None else protect(slot.protection, slot.plain, counter)
        frame = slot.ready[counter] = Frame(published.frame_id, published.extended, data)
        return frame

    def _send_disturbed(self, slot: _Slot, disturbance: Disturbance, frames: list[Frame]) -> None:
        if disturbance.is_silent:
            return
        counter = slot.counter
        if slot.last is not None and slot.protection is not None:
            if disturbance.counter_stands:
                counter = slot.last
            elif disturbance.counter_jumps is not None:
                jump = disturbance.counter_jumps.randint(MAX_DELTA_COUNTER + 1, slot.modulus - 1)
                counter = (slot.last + jump) % slot.modulus
        slot.last, slot.counter = counter, (counter + 1) % slot.modulus
        frame = slot.ready[counter] or self._finish(slot, counter)
        if disturbance.is_off_bus:
            return
        for data in disturbance.on_wire(frame.data):
            self._put(slot, disturbance, frame._replace(data=data), frames)

    def _put(self, slot: _Slot, disturbance: Disturbance, frame: Frame, frames: list[Frame]) -> None:
        delay_s = disturbance.delay_s()
        if delay_s is None:
            frames.append(frame)
            return
        when_s = self._now_s + delay_s
        if not disturbance.may_overtake:
            when_s = slot.latest_s = max(when_s, slot.latest_s)
        if len(self._late) < _LATE_FRAMES:
            heapq.heappush(self._late, (when_s, next(self._late_numbers), slot.published.name, frame))

    def _encode(self, slot: _Slot) -> bytes:
        model, published = self._model, slot.published
        message = model.wiring.network.message(published.name)
        raw: dict[str, int | float] = {signal.name: 0 for signal in message.signals}
        offsets = slot.disturbance.offsets if slot.disturbance is not None else {}
        for key in published.signals:
            name = key.rpartition(".")[2]
            value = model.shown(key)
            if name in offsets and not isinstance(value, str):
                value = model.wiring.domains[key].snap(value + offsets[name])
            raw[name] = to_raw(message.get_signal_by_name(name), value)
        if published.group:
            request = model.requests[published.group]
            raw["RequestId"] = to_raw(message.get_signal_by_name("RequestId"), request.request_id)
            for name, word in (("Result", request.result), ("Reason", request.reason)):
                # a pack's value table may lack a word of this car: 0 is "none", "idle"
                if model.wiring.knows(published.name, name, word):
                    raw[name] = to_raw(message.get_signal_by_name(name), word)
        if slot.disturbance is not None:
            raw.update(slot.disturbance.raw)
        return message.encode(raw, scaling=False, padding=False, strict=False)


def _is_meant(what: Fault | str, fault: Fault) -> bool:
    """``what``: the fault, or the first of its words."""
    if isinstance(what, Fault):
        return fault == what
    given, own = what.split(), list(fault.words())
    return 0 < len(given) <= len(own) and all(map(_is_same_word, given, own))


def _is_same_word(given: str, own: str) -> bool:
    try:
        return given == own or float(given) == float(own)
    except ValueError:
        return False
