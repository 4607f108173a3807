"""The calls a recorded drive is judged by: every function at least once, every rule with an argument that meets it."""

from collections.abc import Iterator, Mapping
from typing import Final

from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam
from vehicle_apis.spec import ApiSpec

# Written out, not made from the rules: a rule that vanishes must show up as another verdict.
_BY_RULE: Final[Mapping[str, tuple[str, ...]]] = {
    "open_app": ("app=netflix", "app=chess", "app=unheard", "app=messages", "app=settings", "app=maps"),
    "set_valet_mode": ("state=on", "state=off"),
    "adjust_seat_position": (
        "direction=forward seat=driver",
        "direction=recline seat=passenger",
        "direction=forward seat=passenger",
    ),
    "recall_seat_memory": ("slot=1 seat=driver", "slot=1 seat=passenger"),
    "fold_mirrors": ("action=fold", "action=unfold"),
    "operate_trunk": ("action=open", "action=close"),
    "operate_charge_port": ("action=open", "action=close"),
    "set_door_locks": ("state=unlock", "state=lock"),
    "set_child_lock": ("state=off", "state=on"),
    "control_window": ("position=0", "position=50"),
    "operate_sunroof": ("action=open", "action=tilt", "action=close"),
    "set_headlights": ("mode=off", "mode=parking", "mode=low", "mode=auto", "mode=high"),
    "set_hazard_lights": ("state=on", "state=off"),
    "set_wipers": ("mode=off window=front", "mode=off window=rear", "mode=fast window=front"),
    "set_driver_assistance": (
        "feature=auto_hold state=off",
        "feature=collision_warning state=off",
        "feature=traction_control state=off",
        "feature=lane_keeping state=off",
        "feature=blind_spot state=off",
        "feature=parking_sensors state=off",
        "feature=speed_limit_assist state=off",
        "feature=start_stop state=off",
        "feature=lane_keeping state=on",
    ),
    "set_drive_mode": ("mode=offroad", "mode=eco"),
    "control_charging": ("action=start", "action=stop"),
    "precondition_cabin": ("time=now", "time=07:30"),
    "set_display_brightness": ("level=5 screen=cluster", "level=50 screen=cluster", "level=5 screen=center"),
    "set_window_lock": ("state=off", "state=on"),
    "control_playback": ("action=pause", "action=stop", "action=play"),
    "dial_number": ("number=112", "number=5551234"),
}


def probes(catalogue: Catalogue) -> Iterator[tuple[str, Call]]:
    """Each call with its text, "operate_trunk action=open"; the functions of packs too."""
    for spec in catalogue:
        for text in _BY_RULE.get(spec.name, (_plain(spec),)):
            words = dict(pair.split("=", 1) for pair in text.split())
            yield f"{spec.name} {text}".rstrip(), Call(spec, spec.parse(words))


def _plain(spec: ApiSpec) -> str:
    """The required arguments alone."""
    return " ".join(f"{p.name}={_some(p)}" for p in spec.params if p.default is None)


def _some(param: Param) -> str:
    match param:
        case EnumParam():
            return param.values[0]
        case IntegerParam():
            return str(param.min)
        case NumberParam():
            return f"{next(iter(param.by_unit.values()))[0] if param.by_unit else param.min:g}"
        case TextParam():
            return "5551234" if param.digits else "something"
        case _:
            return "07:30"
