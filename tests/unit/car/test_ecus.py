"""The control units by themselves: commands in, values out, time as an argument."""

from collections.abc import Mapping

import pytest

from simulators.car.domain import Value
from simulators.car.ecu import Command, Request
from simulators.car.ecus.gateway import code_number
from simulators.car.model import CarModel

NODES = {
    "Window": "Windows",
    "Climate": "Climate",
    "Precondition": "Climate",
    "SeatComfort": "Seats",
    "SeatPosition": "Seats",
    "Roof": "Roof",
    "Door": "Doors",
    "Closure": "Closures",
    "Mirror": "Mirrors",
    "ExteriorLight": "Lights",
    "InteriorLight": "Lights",
    "Wiper": "Wipers",
    "DriveMode": "Powertrain",
    "Assistance": "Assistance",
    "SpeedWarning": "Cluster",
    "Charging": "Charging",
    "Camera": "Camera",
    "Valet": "Body",
    "EmergencyCall": "Telematics",
}


def command(model: CarModel, group: str, **args: Value) -> Request:
    request = model.command(NODES[group], Command(group, {"RequestId": 7, **args}))
    model.refresh_requests()
    return request


def after(model: CarModel, seconds: float) -> dict[str, Value]:
    """The state ``seconds`` later, in steps of 20 ms as the car takes them."""
    for _ in range(round(seconds / 0.02)):
        model.step(0.02)
        model.refresh_requests()
    return model.state()


def number(state: Mapping[str, Value], name: str) -> float:
    value = state[name]
    assert not isinstance(value, str)
    return value


def result(request: Request) -> tuple[str, str]:
    return request.result, request.reason


# --- requests ---------------------------------------------------------------------------------------------------------


def test_a_motion_is_accepted_then_done(model: CarModel) -> None:
    request = command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=100.0)
    assert (request.request_id, *result(request)) == (7, "accepted", "none")
    assert 48 <= number(after(model, 2), "driver_window") <= 52
    assert model.state()["windows_moving"] == 1
    assert number(after(model, 1.9), "driver_window") < 100
    assert request.result == "accepted"
    assert after(model, 0.2)["driver_window"] == 100
    assert result(request) == ("done", "none")
    assert model.state()["windows_moving"] == 0


def test_a_setting_is_done_at_once(model: CarModel) -> None:
    assert result(command(model, "Window", Selector="lock", TargetLock="on")) == ("done", "none")
    assert model.state()["window_lock"] == "on"


def test_the_same_motor_follows_the_newer_command(model: CarModel) -> None:
    command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=100.0)
    after(model, 1)
    request = command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=0.0)
    assert after(model, 1.1)["driver_window"] == 0
    assert request.result == "done"


def test_another_motor_of_the_group_goes_on(model: CarModel) -> None:
    command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=100.0)
    command(model, "Window", Selector="position", WindowMask=12.0, TargetPosition=50.0)
    state = after(model, 4.1)
    assert (state["driver_window"], state["passenger_window"]) == (100, 0)
    assert (state["rear_left_window"], state["rear_right_window"]) == (50, 50)


def test_a_jam_turns_accepted_into_rejected(model: CarModel) -> None:
    model.motor("driver_window").jammed = True
    request = command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=100.0)
    after(model, 1)
    assert result(request) == ("rejected", "blocked")


def test_a_motion_ended_by_hand_was_stopped(model: CarModel) -> None:
    request = command(model, "Window", Selector="position", WindowMask=1.0, TargetPosition=100.0)
    model.set("driver_window", 20)
    model.refresh_requests()
    assert result(request) == ("rejected", "stopped")


@pytest.mark.parametrize(
    ("group", "args"),
    [
        ("Window", {"Selector": "none"}),
        ("Window", {"Selector": 9.0}),
        ("Window", {"Selector": "position", "WindowMask": 0.0, "TargetPosition": 10.0}),
        ("Window", {"Selector": "position", "WindowMask": 16.0, "TargetPosition": 10.0}),
        ("Window", {"Selector": "position", "WindowMask": 1.0, "TargetPosition": 101.0}),
        ("Window", {"Selector": "position", "WindowMask": 1.0, "TargetPosition": "x"}),
        ("Climate", {"Selector": "temperature", "ZoneMask": 1.0, "TargetTemperature": 15.5}),
        ("Climate", {"Selector": "temperature", "ZoneMask": 1.0, "TargetTemperature": 30.5}),
        ("Climate", {"Selector": "temperature", "ZoneMask": 0.0, "TargetTemperature": 20.0}),
        ("Climate", {"Selector": "air_conditioning", "TargetState": "auto"}),
        ("Climate", {"Selector": "air_direction", "TargetAirDirection": 7.0}),
        ("Precondition", {"Departure": "now", "TargetTemperature": 0.0}),
        ("SeatComfort", {"Selector": "heating", "SeatMask": 0.0, "TargetLevel": "high"}),
        ("SeatPosition", {"Selector": "move", "Seat": "driver", "Axis": "length", "TargetPosition": 301.0}),
        ("SeatPosition", {"Selector": "move", "Seat": "driver", "Axis": 3.0, "TargetPosition": 100.0}),
        ("SeatPosition", {"Selector": "move", "Seat": 0.0, "Axis": "length", "TargetPosition": 100.0}),
        ("SeatPosition", {"Selector": "recall", "Seat": "driver", "Slot": 0.0}),
        ("Roof", {"Selector": "sunroof", "Action": 3.0, "TargetPosition": 50.0}),
        ("Mirror", {"Selector": "tilt", "Mirror": 0.0, "Direction": "up"}),
        ("InteriorLight", {"Selector": "ambient", "TargetColor": 9.0, "TargetBrightness": 50.0}),
        ("InteriorLight", {"Selector": "ambient", "TargetColor": "red", "TargetBrightness": 127.0}),
        ("Wiper", {"Selector": "mode", "WiperWindow": "front", "WiperMode": 7.0}),
        ("DriveMode", {"TargetMode": 6.0}),
        ("SpeedWarning", {"TargetSpeed": 351.0}),
        ("Charging", {"Selector": "limit", "TargetLimit": 49.0}),
        ("Camera", {"View": 7.0}),
        ("EmergencyCall", {"Action": 0.0}),
    ],
)
def test_nonsense_is_rejected_and_changes_nothing(model: CarModel, group: str, args: dict[str, Value]) -> None:
    before = model.state()
    assert result(command(model, group, **args)) == ("rejected", "out_of_range")
    assert after(model, 0.1) | {"cabin_temperature": 0} == before | {"cabin_temperature": 0}


# --- what a unit will not do now ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "group", "args", "reason"),
    [
        (
            {"ignition": "off"},
            "Window",
            {"Selector": "position", "WindowMask": 1.0, "TargetPosition": 9.0},
            "ignition_off",
        ),
        ({"speed": 5}, "Closure", {"Selector": "trunk", "Action": "open"}, "vehicle_moving"),
        ({"plugged_in": "yes"}, "Closure", {"Selector": "charge_port", "Action": "close"}, "plugged_in"),
        ({"plugged_in": "no"}, "Charging", {"Selector": "charging", "Action": "start"}, "not_plugged"),
        ({"washer_fluid": 1}, "Wiper", {"Selector": "wash", "WiperWindow": "front"}, "empty"),
        ({}, "Wiper", {"Selector": "mode", "WiperWindow": "rear", "WiperMode": "slow"}, "not_available"),
        ({"driver_door": "open"}, "Door", {"Selector": "lock", "DoorMask": 15.0, "TargetState": "lock"}, "blocked"),
        ({"gear": "D"}, "Precondition", {"Departure": "now", "TargetTemperature": 21.0}, "vehicle_moving"),
        ({"gear": "R"}, "Camera", {"View": "off"}, "blocked"),
        ({"emergency_call": "dialing"}, "EmergencyCall", {"Action": "call"}, "busy"),
        ({}, "SeatPosition", {"Selector": "recall", "Seat": "passenger", "Slot": 3.0}, "empty"),
        ({"speed": 5}, "SeatPosition", {"Selector": "recall", "Seat": "driver", "Slot": 2.0}, "vehicle_moving"),
        ({}, "SeatComfort", {"Selector": "massage", "SeatMask": 4.0, "TargetLevel": "low"}, "not_available"),
        ({"speed": 25}, "Mirror", {"Selector": "fold", "Mirror": 3.0, "FoldAction": "fold"}, "vehicle_moving"),
    ],
)
def test_refusals(model: CarModel, settings: dict[str, Value], group: str, args: dict[str, Value], reason: str) -> None:
    for name, value in settings.items():
        model.set(name, value)
    assert result(command(model, group, **args)) == ("rejected", reason)


def test_a_trunk_opens_just_below_the_limit(model: CarModel) -> None:
    model.set("speed", 4.99)
    assert command(model, "Closure", Selector="trunk", Action="open").result == "accepted"


# --- the units ----------------------------------------------------------------------------------------------------


def test_the_trunk_takes_five_seconds_and_can_be_stopped(model: CarModel) -> None:
    request = command(model, "Closure", Selector="trunk", Action="open")
    assert after(model, 4.9)["trunk"] == "opening"
    assert after(model, 0.2)["trunk"] == "open"
    assert request.result == "done"
    command(model, "Closure", Selector="trunk", Action="close")
    assert after(model, 1)["trunk"] == "closing"
    command(model, "Closure", Selector="stop")
    assert after(model, 1)["trunk"] == "stopped"


def test_the_sunroof_closes_before_it_tilts(model: CarModel) -> None:
    command(model, "Roof", Selector="sunroof", Action="open", TargetPosition=50.0)
    assert after(model, 3.1)["sunroof_position"] == 50
    request = command(model, "Roof", Selector="sunroof", Action="tilt", TargetPosition=100.0)
    state = after(model, 1.5)
    assert number(state, "sunroof_position") > 0
    assert state["sunroof_tilt"] == 0
    state = after(model, 4)
    assert (state["sunroof_position"], state["sunroof_tilt"], request.result) == (0, 100, "done")


def test_a_seat_moves_twenty_mm_a_second(model: CarModel) -> None:
    request = command(model, "SeatPosition", Selector="move", Seat="driver", Axis="length", TargetPosition=190.0)
    state = after(model, 1)
    assert state["driver_seat_length"] == 170
    assert state["driver_seat_moving"] == "yes"
    assert state["driver_seat_memory"] == 0
    assert after(model, 1.1)["driver_seat_length"] == 190
    assert request.result == "done"


def test_seat_memory(model: CarModel) -> None:
    model.set("passenger_seat_height", 80)
    assert command(model, "SeatPosition", Selector="save", Seat="passenger", Slot=3.0).result == "done"
    assert after(model, 0.1)["passenger_seat_memory"] == 3
    command(model, "SeatPosition", Selector="recall", Seat="passenger", Slot=1.0)
    state = after(model, 2)
    assert (state["passenger_seat_memory"], state["passenger_seat_height"]) == (1, 50)
    command(model, "SeatPosition", Selector="recall", Seat="passenger", Slot=3.0)
    after(model, 0.5)
    command(model, "SeatPosition", Selector="stop", Seat="passenger")
    state = after(model, 1)
    assert 50 < number(state, "passenger_seat_height") < 80
    assert state["passenger_seat_memory"] == 0


def test_a_mirror_steps_two_degrees_up_to_its_stop(model: CarModel) -> None:
    for _ in range(6):
        assert command(model, "Mirror", Selector="tilt", Mirror=1.0, Direction="left").result == "accepted"
        after(model, 0.5)
    assert model.state()["left_mirror_horizontal"] == -12
    assert command(model, "Mirror", Selector="tilt", Mirror=1.0, Direction="left").result == "rejected"


def test_mirrors_fold(model: CarModel) -> None:
    command(model, "Mirror", Selector="fold", Mirror=3.0, FoldAction="fold")
    assert after(model, 1)["left_mirror_fold"] == "moving"
    command(model, "Mirror", Selector="stop", Mirror=1.0)
    state = after(model, 2.1)
    assert (state["left_mirror_fold"], state["right_mirror_fold"]) == ("moving", "folded")


def test_the_cabin_warms_slowly(model: CarModel) -> None:
    model.set("fan_speed", 7)
    command(model, "Climate", Selector="temperature", ZoneMask=7.0, TargetTemperature=26.0)
    state = after(model, 10)
    assert 18 <= number(state, "cabin_temperature") < 19
    model.step(900)
    assert 25 <= number(model.state(), "cabin_temperature") <= 26


def test_synced_zones_follow_the_driver_until_one_leaves(model: CarModel) -> None:
    command(model, "Climate", Selector="sync", TargetState="on")
    command(model, "Climate", Selector="temperature", ZoneMask=1.0, TargetTemperature=24.0)
    assert model.state()["rear_temperature"] == 24
    command(model, "Climate", Selector="temperature", ZoneMask=2.0, TargetTemperature=18.0)
    state = model.state()
    assert (state["climate_sync"], state["driver_temperature"], state["passenger_temperature"]) == ("off", 24, 18)


def test_preconditioning(model: CarModel) -> None:
    command(model, "Precondition", Departure="now", TargetTemperature=23.0)
    assert model.state()["precondition_state"] == "running"
    model.step(19 * 60)
    assert model.state()["precondition_state"] == "running"
    assert number(model.state(), "cabin_temperature") >= 22.5
    model.step(61)
    assert model.state()["precondition_state"] == "idle"
    command(model, "Precondition", Departure=480.0, TargetTemperature=21.0)
    state = after(model, 1)
    assert (state["precondition_state"], state["precondition_departure"]) == ("scheduled", 480)


def test_washing_uses_fluid_and_ends(model: CarModel) -> None:
    request = command(model, "Wiper", Selector="wash", WiperWindow="front")
    assert (request.result, model.state()["front_washer"]) == ("done", "washing")
    state = after(model, 2.1)
    assert (state["front_washer"], state["washer_fluid"]) == ("idle", 73)


def test_charging_ends_at_the_limit(model: CarModel) -> None:
    for name, value in {"plugged_in": "yes", "battery_level": 60, "charge_limit": 70}.items():
        model.set(name, value)
    assert command(model, "Charging", Selector="charging", Action="start").result == "done"
    model.step(60)
    assert model.state()["charging"] == "charging"
    assert 60 < number(model.values, "BatteryLevel") < 63
    model.step(3600)
    assert (model.state()["charging"], model.state()["battery_level"]) == ("complete", 70)


def test_a_pulled_cable_ends_charging(model: CarModel) -> None:
    model.set("plugged_in", "yes")
    command(model, "Charging", Selector="charging", Action="start")
    model.set("plugged_in", "no")
    assert model.state()["charging"] == "stopped"


def test_ecall_connects_and_ends(model: CarModel) -> None:
    assert command(model, "EmergencyCall", Action="call").result == "done"
    assert model.state()["emergency_call"] == "dialing"
    assert after(model, 3.1)["emergency_call"] == "connected"
    model.step(120)
    assert model.state()["emergency_call"] == "ended"


def test_reverse_shows_the_rear_view(model: CarModel) -> None:
    model.set("gear", "R")
    assert model.state()["camera_view"] == "rear"
    model.set("gear", "D")
    assert model.state()["camera_view"] == "off"


def test_a_crash_lights_the_hazards_once(model: CarModel) -> None:
    model.set("crash", "detected")
    assert model.state()["hazard_lights"] == "on"
    command(model, "ExteriorLight", Selector="hazard", TargetState="off")
    assert after(model, 0.1)["hazard_lights"] == "off"


def test_ambient_light_keeps_its_color(model: CarModel) -> None:
    command(model, "InteriorLight", Selector="ambient", TargetColor="blue", TargetBrightness=60.0)
    command(model, "InteriorLight", Selector="ambient", TargetColor="unchanged", TargetBrightness=20.0)
    assert (model.state()["ambient_color"], model.state()["ambient_brightness"]) == ("blue", 20)


def test_distance_and_fuel(model: CarModel) -> None:
    model.set("speed", 100)
    fuel = number(model.state(), "fuel_level")
    model.step(3600)
    state = model.state()
    assert state["odometer"] == pytest.approx(23517.6)
    assert number(state, "fuel_level") < fuel


@pytest.mark.parametrize(
    ("code", "number"), [("P0420", 0x0420), ("C1201", 0x5201), ("B3FFF", 0xBFFF), ("U0100", 0xC100)]
)
def test_trouble_codes_in_two_bytes(code: str, number: int) -> None:
    assert code_number(code) == number
