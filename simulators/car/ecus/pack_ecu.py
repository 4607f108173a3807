"""The control unit of an API pack: it does what the pack's binding file says its commands are to bring about."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from cantools.database.can import Message, Signal

from simulators.car.domain import Domain, Value
from simulators.car.ecu import OUT_OF_RANGE, Accepted, Answer, Command, Ecu, Rejected
from simulators.car.wiring import AddedFunction, AddedUnit
from vehicle_apis.binding import BindingError, Network
from vehicle_apis.binding.model import ArgTable, ReadBack, Relative, SignalByTarget, Way
from vehicle_apis.binding.values import holds, map_value, scaled, unscaled
from vehicle_apis.params import IntegerParam, NumberParam

DELAY_S: Final = 0.2  # so long every command takes
_NOISE: Final = 1e-6

Arguments: TypeAlias = Mapping[str, Value]


@dataclass(slots=True, kw_only=True)
class _Change:
    """Values that will be shown when the time is over; a newer command for one of them stops it."""

    values: Mapping[str, Value]
    left_s: float = DELAY_S
    state: Literal["running", "reached", "stopped"] = field(default="running")

    def check(self) -> Literal["running", "reached"] | Rejected:
        return Rejected("stopped") if self.state == "stopped" else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One command this unit knows: the signals that tell it from others. ``way``: of a relative function."""

    function: AddedFunction
    marks: Mapping[str, float]
    way: Way | None = None
    stops: bool = False


class PackEcu(Ecu):
    """Its state is the pack's status signals; a command sets those that its function reads back, after DELAY_S."""

    def __init__(
        self, values: dict[str, Value], domains: Mapping[str, Domain], unit: AddedUnit, network: Network
    ) -> None:
        """Raises BindingError for a signal that the pack names and the DBC has not."""
        self.node = unit.node
        self.groups = unit.groups
        self._unit = unit
        self._network = network
        self._running: list[_Change] = []
        cases = [case for function in unit.functions for case in _cases(function)]
        # the case with the most marks is the most particular one
        self._cases = sorted(cases, key=lambda case: -len(case.marks))
        for function in unit.functions:
            list(self._all_keys(function))  # a signal that is not there is to be told now, not at the first command
        super().__init__(values, domains)

    def initial(self) -> Mapping[str, Value]:
        return {key: _first(self.domains[key]) for key in self._unit.keys.values()}

    def command(self, args: Command) -> Answer:
        for case in self._cases:
            if case.function.command.name == args.message and _matches(case.marks, args):
                if case.stops:
                    self._stop(case.function)
                    return Accepted()
                return self._begin(case, args)
        return OUT_OF_RANGE

    def step(self, dt_s: float) -> None:
        for change in self._running:
            change.left_s -= dt_s
            if change.left_s <= 0:
                self.values.update(change.values)
                change.state = "reached"
        self._running = [change for change in self._running if change.state == "running"]

    def restart(self, measured: AbstractSet[str]) -> None:
        self._running = []
        super().restart(measured)

    # --- a command's effect -----------------------------------------------------------------------------------------

    def _begin(self, case: _Case, args: Command) -> Answer:
        changes = self._changes(case, args)
        if changes is None or any(not self.domains[key].holds(value) for key, value in changes.items()):
            return OUT_OF_RANGE
        for change in self._running:
            if change.values.keys() & changes.keys():
                change.state = "stopped"
        change = _Change(values=changes)
        self._running = [*(c for c in self._running if c.state == "running"), change]
        return Accepted((change,))

    def _stop(self, function: AddedFunction) -> None:
        shown = set(self._all_keys(function))
        for change in self._running:
            if change.values.keys() & shown:
                change.state = "stopped"

    def _changes(self, case: _Case, args: Command) -> dict[str, Value] | None:
        """What is to be shown in the end, by key; None for arguments that make no sense."""
        function, table = case.function, case.function.table
        arguments: dict[str, Value] = {}
        for name, arg in table.args.items():
            value = _argument(function, name, arg, args)
            if value is None:
                return None
            arguments[name] = value
        targets: tuple[str, ...] = ()
        if table.target is not None:
            word = str(arguments.get(table.target.arg))
            targets = table.target.groups.get(word, (word,))
        changes: dict[str, Value] = {}
        for name, back in table.readback.items():
            if not holds(back.when, arguments) or (back.unless and holds(back.unless, arguments)):
                continue
            shown = _shown(name, back, arguments)
            if shown is not None:
                changes |= dict.fromkeys(self._keys(function, back.signal, targets), shown)
        if table.relative is not None and case.way is not None:
            changes |= self._moved(function, table.relative, case.way, targets, args)
        return changes

    def _moved(
        self, function: AddedFunction, relative: Relative, way: Way, targets: tuple[str, ...], args: Command
    ) -> dict[str, Value]:
        keys = self._keys(function, way.state or relative.state, targets)
        goal = args.get(relative.signal) if relative.signal is not None else None
        if goal is not None:
            return dict.fromkeys(keys, goal)
        low, high = way.limits or relative.limits or (float("-inf"), float("inf"))
        by = way.sign * (relative.step or 0)
        return {key: min(max(self.number(key) + by, low), high) for key in keys}

    def _all_keys(self, function: AddedFunction) -> Iterator[str]:
        relative = function.table.relative
        signals = [back.signal for back in function.table.readback.values()]
        if relative is not None:
            signals += [s for s in (relative.state, *(way.state for way in relative.ways.values())) if s is not None]
        for signal in signals:
            yield from self._keys(function, signal, None)

    def _keys(
        self, function: AddedFunction, signal: SignalByTarget | None, targets: tuple[str, ...] | None
    ) -> Iterator[str]:
        """The values a read-back names; those of other units are not this unit's to set. ``targets`` None: all."""
        if signal is None:
            return
        if isinstance(signal, str):
            names = [signal]
        else:
            names = [name for target, name in signal.items() if targets is None or target in targets]
        for name in names:
            key = self._unit.keys.get(self._network.find(name, first_in=function.table.status))
            if key is not None:
                yield key


def _cases(function: AddedFunction) -> Iterator[_Case]:
    table, message = function.table, function.command
    if table.relative is None:
        yield _Case(function=function, marks=_marks(message, table.fixed))
    else:
        for way in table.relative.ways.values():
            yield _Case(function=function, marks=_marks(message, {**table.fixed, **way.fixed}), way=way)
    if table.stop is not None:
        yield _Case(function=function, marks=_marks(message, table.stop.fixed), stops=True)


def _signal(message: Message, name: str) -> Signal:
    for signal in message.signals:
        if signal.name == name:
            return signal
    raise BindingError(f"message {message.name} has no signal {name!r}")


def _marks(message: Message, fixed: Mapping[str, str | int | float]) -> dict[str, float]:
    return {name: _number(_signal(message, name), value) for name, value in fixed.items()}


def _words(signal: Signal) -> dict[str, float]:
    """The value table: word -> number in the signal's unit."""
    if signal.choices is None:
        return {}
    return {str(word): float(signal.offset + signal.scale * raw) for raw, word in signal.choices.items()}


def _number(signal: Signal, value: str | float) -> float:
    if not isinstance(value, str):
        return float(value)
    words = _words(signal)
    if value not in words:
        raise BindingError(f"signal {signal.name} has no value {value!r}")
    return words[value]


def _is(number: Value | None, wanted: float) -> bool:
    return isinstance(number, int | float) and abs(number - wanted) <= _NOISE


def _matches(marks: Mapping[str, float], args: Command) -> bool:
    return all(_is(args.get(name), wanted) for name, wanted in marks.items())


def _argument(function: AddedFunction, name: str, table: ArgTable, args: Command) -> Value | None:
    """The argument that a command signal stands for, in the bus's unit; None when it stands for none."""
    signal, number = _signal(function.command, table.signal), args.get(table.signal)
    is_number = isinstance(function.spec.by_name.get(name), IntegerParam | NumberParam)
    if table.map:
        for key, value in table.map.items():
            if _is(number, _number(signal, value)):
                return float(key) if is_number else key
        return None
    if number is None or is_number:
        return None if number is None else unscaled(number, table.scale, table.offset)
    for word, wanted in _words(signal).items():
        if _is(number, wanted):
            return word
    return number


def _shown(name: str, back: ReadBack, arguments: Arguments) -> Value | None:
    """What a read-back must show; None when the command does not carry it."""
    if back.value is not None:
        return back.value[0] if isinstance(back.value, tuple) else back.value
    value = arguments.get(back.arg or name)
    if value is None:
        return None
    return map_value(value, back.map) if back.map else scaled(value, back.scale, back.offset)


def _first(domain: Domain) -> Value:
    """How a signal begins: its smallest sensible amount, or the first word of its table."""
    if domain.numeric:
        return min(max(0.0, domain.low), domain.high)
    return domain.words[0]
