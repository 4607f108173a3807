"""What the status shows to go on, whoever began it: which motors run, and what may have begun what is seen.

Two keys of the binding say so: ``stop.moving``, for a stop of whatever runs, and ``under_way``, for what a standing
rule may have to end though nobody here knows of it.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from vehicle_apis.binding import values
from vehicle_apis.binding.exchange import Read, Where
from vehicle_apis.binding.model import FunctionTable, Moving, SignalByTarget, Value
from vehicle_apis.binding.network import Network, SignalRef
from vehicle_apis.binding.scope import Scope
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Scalar
from vehicle_apis.spec import ApiSpec


def check_moving(scope: Scope, moving: Moving, where: Where) -> None:
    """``stop.moving``. Raises BindingError."""
    scope.state(moving.signal, where.at("signal"))
    if (moving.value is None) == (not moving.bits):
        raise where.error("either `value` or `bits` says when it moves", "give one of them")
    for target in scope.singles() if moving.bits else ():
        if target not in moving.bits:
            raise where.at("bits").error(f"the target {target!r} is missing", "add it")


def check_under_way(scope: Scope) -> None:
    """``under_way``. Raises BindingError."""
    for number, case in enumerate(scope.table.under_way):
        where = scope.where.at(f"under_way[{number}]")
        if scope.table.stop is None:
            raise where.error("nothing ends it", "add a `stop`, or leave it out")
        for name, value in case.args.items():
            param = scope.param(name, where)
            if isinstance(value, str) and value.startswith("$"):
                scope.state(value[1:], where)
                continue
            try:
                param.normalise(value)
            except ValueError as e:
                raise where.error(e, f"see `vehicle-agent api show {scope.spec.name}`") from e
        for signal, wanted in case.when.items():
            scope.state(signal, where)
            scope.condition(wanted, where)


@dataclass(frozen=True, slots=True)
class Shown:
    """A function's signals by their names, those of its own ``status`` message first."""

    network: Network
    status: str

    def ref(self, name: str) -> SignalRef:
        return self.network.find(name, first_in=self.status)

    def refs(self, signal: SignalByTarget | None, targets: tuple[str, ...]) -> list[SignalRef]:
        """The one signal, or that of each target."""
        if signal is None:
            return []
        if isinstance(signal, str):
            return [self.ref(signal)]
        return [self.ref(signal[target]) for target in targets]

    def holds(self, when: Mapping[str, Value], read: Read) -> bool:
        """Whether every signal is as ``when`` says: a value, ">N" or "!value"."""
        return all(values.state_holds(wanted, read(self.ref(name))) for name, wanted in when.items())

    def filled(self, args: Mapping[str, Value], read: Read) -> dict[str, Scalar | None]:
        """``args`` with every "$Signal" replaced by what it shows, None where it does not come."""
        return {
            name: read(self.ref(value[1:])) if isinstance(value, str) and value.startswith("$") else value
            for name, value in args.items()
        }


class ActivityStatus:
    """Reads it for one bound function, whose table has been checked."""

    def __init__(self, spec: ApiSpec, table: FunctionTable, shown: Shown, catalogue: Catalogue) -> None:
        self._spec = spec
        self._under_way = table.under_way
        self._target = table.target
        self._moving = None if table.stop is None else table.stop.moving
        self._shown = shown
        self._catalogue = catalogue

    # --- motors that run --------------------------------------------------------------------------------------------

    @property
    def tells_motors_apart(self) -> bool:
        """Whether the status shows which of several motors runs."""
        return self._moving is not None and (bool(self._moving.bits) or not isinstance(self._moving.signal, str))

    def moves(self, targets: tuple[str, ...], read: Read) -> bool | None:
        """Whether a motor of ``targets`` runs, of any where there are none; None when the car does not tell."""
        moving = self._moving
        if moving is None:
            return None
        known = False
        for target in targets or ("",):
            value = read(self._shown.refs(moving.signal, (target,))[0])
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

    def moving_targets(self, read: Read) -> tuple[str, ...]:
        """The single targets whose motors run; ("",) for the motor of a function that has no targets."""
        if self._target is None:
            return ("",) if self.moves((), read) else ()
        names = getattr(self._spec.by_name[self._target.arg], "values", ())
        return tuple(one for one in names if one not in self._target.groups and self.moves((one,), read))

    # --- what it may have been begun by -----------------------------------------------------------------------------

    @property
    def is_told(self) -> bool:
        """Whether the binding says how the status shows that the function is being carried out."""
        return bool(self._under_way)

    def under_way(self, read: Read) -> tuple[tuple[Call, ...], ...]:
        """What the status shows to be going on: for each thing all the calls that may have begun it."""
        return tuple(
            self._may_be(self._shown.filled(case.args, read))
            for case in self._under_way
            if self._shown.holds(case.when, read)
        )

    def all_there_may_be(self) -> tuple[tuple[Call, ...], ...]:
        """What may be going on where nothing tells: for each single thing all the calls that may have begun it."""
        if self._target is None:
            return (self._may_be({}),)
        param = self._spec.by_name[self._target.arg]
        names = param.values if isinstance(param, EnumParam) else (param.default,)
        return tuple(self._may_be({self._target.arg: name}) for name in names)

    def _may_be(self, given: Mapping[str, Scalar | None]) -> tuple[Call, ...]:
        """The calls with the arguments ``given``, and with every word for those that are not, or are none."""
        choices: list[list[Scalar]] = []
        for name, param in self._spec.by_name.items():
            value = given.get(name)
            if isinstance(param, EnumParam):
                choices.append([str(value)] if value in param.values else list(param.values))
                continue
            chosen = param.default if value is None else value
            if chosen is None:  # no rule about a motion or a picture asks for such an argument
                chosen = param.min if isinstance(param, IntegerParam | NumberParam) else "0"
            choices.append([chosen])
        calls = []
        for words in product(*choices):
            with contextlib.suppress(InvalidCall):  # not every combination of words is a call
                calls.append(self._catalogue.call(self._spec.name, **dict(zip(self._spec.by_name, words, strict=True))))
        return tuple(calls)
