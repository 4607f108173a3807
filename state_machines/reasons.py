"""Verdicts as sentences for the driver."""

from dataclasses import dataclass
from typing import Final

from state_machines.driving_state import DRIVABLE, DrivingState
from state_machines.rulebook import CompiledRule
from state_machines.telephone import spoken
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar
from vehicle_apis.wording import as_spelt, placeholders

_STATE: Final = {
    DrivingState.PARKED: "while the car is parked",
    DrivingState.STANDSTILL: "while the car stands with a gear engaged",
    DrivingState.CREEPING: "while the car is moving",
    DrivingState.DRIVING: "while the car is moving",
    DrivingState.FAST: "at this speed",
    DrivingState.UNKNOWN: "while I cannot read the car's speed and gear",
    DrivingState.CRASHED: "after a crash",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, when it is judged as something else. ``number``: the telephone number it reaches, if any."""

    call: Call
    number: str | None = None


def what(call: Call) -> str:
    """What the call does, for the beginning of a sentence."""
    refusal = call.spec.refusal
    if refusal is None:
        return call.name.replace("_", " ").capitalize()
    return refusal.what.format(**call.json_arguments())


def _never(call: Call) -> str | None:
    """What is said of a call that no state allows, where something would help instead."""
    if call.spec.refusal is None:
        return None
    for key, sentences in call.spec.refusal.never.items():
        sentence = sentences.get(as_spelt(call.arguments[key]))
        if sentence is not None:
            return sentence
    return None


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
        return _never(call) or f"{what(call)} is not possible by voice."
    if state is DrivingState.CRASHED:
        return f"{what(call)} is blocked after a crash."
    if state is DrivingState.UNKNOWN:
        return f"{what(call)} is blocked {_STATE[state]}."
    return f"{what(call)} works {_allowed_phrase(rule)}."


def question(call: Call, state: DrivingState, asked: Asked | None = None) -> str:
    """The question for a call that needs a yes. It names who will really be reached."""
    if asked is not None and asked.number is not None and asked.call.name != call.name:
        return _emergency_question(asked.call, spoken(asked.number))
    if call.spec.confirmation:
        return call.spec.confirmation.format(**_heard(call))
    return f"{what(call)} {_STATE[state]}: are you sure?"


def _heard(call: Call) -> dict[str, Scalar]:
    """The arguments as they sound in a question: a number in place of a name is read digit by digit."""
    arguments = call.json_arguments()
    if call.spec.telephone is not None:
        for key in placeholders(call.spec.telephone.party):
            name = spoken(f"{arguments[key]}")
            arguments[key] = f"{name}," if "," in name else name  # "Anna Weber, mobile" ends with one
    return arguments


def _party(call: Call) -> str:
    """Who is reached, as far as the call says so."""
    telephone = call.spec.telephone
    return "" if telephone is None else telephone.party.format(**call.json_arguments())


def _emergency_question(call: Call, number: str) -> str:
    """For a call that reaches an emergency number."""
    party = _party(call)
    return f"Call {party}, the emergency number {number}?" if party else f"Call the emergency services on {number}?"


def never_dialled(call: Call) -> str:
    """Why a number that is no plain one is not used."""
    return f"The number of {_party(call)} is a code, or has additions; those I never dial."


def allowed(state: DrivingState) -> str:
    return f"Allowed {_STATE[state]}."


def unsaid(reason: str) -> str:
    """``reason`` where a player's silence is taken for a video."""
    return f"{reason.removesuffix('.')}, and the player does not say whether it shows a picture."
