"""A function that is carried out by commands: encoding, read-back, inverse calls."""

from collections.abc import Mapping
from dataclasses import replace

from vehicle_apis.binding import values
from vehicle_apis.binding.activity import ActivityStatus, Shown
from vehicle_apis.binding.checks import check_command
from vehicle_apis.binding.exchange import Command, Exchange, Expectation, Read
from vehicle_apis.binding.model import Conversion, FunctionTable, ReadBack, UndoCase
from vehicle_apis.binding.network import SignalRef
from vehicle_apis.binding.scope import Context
from vehicle_apis.call import Call
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec


class CommandFunction:
    """A function bound to a command message. Everything is checked when it is made; raises BindingError."""

    def __init__(
        self,
        spec: ApiSpec,
        table: FunctionTable,
        context: Context,
    ) -> None:
        self.spec = spec
        self._table = table
        self._catalogue = context.catalogue
        self.command, self.status = check_command(spec, table, context)
        self.shown = Shown(context.network, self.status)
        self.activity = ActivityStatus(spec, table, self.shown, context.catalogue)

    # --- what the present state must tell ---------------------------------------------------------------------------

    def needs(self, call: Call) -> frozenset[str]:
        """Messages that must be fresh before ``call`` is worked out: the status and those of its read-back."""
        arguments = plain_arguments(call)
        targets = self._targets(arguments)
        refs = [ref for back in self._applicable(arguments) for ref in self.shown.refs(back.signal, targets)]
        return frozenset({self.status, *(ref.message for ref in refs)})

    # --- a call becomes an exchange ---------------------------------------------------------------------------------

    def plan(self, call: Call, read: Read) -> Exchange:
        """Works ``call`` out against the present state. Raises NotReported when that is needed and unknown."""
        arguments = self._kept(call, read)
        targets = self._targets(arguments)
        return Exchange(
            call=call,
            arguments=arguments,
            targets=targets,
            commands=self._commands(arguments, targets),
            expectations=self._expectations(arguments, targets),
            status=self.status,
            timeout_ms=self._table.timeout_ms,
            undo=self._undo(call, arguments, targets, read),
        )

    def stop(self, call: Call) -> Command | None:
        """The command that ends what ``call`` began, None when there is none."""
        return self._stop_with(plain_arguments(call))

    def _stop_with(self, arguments: Mapping[str, Scalar]) -> Command | None:
        """With those of the arguments that are known: of what somebody else began it is the target alone."""
        stop = self._table.stop
        if stop is None:
            return None
        known = [name for name in stop.args if name in arguments]
        sent = {self._table.args[name].signal: self._encode_argument(name, arguments) for name in known}
        return Command(message=self.command, values={**sent, **stop.fixed})

    # --- motors -----------------------------------------------------------------------------------------------------

    @property
    def is_motor(self) -> bool:
        """Whether what it began takes its time and can be stopped on its way."""
        return self._table.stop is not None and not (self.spec.ending is not None and self.spec.ending.is_of_a_picture)

    def some_call(self) -> Call:
        """A call of this function, whichever: for a stop of what it may not have begun."""
        required = [self.spec.by_name[name] for name in self.spec.required]
        return Call(self.spec, {p.name: _some_value(p) for p in required})

    def stops_of_what_moves(self, read: Read) -> tuple[tuple[str, Command], ...]:
        """A stop for every motor of this function that the car shows running, whoever began it, and its target."""
        target = self._table.target
        moving = self.activity.moving_targets(read)
        stops = ((one, self._stop_with({} if target is None else {target.arg: one})) for one in moving)
        return tuple((one, stop) for one, stop in stops if stop is not None)

    def stopped(self, exchange: Exchange, read: Read) -> str:
        """Where it stands after the stop, as the car shows it; one sentence, or one for each target."""
        stop, target = self._table.stop, self._table.target
        single = [replace(exchange, targets=(one,)) for one in exchange.targets]
        if target is not None and len({self._shown(one, read) for one in single}) > 1:
            each = [replace(one, arguments={**one.arguments, target.arg: one.targets[0]}) for one in single]
            return ". ".join(self.stopped(one, read) for one in each)
        if stop is not None and stop.say is not None:
            words = {**self._table.words, **stop.words}
            return values.sentence(stop.say, lambda name: self._spoken(name, exchange, read), words)
        if self.sentence_shows_state:
            return self.sentence(exchange, read)
        return f"{self.spec.name.replace('_', ' ')} was stopped"

    def _shown(self, exchange: Exchange, read: Read) -> tuple[Scalar | None, ...]:
        backs = self._applicable(exchange.arguments)
        return tuple(read(ref) for back in backs for ref in self.shown.refs(back.signal, exchange.targets))

    @property
    def has_stop(self) -> bool:
        return self._table.stop is not None

    @property
    def timeout_ms(self) -> int:
        """How long it takes at most to reach the state that was asked for."""
        return self._table.timeout_ms

    # --- sentences --------------------------------------------------------------------------------------------------

    @property
    def sentence_shows_state(self) -> bool:
        """Whether `sentence` is true whatever the car shows, because all but the target comes from the status."""
        shown = {back.arg or key for key, back in self._table.readback.items() if back.value is None}
        target = self._table.target
        told = {target.arg} if target else set()
        return all(name in shown or name in told or name not in self.spec.by_name for name in self._placeholders())

    def sentence(self, exchange: Exchange, read: Read) -> str:
        """What the car shows now, for the driver. What it does not report is told as it was asked for."""

        def lookup(name: str) -> Scalar:
            return self._spoken(name, exchange, read)

        return values.sentence(self._template(exchange), lookup, self._table.words)

    def _template(self, exchange: Exchange) -> str:
        return self._table.say or self._automatic_sentence(exchange)

    def _placeholders(self) -> list[str]:
        templates = [self._table.say or ""]
        templates += [phrase for words in self._table.words.values() for phrase in words.values()]
        return [name for template in templates for name in values.placeholders(template) if name]

    def _automatic_sentence(self, exchange: Exchange) -> str:
        words = self.spec.name.replace("_", " ")
        arguments = ", ".join(f"{{{name}}}" for name in exchange.arguments)
        return f"{words}: {arguments}" if arguments else f"{words} is done"

    def _spoken(self, name: str, exchange: Exchange, read: Read) -> Scalar:
        if name in self.spec.by_name:
            shown = self._shown_argument(name, exchange, read)
            return exchange.arguments[name] if shown is None else shown
        value = read(self.shown.ref(name))
        return "unknown" if value is None else value

    def _shown_argument(self, name: str, exchange: Exchange, read: Read) -> Scalar | None:
        """The argument as the status shows it; the first target that is not as it was asked for wins."""
        for key, back in self._table.readback.items():
            if (back.arg or key) != name or back.value is not None or back not in self._applicable(exchange.arguments):
                continue
            shown = [read(ref) for ref in self.shown.refs(back.signal, exchange.targets)]
            wanted = self._wanted(key, back, exchange.arguments)
            expectation = Expectation(ref=SignalRef("", ""), wanted=wanted, tolerance=back.tolerance)
            odd = [value for value in shown if not expectation.is_met_by(value)]
            value = (odd or shown)[0]
            if value is None:
                return None
            argument, _ = self._argument_shown_by(key, back, value)
            return value if argument is None else argument
        return None

    # --- encoding ---------------------------------------------------------------------------------------------------

    def _commands(
        self, arguments: Mapping[str, Scalar], targets: tuple[str, ...], extra: Mapping[str, Scalar] | None = None
    ) -> tuple[Command, ...]:
        target = self._table.target
        if target is None or not target.split:
            return (self._command(arguments, extra or {}),)
        return tuple(self._command({**arguments, target.arg: one}, extra or {}) for one in targets)

    def _command(self, arguments: Mapping[str, Scalar], extra: Mapping[str, Scalar]) -> Command:
        sent = {arg.signal: self._encode_argument(name, arguments) for name, arg in self._table.args.items()}
        return Command(message=self.command, values={**self._table.fixed, **sent, **extra})

    def _encode_argument(self, name: str, arguments: Mapping[str, Scalar]) -> Scalar:
        return values.to_signal(arguments[name], self._table.args[name], self.spec.by_name[name], arguments)

    def _kept(self, call: Call, read: Read) -> dict[str, Scalar]:
        """The arguments, with those that keep the present value replaced by it."""
        arguments = plain_arguments(call)
        kept = dict(arguments)
        for name, keep in self._table.keep.items():
            if arguments[name] != self.spec.by_name[name].default or (
                keep.unless and values.holds(keep.unless, arguments)
            ):
                continue
            present = read(self.shown.ref(keep.signal))
            if present is not None and not isinstance(present, str) and present > 0:
                kept[name] = present
        return kept

    def _targets(self, arguments: Mapping[str, Scalar]) -> tuple[str, ...]:
        target = self._table.target
        if target is None:
            return ()
        value = str(arguments[target.arg])
        return target.groups.get(value, (value,))

    # --- read-back --------------------------------------------------------------------------------------------------

    def _applicable(self, arguments: Mapping[str, Scalar]) -> list[ReadBack]:
        return [
            back
            for back in self._table.readback.values()
            if values.holds(back.when, arguments) and not (back.unless and values.holds(back.unless, arguments))
        ]

    def _wanted(self, key: str, back: ReadBack, arguments: Mapping[str, Scalar]) -> tuple[Scalar, ...]:
        if back.value is not None:
            return back.value if isinstance(back.value, tuple) else (back.value,)
        name = back.arg or key
        value = values.convert(arguments[name], self._conversion(name), self.spec.by_name[name], arguments)
        if back.map:
            return (values.map_value(value, back.map),)
        return (values.scaled(value, back.scale, back.offset),)

    def _conversion(self, name: str) -> Conversion:
        return self._table.args[name].convert if name in self._table.args else "none"

    def _argument_shown_by(self, key: str, back: ReadBack, value: Scalar) -> tuple[Scalar | None, dict[str, Scalar]]:
        """The argument that the status value stands for, with its unit argument; None when no argument does."""
        if back.map:
            return values.unmap_value(value, back.map), {}
        return values.unconvert(values.unscaled(value, back.scale, back.offset), self._conversion(back.arg or key))

    def _expectations(self, arguments: Mapping[str, Scalar], targets: tuple[str, ...]) -> tuple[Expectation, ...]:
        applicable = self._applicable(arguments)
        return tuple(
            Expectation(ref=ref, wanted=self._wanted(key, back, arguments), tolerance=back.tolerance)
            for key, back in self._table.readback.items()
            if back in applicable
            for ref in self.shown.refs(back.signal, targets)
        )

    # --- inverse calls ----------------------------------------------------------------------------------------------

    def _undo(
        self, call: Call, arguments: Mapping[str, Scalar], targets: tuple[str, ...], read: Read
    ) -> tuple[Call, ...]:
        undo = self._table.undo
        if undo == "none":
            return ()
        if isinstance(undo, tuple):
            return self._undo_by_case(call, undo, read)
        calls = []
        for index, target in enumerate(targets or ("",)):
            wanted = self._arguments_before(arguments, targets, index, read)
            if wanted is None:
                return ()
            one = {self._table.target.arg: target} if self._table.target else {}
            inverse = self._try_call(self.spec.name, {**call.json_arguments(), **wanted, **one})
            if inverse is None:
                return ()
            calls.append(inverse)
        return self._merged(call, calls)

    def _arguments_before(
        self, arguments: Mapping[str, Scalar], targets: tuple[str, ...], index: int, read: Read
    ) -> dict[str, Scalar] | None:
        """The arguments that the present state of one target stands for; None when it cannot be put in arguments."""
        found: dict[str, Scalar] = {}
        applicable = self._applicable(arguments)
        for key, back in self._table.readback.items():
            if back not in applicable or back.value is not None:
                continue
            refs = self.shown.refs(back.signal, targets)
            value = read(refs[index] if len(refs) > 1 else refs[0])
            if value is None:
                return None
            argument, unit = self._argument_shown_by(key, back, value)
            name = back.arg or key
            if argument is None or found.get(name, argument) != argument:
                return None
            found |= {name: argument, **unit}
        return found or None

    def _undo_by_case(self, call: Call, cases: tuple[UndoCase, ...], read: Read) -> tuple[Call, ...]:
        for case in cases:
            if not self.shown.holds(case.when, read):
                continue
            wanted: dict[str, Scalar] = dict(call.json_arguments())
            for name, before in self.shown.filled(case.args, read).items():
                if before is None:
                    return ()
                wanted[name] = before
            inverse = self._try_call(self.spec.name, wanted)
            return () if inverse is None else (inverse, *self._undo_of_kept(inverse))
        return ()

    def _undo_of_kept(self, inverse: Call) -> tuple[Call, ...]:
        """A second call for an argument whose old value is its default, which in the first call means "keep"."""
        return tuple(
            inverse.with_arguments(**{n: v[0] if isinstance(v, tuple) else v for n, v in keep.unless.items()})
            for name, keep in self._table.keep.items()
            if keep.unless
            and inverse.arguments[name] == self.spec.by_name[name].default
            and not values.holds(keep.unless, plain_arguments(inverse))
        )

    def _try_call(self, function: str, arguments: Mapping[str, Scalar]) -> Call | None:
        try:
            return self._catalogue.call(function, **arguments)
        except InvalidCall:  # for example an amount below the smallest that can be asked for
            return None

    def _merged(self, call: Call, calls: list[Call]) -> tuple[Call, ...]:
        """One call for the whole group when all its members need the same."""
        target = self._table.target
        if target is None or len(calls) < 2:
            return tuple(calls)
        grouped = [c.with_arguments(**{target.arg: call.arguments[target.arg]}) for c in calls]
        return (grouped[0],) if all(c == grouped[0] for c in grouped) else tuple(calls)


def _some_value(param: Param) -> Scalar:
    match param:
        case EnumParam():
            return param.values[0]
        case IntegerParam() | NumberParam():
            return param.min
        case TimeParam():
            return "00:00"
        case TextParam():
            return "0"


def plain_arguments(call: Call) -> dict[str, Scalar]:
    """The arguments of a call whose references have been filled in."""
    return call.json_arguments()
