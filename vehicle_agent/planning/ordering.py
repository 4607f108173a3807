"""The closed table of what waits for what when no result connects the calls (spoken order otherwise means nothing)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.params import Scalar

# (first, then, arguments the first must have): `then` waits for every earlier `first` of the plan
_TABLE: Final[tuple[tuple[str, str, Mapping[str, Scalar]], ...]] = (
    ("cancel_navigation", "navigate_to", {}),
    ("navigate_to", "add_waypoint", {}),
    ("navigate_to", "get_eta", {}),
    ("add_waypoint", "get_eta", {}),
    ("control_call", "call_contact", {"action": "hang_up"}),
    ("control_call", "dial_number", {"action": "hang_up"}),
    ("adjust_seat_position", "save_seat_memory", {}),
    ("recall_seat_memory", "save_seat_memory", {}),
    ("switch_driver_profile", "recall_seat_memory", {}),
    ("switch_driver_profile", "save_seat_memory", {}),
    ("operate_charge_port", "control_charging", {}),
    ("set_charge_limit", "control_charging", {}),
    ("select_media_source", "play_media", {}),
    ("select_media_source", "control_playback", {}),
    ("open_app", "play_media", {}),
    ("open_app", "control_playback", {}),
)

# Functions that move the same actuator or set the same value run as spoken.
_ACTUATORS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"set_climate_temperature", "adjust_climate_temperature"}),
    frozenset({"set_fan_speed", "adjust_fan_speed"}),
    frozenset({"adjust_seat_position", "recall_seat_memory"}),
    frozenset({"set_volume", "adjust_volume", "set_mute"}),
    frozenset({"play_media", "control_playback", "play_video", "tune_radio"}),
    frozenset({"navigate_to", "cancel_navigation"}),
)
_READS_MAY_REPEAT: Final = frozenset({"send_text_message", "call_contact", "dial_number"})
_ALL_PLACES: Final = frozenset({"all", "both"})
_PLACE_NAMES: Final = ("zone", "seat", "window", "door", "side", "channel", "mirror", "screen", "band", "feature")


def _places(call: Call, key: str) -> frozenset[str]:
    place = str(call.arguments[key])
    if place == "rear":
        return frozenset({"rear", "rear_left", "rear_right"})
    if place == "front" and key == "window" and call.name == "control_window":
        return frozenset({"front", "driver", "passenger"})
    return frozenset({place})


def _same_actuator(first: Call, second: Call) -> bool:
    if first.spec.reads_only or second.spec.reads_only:
        return False
    related = first.name == second.name or any({first.name, second.name} <= group for group in _ACTUATORS)
    if not related or first.name in _READS_MAY_REPEAT:
        return False
    for key in _PLACE_NAMES:
        if key in first.arguments and key in second.arguments:
            here, there = _places(first, key), _places(second, key)
            if not (here & there or (here | there) & _ALL_PLACES):
                return False
    return True


def _waits(first: Call, then: Call) -> bool:
    for before, after, arguments in _TABLE:
        if first.name == before and then.name == after and arguments.items() <= dict(first.arguments).items():
            return True
    return _same_actuator(first, then)


def ordered(plan: Plan) -> Plan:
    """The same steps with ``after`` filled in from the table. A step never waits for a later one."""
    steps: list[Step] = []
    for step in plan:
        after = {s.id for s in steps if _waits(s.call, step.call)} | set(step.after)
        steps.append(replace(step, after=tuple(sorted(after))))
    return Plan(tuple(steps))
