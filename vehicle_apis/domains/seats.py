"""Seats and steering wheel comfort."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending, RunsAfter
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="set_seat_heating",
        domain="seats",
        doc="Set seat heating; 0 is off.",
        phrase="set the heating of {seat} to {level}",
        backend="can",
        params=(
            IntegerParam(name="level", min=0, max=3, default=2),
            EnumParam(
                name="seat", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="driver"
            ),
        ),
        steps={"level": 1},
    ),
    ApiSpec(
        name="set_seat_ventilation",
        domain="seats",
        doc="Set seat ventilation; 0 is off.",
        phrase="set the ventilation of {seat} to {level}",
        backend="can",
        params=(
            IntegerParam(name="level", min=0, max=3, default=2),
            EnumParam(
                name="seat", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="driver"
            ),
        ),
        steps={"level": 1},
    ),
    ApiSpec(
        name="set_seat_massage",
        domain="seats",
        doc="Set the massage function.",
        phrase=ByValue(
            parameter="intensity",
            templates={"off": "turn the massage of {seat} off"},
            otherwise="set the massage of {seat} to {intensity}",
        ),
        backend="can",
        params=(
            EnumParam(name="intensity", values=("off", "low", "medium", "high"), default="medium"),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
        steps={"intensity": 1},
    ),
    ApiSpec(
        name="adjust_seat_position",
        domain="seats",
        doc="Move a seat.",
        phrase=ByValue(
            parameter="direction",
            templates={"recline": "recline {seat}", "upright": "put {seat} upright"},
            otherwise="move {seat} {direction} by {amount} millimeters",
        ),
        backend="can",
        params=(
            EnumParam(name="direction", values=("forward", "backward", "up", "down", "recline", "upright")),
            IntegerParam(
                name="amount",
                min=5,
                max=200,
                unit="mm",
                default=20,
                note="recline/upright: mm at the top of the backrest",
            ),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
        questions={"direction": Question(text="Which way should I move the seat?")},
        refusal=Refusal(what="Moving the {seat} seat"),
        actuator="seat_motors",
        activity=Activity(ending=Ending.STOP_MOTION),
    ),
    ApiSpec(
        name="recall_seat_memory",
        domain="seats",
        doc="Move a seat to a stored position.",
        phrase="move {seat} to position {slot}",
        backend="can",
        params=(
            IntegerParam(name="slot", min=1, max=3),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
        questions={"slot": Question(text="Which seat position, one, two or three?")},
        refusal=Refusal(what="Moving the {seat} seat"),
        runs_after=(RunsAfter(function="switch_driver_profile"),),
        actuator="seat_motors",
        activity=Activity(ending=Ending.STOP_MOTION),
    ),
    ApiSpec(
        name="save_seat_memory",
        domain="seats",
        doc="Store the present seat position.",
        phrase="store the position of {seat} as {slot}",
        backend="can",
        params=(
            IntegerParam(name="slot", min=1, max=3),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
        questions={"slot": Question(text="Under which number should I store it, one, two or three?", link="as")},
        runs_after=(
            RunsAfter(function="adjust_seat_position", needs_success=True),
            RunsAfter(function="recall_seat_memory", needs_success=True),
            RunsAfter(function="switch_driver_profile"),
        ),
    ),
    ApiSpec(
        name="set_steering_wheel_heating",
        domain="seats",
        doc="Switch steering wheel heating.",
        phrase="turn the steering wheel heating {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should the steering wheel heating be on or off?")},
    ),
)

PACK = ApiPack(name="seats", version="1", apis=APIS)
