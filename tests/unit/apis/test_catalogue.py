"""The catalogue equals the specification: names, parameters, kinds, ranges, defaults, back ends, results."""

from typing import Any, TypeAlias

import pytest
from safety_spec import spec

from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import CatalogueError, InvalidSpec, UnknownFunction, VehicleApiError
from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec

Anything: TypeAlias = Any  # wrong types are part of what is tried

CATALOGUE = load_catalogue(with_packs=False)


def written(param: Param) -> dict[str, Any]:
    """The parameter in the specification's own words."""
    match param:
        case EnumParam():
            out: dict[str, Any] = {"enum": list(param.values)}
        case IntegerParam() | NumberParam():
            out = {"type": param.kind, "min": param.min, "max": param.max}
            if isinstance(param, NumberParam) and param.by_unit:
                out["by_unit"] = {unit: list(ends) for unit, ends in param.by_unit.items()}
        case TextParam():
            out = {"type": "string"}
        case TimeParam():
            out = {"type": "time"}
    return out if param.default is None else {**out, "default": param.default}


@pytest.mark.parametrize("name", spec.functions())
def test_function_is_as_specified(name: str) -> None:
    entry, api = spec.functions()[name], CATALOGUE[name]
    facts = {k: {f: v for f, v in p.items() if f not in {"unit", "note"}} for k, p in entry["params"].items()}
    assert {p.name: written(p) for p in api.params} == facts
    assert [p.name for p in api.params] == list(facts)  # order matters on the wire
    assert (api.backend, api.service, api.returns) == (entry["backend"], entry.get("service"), entry.get("returns"))
    for param in api.params:
        note = entry["params"][param.name].get("note", "")
        if isinstance(param, TextParam):
            assert param.accepts_result == ("$n" in note or (name, param.name) == ("send_text_message", "message"))
            assert param.digits == ("digits only" in note)
    assert api.doc


def test_there_are_no_others() -> None:
    assert {api.name for api in CATALOGUE} == set(spec.functions())
    assert len(CATALOGUE) == len(spec.functions())
    for domain, functions in spec.load("catalogue.yaml")["domains"].items():
        assert {api.name for api in CATALOGUE if api.domain == domain} == set(functions)


def test_calls_that_must_never_be_sent_twice() -> None:
    twice = {api.name for api in CATALOGUE if not api.idempotent}
    assert twice >= {"call_contact", "dial_number", "send_text_message", "make_emergency_call"}
    playback = CATALOGUE["control_playback"]
    assert not playback.is_idempotent({"action": "next"})
    assert not playback.is_idempotent({"action": "previous"})
    assert playback.is_idempotent({"action": "pause"})


def test_unknown_function_names_the_remedy() -> None:
    with pytest.raises(UnknownFunction, match="api list") as caught:
        CATALOGUE["honk"]
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, VehicleApiError)
    assert "honk" not in CATALOGUE
    assert "set_volume" in CATALOGUE


def _pack(*names: str, name: str = "oem", **more: Anything) -> ApiPack:
    apis = tuple(ApiSpec(name=n, domain="oem", doc="x", backend="can") for n in names)
    return ApiPack(name=name, version="1", apis=apis, **more)


def test_packs_come_after_the_built_in_functions() -> None:
    loaded = Catalogue(CATALOGUE.builtin, [_pack("b_function", name="b"), _pack("a_function", name="a")])
    assert [s.name for s in loaded][-2:] == ["a_function", "b_function"]
    assert not loaded.is_builtin("a_function")
    assert loaded.is_builtin("set_volume")
    assert loaded.wire_hash() == CATALOGUE.wire_hash()
    assert loaded.token_index("a_function") == len(CATALOGUE)


@pytest.mark.parametrize(
    ("packs", "says"),
    [
        ([_pack("set_volume")], "exists already"),
        ([_pack("one"), _pack("one", name="other")], "exists already"),
        ([_pack("one", rules={"play_video": (RuleSpec(allow="any"),)})], "not its own"),
        ([_pack(*(f"f{i}" for i in range(384)))], "functional tokens"),
    ],
)
def test_a_pack_that_clashes_is_a_start_up_error(packs: list[ApiPack], says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        Catalogue(CATALOGUE.builtin, packs)


def test_a_missing_domain_is_a_start_up_error() -> None:
    with pytest.raises(CatalogueError, match="not installed"):
        Catalogue(CATALOGUE.builtin[1:])


def _stepping(steps: dict[str, int]) -> ApiSpec:
    params = (IntegerParam(name="level", min=0, max=9), TextParam(name="words"), TimeParam(name="at"))
    return ApiSpec(name="f", domain="d", doc="x", backend="can", params=params, steps=steps)


def test_what_has_steps() -> None:
    assert _stepping({"level": 5}).steps == {"level": 5}


def test_specifications_that_contradict_themselves_cannot_exist() -> None:
    wrong: list[Any] = [
        lambda: ApiSpec(name="Bad Name", domain="d", doc="x", backend="can"),
        lambda: EnumParam(name="x", values=()),
        lambda: EnumParam(name="x", values=("a", "a")),
        lambda: EnumParam(name="x", values=("a",), default="b"),
        lambda: IntegerParam(name="x", min=2, max=1),
        lambda: IntegerParam(name="x", min=0, max=1, default=2),
        lambda: NumberParam(name="x", min=2, max=1),
        lambda: NumberParam(name="x", min=0, max=1, default=-1),
        lambda: TextParam(name="X"),
        lambda: ApiSpec(
            name="f", domain="d", doc="x", backend="can", params=(TextParam(name="a"), TextParam(name="a"))
        ),
        lambda: _stepping({"other": 1}),
        lambda: _stepping({"words": 1}),
        lambda: _stepping({"at": 1}),
        lambda: _stepping({"level": 0}),
        lambda: _stepping({"level": -5}),
        lambda: ApiSpec(
            name="f",
            domain="d",
            doc="x",
            backend="can",
            params=(NumberParam(name="a", min=0, max=1, by_unit={"c": (0, 1)}),),
        ),
        lambda: ApiSpec(
            name="f", domain="d", doc="x", backend="can", params=tuple(TextParam(name=f"p{i}") for i in range(9))
        ),
    ]
    for make in wrong:
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # pydantic wraps or passes InvalidSpec, itself a ValueError
            make()
        assert isinstance(caught.value, ValueError | InvalidSpec)
