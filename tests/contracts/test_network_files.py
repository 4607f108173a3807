"""Agent and simulated car read a network by one loader: what the one refuses, the other refuses in the same words."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from simulators.car import load_wiring
from simulators.errors import NetworkMismatch
from vehicle_apis.binding import BindingError, default_binding_path, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.pack import ApiPack

BUILTIN: Final = load_catalogue(with_packs=False)
GEAR: Final = "Gear = { profile = 1, data_id = 0x1102 }"

TOML = {
    "no toml": ("version = 1", "version ="),
    "another version": ("version = 1", "version = 2"),
    "an unknown key": ("version = 1", "version = 1\nspeed = 3"),
    "no dbc": ('dbc = "vehicle.dbc"', ""),
    "a dbc that is not there": ('dbc = "vehicle.dbc"', 'dbc = "lost.dbc"'),
    "a message that is not there": (GEAR, GEAR.replace("Gear", "Gears")),
    "a message that carries no check values": (GEAR, GEAR.replace("Gear", "DoorState")),
    "a data id that is too long": (GEAR, GEAR.replace("0x1102", "0x11102")),
    "no data id": (GEAR, "Gear = { profile = 1 }"),
    "a list that is too short": (GEAR, "Gear = { profile = 2, data_id_list = [1] }"),
    "a list with too large a number": (GEAR, f"Gear = {{ profile = 2, data_id_list = {[256] * 16} }}"),
    "both": (GEAR, GEAR.replace("profile = 1", "data_id_list = [1], profile = 2")),
    "check values of another name": ("[protocol]", '[protocol]\ncrc = "Check"'),
}
DBC = {
    "no dbc at all": ("BO_ ", "BO "),
    "a message that is too long": ("DoorState: 8", "DoorState: 12"),
    "a size beyond reason": ("DoorState: 8", "DoorState: 999999999999"),
}


def refused(path: Path | None, packs: tuple[ApiPack, ...] = ()) -> str:
    """The sentence of the agent's side, once it is sure that the simulated car's is the same."""
    with pytest.raises(BindingError) as by_agent:
        load_binding(Catalogue(BUILTIN.builtin, packs), path)
    with pytest.raises(NetworkMismatch) as by_car:
        load_wiring(path, packs)
    assert str(by_car.value) == f"the simulated car cannot use its binding files: {by_agent.value}"
    return str(by_agent.value)


@pytest.fixture
def car(tmp_path: Path) -> Path:
    for name in ("vehicle.toml", "vehicle.dbc"):
        (tmp_path / name).write_bytes(default_binding_path().with_name(name).read_bytes())
    return tmp_path / "vehicle.toml"


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="cp1252")
    assert old in text, old
    path.write_text(text.replace(old, new, 1 if path.suffix == ".toml" else -1), encoding="cp1252")


@pytest.mark.parametrize("fault", TOML)
def test_a_faulty_binding_file(car: Path, fault: str) -> None:
    changed(car, *TOML[fault])
    assert refused(car).startswith(str(car.parent))


@pytest.mark.parametrize("fault", DBC)
def test_a_faulty_dbc(car: Path, fault: str) -> None:
    changed(car.with_suffix(".dbc"), *DBC[fault])
    assert refused(car).startswith(str(car.parent))


def test_no_file(tmp_path: Path) -> None:
    assert "the binding file cannot be read" in refused(tmp_path / "lost.toml")


@pytest.fixture
def pack(tmp_path: Path) -> ApiPack:
    """With the car's own files as its own: each of its messages is there already."""
    (tmp_path / "pack.toml").write_text("version = 1\n", encoding="utf-8")
    (tmp_path / "pack.dbc").write_bytes(default_binding_path().with_name("vehicle.dbc").read_bytes())
    spec = BUILTIN["set_valet_mode"].model_copy(update={"name": "set_scent"})
    return ApiPack(name="scent", version="1", apis=(spec,), binding=tmp_path / "pack.toml", dbc=tmp_path / "pack.dbc")


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("version = 1\n", "clashes with"),
        ("version = 1\n[protocol]\n", "only the car's own file may say this"),
        ('version = 1\n[functions.set_fan_speed]\ncommand = "X"\n', "is not a function of the pack 'scent'"),
        ("version = 1\n[e2e]\nNobody = { profile = 1, data_id = 1 }\n", "the message is not in the pack's DBC"),
    ],
)
def test_a_faulty_pack(pack: ApiPack, toml: str, problem: str) -> None:
    assert pack.binding is not None
    pack.binding.write_text(toml, encoding="utf-8")
    sentence = refused(None, (pack,))
    assert sentence.startswith(str(pack.binding))
    assert problem in sentence


def test_a_pack_whose_dbc_is_lost(pack: ApiPack, tmp_path: Path) -> None:
    assert "the DBC cannot be read" in refused(None, (replace(pack, dbc=tmp_path / "lost.dbc"),))


def test_both_sides_have_the_same_network() -> None:
    ours, theirs = load_binding(BUILTIN).network, load_wiring().network
    assert dict(theirs.protections) == dict(ours.protections)
    assert theirs.messages.keys() == ours.messages.keys()
    assert theirs.commands == ours.commands
