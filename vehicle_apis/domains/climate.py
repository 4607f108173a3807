"""Cabin climate."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TimeParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Hearing
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="set_climate_temperature",
        domain="climate",
        doc="Set the target cabin temperature of a zone.",
        phrase="set the temperature {zone} to {temperature} {unit}",
        backend="can",
        params=(
            NumberParam(
                name="temperature",
                min=16,
                max=86,
                by_unit={"celsius": (16, 30), "fahrenheit": (61, 86)},
                note="in the unit spoken, 16 to 30 celsius or 61 to 86 fahrenheit; sent in steps of 0.5 celsius",
            ),
            EnumParam(name="zone", values=("driver", "passenger", "rear", "all"), default="driver"),
            EnumParam(name="unit", values=("celsius", "fahrenheit"), default="celsius"),
        ),
        questions={"temperature": Question(text="To what temperature?", link="to")},
        actuator="cabin_temperature",
    ),
    ApiSpec(
        name="adjust_climate_temperature",
        domain="climate",
        doc="Make a zone warmer or cooler.",
        phrase=ByValue(
            parameter="direction",
            templates={
                "up": "make it {amount} degrees warmer {zone}",
                "down": "make it {amount} degrees cooler {zone}",
            },
        ),
        backend="can",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            NumberParam(name="amount", min=0.5, max=10, unit="celsius", default=1),
            EnumParam(name="zone", values=("driver", "passenger", "rear", "all"), default="driver"),
        ),
        questions={"direction": Question(text="Warmer or cooler?")},
        actuator="cabin_temperature",
        hearing=Hearing(never_said_with=("to minus",)),
    ),
    ApiSpec(
        name="set_fan_speed",
        domain="climate",
        doc="Set the blower level.",
        phrase="set the fan to {level}",
        backend="can",
        params=(IntegerParam(name="level", min=0, max=7),),
        questions={"level": Question(text="To which fan level, from zero to seven?", link="to")},
        actuator="blower",
    ),
    ApiSpec(
        name="adjust_fan_speed",
        domain="climate",
        doc="Raise or lower the blower level.",
        phrase="turn the fan {direction} by {amount}",
        backend="can",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=7, default=1),
        ),
        questions={"direction": Question(text="Should the fan go up or down?")},
        actuator="blower",
    ),
    ApiSpec(
        name="set_air_direction",
        domain="climate",
        doc="Choose where the air comes out.",
        phrase="send the air {mode}",
        backend="can",
        params=(
            EnumParam(
                name="mode", values=("face", "feet", "face_and_feet", "windshield", "feet_and_windshield", "auto")
            ),
        ),
        value_words={
            "mode": {
                "face": "to the face",
                "feet": "to the feet",
                "face_and_feet": "to face and feet",
                "windshield": "to the windshield",
                "feet_and_windshield": "to feet and windshield",
                "auto": "to automatic",
            }
        },
        questions={"mode": Question(text="Where should the air go: face, feet, windshield or automatic?", link="to")},
    ),
    ApiSpec(
        name="set_air_conditioning",
        domain="climate",
        doc="Switch the A/C compressor.",
        phrase="turn the air conditioning {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should the air conditioning be on or off?")},
    ),
    ApiSpec(
        name="set_air_recirculation",
        domain="climate",
        doc="Recirculate cabin air, take fresh air, or automatic.",
        phrase=ByValue(
            parameter="state",
            templates={"auto": "set recirculation to automatic"},
            otherwise="turn recirculation {state}",
        ),
        backend="can",
        params=(EnumParam(name="state", values=("on", "off", "auto")),),
        questions={"state": Question(text="Should recirculation be on, off or automatic?")},
        hearing=Hearing(inverted=True),
    ),
    ApiSpec(
        name="set_defroster",
        domain="climate",
        doc="Switch the windshield or rear window defroster.",
        phrase="turn the {window} defroster {state}",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="window", values=("front", "rear"), default="front"),
        ),
        questions={"state": Question(text="Should the defroster be on or off?")},
    ),
    ApiSpec(
        name="set_climate_auto",
        domain="climate",
        doc="Switch automatic climate control.",
        phrase="turn automatic climate {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should automatic climate be on or off?")},
    ),
    ApiSpec(
        name="set_climate_sync",
        domain="climate",
        doc="Tie all zones to the driver's temperature, or free them.",
        phrase="turn climate sync {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should climate sync be on or off?")},
    ),
    ApiSpec(
        name="set_climate_power",
        domain="climate",
        doc="Switch the whole climate system.",
        phrase="turn the climate system {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should the climate system be on or off?")},
    ),
    ApiSpec(
        name="precondition_cabin",
        domain="climate",
        doc="Heat or cool the parked car, now or for a departure time.",
        phrase=ByValue(
            parameter="time",
            templates={"now": "bring the cabin to {temperature} {unit} now"},
            otherwise="bring the cabin to {temperature} {unit} for {time}",
        ),
        backend="can",
        params=(
            TimeParam(name="time", default="now"),
            NumberParam(
                name="temperature", min=16, max=86, by_unit={"celsius": (16, 30), "fahrenheit": (61, 86)}, default=21
            ),
            EnumParam(name="unit", values=("celsius", "fahrenheit"), default="celsius"),
        ),
        refusal=Refusal(what="Preconditioning now"),
    ),
)

PACK = ApiPack(name="climate", version="1", apis=APIS)
