"""API packs: what a manufacturer wrote becomes a catalogue with rules, or one sentence.

The input is JSON; its objects become the ApiSpec and RuleSpec that a pack's module would make.
"""

import json
from collections.abc import Hashable
from types import ModuleType
from typing import Any
from unittest.mock import patch

from fuzz.parts.world import catalogue
from fuzz.target import Target
from state_machines.driving_state import DRIVABLE, DrivingState
from state_machines.gate import Judge
from state_machines.rulebook import Decision, RuleBook, RuleError
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue, load_pack
from vehicle_apis.codec import decode, encode
from vehicle_apis.errors import CatalogueError, InvalidCall
from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam
from vehicle_apis.schema import openai_tools
from vehicle_apis.signals import Signals
from vehicle_apis.spec import ApiSpec


class _Module(ModuleType):
    """The pack's module: its `PACK` is made when it is asked for."""

    document: Any = None

    @property
    def PACK(self) -> ApiPack:  # noqa: N802 - the name that packs have
        document = self.document
        return ApiPack(
            name=document["name"],
            version=document["version"],
            apis=tuple(ApiSpec.model_validate(api) for api in document["apis"]),
            rules={
                name: tuple(RuleSpec.model_validate(rule) for rule in rules)
                for name, rules in document["rules"].items()
            },
            app_kinds=document["app_kinds"],
        )


class _Entry:
    """What importlib.metadata gives for an installed pack."""

    name, value = "fuzzed", "fuzzed:PACK"

    def __init__(self, document: object) -> None:
        self._module = _Module("fuzzed")
        self._module.document = document

    def load(self) -> object:
        return self._module.PACK


def run(data: bytes) -> Hashable:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return "no JSON"
    pack = load_pack(_Entry(document))  # type: ignore[arg-type]
    with_pack = Catalogue(catalogue().builtin, [pack])
    rules = RuleBook(with_pack)
    with patch("state_machines.gate.RuleBook", lambda _catalogue: rules):
        judge = Judge(with_pack)
    openai_tools(with_pack)
    verdicts = []
    for spec in pack.apis:
        call = _call(spec)
        if call is None:
            continue
        assert decode(encode(Plan.of(call), with_pack), with_pack) == Plan.of(call), "it is lost in the wire format"
        in_state = {state: judge.assess(call, state, Signals()).decision for state in DrivingState}
        if spec.name not in pack.rules:
            allowed = {state for state, decision in in_state.items() if decision is not Decision.DENY}
            assert allowed <= {DrivingState.PARKED}, "a function without a rule is for the parked car only"
        assert in_state[DrivingState.UNKNOWN] >= max(in_state[s] for s in DRIVABLE), "unknown must be the strictest"
        verdicts.append(tuple(in_state.values()))
    for app in ("netflix", "chess", "spotify", "maps"):
        assert rules.app_kind(app) == RuleBook(catalogue()).app_kind(app) if app in pack.app_kinds else True
    return (len(pack.apis), tuple(verdicts[:3]))


def _call(spec: ApiSpec) -> Call | None:
    try:
        return Call(spec, {p.name: _value(p) for p in spec.params if p.default is None})
    except InvalidCall:
        return None  # a text parameter named `unit` and the like: no example is at hand


def _value(param: Param) -> Any:  # noqa: ANN401 - of any kind
    match param:
        case EnumParam():
            return param.values[0]
        case IntegerParam() | NumberParam():
            return param.min
        case TextParam():
            return "5" if param.digits else "x"
        case _:
            return "07:30"


def seeds() -> list[bytes]:
    level = {"kind": "integer", "name": "level", "min": 0, "max": 9, "default": 3}
    state = {"kind": "enum", "name": "state", "values": ["on", "off"]}
    heat = {"kind": "number", "name": "heat", "min": 0, "max": 99, "by_unit": {"celsius": [0, 30]}, "unit": "degrees"}
    unit = {"kind": "enum", "name": "unit", "values": ["celsius"], "default": "celsius"}
    text = {"kind": "text", "name": "words", "accepts_result": True}
    api = {"name": "set_lamp", "domain": "lamp", "doc": "Lamp.", "backend": "can", "params": [state, level]}
    more = {"name": "warm", "domain": "lamp", "doc": "Warm.", "backend": "can", "params": [heat, unit, text]}
    rule = {"args": {"state": "on", "level": "<5"}, "when": {"rain": "no"}, "allow": ["parked"], "confirm": "any"}
    full = {
        "name": "fuzzed",
        "version": "1",
        "apis": [api, more],
        "rules": {"set_lamp": [rule, {"allow": "any"}]},
        "app_kinds": {"netflix": "audio", "my app": "video"},
    }
    bare = {**full, "apis": [api], "rules": {}, "app_kinds": {}}
    return [json.dumps(document).encode() for document in (full, bare, {**bare, "apis": []})]


TARGET = Target(
    name="pack",
    run=run,
    allowed=(CatalogueError, RuleError),
    seeds=seeds,
    form="json",
    dictionary=(
        *(b"enum", b"integer", b"number", b"text", b"time", b"kind", b"values", b"min", b"max", b"default", b"by_unit"),
        *(b"digits", b"accepts_result", b"unit", b"params", b"returns", b"place", b"rules", b"args", b"when", b"allow"),
        *(b"confirm", b"any", b"parked", b"crashed", b"<5", b"<", b"rolling", b"app_kind", b"play_video", b"set_lamp"),
        *(
            b"video",
            b"unknown",
            b"netflix",
            b"idempotent_except",
            b"reads_only",
            b"service",
            b"dbus",
            b"state",
            b"level",
        ),
    ),
    share=0,
)
