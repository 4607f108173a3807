"""The simulated car's side of the network: what the DBC and the binding file say about frames."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cantools.database.can import Message, Signal
from cantools.database.namedsignalvalue import NamedSignalValue

from simulators.car.domain import Domain, Value
from simulators.errors import NetworkMismatch
from vehicle_apis.binding import BindingError, Network, NetworkFile, SignalRef, read_car_files
from vehicle_apis.binding.model import FunctionTable
from vehicle_apis.e2e import Protection
from vehicle_apis.pack import ApiPack
from vehicle_apis.spec import ApiSpec

AGENT: Final = "Agent"  # the node whose messages are commands
COMMAND: Final = "Command"
STATUS: Final = "Status"
# what a frame carries besides what it is about
HEADER: Final = frozenset({"Crc", "Counter", "Selector", "RequestId", "TimeToLive", "Result", "Reason"})
_MASKS: Final = frozenset({"Mirror"})  # bit masks that are not called so
_DEFAULT_CYCLE_MS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A message the car sends. ``group``: the command group it answers, "" for a mere measurement.

    ``signals``: their keys in the car's table of values: the signal's name, or "Message.Signal" where that is taken.
    """

    name: str
    frame_id: int
    extended: bool
    node: str
    cycle_s: float
    on_change: bool
    group: str
    signals: tuple[str, ...]
    protection: Protection | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A message the car receives. ``in_words``: values of a table are decoded as words, else as numbers."""

    name: str
    message: Message
    node: str
    group: str
    protection: Protection | None
    in_words: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFunction:
    """One function of an API pack, as the pack's binding file describes it."""

    spec: ApiSpec
    table: FunctionTable
    command: Message
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedUnit:
    """What the control unit of an API pack is built from. ``keys``: the signals it publishes."""

    node: str
    groups: tuple[str, ...]
    functions: tuple[AddedFunction, ...]
    keys: Mapping[SignalRef, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything the units need to know of DBC and binding. ``domains``: of every signal the car publishes.

    ``added``: a unit for each API pack that brings messages of its own.
    """

    network: Network
    published: tuple[Published, ...]
    commanded: Mapping[int, Commanded]
    domains: Mapping[str, Domain]
    added: tuple[AddedUnit, ...] = ()

    def knows(self, message: str, signal: str, word: str) -> bool:
        """Whether the value table of a signal has ``word``."""
        choices = self.network.signal(SignalRef(message, signal)).choices
        return choices is not None and word in map(str, choices.values())

    def decode(self, commanded: Commanded, data: bytes) -> dict[str, Value]:
        """The signals of a command frame of the right length; bit masks stay numbers, words are words."""
        decoded = commanded.message.decode(data, decode_choices=commanded.in_words)
        if not isinstance(decoded, Mapping):
            raise NetworkMismatch(f"{commanded.name} is a container message, which the simulated car cannot read")
        return {name: _plain(name, value) for name, value in decoded.items()}


def load_wiring(binding: Path | None = None, packs: Iterable[ApiPack] = ()) -> Wiring:
    """A binding file (default: the example car's) with its DBC, and those of ``packs``. Raises NetworkMismatch.

    The files are read as the agent reads them, and refused in the same words.
    """
    try:
        files = read_car_files(binding, packs)
    except BindingError as e:
        raise NetworkMismatch(f"the simulated car cannot use its binding files: {e}") from e
    network, own = files.network, files.car.messages
    commands = [m for m in own if AGENT in m.senders]
    states = [m for m in own if AGENT not in m.senders]
    wiring = Wiring(
        network=network,
        published=tuple(_published(m, network.protections.get(m.name)) for m in states),
        commanded={m.frame_id: _commanded(m, network.protections.get(m.name)) for m in commands},
        domains={s.name: _domain(s) for m in states for s in m.signals if s.name not in HEADER},
    )
    for part in files.parts[1:]:
        wiring = _with_pack(wiring, part)
    return wiring


def _published(message: Message, protection: Protection | None) -> Published:
    names = tuple(s.name for s in message.signals)
    return Published(
        name=message.name,
        frame_id=message.frame_id,
        extended=message.is_extended_frame,
        node=message.senders[0] if message.senders else "",
        cycle_s=(message.cycle_time or _DEFAULT_CYCLE_MS) / 1000,
        on_change=message.send_type == "CyclicAndSpontaneous",
        group=message.name.removesuffix(STATUS) if "RequestId" in names else "",
        signals=tuple(name for name in names if name not in HEADER),
        protection=protection,
    )


def _commanded(message: Message, protection: Protection | None) -> Commanded:
    receivers = sorted({r for s in message.signals for r in s.receivers})
    if len(receivers) != 1:
        raise NetworkMismatch(f"{message.name} must have one receiver in the DBC, not {', '.join(receivers) or 'none'}")
    return Commanded(
        name=message.name,
        message=message,
        node=receivers[0],
        group=message.name.removesuffix(COMMAND),
        protection=protection,
    )


def _domain(signal: Signal) -> Domain:
    words = tuple(str(word) for word in (signal.choices or {}).values())
    low, high = _range(signal)
    # a table that gives every value a word leaves nothing to say in numbers
    numeric = bool(signal.unit) or not words
    return Domain(
        words=words, numeric=numeric, low=low, high=high, step=abs(float(signal.scale)), unit=signal.unit or ""
    )


def _range(signal: Signal) -> tuple[float, float]:
    """What the DBC says, else all that the bits can hold."""
    if signal.minimum is not None and signal.maximum is not None:
        return float(signal.minimum), float(signal.maximum)
    steps = (1 << signal.length) - 1
    first = -(1 << signal.length - 1) if signal.is_signed else 0
    ends = [float(signal.offset + signal.scale * raw) for raw in (first, first + steps)]
    return min(ends), max(ends)


# --- API packs ------------------------------------------------------------------------------------------------------


def _with_pack(wiring: Wiring, part: NetworkFile) -> Wiring:
    """``wiring`` with the unit that answers a pack's messages added."""
    if part.pack is None:
        return wiring
    pack, messages, protections = part.pack, {m.name: m for m in part.messages}, wiring.network.protections
    specs = {spec.name: spec for spec in pack.apis}
    tables = {name: t for name, t in part.file.functions.items() if t.command is not None and t.status is not None}
    for name, table in tables.items():
        if table.command not in messages:
            raise NetworkMismatch(
                f"{part.path}: functions.{name}.command: the pack's DBC has no message {table.command!r}; "
                "the simulated car has only units whose messages the pack brings"
            )
    groups = _groups(tables)
    functions = tuple(
        AddedFunction(spec=specs[name], table=t, command=messages[str(t.command)], group=groups[str(t.command)])
        for name, t in tables.items()
    )
    node = _free(pack.name, {p.node for p in wiring.published} | {c.node for c in wiring.commanded.values()})
    commands = {f.command.name: f for f in functions}
    states = [m for m in messages.values() if m.name not in commands and AGENT not in m.senders]
    homes = [s.name for m in states for s in m.signals]
    keys = {
        SignalRef(m.name, s.name): s.name
        if s.name not in wiring.domains and homes.count(s.name) == 1
        else f"{m.name}.{s.name}"
        for m in states
        for s in m.signals
        if s.name not in HEADER
    }
    commanded = {
        f.command.frame_id: Commanded(
            name=name,
            message=f.command,
            node=node,
            group=f.group,
            protection=protections.get(name),
            in_words=False,
        )
        for name, f in commands.items()
    }
    return replace(
        wiring,
        published=(
            *wiring.published,
            *(
                replace(
                    _published(m, protections.get(m.name)),
                    node=node,
                    group=groups.get(m.name, ""),
                    signals=tuple(key for ref, key in keys.items() if ref.message == m.name),
                )
                for m in states
            ),
        ),
        commanded={**wiring.commanded, **commanded},
        domains={
            **wiring.domains,
            **{key: _domain(messages[ref.message].get_signal_by_name(ref.signal)) for ref, key in keys.items()},
        },
        added=(
            *wiring.added,
            AddedUnit(
                node=node, groups=tuple(dict.fromkeys(f.group for f in functions)), functions=functions, keys=keys
            ),
        ),
    )


def _groups(tables: Mapping[str, FunctionTable]) -> dict[str, str]:
    """Message -> group: commands and the status messages that answer them belong together."""
    groups: dict[str, str] = {}
    for table in tables.values():
        command, status = str(table.command), str(table.status)
        old, new = groups.get(command, status), groups.get(status, status)
        groups = {name: new if group == old else group for name, group in groups.items()}
        groups[command] = groups[status] = new
    return groups


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_pack"
    return name


def _plain(name: str, value: object) -> Value:
    if isinstance(value, NamedSignalValue):
        return float(value.value) if name.endswith("Mask") or name in _MASKS else str(value)
    return float(value) if isinstance(value, int | float) else str(value)
