"""The files of a car's network: its binding file and DBC, and those of the API packs, read and joined.

The agent and the simulated car both begin here, so that what the one refuses the other refuses in the same words.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from cantools.database.can import Message
from pydantic import ValidationError

from vehicle_apis.binding.exchange import Where
from vehicle_apis.binding.model import BindingFile, ProtectionTable, ProtocolTable
from vehicle_apis.binding.network import BindingError, Network, read_dbc
from vehicle_apis.e2e import E2EError, Profile1, Profile2, Protection, check_layout
from vehicle_apis.pack import ApiPack

MAX_FRAME_BYTES = 8  # of classic CAN


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFile:
    """One binding file with the messages of its DBC. ``pack``: who brings it, None for the car's own."""

    path: Path
    file: BindingFile
    messages: tuple[Message, ...]
    pack: ApiPack | None = None

    def where(self, key: str) -> Where:
        return Where(file=self.path, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFiles:
    """A car's network as its files describe it; ``parts``: the car's own first, then its packs'."""

    parts: tuple[NetworkFile, ...]
    protocol: ProtocolTable
    network: Network

    @property
    def car(self) -> NetworkFile:
        return self.parts[0]


def default_binding_path() -> Path:
    """The example car's binding file."""
    return Path(str(resources.files("vehicle_apis").joinpath("dbc", "vehicle.toml")))


def read_binding_file(path: Path) -> BindingFile:
    """The file's content, checked for form only. Raises BindingError."""
    try:
        with path.open("rb") as f:
            raw = tomllib.load(f)
    except OSError as e:
        raise BindingError(f"{path}: the binding file cannot be read: {e.strerror or e}; check its path") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as e:
        raise BindingError(f"{path}: this is not valid TOML: {e}") from e
    try:
        return BindingFile.model_validate(raw)
    except ValidationError as e:
        first = e.errors()[0]
        key = " ".join(".".join(str(part) for part in first["loc"]).split())
        remedy = "remove it or correct its name" if first["type"] == "extra_forbidden" else "correct the value"
        raise BindingError(f"{path}: {key}: {first['msg']}; {remedy}") from e


def read_car_files(path: Path | None = None, packs: Iterable[ApiPack] = (), dbc: Path | None = None) -> CarFiles:
    """A car's binding file (default: the example car) with its DBC, and what ``packs`` bring. Raises BindingError.

    ``dbc`` overrides the file's own ``dbc``, which is relative to the file.
    """
    car = _read(default_binding_path() if path is None else path, dbc, None)
    return _joined((car, *(_read(pack.binding, pack.dbc, pack) for pack in packs if pack.binding is not None)))


def _read(path: Path, dbc: Path | None, pack: ApiPack | None) -> NetworkFile:
    file = read_binding_file(path)
    if dbc is None and file.dbc is not None:
        dbc = path.parent / file.dbc
    if dbc is None and pack is None:
        raise BindingError(f'{path}: dbc: the car\'s DBC is not named; add dbc = "FILE.dbc"')
    messages = tuple(read_dbc(dbc).messages) if dbc is not None else ()
    return NetworkFile(path=path, file=file, messages=messages, pack=pack)


def _joined(parts: tuple[NetworkFile, ...]) -> CarFiles:
    car = parts[0]
    for part in parts[1:]:
        _check_pack(part)
    messages = _all_messages(parts)
    protocol = car.file.protocol or ProtocolTable()
    protections = {
        name: _protection(part, name, table, messages, protocol)
        for part in parts
        for name, table in part.file.e2e.items()
    }
    commands = {t.command for part in parts for t in part.file.functions.values() if t.command is not None}
    network = Network(messages.values(), protections, commands, own=(m.name for m in car.messages))
    return CarFiles(parts=parts, protocol=protocol, network=network)


def _check_pack(part: NetworkFile) -> None:
    """A pack speaks for its own functions alone."""
    pack = part.pack
    if pack is None:
        return
    own = {api.name for api in pack.apis}
    for key in ("gate", "protocol"):
        if getattr(part.file, key) is not None:
            raise part.where(key).error("only the car's own file may say this", "remove it from the pack's file")
    for name in (*part.file.functions, *(a.function for a in part.file.absent)):
        if name not in own:
            raise part.where(f"functions.{name}").error(
                f"{name} is not a function of the pack {pack.name!r}", "a pack binds its own functions only"
            )
    for name in part.file.route:
        if name not in own:
            raise part.where(f"route.{name}").error(
                f"{name} is not a function of the pack {pack.name!r}", "a pack routes its own functions only"
            )
    for name in part.file.e2e:
        if all(m.name != name for m in part.messages):
            raise part.where(f"e2e.{name}").error("the message is not in the pack's DBC", "remove the entry")


def _all_messages(parts: Iterable[NetworkFile]) -> dict[str, Message]:
    messages: dict[str, Message] = {}
    ids: dict[tuple[int, bool], str] = {}
    for part in parts:
        for message in part.messages:
            key = (message.frame_id, message.is_extended_frame)
            if message.name in messages or key in ids:
                other = ids.get(key, message.name)
                raise part.where("dbc").error(
                    f"message {message.name} ({message.frame_id:#x}) clashes with {other}",
                    "give it another name and frame id",
                )
            if message.length > MAX_FRAME_BYTES:
                raise part.where("dbc").error(f"message {message.name} is longer than 8 bytes", "split it")
            messages[message.name] = message
            ids[key] = message.name
    return messages


def _protection(
    part: NetworkFile,
    name: str,
    table: ProtectionTable,
    messages: Mapping[str, Message],
    protocol: ProtocolTable,
) -> Protection:
    where = part.where(f"e2e.{name}")
    if name not in messages:
        raise where.error(f"the DBC has no message {name!r}", "correct the name or remove the entry")
    length = messages[name].length
    try:
        protection: Protection
        if table.profile == 1:
            if table.data_id is None or table.data_id_list:
                raise where.error("profile 1 needs `data_id` and no list")
            protection = Profile1(data_id=table.data_id, length_bytes=length)
        else:
            if table.data_id is not None or any(not 0 <= i <= 0xFF for i in table.data_id_list):
                raise where.error("profile 2 needs `data_id_list`, 16 numbers from 0 to 255, and no `data_id`")
            protection = Profile2(data_id_list=bytes(table.data_id_list), length_bytes=length)
        check_layout(messages[name], protection, crc=protocol.crc, counter=protocol.counter)
    except E2EError as e:
        raise where.error(e, "correct it or the DBC") from e
    return protection
