"""Verdicts as sentences for the driver."""

from dataclasses import dataclass
from typing import Final

from state_machines.driving_state import DRIVABLE, DrivingState
from state_machines.rulebook import CompiledRule
from state_machines.telephone import spoken
from vehicle_apis.call import Call

_STATE: Final = {
    DrivingState.PARKED: "while the car is parked",
    DrivingState.STANDSTILL: "while the car stands with a gear engaged",
    DrivingState.CREEPING: "while the car is moving",
    DrivingState.DRIVING: "while the car is moving",
    DrivingState.FAST: "at this speed",
    DrivingState.UNKNOWN: "while I cannot read the car's speed and gear",
    DrivingState.CRASHED: "after a crash",
}

# What each ruled function does, as a gerund phrase that begins a sentence.
_WHAT: Final = {
    "play_video": "Playing a video",
    "open_app": "Opening {app}",
    "connect_bluetooth_device": "Connecting a device",
    "switch_driver_profile": "Switching the driver profile",
    "set_valet_mode": "Changing valet mode",
    "adjust_seat_position": "Moving the {seat} seat",
    "recall_seat_memory": "Moving the {seat} seat",
    "adjust_mirror": "Tilting a mirror",
    "fold_mirrors": "Folding the mirrors",
    "operate_trunk": "Opening the trunk",
    "operate_charge_port": "Moving the charge port flap",
    "set_door_locks": "Unlocking the doors",
    "set_child_lock": "Releasing the child lock",
    "control_window": "Opening a window",
    "operate_sunroof": "Opening the sunroof",
    "set_headlights": "Switching the headlights down",
    "set_wipers": "Switching the wipers off in the rain",
    "set_driver_assistance": "Switching that assistance function off",
    "set_drive_mode": "Offroad mode",
    "control_charging": "Starting to charge",
    "precondition_cabin": "Preconditioning now",
    "show_camera": "Showing the camera",
    "set_display_brightness": "Darkening the instrument cluster",
    "send_text_message": "Sending a text message",
    "make_emergency_call": "Placing an emergency call",
    "call_roadside_assistance": "Calling roadside assistance",
    "set_window_lock": "Freeing the passengers' window switches",
}

# Rules that never allow: the sentence says what would help instead.
_NEVER: Final = {
    ("set_valet_mode", "off"): "Leaving valet mode needs the PIN on the screen.",
    ("operate_charge_port", "close"): "The charge port stays open while the cable is plugged in.",
    ("set_door_locks", "unlock"): "The doors stay locked while the car is rolling.",
    ("control_charging", "start"): "Charging cannot start: no cable is plugged in.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, when it is judged as something else. ``number``: the telephone number it reaches, if any."""

    call: Call
    number: str | None = None


def what(call: Call) -> str:
    """What the call does, for the beginning of a sentence."""
    phrase = _WHAT.get(call.name)
    if phrase is None:
        return f"{call.name.replace('_', ' ').capitalize()}"
    return phrase.format(**call.json_arguments())


def _allowed_phrase(rule: CompiledRule) -> str:
    states = rule.allow | rule.confirm
    if states <= {DrivingState.PARKED}:
        return "only while the car is parked"
    if states <= {DrivingState.PARKED, DrivingState.STANDSTILL}:
        return "only while the car stands still"
    if states <= {DrivingState.PARKED, DrivingState.STANDSTILL, DrivingState.CREEPING}:
        return "only below walking speed"
    if states <= set(DRIVABLE) - {DrivingState.FAST}:
        return "only below 130 km/h"
    return "only in normal operation"


def denied(call: Call, rule: CompiledRule | None, state: DrivingState) -> str:
    if rule is None:
        return f"{what(call)} is not something this car lets me do."
    if not rule.allow and not rule.confirm:
        for value in call.json_arguments().values():
            if (call.name, value) in _NEVER:
                return _NEVER[call.name, str(value)]
        return f"{what(call)} is not possible by voice."
    if state is DrivingState.CRASHED:
        return f"{what(call)} is blocked after a crash."
    if state is DrivingState.UNKNOWN:
        return f"{what(call)} is blocked {_STATE[state]}."
    return f"{what(call)} works {_allowed_phrase(rule)}."


def question(call: Call, state: DrivingState, asked: Asked | None = None) -> str:
    """The question for a call that needs a yes. It names who will really be reached."""
    arguments = call.json_arguments()
    match call.name:
        case "send_text_message":
            return _text_question(spoken(f"{arguments['recipient']}"), arguments["message"])
        case "make_emergency_call":
            return _emergency_question(asked)
        case "call_roadside_assistance":
            return "Call roadside assistance?"
        case _:
            return f"{what(call)} {_STATE[state]}: are you sure?"


def _text_question(recipient: str, message: object) -> str:
    comma = "," if "," in recipient else ""  # "Anna Weber, mobile" and groups of digits end with one
    return f"Send {recipient}{comma} the text: {message}?"


def _emergency_question(asked: Asked | None) -> str:
    if asked is None or asked.number is None:
        return "Call the emergency services?"
    number = spoken(asked.number)
    match asked.call.name:
        case "call_contact":
            return f"Call {asked.call.arguments['name']}, the emergency number {number}?"
        case "call_roadside_assistance":
            return f"Call roadside assistance, the emergency number {number}?"
        case _:
            return f"Call the emergency services on {number}?"


def never_dialled(call: Call) -> str:
    """Why a number that is no plain one is not used."""
    arguments = call.json_arguments()
    who = arguments.get("name", arguments.get("recipient", "roadside assistance"))
    return f"The number of {who} is a code, or has additions; those I never dial."


def allowed(state: DrivingState) -> str:
    return f"Allowed {_STATE[state]}."


def unsaid(reason: str) -> str:
    """``reason`` where a player's silence is taken for a video."""
    return f"{reason.removesuffix('.')}, and the player does not say whether it shows a picture."
