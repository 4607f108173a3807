"""A function that is carried out by commands: encoding, read-back, inverse calls."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from vehicle_apis.binding import values
from vehicle_apis.binding.checks import Context, check_command
from vehicle_apis.binding.exchange import Command, Exchange, Expectation, Read
from vehicle_apis.binding.model import Conversion, FunctionTable, ReadBack, SignalByTarget, UndoCase
from vehicle_apis.binding.network import SignalRef
from vehicle_apis.call import Call
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TextParam, TimeParam
from vehicle_apis.ref import Ref
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
        self._network = context.network
        self._catalogue = context.catalogue
        self.command, self.status = check_command(spec, table, context)

    # --- what the present state must tell ---------------------------------------------------------------------------

    def needs(self, call: Call) -> frozenset[str]:
        """Messages that must be fresh before ``call`` is worked out: the status and those of its read-back."""
        arguments = plain_arguments(call)
        targets = self._targets(arguments)
        refs = [ref for back in self._applicable(arguments) for ref in self._refs(back.signal, targets)]
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
        stop = self._table.stop
        if stop is None:
            return None
        arguments = plain_arguments(call)
        sent = {self._table.args[name].signal: self._encode_argument(name, arguments) for name in stop.args}
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

    def is_moving(self, exchange: Exchange, read: Read) -> bool | None:
        """Whether the car shows that the motors of ``exchange`` run; None when it does not tell."""
        return self._moves(exchange.targets, read)

    @property
    def tells_motors_apart(self) -> bool:
        """Whether the status shows which of several motors runs."""
        moving = None if self._table.stop is None else self._table.stop.moving
        return moving is not None and (bool(moving.bits) or not isinstance(moving.signal, str))

    def stops_of_what_moves(self, read: Read) -> tuple[tuple[str, Command], ...]:
        """A stop for every motor of this function that the car shows running, whoever began it, and its target."""
        stop, target = self._table.stop, self._table.target
        if stop is None or stop.moving is None:
            return ()
        if target is None:
            return (("", Command(message=self.command, values=stop.fixed)),) if self._moves((), read) else ()
        names = self.spec.by_name[target.arg]
        singles = getattr(names, "values", ())
        found = []
        for one in singles:
            if one in target.groups or not self._moves((one,), read):
                continue
            sent = {self._table.args[n].signal: self._encode_argument(n, {target.arg: one}) for n in stop.args}
            found.append((one, Command(message=self.command, values={**sent, **stop.fixed})))
        return tuple(found)

    def _moves(self, targets: tuple[str, ...], read: Read) -> bool | None:
        moving = None if self._table.stop is None else self._table.stop.moving
        if moving is None:
            return None
        known = False
        for target in targets or ("",):
            ref = self._refs(moving.signal, (target,))[0]
            value = read(ref)
            if value is None:
                continue
            known = True
            if moving.bits:
                bits = moving.bits.get(target, sum(moving.bits.values()))
                if not isinstance(value, str) and int(value) & bits:
                    return True
            elif values.is_one_of(value, moving.value):
                return True
        return False if known else None

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
        return tuple(read(ref) for back in backs for ref in self._refs(back.signal, exchange.targets))

    # --- what is going on, whoever began it ---------------------------------------------------------------------------

    @property
    def tells_under_way(self) -> bool:
        """Whether the binding says how the status shows that the function is being carried out."""
        return bool(self._table.under_way)

    @property
    def has_stop(self) -> bool:
        return self._table.stop is not None

    @property
    def timeout_ms(self) -> int:
        """How long it takes at most to reach the state that was asked for."""
        return self._table.timeout_ms

    def under_way(self, read: Read) -> tuple[tuple[Call, ...], ...]:
        """What the status shows to be going on: for each thing all the calls that may have begun it."""
        found = []
        for case in self._table.under_way:
            if all(values.state_holds(wanted, read(self._ref(name))) for name, wanted in case.when.items()):
                given = {
                    name: read(self._ref(value[1:])) if isinstance(value, str) and value.startswith("$") else value
                    for name, value in case.args.items()
                }
                found.append(self._may_be(given))
        return tuple(found)

    def all_there_may_be(self) -> tuple[tuple[Call, ...], ...]:
        """What may be going on where nothing tells: for each single thing all the calls that may have begun it."""
        target = self._table.target
        if target is None:
            return (self._may_be({}),)
        param = self.spec.by_name[target.arg]
        names = param.values if isinstance(param, EnumParam) else (param.default,)
        return tuple(self._may_be({target.arg: name}) for name in names)

    def _may_be(self, given: Mapping[str, Scalar | None]) -> tuple[Call, ...]:
        """The calls with the arguments ``given``, and with every word for those that are not, or are none."""
        choices: list[list[Scalar]] = []
        for name, param in self.spec.by_name.items():
            value = given.get(name)
            if isinstance(param, EnumParam):
                choices.append([str(value)] if value in param.values else list(param.values))
                continue
            chosen = param.default if value is None else value
            if chosen is None:  # no rule about a motion or a picture asks for such an argument
                chosen = param.min if isinstance(param, IntegerParam | NumberParam) else "0"
            choices.append([chosen])
        combined = (dict(zip(self.spec.by_name, words, strict=True)) for words in product(*choices))
        calls = (self._try_call(self.spec.name, arguments) for arguments in combined)
        return tuple(call for call in calls if call is not None)

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
        value = read(self._network.find(name, first_in=self.status))
        return "unknown" if value is None else value

    def _shown_argument(self, name: str, exchange: Exchange, read: Read) -> Scalar | None:
        """The argument as the status shows it; the first target that is not as it was asked for wins."""
        for key, back in self._table.readback.items():
            if (back.arg or key) != name or back.value is not None or back not in self._applicable(exchange.arguments):
                continue
            shown = [read(ref) for ref in self._refs(back.signal, exchange.targets)]
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
            present = read(self._network.find(keep.signal, first_in=self.status))
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

    def _refs(self, signal: SignalByTarget | None, targets: tuple[str, ...]) -> list[SignalRef]:
        if signal is None:
            return []
        if isinstance(signal, str):
            return [self._network.find(signal, first_in=self.status)]
        return [self._network.find(signal[target], first_in=self.status) for target in targets]

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
            for ref in self._refs(back.signal, targets)
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
            refs = self._refs(back.signal, targets)
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
            if not all(values.state_holds(w, read(self._ref(name))) for name, w in case.when.items()):
                continue
            wanted: dict[str, Scalar] = dict(call.json_arguments())
            for name, value in case.args.items():
                before = read(self._ref(value[1:])) if isinstance(value, str) and value.startswith("$") else value
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

    def _ref(self, name: str) -> SignalRef:
        return self._network.find(name, first_in=self.status)

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
    """The arguments of a call that has no open `$n`."""
    return {name: str(value) if isinstance(value, Ref) else value for name, value in call.arguments.items()}
