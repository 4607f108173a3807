"""A function that changes something by an amount: worked out to an absolute target, so that a retry is harmless."""

from collections.abc import Mapping

from vehicle_apis.binding import values
from vehicle_apis.binding.command import CommandFunction, plain_arguments
from vehicle_apis.binding.exchange import Command, Exchange, Expectation, NotReported, Read
from vehicle_apis.binding.model import FunctionTable, Relative, SignalByTarget, Way
from vehicle_apis.binding.network import SignalRef
from vehicle_apis.binding.scope import Context
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar
from vehicle_apis.spec import ApiSpec

REACHED = "reached"  # placeholder for the target as the car shows it


class RelativeFunction(CommandFunction):
    """Like CommandFunction; ``relative`` says where the present value is and which way each direction goes."""

    def __init__(
        self,
        spec: ApiSpec,
        table: FunctionTable,
        relative: Relative,
        context: Context,
    ) -> None:
        super().__init__(spec, table, context)
        self._relative = relative

    def needs(self, call: Call) -> frozenset[str]:
        needed = super().needs(call)
        if self._relative.signal is None:  # a single step can be asked for without knowing the present value
            return needed
        arguments = plain_arguments(call)
        refs = self.shown.refs(self._state_of(self._way(arguments)), self._targets(arguments))
        return needed | {ref.message for ref in refs}

    def plan(self, call: Call, read: Read) -> Exchange:
        relative = self._relative
        arguments = plain_arguments(call)
        targets = self._targets(arguments)
        way = self._way(arguments)
        refs = self.shown.refs(self._state_of(way), targets)
        present = [self._number(read(ref), ref) for ref in refs]
        goals = [None if value is None else self._goal(way, value, arguments) for value in present]
        return Exchange(
            call=call,
            arguments=arguments,
            targets=targets,
            commands=self._goal_commands(arguments, targets, way, goals),
            expectations=tuple(
                Expectation(ref=ref, wanted=(goal,), tolerance=relative.tolerance)
                for ref, goal in zip(refs, goals, strict=True)
                if goal is not None
            ),
            status=self.status,
            timeout_ms=self._table.timeout_ms,
            undo=self._inverse(call, way, targets, present, goals),
            at_limit=bool(goals) and goals == present,
        )

    def _way(self, arguments: Mapping[str, Scalar]) -> Way:
        return self._relative.ways[str(arguments[self._relative.by])]

    def _state_of(self, way: Way) -> SignalByTarget | None:
        return way.state if way.state is not None else self._relative.state

    def _number(self, value: Scalar | None, ref: SignalRef) -> float | None:
        if value is None or isinstance(value, str):
            if self._relative.signal is not None:
                raise NotReported(ref)
            return None
        return value

    def _goal(self, way: Way, present: float, arguments: Mapping[str, Scalar]) -> float:
        relative = self._relative
        amount = float(arguments[relative.amount]) if relative.amount is not None else (relative.step or 0)
        goal = present + way.sign * amount
        if relative.amount is not None and relative.step is not None:
            goal = round(goal / relative.step) * relative.step
        low, high = way.limits or relative.limits or (goal, goal)
        goal = max(goal, low) if way.sign < 0 else min(goal, high)
        if (goal - present) * way.sign < 0:  # already beyond the limit: stay, do not go the other way
            goal = present
        return int(goal) if float(goal).is_integer() else goal

    def _goal_commands(
        self, arguments: Mapping[str, Scalar], targets: tuple[str, ...], way: Way, goals: list[float | None]
    ) -> tuple[Command, ...]:
        signal = self._relative.signal
        known = [goal for goal in goals if goal is not None]
        if signal is None:
            return self._commands(arguments, targets, way.fixed)
        if len(set(known)) == 1 or self._table.target is None:
            return self._commands(arguments, targets, {**way.fixed, signal: known[0]})
        # the targets start from different values: each gets its own frame
        name = self._table.target.arg
        return tuple(
            self._command({**arguments, name: one}, {**way.fixed, signal: goal})
            for one, goal in zip(targets, known, strict=True)
        )

    def _inverse(
        self,
        call: Call,
        way: Way,
        targets: tuple[str, ...],
        present: list[float | None],
        goals: list[float | None],
    ) -> tuple[Call, ...]:
        if self._table.undo == "none":
            return ()
        calls: list[Call] = []
        for index, (before, goal) in enumerate(zip(present, goals, strict=True)):
            if before is None or goal is None:
                return ()
            one = {self._table.target.arg: targets[index]} if self._table.target else {}
            inverse = self._inverse_of_one(call, way, one, before, abs(goal - before))
            if inverse is None:
                return ()
            calls.append(inverse)
        return self._merged(call, calls)

    def _inverse_of_one(
        self, call: Call, way: Way, one: Mapping[str, Scalar], before: float, moved: float
    ) -> Call | None:
        relative = self._relative
        if relative.undo is not None:
            argument, unit = values.unconvert(before, relative.undo.convert)
            return self._try_call(relative.undo.function, {**one, **unit, relative.undo.arg: argument})
        if way.opposite is None:
            return None
        if relative.amount is None:
            if moved < (relative.step or 0):
                return None
            return self._try_call(self.spec.name, {**call.json_arguments(), **one, relative.by: way.opposite})
        changed: dict[str, Scalar] = {relative.by: way.opposite, relative.amount: moved}
        return self._try_call(self.spec.name, {**call.json_arguments(), **one, **changed})

    def _template(self, exchange: Exchange) -> str:
        if exchange.at_limit and self._relative.at_limit is not None:
            return self._relative.at_limit
        return super()._template(exchange)

    def _automatic_sentence(self, exchange: Exchange) -> str:
        del exchange
        return f"{self.spec.name.replace('_', ' ')}: now {{{REACHED}}}"

    def _spoken(self, name: str, exchange: Exchange, read: Read) -> Scalar:
        if name != REACHED:
            return super()._spoken(name, exchange, read)
        refs = self.shown.refs(self._state_of(self._way(exchange.arguments)), exchange.targets)
        value = read(refs[0]) if refs else None
        return "unknown" if value is None else value
