"""Everything about a bound function that can be wrong is found when the file is loaded."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from vehicle_apis import numbers
from vehicle_apis.binding import values
from vehicle_apis.binding.exchange import Where
from vehicle_apis.binding.model import (
    ArgTable,
    FunctionTable,
    Moving,
    ProtocolTable,
    Relative,
    SignalByTarget,
    Value,
    Way,
)
from vehicle_apis.binding.network import BindingError, Network, SignalRef, to_raw
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec

_LAST_MINUTE = "23:59"


@contextmanager
def blame(where: Where, remedy: str = "") -> Iterator[None]:
    """Adds the place and the remedy to a BindingError from inside."""
    try:
        yield
    except BindingError as e:
        raise where.error(e, remedy) from e


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a function is bound against. ``absent``: argument values that this car has not; they need no signal."""

    network: Network
    protocol: ProtocolTable
    catalogue: Catalogue
    where: Where
    absent: Mapping[str, frozenset[Scalar]]


def check_command(spec: ApiSpec, table: FunctionTable, context: Context) -> tuple[str, str]:
    """The names of command and status message. Raises BindingError for anything that could fail at run time."""
    if table.command is None or table.status is None:
        raise context.where.error("`command` and `status` are both needed", "name the two messages of the DBC")
    checks = _Checks(spec, table, context, table.command, table.status)
    checks.messages()
    checks.arguments()
    checks.target()
    checks.readback()
    checks.keep()
    checks.stop()
    checks.under_way()
    checks.undo()
    checks.relative()
    checks.sentences()
    return table.command, table.status


@dataclass(frozen=True, slots=True)
class _Checks:
    spec: ApiSpec
    table: FunctionTable
    context: Context
    command: str
    status: str

    @property
    def network(self) -> Network:
        return self.context.network

    @property
    def where(self) -> Where:
        return self.context.where

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _param(self, name: str, where: Where) -> Param:
        if name not in self.spec.by_name:
            known = ", ".join(self.spec.by_name) or "none"
            raise where.error(f"{self.spec.name} has no argument {name!r}", f"its arguments are: {known}")
        return self.spec.by_name[name]

    def _command_signal(self, name: str, value: Scalar, where: Where) -> None:
        with blame(where, f"see message {self.command} in the DBC"):
            signals = {s.name: s for s in self.network.message(self.command).signals}
            if name not in signals:
                raise BindingError(f"message {self.command} has no signal {name!r}")
            to_raw(signals[name], value)

    def _has(self, message: str, signal: str | None, key: str) -> None:
        if signal is not None and all(s.name != signal for s in self.network.message(message).signals):
            raise self.where.error(
                f"message {message} has no signal {signal!r}", f"add it to the DBC or change protocol.{key}"
            )

    def _singles(self) -> list[str]:
        """Every single target that calls can name."""
        if self.table.target is None:
            return []
        names: list[str] = []
        for value in self._values_of(self.spec.by_name[self.table.target.arg]):
            names += self.table.target.groups.get(str(value), (str(value),))
        return list(dict.fromkeys(names))

    def _values_of(self, param: Param) -> list[Scalar]:
        """The values of a parameter that matter for encoding: all words, or the ends of the range."""
        match param:
            case EnumParam():
                return [v for v in param.values if v not in self.context.absent.get(param.name, frozenset())]
            case IntegerParam() | NumberParam():
                return [param.min, param.max]
            case TimeParam():
                return ["00:00", _LAST_MINUTE, *([param.default] if param.default else [])]
            case TextParam():
                return [param.default or ""]

    def _examples(self, name: str, table: ArgTable) -> list[tuple[Scalar, dict[str, Scalar]]]:
        """Argument values with the unit they are in."""
        param = self.spec.by_name[name]
        if table.convert in {"celsius", "kmh"}:
            unit = self.spec.by_name.get("unit")
            if not isinstance(unit, EnumParam) or not isinstance(param, IntegerParam | NumberParam):
                raise self.where.at(f"args.{name}").error(
                    f"convert = {table.convert!r} needs a number and an argument `unit`", "leave `convert` out"
                )
            by_unit = param.by_unit if isinstance(param, NumberParam) else {}
            return [(v, {"unit": u}) for u in unit.values for v in by_unit.get(u, (param.min, param.max))]
        return [(v, {}) for v in self._values_of(param)]

    # --- checks -----------------------------------------------------------------------------------------------------

    def messages(self) -> None:
        protocol, network = self.context.protocol, self.network
        for key, name in (("command", self.command), ("status", self.status)):
            with blame(self.where.at(key), "use the name of a message of the DBC"):
                network.message(name)
        self._has(self.command, protocol.request_id, "request_id")
        self._has(self.command, protocol.time_to_live, "time_to_live")
        self._has(self.status, protocol.request_id, "request_id")
        self._has(self.status, protocol.result, "result")
        self._has(self.status, protocol.reason, "reason")
        result = network.signal(SignalRef(self.status, protocol.result))
        for word in (protocol.accepted, protocol.rejected, protocol.done):
            with blame(
                self.where.at("status"), f"give {self.status}.{protocol.result} that value or change `protocol`"
            ):
                to_raw(result, word)
        self._command_signal(protocol.time_to_live, protocol.time_to_live_ms, self.where.at("command"))
        if self.command not in network.protections and not protocol.allow_unprotected:
            raise self.where.at("command").error(
                f"the command message {self.command} has no end-to-end protection",
                f"add e2e.{self.command} or set protocol.allow_unprotected = true",
            )

    def arguments(self) -> None:
        for signal, value in self.table.fixed.items():
            self._command_signal(signal, value, self.where.at(f"fixed.{signal}"))
        used = {self.table.relative.by, self.table.relative.amount} if self.table.relative else set()
        for name, table in self.table.args.items():
            where = self.where.at(f"args.{name}")
            param = self._param(name, where)
            used.add(name)
            if table.convert in {"celsius", "kmh"}:
                used.add("unit")
            for value, others in self._examples(name, table):
                with blame(where):
                    encoded = values.to_signal(value, table, param, {**others, name: value})
                self._command_signal(table.signal, encoded, where)
        for name in self.spec.by_name:
            if name not in used:
                raise self.where.at(f"args.{name}").error("this argument goes nowhere", "bind it to a signal")

    def target(self) -> None:
        target = self.table.target
        if target is None:
            return
        where = self.where.at("target")
        param = self._param(target.arg, where)
        if not isinstance(param, EnumParam):
            raise where.error(f"{target.arg} must be an argument with a closed list of words")
        for group in target.groups:
            if group not in param.values:
                raise where.error(f"{target.arg} has no value {group!r}", "remove the group")

    def _state(self, signal: SignalByTarget, where: Where) -> list[SignalRef]:
        if isinstance(signal, dict):
            if self.table.target is None:
                raise where.error("signals by target need a `target`", "add `target = { arg = ... }`")
            missing = [one for one in self._singles() if one not in signal]
            if missing:
                raise where.error(f"no signal for {', '.join(missing)}", "add it or list it under `absent`")
        names: Iterable[str] = signal.values() if isinstance(signal, dict) else (signal,)
        with blame(where):
            return [self.network.find(name, first_in=self.status) for name in names]

    def readback(self) -> None:
        for key, back in self.table.readback.items():
            where = self.where.at(f"readback.{key}")
            refs = self._state(back.signal, where)
            for condition in (*back.when, *back.unless):
                self._param(condition, where)
            if back.value is not None:
                wanted: list[Scalar] = list(back.value) if isinstance(back.value, tuple) else [back.value]
            else:
                name = back.arg or key
                param = self._param(name, where)
                bound = self.table.args.get(name, ArgTable(signal=""))
                with blame(where):
                    wanted = [
                        values.map_value(v, back.map) if back.map else values.scaled(v, back.scale, back.offset)
                        for value, others in self._examples(name, bound)
                        if not self._excluded(name, value, back.when, back.unless)
                        for v in [values.convert(value, bound.convert, param, {**others, name: value})]
                    ]
            for ref in refs:
                for value in wanted:
                    with blame(where):
                        to_raw(self.network.signal(ref), value)

    @staticmethod
    def _excluded(name: str, value: Scalar, when: values.Matcher, unless: values.Matcher) -> bool:
        """Whether a read-back never applies to this value of its own argument."""
        if name in when and not values.holds({name: when[name]}, {name: value}):
            return True
        return set(unless) == {name} and values.holds(unless, {name: value})

    def keep(self) -> None:
        for name, keep in self.table.keep.items():
            where = self.where.at(f"keep.{name}")
            if self._param(name, where).default is None:
                raise where.error(f"{name} has no default", "remove the entry")
            self._state(keep.signal, where)
            for condition in keep.unless:
                self._param(condition, where)

    def stop(self) -> None:
        stop = self.table.stop
        if stop is None:
            return
        for signal, value in stop.fixed.items():
            self._command_signal(signal, value, self.where.at(f"stop.fixed.{signal}"))
        for name in stop.args:
            if name not in self.table.args:
                raise self.where.at("stop.args").error(f"{name!r} is not bound under `args`", "bind it or leave it out")
        if stop.moving is not None:
            self._moving(stop.moving, self.where.at("stop.moving"))

    def _moving(self, moving: Moving, where: Where) -> None:
        self._state(moving.signal, where.at("signal"))
        if (moving.value is None) == (not moving.bits):
            raise where.error("either `value` or `bits` says when it moves", "give one of them")
        for target in self._singles() if moving.bits else ():
            if target not in moving.bits:
                raise where.at("bits").error(f"the target {target!r} is missing", "add it")

    def under_way(self) -> None:
        for number, case in enumerate(self.table.under_way):
            where = self.where.at(f"under_way[{number}]")
            if self.table.stop is None:
                raise where.error("nothing ends it", "add a `stop`, or leave it out")
            for name, value in case.args.items():
                param = self._param(name, where)
                if isinstance(value, str) and value.startswith("$"):
                    self._state(value[1:], where)
                    continue
                try:
                    param.normalise(value)
                except ValueError as e:
                    raise where.error(e, f"see `vehicle-agent api show {self.spec.name}`") from e
            for signal, wanted in case.when.items():
                self._state(signal, where)
                self._condition(wanted, where)

    def undo(self) -> None:
        cases = self.table.undo if isinstance(self.table.undo, tuple) else ()
        for number, case in enumerate(cases):
            where = self.where.at(f"undo[{number}]")
            for name, value in case.args.items():
                self._param(name, where)
                if isinstance(value, str) and value.startswith("$"):
                    self._state(value[1:], where)
            for signal, wanted in case.when.items():
                self._state(signal, where)
                self._condition(wanted, where)

    @staticmethod
    def _condition(wanted: Value, where: Where) -> None:
        if isinstance(wanted, str) and wanted.startswith(">"):
            try:
                numbers.number(wanted[1:])
            except ValueError:
                raise where.error(f"{wanted!r} is no condition", 'write ">" and a number') from None

    def relative(self) -> None:
        relative = self.table.relative
        if relative is None:
            return
        where = self.where.at("relative")
        by = self._param(relative.by, where)
        if not isinstance(by, EnumParam):
            raise where.at("by").error(f"{relative.by} must be an argument with a closed list of directions")
        if relative.amount is not None:
            self._param(relative.amount, where.at("amount"))
        elif relative.step is None:
            raise where.error("neither `amount` nor `step` says how far", "add one of them")
        for value in self._values_of(by):
            if value not in relative.ways:
                raise where.at("ways").error(f"the direction {value!r} is missing", "add it")
        for name, way in relative.ways.items():
            self._way(relative, way, where.at(f"ways.{name}"))
        if relative.undo is not None:
            self._undo_function(relative.undo.function, relative.undo.arg, where.at("undo"))

    def _way(self, relative: Relative, way: Way, where: Where) -> None:
        state = way.state if way.state is not None else relative.state
        if state is None:
            raise where.error("`state` is missing", "name the signal that shows the present value")
        self._state(state, where.at("state"))
        for signal, value in way.fixed.items():
            self._command_signal(signal, value, where.at(f"fixed.{signal}"))
        self._limits(relative, way.limits or relative.limits, where)
        if way.opposite is not None and way.opposite not in relative.ways:
            raise where.at("opposite").error(f"there is no direction {way.opposite!r}", "correct the name")

    def _limits(self, relative: Relative, limits: tuple[float, float] | None, where: Where) -> None:
        if limits is None:
            raise where.at("limits").error("`limits` is missing", "give the smallest and the largest value")
        if limits[0] > limits[1]:
            raise where.at("limits").error(f"{limits[0]:g} is above {limits[1]:g}")
        if relative.signal is not None:
            for value in limits:
                self._command_signal(relative.signal, value, where.at("limits"))

    def _undo_function(self, function: str, argument: str, where: Where) -> None:
        if function not in self.context.catalogue:
            raise where.error(f"there is no function {function!r}")
        if argument not in self.context.catalogue[function].by_name:
            raise where.error(f"{function} has no argument {argument!r}")

    def sentences(self) -> None:
        templates = {"say": self.table.say or ""}
        if self.table.relative is not None:
            templates["relative.at_limit"] = self.table.relative.at_limit or ""
        stop = self.table.stop
        templates["stop.say"] = stop.say or "" if stop is not None else ""
        for where, tables in (("words", self.table.words), ("stop.words", stop.words if stop is not None else {})):
            for name, phrases in tables.items():
                templates |= {f"{where}.{name}.{value}": phrase for value, phrase in phrases.items()}
        for key, template in templates.items():
            with blame(self.where.at(key)):
                names = values.placeholders(template)
            for name in names:
                if not name and "words." in key:
                    continue
                if name in self.spec.by_name or (name == "reached" and self.table.relative is not None):
                    continue
                with blame(self.where.at(key), "use an argument or a signal in {}"):
                    self.network.find(name, first_in=self.status)
