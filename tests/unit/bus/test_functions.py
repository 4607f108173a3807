"""Bound functions without a bus: commands, expectations, inverse calls, sentences."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.calls import calls

from vehicle_apis.binding import (
    CarBinding,
    CodeReading,
    CommandFunction,
    Exchange,
    ItemReading,
    NotReported,
    Read,
    SignalRef,
    load_binding,
    trouble_code,
)
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.params import Scalar

CATALOGUE = load_catalogue(with_packs=False)
CAR = load_binding(CATALOGUE)
CAN_SPECS = [s for s in CATALOGUE if s.backend == "can"]


def state(**signals: Scalar) -> Read:
    """A car that reports these signals, by their bare names, and nothing else."""
    return lambda ref: signals.get(ref.signal)


UNKNOWN = state()


def call(name: str, **arguments: object) -> Call:
    return CATALOGUE.call(name, **arguments)


def command(name: str) -> CommandFunction:
    function = CAR.function(name)
    assert isinstance(function, CommandFunction)
    return function


def plan(name: str, read: Read = UNKNOWN, /, **arguments: object) -> Exchange:
    return command(name).plan(call(name, **arguments), read)


def sent(name: str, read: Read = UNKNOWN, /, **arguments: object) -> Mapping[str, Scalar]:
    (only,) = plan(name, read, **arguments).commands
    return only.values


def undone(name: str, read: Read, **arguments: object) -> list[str]:
    return [str(c) for c in plan(name, read, **arguments).undo]


def said(name: str, read: Read, **arguments: object) -> str:
    return command(name).sentence(plan(name, read, **arguments), read)


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "values"),
    [
        ("control_window", {"position": 50}, {"Selector": "position", "TargetPosition": 50, "WindowMask": "driver"}),
        ("control_window", {"position": 0, "window": "all"}, {"WindowMask": "all", "TargetPosition": 0}),
        ("set_climate_temperature", {"temperature": 70, "unit": "fahrenheit"}, {"TargetTemperature": 21}),
        ("set_climate_temperature", {"temperature": 21.3}, {"TargetTemperature": 21.5}),
        ("set_seat_heating", {}, {"Selector": "heating", "TargetLevel": 2, "SeatMask": "driver"}),
        ("set_steering_wheel_heating", {"state": "on"}, {"Selector": "wheel_heating", "TargetLevel": 1}),
        ("operate_sunshade", {"action": "open", "shade": "rear"}, {"Selector": "rear_shade", "TargetPosition": 100}),
        ("operate_sunroof", {"action": "tilt"}, {"Action": "tilt", "TargetPosition": 100}),
        ("set_speed_warning", {"speed": 60, "unit": "mph"}, {"TargetSpeed": pytest.approx(96.56, abs=0.01)}),
        ("precondition_cabin", {}, {"Departure": "now", "TargetTemperature": 21}),
        ("precondition_cabin", {"time": "07:30", "temperature": 20}, {"Departure": 450, "TargetTemperature": 20}),
        ("precondition_cabin", {"unit": "fahrenheit"}, {"TargetTemperature": 21}),  # the default is in celsius
        ("fold_mirrors", {"action": "fold"}, {"Selector": "fold", "Mirror": "both", "FoldAction": "fold"}),
        ("make_emergency_call", {}, {"Action": "call"}),
    ],
)
def test_arguments_become_signals(name: str, arguments: dict[str, object], values: dict[str, Scalar]) -> None:
    shown = sent(name, UNKNOWN, **arguments)
    assert {k: shown[k] for k in values} == values


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_valid_call_becomes_frames(data: st.DataObject) -> None:
    """Whatever the catalogue allows fits the frames, and decodes to what was put in."""
    one = data.draw(calls(data.draw(st.sampled_from(CAN_SPECS))))
    function = CAR.function(one.name)
    if not isinstance(function, CommandFunction) or CAR.missing(one) is not None:
        return

    def read(ref: SignalRef) -> Scalar:
        signal = CAR.network.signal(ref)
        if signal.choices:
            return str(data.draw(st.sampled_from(sorted(signal.choices.values(), key=str))))
        return data.draw(st.integers(int(signal.minimum or 0), int(signal.maximum or 0)))

    exchange = function.plan(one, read)
    for out in exchange.commands:
        encoded = CAR.network.encode(out.message, out.values)
        decoded = CAR.network.decode(CAR.network.message(out.message), encoded)
        assert decoded is not None
        for signal, value in out.values.items():
            if isinstance(value, str):
                assert decoded[signal] == value
            elif not isinstance(decoded[signal], str):
                assert decoded[signal] == pytest.approx(value, abs=0.5)
    assert function.sentence(exchange, read)
    for inverse in exchange.undo:
        assert inverse.spec.backend == "can"


def test_relative_calls_become_absolute_targets() -> None:
    read = state(DriverTemperature=20.5, PassengerTemperature=29.5, RearTemperature=16, FanSpeed=6)
    assert sent("adjust_climate_temperature", read, direction="up")["TargetTemperature"] == 21.5
    assert (
        sent("adjust_climate_temperature", read, direction="up", amount=3, zone="passenger")["TargetTemperature"] == 30
    )
    assert sent("adjust_climate_temperature", read, direction="down", zone="rear")["TargetTemperature"] == 16
    assert sent("adjust_fan_speed", read, direction="up", amount=3)["TargetFanSpeed"] == 7


@pytest.mark.parametrize(("present", "direction", "target"), [(15, "up", 16), (15, "down", 15), (31, "up", 31)])
def test_a_value_beyond_its_limit_is_not_pulled_the_other_way(present: int, direction: str, target: int) -> None:
    read = state(DriverTemperature=present)
    assert sent("adjust_climate_temperature", read, direction=direction)["TargetTemperature"] == target


def test_zones_that_differ_get_frames_of_their_own() -> None:
    read = state(DriverTemperature=20, PassengerTemperature=22, RearTemperature=20)
    exchange = plan("adjust_climate_temperature", read, direction="up", zone="all")
    assert [(c.values["ZoneMask"], c.values["TargetTemperature"]) for c in exchange.commands] == [
        ("driver", 21),
        ("passenger", 23),
        ("rear", 21),
    ]
    same = state(DriverTemperature=20, PassengerTemperature=20, RearTemperature=20)
    assert sent("adjust_climate_temperature", same, direction="up", zone="all")["ZoneMask"] == "all"


def test_a_relative_call_needs_the_present_value() -> None:
    with pytest.raises(NotReported, match="DriverTemperature"):
        plan("adjust_climate_temperature", state(), direction="up")


def test_a_step_can_be_asked_for_blindly() -> None:
    exchange = plan("adjust_mirror", state(), mirror="left", direction="up")
    assert exchange.commands[0].values == {"Selector": "tilt", "Mirror": "left", "Direction": "up"}
    assert (exchange.expectations, exchange.undo) == ((), ())


def test_a_colour_alone_keeps_the_brightness_of_a_light_that_is_on() -> None:
    assert sent("set_ambient_light", state(AmbientBrightness=25), color="blue")["TargetBrightness"] == 25
    assert sent("set_ambient_light", state(AmbientBrightness=0), color="blue")["TargetBrightness"] == 60
    assert sent("set_ambient_light", state(AmbientBrightness=25))["TargetBrightness"] == 60
    assert sent("set_ambient_light", state(AmbientBrightness=25), color="blue", brightness=80)["TargetBrightness"] == 80


def test_stop_commands() -> None:
    seat = command("adjust_seat_position").stop(call("adjust_seat_position", direction="up", seat="passenger"))
    assert seat is not None
    assert seat.values == {"Selector": "stop", "Seat": "passenger"}
    camera = command("show_camera").stop(call("show_camera", view="rear"))
    assert camera is not None
    assert camera.values == {"View": "off"}
    window = command("control_window").stop(call("control_window", position=0, window="rear"))
    assert window is not None
    assert window.values == {"Selector": "stop", "WindowMask": "rear"}
    assert command("set_fan_speed").stop(call("set_fan_speed", level=0)) is None


def test_what_a_call_needs_to_know() -> None:
    seat = call("adjust_seat_position", direction="up", seat="passenger")
    assert command("adjust_seat_position").needs(seat) == {"SeatPositionStatus", "PassengerSeatPosition"}
    assert command("control_window").needs(call("control_window", position=0)) == {"WindowStatus"}


# --- read-back ------------------------------------------------------------------------------------------------------


def test_a_group_expects_each_of_its_members() -> None:
    exchange = plan("control_window", position=50, window="rear")
    assert [e.ref.signal for e in exchange.expectations] == ["RearLeftWindow", "RearRightWindow"]
    assert exchange.timeout_ms == 8000
    assert exchange.expectations[0].is_met_by(50)
    assert not exchange.expectations[0].is_met_by(52)
    assert not exchange.expectations[0].is_met_by(None)


def test_conditional_read_back() -> None:
    closed = plan("operate_sunroof", action="close").expectations
    assert [(e.ref.signal, e.wanted) for e in closed] == [("SunroofPosition", (0,)), ("SunroofTilt", (0,))]
    opened = plan("operate_sunroof", action="open", intensity=50).expectations
    assert [(e.ref.signal, e.wanted) for e in opened] == [("SunroofPosition", (50,))]
    now = plan("precondition_cabin").expectations
    assert ("PreconditionState", ("running",)) in [(e.ref.signal, e.wanted) for e in now]
    later = plan("precondition_cabin", time="07:30").expectations
    assert ("PreconditionDeparture", (450,)) in [(e.ref.signal, e.wanted) for e in later]


def test_several_states_can_confirm() -> None:
    (expectation,) = plan("make_emergency_call").expectations
    assert [expectation.is_met_by(s) for s in ("idle", "dialing", "connected", "ended")] == [False, True, True, False]


# --- undo -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "before", "undo"),
    [
        ("control_window", {"position": 50}, {"DriverWindow": 10}, ["control_window(position=10)"]),
        ("control_window", {"position": 50}, {}, []),
        (
            "control_window",
            {"position": 0, "window": "front"},
            {"DriverWindow": 30, "PassengerWindow": 30},
            ["control_window(position=30, window=front)"],
        ),
        (
            "control_window",
            {"position": 0, "window": "front"},
            {"DriverWindow": 30, "PassengerWindow": 0},
            ["control_window(position=30)", "control_window(position=0, window=passenger)"],
        ),
        (
            "set_climate_temperature",
            {"temperature": 75, "unit": "fahrenheit"},
            {"DriverTemperature": 20.5},
            ["set_climate_temperature(temperature=20.5)"],
        ),
        ("set_speed_warning", {"speed": 60, "unit": "mph"}, {"SpeedWarning": 120}, ["set_speed_warning(speed=120)"]),
        ("operate_trunk", {"action": "open"}, {"Trunk": "closed"}, ["operate_trunk(action=close)"]),
        ("operate_trunk", {"action": "open"}, {"Trunk": "closing"}, []),
        (
            "operate_sunroof",
            {"action": "close"},
            {"SunroofTilt": 0, "SunroofPosition": 40},
            ["operate_sunroof(action=open, intensity=40)"],
        ),
        (
            "operate_sunroof",
            {"action": "open"},
            {"SunroofTilt": 0, "SunroofPosition": 0},
            ["operate_sunroof(action=close)"],
        ),
        ("operate_sunroof", {"action": "open"}, {}, ["operate_sunroof(action=close)"]),
        (
            "adjust_climate_temperature",
            {"direction": "up"},
            {"DriverTemperature": 20},
            ["set_climate_temperature(temperature=20)"],
        ),
        ("adjust_fan_speed", {"direction": "down"}, {"FanSpeed": 3}, ["set_fan_speed(level=3)"]),
        (
            "adjust_seat_position",
            {"direction": "forward"},
            {"DriverSeatLength": 290},
            ["adjust_seat_position(direction=backward, amount=10)"],
        ),
        ("adjust_seat_position", {"direction": "forward"}, {"DriverSeatLength": 297}, []),
        (
            "adjust_mirror",
            {"mirror": "left", "direction": "up"},
            {"LeftMirrorVertical": 0},
            ["adjust_mirror(mirror=left, direction=down)"],
        ),
        ("adjust_mirror", {"mirror": "left", "direction": "up"}, {"LeftMirrorVertical": 11}, []),
        ("recall_seat_memory", {"slot": 1}, {"DriverSeatMemory": 2}, ["recall_seat_memory(slot=2)"]),
        ("recall_seat_memory", {"slot": 1}, {"DriverSeatMemory": 0}, []),
        ("save_seat_memory", {"slot": 1}, {"DriverSeatMemory": 2}, []),
        ("show_camera", {"view": "rear"}, {"CameraView": "off"}, []),
        ("show_camera", {"view": "rear"}, {"CameraView": "left"}, ["show_camera(view=left)"]),
        (
            "fold_mirrors",
            {"action": "fold"},
            {"LeftMirrorFold": "unfolded", "RightMirrorFold": "unfolded"},
            ["fold_mirrors(action=unfold)"],
        ),
        ("fold_mirrors", {"action": "fold"}, {"LeftMirrorFold": "folded", "RightMirrorFold": "unfolded"}, []),
        (
            "set_ambient_light",
            {"color": "red"},
            {"AmbientColor": "blue", "AmbientBrightness": 30},
            ["set_ambient_light(color=blue, brightness=30)"],
        ),
        # 60 is the default, which a colour alone would not set: hence a second call
        (
            "set_ambient_light",
            {"color": "red", "brightness": 30},
            {"AmbientColor": "blue", "AmbientBrightness": 60},
            ["set_ambient_light(color=blue)", "set_ambient_light()"],
        ),
        ("make_emergency_call", {}, {"EmergencyCall": "idle"}, []),
        ("set_fog_lights", {"state": "on"}, {"FrontFogLights": "off"}, ["set_fog_lights(state=off)"]),
    ],
)
def test_undo(name: str, arguments: dict[str, object], before: dict[str, Scalar], undo: list[str]) -> None:
    assert undone(name, state(**before), **arguments) == undo


# --- sentences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "shown", "text"),
    [
        ("control_window", {"position": 50}, {"DriverWindow": 50}, "the driver window is at 50 percent"),
        ("control_window", {"position": 50}, {"DriverWindow": 30}, "the driver window is at 30 percent"),
        (
            "control_window",
            {"position": 0, "window": "all"},
            {"DriverWindow": 0, "PassengerWindow": 0, "RearLeftWindow": 0, "RearRightWindow": 0},
            "all windows are closed",
        ),
        (
            "control_window",
            {"position": 0, "window": "front"},
            {"DriverWindow": 0, "PassengerWindow": 40},
            "the front windows are at 40 percent",
        ),
        ("set_seat_heating", {"level": 0}, {"DriverSeatHeating": 0}, "the driver's seat heating is off"),
        ("operate_sunroof", {"action": "open"}, {"SunroofPosition": 80}, "the sunroof is at 80 percent"),
        (
            "set_ambient_light",
            {"color": "red"},
            {"AmbientColor": "red", "AmbientBrightness": 0},
            "the ambient light is off",
        ),
        (
            "adjust_climate_temperature",
            {"direction": "up"},
            {"DriverTemperature": 30},
            "the driver's side is set to 30 degrees",
        ),
        ("adjust_seat_position", {"direction": "up"}, {"DriverSeatHeight": 50}, "the driver's seat has moved up"),
        (
            "adjust_seat_position",
            {"direction": "up"},
            {"DriverSeatHeight": 100},
            "the driver's seat cannot go further that way",
        ),
        (
            "set_speed_warning",
            {"speed": 60, "unit": "mph"},
            {"SpeedWarning": 97},
            "the speed warning is set to 97 kilometers per hour",
        ),
        (
            "precondition_cabin",
            {"time": "07:30"},
            {"PreconditionTemperature": 21, "PreconditionDeparture": 450},
            "the cabin will be at 21 degrees at 07:30",
        ),
    ],
)
def test_sentences(name: str, arguments: dict[str, object], shown: dict[str, Scalar], text: str) -> None:
    assert said(name, state(**shown), **arguments) == text


def test_only_sentences_that_show_the_state_are_used_for_failures() -> None:
    assert command("control_window").sentence_shows_state
    assert not command("operate_sunroof").sentence_shows_state
    assert not command("adjust_seat_position").sentence_shows_state


def test_automatic_sentences(catalogue: Catalogue, edited: Callable[..., Path]) -> None:
    path = edited(
        ('say = "the drive mode is {mode}"\n', ""),
        ('say = "the emergency call is {EmergencyCall}"\n', ""),
        ('say = "the fan is {reached}"\nwords.reached = { 0 = "off", "*" = "at level {}" }\n', ""),
    )
    car = load_binding(catalogue, path)
    texts = []
    for name, arguments in (
        ("set_drive_mode", {"mode": "eco"}),
        ("make_emergency_call", {}),
        ("adjust_fan_speed", {"direction": "up"}),
    ):
        function = car.function(name)
        assert isinstance(function, CommandFunction)
        read = state(DriveMode="eco", FanSpeed=4)
        texts.append(function.sentence(function.plan(catalogue.call(name, **arguments), read), read))
    assert texts == ["set drive mode: eco", "make emergency call is done", "adjust fan speed: now 4"]


# --- readings -------------------------------------------------------------------------------------------------------


def tell(item: str, **signals: Scalar) -> str:
    function = CAR.function("get_vehicle_status")
    assert isinstance(function, ItemReading)
    return function.tell(call("get_vehicle_status", item=item), state(**signals))[0]


DOORS = dict.fromkeys(("DriverDoor", "PassengerDoor", "RearLeftDoor", "RearRightDoor", "Hood", "Trunk"), "closed")
WINDOWS = dict.fromkeys(("DriverWindow", "PassengerWindow", "RearLeftWindow", "RearRightWindow"), 0)


def test_items() -> None:
    assert tell("fuel_level", FuelLevel=71) == "the fuel level is 71 percent"
    assert tell("odometer", Odometer=23418.4) == "the odometer shows 23418 kilometers"
    assert tell("outside_temperature", OutsideTemperature=-3.5) == "it is -3.5 degrees outside"
    assert tell("doors", **DOORS) == "all doors are closed"
    assert tell("doors", **{**DOORS, "DriverDoor": "open"}) == "the driver door is open"
    opened = {**DOORS, "DriverDoor": "open", "Hood": "open", "Trunk": "opening"}
    assert tell("doors", **opened) == "the driver door is open, the hood is open and the trunk is open"
    assert tell("windows", **WINDOWS) == "all windows are closed"
    assert tell("windows", **{**WINDOWS, "RearLeftWindow": 20}) == "the rear left window is at 20 percent"


@pytest.mark.parametrize("signals", [{}, {"VehicleSpeed": "invalid"}])
def test_what_is_not_reported_is_not_told(signals: dict[str, Scalar]) -> None:
    with pytest.raises(NotReported, match="VehicleSpeed"):
        tell("speed", **signals)


@pytest.mark.parametrize(
    ("raw", "name"), [(0x0171, "P0171"), (0x5201, "C1201"), (0x9A01, "B1A01"), (0xC100, "U0100"), (0x3FFF, "P3FFF")]
)
def test_trouble_code_names(raw: int, name: str) -> None:
    assert trouble_code(raw) == name


def test_trouble_codes_are_collected(binding: CarBinding) -> None:
    function = binding.function("run_diagnostics")
    assert isinstance(function, CodeReading)

    def page(count: int, index: int, code: int) -> dict[str, Scalar]:
        return {"TroubleCodeCount": count, "TroubleCodeIndex": index, "TroubleCode": code}

    assert function.collected({}) is None
    assert function.collected({0: page(0, 0, 0)}) == ()
    assert function.collected({1: page(2, 1, 0x300)}) is None
    assert function.collected({0: page(2, 0, 0x171), 1: page(3, 1, 0x300)}) is None
    assert function.collected({0: page(2, 0, 0x171), 1: page(2, 1, 0x999)}) == ("P0171", "P0999")
    assert function.tell(()) == "there are no stored trouble codes"
    assert function.tell(("P0171",)) == "there is one stored trouble code: P0171, fuel mixture too lean"
    assert function.tell(("P0171", "P0999")) == (
        "there are 2 stored trouble codes: P0171, fuel mixture too lean; P0999"
    )
