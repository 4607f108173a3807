"""What the car has not: no word of it may be something that the catalogue can do."""

import re
from random import Random

from models.data.negatives import missing_equipment, negative, order
from models.paths import EQUIPMENT

# things of this car that are switched, moved or set, as people call them
OURS = (
    "air conditioning", "a c", "aircon", "climate", "fan", "fan speed", "heating", "heater", "cabin heater",
    "defroster",
    "demister", "recirculation", "temperature", "seat heating", "seat heater", "heated seat", "heated seats",
    "seat ventilation", "seat massage", "massage", "seat", "steering wheel heating", "heated steering wheel", "window",
    "windows", "window lock", "sunroof", "moonroof", "roof", "glass roof", "skylight", "sunshade", "sun blind", "blind",
    "shade", "door", "doors", "front door", "rear doors", "child lock", "boot", "trunk", "tailgate", "charge port",
    "charging flap", "fuel flap", "mirror", "mirrors", "wing mirrors", "headlights", "lights", "high beam", "full beam",
    "low beam", "parking lights", "sidelights", "fog lights", "fog light", "hazards", "hazard lights", "warning lights",
    "cabin light", "interior light", "reading light", "ambient light", "ambient lighting", "mood lighting", "wipers",
    "rear wiper", "windscreen wipers", "washer", "music", "radio", "volume", "bass", "treble", "equalizer", "podcast",
    "navigation", "sat nav", "map", "route", "heading", "traffic", "display", "screen", "brightness", "head up display",
    "dashboard", "camera", "rear camera", "reversing camera", "lane keeping", "lane assist", "blind spot",
    "parking sensors", "collision warning", "traction control", "auto hold", "start stop", "speed limit assist",
    "speed warning", "charging", "charge limit", "valet mode", "do not disturb", "eco mode", "sport mode", "drive mode",
    "comfort mode", "snow mode", "offroad mode", "timer", "alarm", "reminder", "bluetooth", "tyre pressure",
    "tire pressure", "fuel", "range", "battery", "battery level", "oil", "coolant", "coolant temperature",
    "washer fluid", "odometer", "speed", "mileage", "outside temperature", "weather", "news", "calendar", "units",
)  # fmt: skip


def things() -> list[tuple[str, str]]:
    rows = [row for row in EQUIPMENT.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    return [(how, thing) for how, _, thing in (row.partition(": ") for row in rows)]


def test_no_equipment_is_ours() -> None:
    named = {thing.removeprefix("the ") for _, thing in things()}
    assert named & set(OURS) == set()
    assert named & {f"{thing}s" for thing in OURS} == set()


def test_every_thing_is_used_in_one_known_way() -> None:
    assert {how for how, _ in things()} == {"switched", "moved", "set"}
    assert len(set(things())) == len(things())
    assert all(re.fullmatch(r"[a-z ]+", thing) for _, thing in things())


def test_commands_to_what_the_car_lacks_are_refused_and_name_it() -> None:
    rng = Random(1)
    named = {thing for _, thing in things()}
    for _ in range(2000):
        line = missing_equipment(rng)
        assert (line.calls, line.clarify, line.route, line.answer) == ((), None, None, "")
        assert any(re.search(rf"\b{thing}\b", line.text) for thing in named), line.text
        assert "{" not in line.text


def test_orders_at_a_counter_are_refused() -> None:
    rng = Random(1)
    for _ in range(500):
        line = order(rng)
        assert (line.calls, line.route) == ((), None)
        assert "{" not in line.text
        assert "  " not in line.text


def test_the_same_seed_gives_the_same_lines() -> None:
    first, second = ([negative(rng).text for _ in range(50)] for rng in (Random(7), Random(7)))
    assert first == second
