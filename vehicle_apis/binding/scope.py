"""What a function of the binding may name: its arguments, its targets, and the signals of its two messages."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from vehicle_apis import numbers
from vehicle_apis.binding.exchange import Where
from vehicle_apis.binding.model import ArgTable, FunctionTable, ProtocolTable, SignalByTarget, Value
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


@dataclass(frozen=True, slots=True)
class Scope:
    """One function's table with all that it is bound against. Each question raises BindingError for a wrong name."""

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

    def param(self, name: str, where: Where) -> Param:
        if name not in self.spec.by_name:
            known = ", ".join(self.spec.by_name) or "none"
            raise where.error(f"{self.spec.name} has no argument {name!r}", f"its arguments are: {known}")
        return self.spec.by_name[name]

    def command_signal(self, name: str, value: Scalar, where: Where) -> None:
        with blame(where, f"see message {self.command} in the DBC"):
            signals = {s.name: s for s in self.network.message(self.command).signals}
            if name not in signals:
                raise BindingError(f"message {self.command} has no signal {name!r}")
            to_raw(signals[name], value)

    def has(self, message: str, signal: str | None, key: str) -> None:
        if signal is not None and all(s.name != signal for s in self.network.message(message).signals):
            raise self.where.error(
                f"message {message} has no signal {signal!r}", f"add it to the DBC or change protocol.{key}"
            )

    def singles(self) -> list[str]:
        """Every single target that calls can name."""
        if self.table.target is None:
            return []
        names: list[str] = []
        for value in self.values_of(self.spec.by_name[self.table.target.arg]):
            names += self.table.target.groups.get(str(value), (str(value),))
        return list(dict.fromkeys(names))

    def values_of(self, param: Param) -> list[Scalar]:
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

    def examples(self, name: str, table: ArgTable) -> list[tuple[Scalar, dict[str, Scalar]]]:
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
        return [(v, {}) for v in self.values_of(param)]

    def state(self, signal: SignalByTarget, where: Where) -> list[SignalRef]:
        if isinstance(signal, dict):
            if self.table.target is None:
                raise where.error("signals by target need a `target`", "add `target = { arg = ... }`")
            missing = [one for one in self.singles() if one not in signal]
            if missing:
                raise where.error(f"no signal for {', '.join(missing)}", "add it or list it under `absent`")
        names: Iterable[str] = signal.values() if isinstance(signal, dict) else (signal,)
        with blame(where):
            return [self.network.find(name, first_in=self.status) for name in names]

    @staticmethod
    def condition(wanted: Value, where: Where) -> None:
        if isinstance(wanted, str) and wanted.startswith(">"):
            try:
                numbers.number(wanted[1:])
            except ValueError:
                raise where.error(f"{wanted!r} is no condition", 'write ">" and a number') from None
