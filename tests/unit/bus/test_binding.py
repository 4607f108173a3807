"""Loading: what is accepted, what is refused, and that every refusal names file, key and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vehicle_apis.binding import BindingError, CarBinding, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

Edit = Callable[..., Path]


def test_every_can_function_is_bound_and_no_other(catalogue: Catalogue, binding: CarBinding) -> None:
    for spec in catalogue:
        assert (spec.name in binding) == (spec.backend == "can"), spec.name


def test_absent_things_have_a_sentence(catalogue: Catalogue, binding: CarBinding) -> None:
    assert binding.missing(catalogue.call("set_wipers", mode="slow", window="rear")) == "this car has no rear wiper"
    assert binding.missing(catalogue.call("set_wipers", mode="slow")) is None


def test_spoken_names(binding: CarBinding) -> None:
    assert binding.ecu("ClimateStatus") == "climate control unit"
    assert binding.reason("blocked") == "something is in the way"
    assert binding.reason("no_idea") == "no idea"
    assert binding.cycle_ms("VehicleSpeed") == 20
    assert binding.cycle_ms("ClimateStatus") == 200


def test_gate_sources(binding: CarBinding) -> None:
    names = [(s.spec.key, s.index) for s in binding.gate]
    assert names == [
        ("speed", 0),
        ("speed", 1),
        ("gear", 0),
        ("crash", 0),
        ("ignition", 0),
        ("ambient_light", 0),
        ("rain", 0),
        ("plugged_in", 0),
    ]
    speed, gear = binding.gate[0], binding.gate[2]
    assert (speed.field, gear.field) == ("speed_kmh", "gear")
    assert (speed.value(12.5), speed.value("invalid")) == (12.5, "invalid")
    assert (gear.value("P"), gear.value("invalid"), gear.value(5)) == ("P", "invalid", "5")


GATE_SPEED = '{ signal = "WheelSpeedAverage", cycle_ms = 20 }'
WINDOW = "[functions.control_window]\n"


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('name = "example car"', 'name = "example car"\nspeed = 3', "speed", "Extra inputs"),
        ("version = 1", "version = 2", "version", "Input should be 1"),
        ("version = 1", "version =", "", "not valid TOML"),
        ('dbc = "', 'dbc = "/nowhere', "", "cannot be read"),
        (WINDOW, WINDOW + "colour = 1\n", "functions.control_window.colour", "remove it or correct its name"),
        ('command = "WindowCommand"', 'command = "Window"', "functions.control_window.command", "no message 'Window'"),
        ('status = "WindowStatus"', 'status = "Gear"', "functions.control_window", "no signal 'RequestId'"),
        ('args.position = "TargetPosition"', 'args.place = "X"', "args.place", "its arguments are: position, window"),
        ('args.position = "TargetPosition"', "", "args.position", "this argument goes nowhere"),
        ('args.position = "TargetPosition"', 'args.position = "Sail"', "args.position", "no signal 'Sail'"),
        ('args.position = "TargetPosition"', 'args.position = "WindowMask"', "args.position", "0 does not fit"),
        ('fixed.Selector = "position"', 'fixed.Selector = "place"', "fixed.Selector", "no value 'place'"),
        ('driver = "DriverWindow", ', "", "readback.position", "no signal for driver"),
        ('driver = "DriverWindow"', 'driver = "Sail"', "readback.position", "no signal 'Sail'"),
        ('say = "{window} {position}"', 'say = "{wind}"', "control_window.say", "no signal 'wind'"),
        ("tolerance = 0.25 }\nsay", "tolerance = -1 }\nsay", "tolerance", "greater than or equal to 0"),
        ('map = { fold = "folded", unfold', 'map = { bend = "folded", unfold', "readback.left", "no entry for 'fold'"),
        ('lock = "locked", unlock = "unlocked" } }', 'lock = "shut", unlock = "unlocked" } }', "state", "'shut'"),
        ("limits = [16, 30]", "limits = [30, 16]", "limits", "30 is above 16"),
        ("limits = [16, 30]", "limits = [16, 300]", "limits", "300 does not fit"),
        ("limits = [16, 30]\n", "", "limits", "`limits` is missing"),
        (
            ', down = { sign = -1 } }\nundo = { function = "set_fan',
            ' }\nundo = { function = "set_fan',
            "ways",
            "'down'",
        ),
        ('function = "set_fan_speed"', 'function = "set_fan"', "relative.undo", "no function 'set_fan'"),
        ('arg = "level" }', 'arg = "height" }', "relative.undo", "no argument 'height'"),
        ('opposite = "backward"', 'opposite = "away"', "ways.forward.opposite", "no direction 'away'"),
        ('by = "direction"\nstep = 2', 'by = "direction"', "relative", "neither `amount` nor `step`"),
        ('value = "yes" }, say', "bits = {} }, say", "stop.moving", "either `value` or `bits`"),
        ("bits = { driver = 1, ", "bits = { ", "stop.moving.bits", "'driver' is missing"),
        ('signal = "RoofMoving"', 'signal = "RoofRunning"', "stop.moving.signal", "no signal 'RoofRunning'"),
        ("stopped at {reached}", "stopped at {reach}", "stop.say", "no signal 'reach'"),
        ('args = ["seat"] }', 'args = ["slot2"] }', "stop.args", "'slot2' is not bound"),
        ('when = { SunroofTilt = ">0" }', 'when = { SunroofTilt = ">x" }', "undo[0]", "no condition"),
        ('"$SunroofTilt"', '"$Sail"', "undo[0]", "no signal 'Sail'"),
        ("keep.brightness", "keep.shade", "keep.shade", "no argument 'shade'"),
        (
            'convert = "celsius" }\nargs.zone',
            'convert = "celsius" }\nargs.unit = "ZoneMask"\nargs.zone',
            "unit",
            "celsius",
        ),
        ("Gear = { profile = 1, data_id = 0x1102 }", "", "gate.gear", "no end-to-end protection"),
        ("WindowCommand = { profile = 1, data_id = 0x1210 }", "", "control_window.command", "no end-to-end protection"),
        ("data_id = 0x1102", "data_id = 0x11102", "e2e.Gear", "does not fit 16 bits"),
        ("profile = 1, data_id = 0x1102", "profile = 1", "e2e.Gear", "needs `data_id`"),
        ("profile = 1, data_id = 0x1102", "profile = 2, data_id_list = [1]", "e2e.Gear", "needs 16"),
        ("profile = 1, data_id = 0x1102", "profile = 2, data_id = 1", "e2e.Gear", "`data_id_list`"),
        ("Gear = { profile", "Gears = { profile", "e2e.Gears", "no message 'Gears'"),
        ("Gear = { profile = 1", "DoorState = { profile = 1", "e2e.DoorState", "no signal Crc, Counter"),
        (GATE_SPEED, '{ signal = "VehicleSpeed", cycle_ms = 20 }', "gate.speed", "two independent messages"),
        (GATE_SPEED, '{ signal = "Speed", cycle_ms = 20 }', "gate.speed[1]", "no signal 'Speed'"),
        ('gear = { signal = "Gear"', 'gear = { signal = "Crash"', "gate.gear", "no value 'P'"),
        ('function = "set_wipers"', 'function = "set_wiper"', "absent[0]", "no function 'set_wiper'"),
        ('args = { window = "rear" }', 'args = { window = "side" }', "absent[0].args.window", "api show set_wipers"),
        ("[functions.set_valet_mode]", "[functions.set_valets]", "functions.set_valets", "no function of the CAN"),
        ('done = "done"', 'done = "ready"', "status", "no value 'ready'"),
        ('reason = "Reason"', 'reason = "Why"', "functions.", "no signal 'Why'"),
        ('by = "item"', 'by = "thing"', "get_vehicle_status.by", "closed list of words"),
        ("fuel_level = {", "fuel = {", "items", "'fuel_level' is missing"),
        (
            'say = "the fuel level is {FuelLevel} percent"',
            'say = "it is {Fuel}"',
            "items.fuel_level",
            "no signal 'Fuel'",
        ),
        ('none = "all doors are closed"', "", "items.doors", "either `say` or `each`"),
        ('code = "TroubleCode"', 'code = "FuelLevel"', "run_diagnostics.codes", "one message"),
        (
            'args.seat = "Seat"\ntarget = { arg = "seat" }\nread',
            'args.seat = "Seat"\ntarget = { arg = "slot" }\nread',
            "target",
            "closed list of words",
        ),
        ("groups = { both = [", "groups = { all = [", "target", "no value 'all'"),
    ],
)
def test_mistakes_are_named(catalogue: Catalogue, edited: Edit, old: str, new: str, key: str, problem: str) -> None:
    path = edited((old, new))
    with pytest.raises(BindingError) as caught:
        load_binding(catalogue, path)
    message = str(caught.value)
    assert str(path.parent) in message or "/nowhere" in message
    assert key in message
    assert problem in message


def test_a_missing_file_is_named(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(BindingError, match=r"none\.toml: the binding file cannot be read"):
        load_binding(catalogue, tmp_path / "none.toml")


def test_an_unbound_function_must_be_declared_absent(catalogue: Catalogue, edited: Edit) -> None:
    table = '[functions.set_valet_mode]\ncommand = "ValetCommand"\nstatus = "ValetStatus"\n'
    rest = 'args.state = "TargetState"\nreadback.state = { signal = "ValetMode" }\nsay = "valet mode is {state}"\n'
    with pytest.raises(BindingError, match=r"functions\.set_valet_mode: this function of the catalogue is not bound"):
        load_binding(catalogue, edited((table + rest, "")))
    absent = '[[absent]]\nfunction = "set_valet_mode"\nsentence = "this car has no valet mode"\n'
    car = load_binding(catalogue, edited((table + rest, absent)))
    assert "set_valet_mode" not in car
    assert car.missing(catalogue.call("set_valet_mode", state="on")) == "this car has no valet mode"


def test_protection_can_be_waived_knowingly(catalogue: Catalogue, edited: Edit) -> None:
    path = edited(
        ("Gear = { profile = 1, data_id = 0x1102 }", ""),
        ("accept_target_ms = 50", "allow_unprotected = true\naccept_target_ms = 50"),
    )
    assert "Gear" not in load_binding(catalogue, path).network.protections


def test_a_gate_signal_can_have_other_words_and_units(catalogue: Catalogue, edited: Edit, tmp_path: Path) -> None:
    dbc = (Path(load_binding.__code__.co_filename).parents[1] / "dbc" / "vehicle.dbc").read_text(encoding="utf-8")
    (tmp_path / "own.dbc").write_text(dbc.replace('0 "P" 1 "R"', '0 "park" 1 "R"'), encoding="utf-8")
    path = edited(
        (
            'gear = { signal = "Gear", cycle_ms = 50 }',
            'gear = { signal = "Gear", cycle_ms = 50, map = { park = "P" } }',
        ),
        (GATE_SPEED, '{ signal = "WheelSpeedAverage", cycle_ms = 20, scale = 1.609344 }'),
    )
    car = load_binding(catalogue, path, tmp_path / "own.dbc")
    assert car.gate[2].value("park") == "P"
    assert car.gate[1].value(100) == pytest.approx(160.9344)


# --- packs ------------------------------------------------------------------------------------------------------------

PACK_DBC = """VERSION ""
BU_: Agent Scent
BO_ 1280 ScentCommand: 8 Agent
 SG_ Crc : 0|8@1+ (1,0) [0|255] "" Scent
 SG_ Counter : 8|4@1+ (1,0) [0|15] "" Scent
 SG_ RequestId : 16|8@1+ (1,0) [0|255] "" Scent
 SG_ TimeToLive : 24|8@1+ (10,0) [0|2550] "ms" Scent
 SG_ Scent : 32|3@1+ (1,0) [0|7] "" Scent
 SG_ Strength : 40|8@1+ (1,0) [0|100] "percent" Scent
BO_ 1281 ScentStatus: 8 Scent
 SG_ RequestId : 0|8@1+ (1,0) [0|255] "" Agent
 SG_ Result : 8|4@1+ (1,0) [0|15] "" Agent
 SG_ Reason : 12|4@1+ (1,0) [0|15] "" Agent
 SG_ ActiveScent : 16|3@1+ (1,0) [0|7] "" Agent
 SG_ ActiveStrength : 24|8@1+ (1,0) [0|100] "percent" Agent
VAL_ 1280 Scent 0 "pine" 1 "lemon" ;
VAL_ 1281 ActiveScent 0 "pine" 1 "lemon" ;
VAL_ 1281 Result 0 "idle" 1 "accepted" 2 "rejected" 3 "done" ;
VAL_ 1281 Reason 0 "none" 1 "empty" ;
"""
PACK_TOML = """version = 1
e2e.ScentCommand = { profile = 1, data_id = 0x1500 }
ecus = { Scent = "scent dispenser", Climate = "someone else" }
[functions.set_scent]
command = "ScentCommand"
status = "ScentStatus"
args.scent = "Scent"
args.strength = "Strength"
readback.scent = { signal = "ActiveScent" }
readback.strength = { signal = "ActiveStrength", tolerance = 1 }
"""
SET_SCENT = ApiSpec(
    name="set_scent",
    domain="scent",
    doc="Choose the cabin's scent.",
    backend="can",
    params=(
        EnumParam(name="scent", values=("pine", "lemon")),
        IntegerParam(name="strength", min=0, max=100, unit="percent", default=50),
    ),
)


def with_pack(tmp_path: Path, toml: str = PACK_TOML, dbc: str = PACK_DBC) -> Catalogue:
    (tmp_path / "scent.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "scent.dbc").write_text(dbc, encoding="utf-8")
    pack = ApiPack(
        name="scent",
        version="1",
        apis=(SET_SCENT,),
        dbc=tmp_path / "scent.dbc",
        binding=tmp_path / "scent.toml",
    )
    return Catalogue(load_catalogue(with_packs=False).builtin, [pack])


def test_a_pack_brings_its_own_messages(tmp_path: Path) -> None:
    catalogue = with_pack(tmp_path)
    car = load_binding(catalogue)
    assert "set_scent" in car
    assert "set_headlights" in car
    assert car.ecu("ScentStatus") == "scent dispenser"
    assert car.ecu("ClimateStatus") == "climate control unit"  # the car's own words win
    assert "ScentCommand" in car.network.protections


@pytest.mark.parametrize(
    ("toml", "dbc", "problem"),
    [
        (PACK_TOML + '[functions.set_wipers]\ncommand = "ScentCommand"\n', PACK_DBC, "not a function of the pack"),
        (PACK_TOML + '[[absent]]\nfunction = "set_wipers"\nsentence = "x"\n', PACK_DBC, "not a function of the pack"),
        ("protocol = {}\n" + PACK_TOML, PACK_DBC, "only the car's own file"),
        ("e2e.Gear = { profile = 1, data_id = 1 }\n" + PACK_TOML, PACK_DBC, "not in the pack's DBC"),
        (PACK_TOML, PACK_DBC.replace("1280", "512"), "message ScentCommand (0x200) clashes with ClimateCommand"),
        (PACK_TOML, PACK_DBC.replace("ScentStatus", "ClimateStatus"), "message ClimateStatus"),
        (PACK_TOML.replace('"ActiveScent"', '"Odour"'), PACK_DBC, "no signal 'Odour'"),
        (PACK_TOML, PACK_DBC.replace("1281 ScentStatus: 8", "1281 ScentStatus: 12"), "longer than 8 bytes"),
    ],
)
def test_a_pack_cannot_overreach(tmp_path: Path, toml: str, dbc: str, problem: str) -> None:
    with pytest.raises(BindingError) as caught:
        load_binding(with_pack(tmp_path, toml, dbc))
    assert "scent.toml" in str(caught.value)
    assert problem in str(caught.value)
