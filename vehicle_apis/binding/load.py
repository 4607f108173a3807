"""How one car carries out the functions of a catalogue: its files, checked against that, as one CarBinding."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from vehicle_apis.binding.command import CommandFunction
from vehicle_apis.binding.exchange import Where
from vehicle_apis.binding.files import CarFiles, NetworkFile, read_car_files
from vehicle_apis.binding.model import Absent, FunctionTable, GateSignal, GateTable, ProtocolTable
from vehicle_apis.binding.network import BindingError, Network, SignalRef, to_raw
from vehicle_apis.binding.reading import CodeReading, ItemReading
from vehicle_apis.binding.relative import RelativeFunction
from vehicle_apis.binding.scope import Context, blame
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import Scalar
from vehicle_apis.signals import GATE_SIGNALS, SignalSpec
from vehicle_apis.spec import ApiSpec

BoundFunction: TypeAlias = CommandFunction | ItemReading | CodeReading

_DEFAULT_CYCLE_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSource:
    """One source of one of the gate's signals. ``field``: of Signals; ``index``: which of the signal's sources."""

    field: str
    spec: SignalSpec
    ref: SignalRef
    cycle_ms: int
    index: int = 0
    words: Mapping[str, str]
    scale: float = 1

    def value(self, decoded: Scalar) -> Scalar:
        """A decoded value in the gate's words or unit, whatever the gate makes of it."""
        if self.spec.words:
            return self.words.get(str(decoded), str(decoded))
        return decoded if isinstance(decoded, str) else decoded * self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted:
    """``backend`` carries a function out in this car, as the entry at ``where`` says."""

    backend: str
    where: Where


class CarBinding:
    """How one car carries out the CAN functions of a catalogue. Made by `load_binding`; immutable and checked.

    ``network``: messages, coding, protection. ``gate``: the sources of the gate's signals. ``route``: the functions
    that another backend carries out than their specification says, each with its name and where the file says so.
    """

    def __init__(
        self,
        *,
        name: str,
        network: Network,
        protocol: ProtocolTable,
        gate: tuple[GateSource, ...],
        functions: Mapping[str, BoundFunction],
        absent: tuple[Absent, ...],
        ecus: Mapping[str, str],
        reasons: Mapping[str, str],
        route: Mapping[str, Rerouted] | None = None,
    ) -> None:
        self.name = name
        self.network = network
        self.protocol = protocol
        self.gate = gate
        self.route: Mapping[str, Rerouted] = MappingProxyType(dict(route or {}))
        self._functions = functions
        self._absent = absent
        self._ecus = ecus
        self._reasons = reasons

    def __contains__(self, function: str) -> bool:
        return function in self._functions

    def function(self, name: str) -> BoundFunction:
        """Raises BindingError when this car does not bind the function."""
        try:
            return self._functions[name]
        except KeyError:
            raise BindingError(f"{name} is not bound to this car's network") from None

    def backend_of(self, spec: ApiSpec) -> str:
        """The name of the backend that carries the function out in this car."""
        routed = self.route.get(spec.name)
        return spec.backend if routed is None else routed.backend

    @property
    def motors(self) -> tuple[CommandFunction, ...]:
        """The functions that begin motions which can be stopped."""
        return tuple(f for f in self._functions.values() if isinstance(f, CommandFunction) and f.is_motor)

    def functions_that_stop(self) -> tuple[CommandFunction, ...]:
        """Those with a command that ends what they began."""
        commands = (f for f in self._functions.values() if isinstance(f, CommandFunction))
        return tuple(f for f in commands if f.has_stop)

    def missing(self, call: Call) -> str | None:
        """The sentence for the driver when this car has not what ``call`` is about, else None."""
        for absent in self._absent:
            if absent.function == call.name and all(call.arguments.get(k) == v for k, v in absent.args.items()):
                return absent.sentence
        return None

    def ecu(self, message: str) -> str:
        """The control unit that sends a message, as the driver hears it."""
        senders = self.network.message(message).senders
        node = senders[0] if senders else ""
        return self._ecus.get(node, f"{node} control unit".strip())

    def reason(self, word: str) -> str:
        """Why a control unit rejected a command, as the driver hears it."""
        return self._reasons.get(word, word.replace("_", " "))

    def cycle_ms(self, message: str) -> int:
        """How often a message is sent; 1000 where the DBC does not say."""
        return self.network.message(message).cycle_time or _DEFAULT_CYCLE_MS

    def read_messages(self) -> frozenset[str]:
        """Every message that the agent listens to."""
        return frozenset(self.network.messages) - self.network.commands


def load_binding(catalogue: Catalogue, path: Path | None = None, dbc: Path | None = None) -> CarBinding:
    """Reads a car's binding file (default: the example car) and DBC, merges what the packs of ``catalogue`` bring.

    ``dbc`` overrides the file's own ``dbc``, which is relative to the file. Raises BindingError.
    """
    return _Loader(catalogue, read_car_files(path, catalogue.packs, dbc)).binding()


class _Loader:
    def __init__(self, catalogue: Catalogue, files: CarFiles) -> None:
        self._catalogue = catalogue
        self._car = files.car
        self._parts = files.parts
        self._protocol = files.protocol
        self._network = files.network
        self._route = self._routed()

    def binding(self) -> CarBinding:
        if self._car.file.gate is None:
            raise self._car.where("gate").error("the sources of speed and gear are missing", "add a [gate] table")
        network = self._network
        return CarBinding(
            name=self._car.file.name or self._car.path.stem,
            network=network,
            protocol=self._protocol,
            gate=self._gate(self._car.file.gate, network),
            functions=self._functions(network),
            absent=tuple(a for part in self._parts for a in part.file.absent),
            ecus=self._merged_words("ecus"),
            reasons=self._merged_words("reasons"),
            route=self._route,
        )

    def _routed(self) -> dict[str, Rerouted]:
        found: dict[str, Rerouted] = {}
        for part in self._parts:
            for name, backend in part.file.route.items():
                where = part.where(f"route.{name}")
                if name not in self._catalogue:
                    raise where.error(f"there is no function {name!r}", "correct the name or remove it")
                if name in found:
                    raise where.error("the function is routed already", "remove one of the two")
                found[name] = Rerouted(backend=backend, where=where)
        return found

    def _is_for_can(self, spec: ApiSpec) -> bool:
        routed = self._route.get(spec.name)
        return (spec.backend if routed is None else routed.backend) == "can"

    def _merged_words(self, key: str) -> dict[str, str]:
        merged: dict[str, str] = {}
        for part in reversed(self._parts):  # the car's own words win
            merged |= getattr(part.file, key)
        return merged

    # --- the gate's signals -----------------------------------------------------------------------------------------

    def _gate(self, gate: GateTable, network: Network) -> tuple[GateSource, ...]:
        sources: list[GateSource] = []
        for field, spec in GATE_SIGNALS.items():
            found = [self._source(field, spec, table, network, index) for index, table in enumerate(gate.of(spec))]
            messages = [source.ref.message for source in found]
            if len(set(messages)) < len(messages):
                raise self._car.where(f"gate.{spec.key}").error(
                    f"both sources are in message {messages[0]}", "name two independent messages"
                )
            sources += found
        return tuple(sources)

    def _source(self, field: str, spec: SignalSpec, table: GateSignal, network: Network, index: int) -> GateSource:
        where = self._car.where(f"gate.{spec.key}[{index}]" if spec.sources > 1 else f"gate.{spec.key}")
        with blame(where, "name a signal of the DBC"):
            ref = network.find(table.signal)
        if network.message(ref.message).is_multiplexed():
            raise where.error(f"message {ref.message} is multiplexed", "name a signal that every frame of it carries")
        if ref.message not in network.protections and not self._protocol.allow_unprotected:
            raise where.error(
                f"message {ref.message} has no end-to-end protection",
                f"add e2e.{ref.message} or set protocol.allow_unprotected = true",
            )
        back = {word: shown for shown, word in table.map.items()}
        for word in spec.words:
            with blame(where, "add a `map` from the bus's words to the gate's"):
                to_raw(network.signal(ref), back.get(word, word))
        return GateSource(
            field=field,
            spec=spec,
            ref=ref,
            cycle_ms=table.cycle_ms,
            index=index,
            words=table.map,
            scale=table.scale,
        )

    # --- functions --------------------------------------------------------------------------------------------------

    def _functions(self, network: Network) -> dict[str, BoundFunction]:
        bound: dict[str, BoundFunction] = {}
        for part in self._parts:
            for name, table in part.file.functions.items():
                where = part.where(f"functions.{name}")
                if name not in self._catalogue or not self._is_for_can(self._catalogue[name]):
                    raise where.error(f"{name!r} is no function of the CAN backend", "correct the name or remove it")
                if name in bound:
                    raise where.error("the function is bound already", "remove one of the two")
                bound[name] = self._bind(self._catalogue[name], table, network, where)
                if part.pack and self._catalogue[name].ending is not None and table.stop is None:
                    raise where.error("its activity must be ended, and nothing says how", "add a `stop` command")
            self._check_absent(part)
        gone = {a.function for part in self._parts for a in part.file.absent if not a.args}
        for spec in self._catalogue:
            if self._is_for_can(spec) and spec.name not in bound and spec.name not in gone:
                self._blame_pack(spec.name)
                raise self._car.where(f"functions.{spec.name}").error(
                    "this function of the catalogue is not bound", "add it, or list it under `absent` with a sentence"
                )
        return bound

    def _blame_pack(self, function: str) -> None:
        """Raises BindingError when ``function`` is a pack's, which has to bind it."""
        for pack in self._catalogue.packs:
            if any(api.name == function for api in pack.apis):
                where = f"{pack.binding}: functions.{function}" if pack.binding else f"pack {pack.name!r}: {function}"
                raise BindingError(f"{where}: the function is not bound; add it to the pack's binding file")

    def _check_absent(self, part: NetworkFile) -> None:
        for number, absent in enumerate(part.file.absent):
            where = part.where(f"absent[{number}]")
            if absent.function not in self._catalogue:
                raise where.error(f"there is no function {absent.function!r}", "correct the name")
            spec = self._catalogue[absent.function]
            for name, value in absent.args.items():
                try:
                    spec.by_name[name].normalise(value)
                except (KeyError, ValueError) as e:
                    raise where.at(f"args.{name}").error(e, f"see `vehicle-agent api show {spec.name}`") from e

    def _absent_values(self, function: str) -> dict[str, frozenset[Scalar]]:
        found: dict[str, set[Scalar]] = {}
        for absent in (a for part in self._parts for a in part.file.absent if a.function == function):
            if len(absent.args) == 1:
                (name, value), *_ = absent.args.items()
                found.setdefault(name, set()).add(value)
        return {name: frozenset(members) for name, members in found.items()}

    def _bind(self, spec: ApiSpec, table: FunctionTable, network: Network, where: Where) -> BoundFunction:
        absent = self._absent_values(spec.name)
        if table.codes is not None:
            return CodeReading(spec, table.codes, network, where)
        if table.items:
            return ItemReading(spec, table, network, where, absent)
        context = Context(
            network=network, protocol=self._protocol, catalogue=self._catalogue, where=where, absent=absent
        )
        if table.relative is not None:
            return RelativeFunction(spec, table, table.relative, context)
        return CommandFunction(spec, table, context)
