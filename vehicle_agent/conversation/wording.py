"""Calls in words: what a plan would do, to ask "Did you mean ...?"."""

from collections.abc import Mapping, Sequence
from typing import Final

from vehicle_apis.call import Call
from vehicle_apis.ref import Ref
from vehicle_apis.spec import Argument

_SEATS: Final = {
    "driver": "the driver's seat", "passenger": "the passenger's seat", "rear_left": "the rear left seat",
    "rear_right": "the rear right seat", "rear": "the rear seats", "all": "all seats",
}  # fmt: skip
_ZONES: Final = {"driver": "for the driver", "passenger": "for the passenger", "rear": "in the rear", "all": "for all"}
# (function or "", parameter) -> value -> words
_WORDS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("", "seat"): _SEATS,
    ("", "zone"): _ZONES,
    ("set_cabin_light", "zone"): {**_ZONES, "all": "everywhere"},
    ("", "window"): {"front": "windshield", "rear": "rear window"},
    ("control_window", "window"): {
        "driver": "the driver's window", "passenger": "the passenger's window", "rear_left": "the rear left window",
        "rear_right": "the rear right window", "front": "the front windows", "rear": "the rear windows",
        "all": "all windows",
    },
    ("", "door"): {
        "driver": "the driver's door", "passenger": "the passenger's door", "rear_left": "the rear left door",
        "rear_right": "the rear right door", "rear": "the rear doors", "all": "the doors",
    },
    ("", "unit"): {"celsius": "degrees celsius", "fahrenheit": "degrees fahrenheit", "kmh": "km/h"},
    ("set_child_lock", "side"): {"left": "on the left", "right": "on the right", "both": "on both sides"},
    ("", "shade"): {"roof": "roof", "rear": "rear window"},
    ("", "screen"): {"center": "center screen", "cluster": "instrument cluster", "head_up": "head-up display",
                     "rear": "rear screen"},
    ("select_media_source", "source"): {"usb": "USB", "aux": "AUX", "android_auto": "Android Auto"},
    ("set_air_direction", "mode"): {
        "face": "to the face", "feet": "to the feet", "face_and_feet": "to face and feet",
        "windshield": "to the windshield", "feet_and_windshield": "to feet and windshield", "auto": "to automatic",
    },
    ("get_weather", "location"): {"here": "here"},
    ("get_vehicle_status", "item"): {"next_service": "time to the next service"},
}  # fmt: skip

_UP_DOWN: Final = "direction"
_SWITCH: Final = "state"

# function -> template, or the parameter that decides and a template for each of its values ("" = any other)
_PHRASES: Final[Mapping[str, str | tuple[str, Mapping[str, str]]]] = {
    "set_climate_temperature": "set the temperature {zone} to {temperature} {unit}",
    "adjust_climate_temperature": (_UP_DOWN, {
        "up": "make it {amount} degrees warmer {zone}", "down": "make it {amount} degrees cooler {zone}"}),
    "set_fan_speed": "set the fan to {level}",
    "adjust_fan_speed": "turn the fan {direction} by {amount}",
    "set_air_direction": "send the air {mode}",
    "set_air_conditioning": "turn the air conditioning {state}",
    "set_air_recirculation": (_SWITCH, {
        "auto": "set recirculation to automatic", "": "turn recirculation {state}"}),
    "set_defroster": "turn the {window} defroster {state}",
    "set_climate_auto": "turn automatic climate {state}",
    "set_climate_sync": "turn climate sync {state}",
    "set_climate_power": "turn the climate system {state}",
    "precondition_cabin": ("time", {
        "now": "bring the cabin to {temperature} {unit} now",
        "": "bring the cabin to {temperature} {unit} for {time}"}),
    "set_seat_heating": "set the heating of {seat} to {level}",
    "set_seat_ventilation": "set the ventilation of {seat} to {level}",
    "set_seat_massage": ("intensity", {
        "off": "turn the massage of {seat} off", "": "set the massage of {seat} to {intensity}"}),
    "adjust_seat_position": (_UP_DOWN, {
        "recline": "recline {seat}", "upright": "put {seat} upright",
        "": "move {seat} {direction} by {amount} millimeters"}),
    "recall_seat_memory": "move {seat} to position {slot}",
    "save_seat_memory": "store the position of {seat} as {slot}",
    "set_steering_wheel_heating": "turn the steering wheel heating {state}",
    "control_window": ("position", {
        "0": "close {window}", "100": "open {window}", "": "open {window} to {position} percent"}),
    "set_window_lock": (_SWITCH, {"on": "lock the window switches", "off": "free the window switches"}),
    "operate_sunroof": ("intensity", {
        "100": "{action} the sunroof", "": "{action} the sunroof by {intensity} percent"}),
    "operate_sunshade": "{action} the {shade} sunshade",
    "set_door_locks": "{state} {door}",
    "set_child_lock": "switch the child lock {side} {state}",
    "operate_trunk": "{action} the trunk",
    "operate_charge_port": "{action} the charge port",
    "adjust_mirror": "tilt the {mirror} mirror {direction}",
    "fold_mirrors": "{action} the mirrors",
    "set_headlights": ("mode", {
        "off": "turn the headlights off", "auto": "set the headlights to automatic",
        "parking": "switch to the parking lights", "low": "switch to low beam", "high": "switch to high beam"}),
    "set_fog_lights": "turn the {position} fog lights {state}",
    "set_hazard_lights": "turn the hazard lights {state}",
    "set_cabin_light": "turn the light {zone} {state}",
    "set_ambient_light": ("color", {
        "unchanged": "set the ambient light to {brightness} percent", "": "set the ambient light to {color}"}),
    "set_wipers": ("mode", {
        "off": "turn the {window} wipers off", "auto": "set the {window} wipers to automatic",
        "": "set the {window} wipers to {mode}"}),
    "wash_windshield": "wash the {window}",
    "play_media": "play {query}",
    "control_playback": ("action", {
        "play": "start playing", "pause": "pause the music", "stop": "stop the music", "next": "skip to the next one",
        "previous": "go back to the previous one", "restart": "play it from the beginning",
        "shuffle_on": "turn shuffle on", "shuffle_off": "turn shuffle off", "repeat_on": "turn repeat on",
        "repeat_off": "turn repeat off"}),
    "set_volume": "set the {channel} volume to {level} percent",
    "adjust_volume": "turn the {channel} volume {direction} by {amount} percent",
    "set_mute": (_SWITCH, {"on": "mute the {channel} sound", "off": "unmute the {channel} sound"}),
    "tune_radio": "tune the radio to {station}",
    "select_media_source": "switch to {source}",
    "adjust_equalizer": "turn the {band} {direction} by {amount}",
    "play_video": "play the video {title}",
    "call_contact": ("number_type", {"any": "call {name}", "": "call {name} on the {number_type} number"}),
    "dial_number": "dial {number}",
    "control_call": ("action", {
        "answer": "answer the call", "reject": "reject the call", "hang_up": "hang up",
        "hold": "put the call on hold"}),
    "send_text_message": "text {recipient}: {message}",
    "read_messages": "read your messages",
    "connect_bluetooth_device": "connect {device}",
    "set_do_not_disturb": "turn do not disturb {state}",
    "get_contact_address": "look up the address of {name}",
    "navigate_to": ("route", {
        "fastest": "drive to {destination}", "": "drive to {destination} by the {route} route"}),
    "add_waypoint": "add a stop at {place}",
    "cancel_navigation": "end the navigation",
    "find_nearby": "find the nearest {category}",
    "get_eta": "tell you the arrival time",
    "set_route_preference": "{preference} {feature}",
    "control_map": ("action", {
        "zoom_in": "zoom in on the map", "zoom_out": "zoom out of the map", "overview": "show the whole route",
        "north_up": "turn the map north up", "heading_up": "turn the map in driving direction",
        "traffic_on": "show the traffic", "traffic_off": "hide the traffic"}),
    "get_vehicle_status": "tell you the {item}",
    "run_diagnostics": "read the trouble codes",
    "set_drive_mode": "switch to {mode} mode",
    "set_driver_assistance": "turn {feature} {state}",
    "set_speed_warning": ("speed", {
        "0": "turn the speed warning off", "": "warn you above {speed} {unit}"}),
    "control_charging": "{action} charging",
    "set_charge_limit": "charge to {percent} percent",
    "show_camera": ("view", {"surround": "show the surround view", "": "show the {view} camera"}),
    "set_valet_mode": "turn valet mode {state}",
    "make_emergency_call": "call the emergency services",
    "call_roadside_assistance": "call roadside assistance",
    "set_display_brightness": "set the brightness of the {screen} to {level} percent",
    "set_display_theme": ("theme", {"auto": "set the display colors to automatic", "": "set the display to {theme}"}),
    "open_app": "open {app}",
    "set_units": "use {system} units",
    "switch_driver_profile": "load the profile of {name}",
    "set_timer": "set a timer for {minutes} minutes",
    "set_alarm": "set an alarm for {time}",
    "create_reminder": "remind you: {text}",
    "get_weather": "tell you the weather",
    "get_news": "read the news",
    "get_time": "tell you the time",
    "get_calendar": "tell you the appointments",
    "undo_last_action": "undo the last thing",
}  # fmt: skip
_RESULT: Final = {"send_text_message": "what I find out", "navigate_to": "the place I find",
                  "add_waypoint": "the place I find"}  # fmt: skip


def _said(name: str, parameter: str, value: Argument) -> str:
    if isinstance(value, Ref):
        return _RESULT.get(name, "the result")
    text = f"{value:g}" if isinstance(value, float) else str(value)
    words = {**_WORDS.get(("", parameter), {}), **_WORDS.get((name, parameter), {})}
    return words.get(text, text.replace("_", " "))


def in_words(call: Call) -> str:
    """What the call does, to follow "Did you mean: " or "Should I "."""
    words = {key: _said(call.name, key, value) for key, value in call.arguments.items()}
    phrase = _PHRASES.get(call.name)
    if phrase is None:  # a pack's function
        values = " ".join(words[key] for key in call.spoken_arguments())
        return f"{call.name.replace('_', ' ')} {values}".strip()
    if isinstance(phrase, tuple):
        decides, by_value = phrase
        phrase = by_value.get(str(call.arguments[decides])) or by_value[""]
    return phrase.format_map(words)


def all_in_words(calls: Sequence[Call]) -> str:
    """At least one call, in order."""
    parts = [in_words(call) for call in calls]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def doubt_question(calls: Sequence[Call]) -> str:
    """Asked before at least one call is carried out that may be misunderstood."""
    return f"Did you mean: {all_in_words(calls)}?"
