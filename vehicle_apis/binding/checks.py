"""Everything about a bound function that can be wrong is found when the file is loaded."""

from vehicle_apis.binding import values
from vehicle_apis.binding.activity import check_moving, check_under_way
from vehicle_apis.binding.exchange import Where
from vehicle_apis.binding.model import ArgTable, FunctionTable, Relative, Way
from vehicle_apis.binding.network import SignalRef, to_raw
from vehicle_apis.binding.scope import Context, Scope, blame
from vehicle_apis.params import EnumParam, Scalar
from vehicle_apis.spec import ApiSpec


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
    check_under_way(checks)
    checks.undo()
    checks.relative()
    checks.sentences()
    return table.command, table.status


class _Checks(Scope):
    """One check for each key."""

    def messages(self) -> None:
        protocol, network = self.context.protocol, self.network
        for key, name in (("command", self.command), ("status", self.status)):
            with blame(self.where.at(key), "use the name of a message of the DBC"):
                network.message(name)
        self.has(self.command, protocol.request_id, "request_id")
        self.has(self.command, protocol.time_to_live, "time_to_live")
        self.has(self.status, protocol.request_id, "request_id")
        self.has(self.status, protocol.result, "result")
        self.has(self.status, protocol.reason, "reason")
        result = network.signal(SignalRef(self.status, protocol.result))
        for word in (protocol.accepted, protocol.rejected, protocol.done):
            with blame(
                self.where.at("status"), f"give {self.status}.{protocol.result} that value or change `protocol`"
            ):
                to_raw(result, word)
        self.command_signal(protocol.time_to_live, protocol.time_to_live_ms, self.where.at("command"))
        if self.command not in network.protections and not protocol.allow_unprotected:
            raise self.where.at("command").error(
                f"the command message {self.command} has no end-to-end protection",
                f"add e2e.{self.command} or set protocol.allow_unprotected = true",
            )

    def arguments(self) -> None:
        for signal, value in self.table.fixed.items():
            self.command_signal(signal, value, self.where.at(f"fixed.{signal}"))
        used = {self.table.relative.by, self.table.relative.amount} if self.table.relative else set()
        for name, table in self.table.args.items():
            where = self.where.at(f"args.{name}")
            param = self.param(name, where)
            used.add(name)
            if table.convert in {"celsius", "kmh"}:
                used.add("unit")
            for value, others in self.examples(name, table):
                with blame(where):
                    encoded = values.to_signal(value, table, param, {**others, name: value})
                self.command_signal(table.signal, encoded, where)
        for name in self.spec.by_name:
            if name not in used:
                raise self.where.at(f"args.{name}").error("this argument goes nowhere", "bind it to a signal")

    def target(self) -> None:
        target = self.table.target
        if target is None:
            return
        where = self.where.at("target")
        param = self.param(target.arg, where)
        if not isinstance(param, EnumParam):
            raise where.error(f"{target.arg} must be an argument with a closed list of words")
        for group in target.groups:
            if group not in param.values:
                raise where.error(f"{target.arg} has no value {group!r}", "remove the group")

    def readback(self) -> None:
        for key, back in self.table.readback.items():
            where = self.where.at(f"readback.{key}")
            refs = self.state(back.signal, where)
            for condition in (*back.when, *back.unless):
                self.param(condition, where)
            if back.value is not None:
                wanted: list[Scalar] = list(back.value) if isinstance(back.value, tuple) else [back.value]
            else:
                name = back.arg or key
                param = self.param(name, where)
                bound = self.table.args.get(name, ArgTable(signal=""))
                with blame(where):
                    wanted = [
                        values.map_value(v, back.map) if back.map else values.scaled(v, back.scale, back.offset)
                        for value, others in self.examples(name, bound)
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
            if self.param(name, where).default is None:
                raise where.error(f"{name} has no default", "remove the entry")
            self.state(keep.signal, where)
            for condition in keep.unless:
                self.param(condition, where)

    def stop(self) -> None:
        stop = self.table.stop
        if stop is None:
            return
        for signal, value in stop.fixed.items():
            self.command_signal(signal, value, self.where.at(f"stop.fixed.{signal}"))
        for name in stop.args:
            if name not in self.table.args:
                raise self.where.at("stop.args").error(f"{name!r} is not bound under `args`", "bind it or leave it out")
        if stop.moving is not None:
            check_moving(self, stop.moving, self.where.at("stop.moving"))

    def undo(self) -> None:
        cases = self.table.undo if isinstance(self.table.undo, tuple) else ()
        for number, case in enumerate(cases):
            where = self.where.at(f"undo[{number}]")
            for name, value in case.args.items():
                self.param(name, where)
                if isinstance(value, str) and value.startswith("$"):
                    self.state(value[1:], where)
            for signal, wanted in case.when.items():
                self.state(signal, where)
                self.condition(wanted, where)

    def relative(self) -> None:
        relative = self.table.relative
        if relative is None:
            return
        where = self.where.at("relative")
        by = self.param(relative.by, where)
        if not isinstance(by, EnumParam):
            raise where.at("by").error(f"{relative.by} must be an argument with a closed list of directions")
        if relative.amount is not None:
            self.param(relative.amount, where.at("amount"))
        elif relative.step is None:
            raise where.error("neither `amount` nor `step` says how far", "add one of them")
        for value in self.values_of(by):
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
        self.state(state, where.at("state"))
        for signal, value in way.fixed.items():
            self.command_signal(signal, value, where.at(f"fixed.{signal}"))
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
                self.command_signal(relative.signal, value, where.at("limits"))

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
