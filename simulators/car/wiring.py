"""The simulated car's side of the network: what the DBC and the binding file say about frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantools.database.can import Message, Signal
from cantools.database.namedsignalvalue import NamedSignalValue

from simulators.car.domain import Domain, Value
from simulators.errors import NetworkMismatch
from vehicle_apis.binding import BindingError, Network, default_binding_path, read_binding_file
from vehicle_apis.binding.model import ProtectionTable
from vehicle_apis.binding.network import read_dbc
from vehicle_apis.e2e import E2EError, Profile1, Profile2, Protection, check_layout

AGENT: Final = "Agent"  # the node whose messages are commands
COMMAND: Final = "Command"
STATUS: Final = "Status"
# what a frame carries besides what it is about
HEADER: Final = frozenset({"Crc", "Counter", "Selector", "RequestId", "TimeToLive", "Result", "Reason"})
_MASKS: Final = frozenset({"Mirror"})  # bit masks that are not called so
_DEFAULT_CYCLE_MS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A message the car sends. ``group``: the command group it answers, "" for a mere measurement."""

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
    """A message the car receives."""

    name: str
    message: Message
    node: str
    group: str
    protection: Protection | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything the units need to know of DBC and binding. ``domains``: of every signal the car publishes."""

    network: Network
    published: tuple[Published, ...]
    commanded: Mapping[int, Commanded]
    domains: Mapping[str, Domain]

    def decode(self, commanded: Commanded, data: bytes) -> dict[str, Value]:
        """The signals of a command frame of the right length; bit masks stay numbers, words are words."""
        decoded = commanded.message.decode(data)
        if not isinstance(decoded, Mapping):
            raise NetworkMismatch(f"{commanded.name} is a container message, which the simulated car cannot read")
        return {name: _plain(name, value) for name, value in decoded.items()}


def load_wiring(binding: Path | None = None) -> Wiring:
    """Reads a binding file (default: the example car's) and its DBC. Raises NetworkMismatch."""
    path = binding or default_binding_path()
    try:
        file = read_binding_file(path)
        database = read_dbc(path.parent / (file.dbc or ""))
        messages = {m.name: m for m in database.messages}
        protections: dict[str, Protection] = {}
        for name, table in file.e2e.items():
            protections[name] = _protection(table)
            check_layout(messages[name], protections[name])
    except (BindingError, E2EError) as e:
        raise NetworkMismatch(f"the simulated car cannot use this binding file: {e}") from e
    except KeyError as e:
        raise NetworkMismatch(f"{path}: e2e names the message {e}, which the DBC has not") from e
    commands = [m for m in database.messages if AGENT in m.senders]
    states = [m for m in database.messages if AGENT not in m.senders]
    return Wiring(
        network=Network(database.messages, protections, [m.name for m in commands]),
        published=tuple(_published(m, protections.get(m.name)) for m in states),
        commanded={m.frame_id: _commanded(m, protections.get(m.name)) for m in commands},
        domains={s.name: _domain(s) for m in states for s in m.signals if s.name not in HEADER},
    )


def _protection(table: ProtectionTable) -> Protection:
    if table.profile == 1:
        return Profile1(data_id=table.data_id or 0)
    return Profile2(data_id_list=bytes(table.data_id_list))


def _published(message: Message, protection: Protection | None) -> Published:
    names = tuple(s.name for s in message.signals)
    return Published(
        name=message.name,
        frame_id=message.frame_id,
        extended=message.is_extended_frame,
        node=message.senders[0],
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
    low = float(signal.minimum if signal.minimum is not None else 0)
    high = float(signal.maximum if signal.maximum is not None else 0)
    # a table that gives every value a word leaves nothing to say in numbers
    numeric = bool(signal.unit) or not words
    return Domain(
        words=words, numeric=numeric, low=low, high=high, step=abs(float(signal.scale)), unit=signal.unit or ""
    )


def _plain(name: str, value: object) -> Value:
    if isinstance(value, NamedSignalValue):
        return float(value.value) if name.endswith("Mask") or name in _MASKS else str(value)
    return float(value) if isinstance(value, int | float) else str(value)
