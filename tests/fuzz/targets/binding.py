"""Binding files with their DBC; one that is taken carries a car: every call it binds can be coded and told.

The input is the TOML, then a line "=====", then the DBC (left out: the good one).
"""

import contextlib
import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path

from fuzz.parts.world import as_file
from fuzz.parts.world import catalogue as full_catalogue
from fuzz.target import Target
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_apis.binding import (
    BindingError,
    CarBinding,
    CodeReading,
    CommandFunction,
    ItemReading,
    NotReported,
    SignalRef,
    default_binding_path,
    load_binding,
)
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import InvalidCall
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TimeParam
from vehicle_apis.spec import ApiSpec

_BETWEEN = b"\n=====\n"
_BOUND = (
    *("set_fan_speed", "adjust_fan_speed", "set_climate_temperature", "precondition_cabin", "get_vehicle_status"),
    "run_diagnostics",
)
_MESSAGES = (
    *("VehicleSpeed", "WheelSpeedAverage", "Gear", "Crash", "ClimateCommand", "ClimateStatus", "PreconditionCommand"),
    *("PreconditionStatus", "EnergyState", "TroubleCodes"),
)


class _Few(Catalogue):
    """A catalogue of few functions, so that a binding file of a few lines is a whole one."""

    def __init__(self, specs: dict[str, ApiSpec]) -> None:
        self.builtin = ()
        self.packs = ()
        self._specs = specs


@cache
def few() -> Catalogue:
    return _Few({name: full_catalogue()[name] for name in _BOUND})


def run(data: bytes) -> Hashable:
    toml, between, dbc = data.partition(_BETWEEN)
    car = load_binding(few(), as_file("car.toml", toml), as_file("car.dbc", dbc if between else example()[1].encode()))
    _receive(car)
    told = 0
    for name in _BOUND:
        if name in car:
            told += sum(_use(car, call) for call in _calls(few()[name]))
    return (told, len(car.gate), len(car.network.messages))


def _receive(car: CarBinding) -> None:
    store = SignalStore(car, lambda: 5.0)
    for message in car.network.messages.values():
        for filled in (b"\0", b"\xff"):
            for _ in range(2):
                store.receive(
                    Received(message.frame_id, filled * message.length, 5.0, is_extended=message.is_extended_frame)
                )
        assert car.ecu(message.name)
        assert car.cycle_ms(message.name) >= 0
    store.snapshot(5.0)


def _values(param: Param) -> list[object]:
    match param:
        case EnumParam():
            return list(param.values)
        case IntegerParam() | NumberParam():
            return [param.min, param.max]
        case TimeParam():
            return ["00:00", "23:59"]
        case _:
            return ["x"]


def _calls(spec: ApiSpec) -> list[Call]:
    calls = []
    needed = {p.name: _values(p)[0] for p in spec.params if p.default is None}
    for param in spec.params:
        for value in _values(param)[:4]:
            with contextlib.suppress(InvalidCall):  # a number of the other unit
                calls.append(few().call(spec.name, **{**needed, param.name: value}))
    return calls or [few().call(spec.name)]


def _use(car: CarBinding, call: Call) -> bool:
    """What runs between a permit and the answer. After the checks of loading nothing of it may fail but the car."""
    if car.missing(call) is not None:
        return False

    def read(ref: SignalRef) -> Scalar | None:
        message = car.network.message(ref.message)
        return (car.network.decode(message, bytes(message.length)) or {}).get(ref.signal)

    function = car.function(call.name)
    match function:
        case CommandFunction():
            with contextlib.suppress(NotReported):
                exchange = function.plan(call, read)
                for command in exchange.commands:
                    car.network.encode(command.message, command.values)
                function.sentence(exchange, read)
            stop = function.stop(call)
            if stop is not None:
                car.network.encode(stop.message, stop.values)
        case ItemReading():
            function.needs(call)
            with contextlib.suppress(NotReported):
                function.tell(call, read)
        case CodeReading():
            assert function.tell(("P0420",))
    return True


@cache
def example() -> tuple[str, str]:
    """The part of the example car that the few functions need: binding file and DBC."""
    path = default_binding_path()
    sections = re.split(r"\n(?=\[)", path.read_text(encoding="utf-8"))
    names = "|".join(name for name in _BOUND if name != "get_vehicle_status")
    wanted = re.compile(rf"\[(gate|functions\.({names})(\..*)?)\]")
    chosen = [section for section in sections if wanted.match(section)]
    gate = [line for line in chosen[0].splitlines() if not re.match("ignition|ambient|rain|plugged", line)]
    e2e = next(section for section in sections if section.startswith("[e2e]")).splitlines()
    kept = [line for line in e2e if line.startswith("[") or line.split(" ")[0] in _MESSAGES]
    items = few()["get_vehicle_status"].params[0]
    assert isinstance(items, EnumParam)
    says = [f'{value} = {{ say = "it is {{FuelLevel:.0f}}" }}' for value in items.values]
    status = ["[functions.get_vehicle_status]", 'by = "item"', "[functions.get_vehicle_status.items]", *says]
    lines = ["version = 1", 'name = "few"', "[ecus]", 'Climate = "climate unit"', *gate, *kept, *chosen[1:], *status]
    return "\n".join(line for line in "\n".join(lines).splitlines() if line and line[0] != "#"), _few_messages(path)


def _few_messages(path: Path) -> str:
    text = path.with_suffix(".dbc").read_text(encoding="utf-8")
    blocks = [b for b in text.split("\n\n") if b.startswith("BO_ ") and re.split("[ :]+", b)[2] in _MESSAGES]
    ids = {block.split(" ")[1] for block in blocks}
    nodes = next(line for line in text.splitlines() if line.startswith("BU_:"))
    about = [
        line
        for line in text.splitlines()
        if line.startswith("BA_DEF") or (line.startswith(("VAL_ ", "BA_ ")) and ids & set(line.split(" ")))
    ]
    return "\n\n".join(['VERSION ""', nodes, *blocks, "\n".join(about), ""])


def seeds() -> list[bytes]:
    toml, dbc = (part.encode() for part in example())
    return [toml + _BETWEEN + dbc, toml, b"", b"version = 1", toml.replace(b"TargetFanSpeed", b"TargetTemperature")]


TARGET = Target(
    name="binding",
    run=run,
    allowed=(BindingError,),
    seeds=seeds,
    form="toml",
    dictionary=(
        *(b"FanSpeed", b"TargetFanSpeed", b"ClimateStatus", b"ClimateCommand.", b"signal", b"map", b"scale", b"offset"),
        *(
            b"convert",
            b"celsius",
            b"kmh",
            b"minute_of_day",
            b"readback",
            b"keep",
            b"undo",
            b"stop",
            b"relative",
            b"words",
        ),
        *(b"say", b"{level}", b"{reached:.1f}", b"{FuelLevel!r}", b"{0}", b"{", b"$FanSpeed", b">3", b"!on", b"limits"),
        *(
            b"items",
            b"each",
            b"none",
            b"codes",
            b"absent",
            b"target",
            b"groups",
            b"split",
            b"ways",
            b"opposite",
            b"sign",
        ),
        *(b"allow_unprotected", b"protocol", b"data_id", b"data_id_list", b"time_to_live_ms", b"step", b"tolerance"),
    ),
    max_bytes=12_000,
    share=0,
)
