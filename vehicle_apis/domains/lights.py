"""Exterior and interior lights."""

from vehicle_apis.common_words import ZONES
from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="set_headlights",
        domain="lights",
        doc="Choose the headlight mode.",
        phrase=ByValue(
            parameter="mode",
            templates={
                "off": "turn the headlights off",
                "auto": "set the headlights to automatic",
                "parking": "switch to the parking lights",
                "low": "switch to low beam",
                "high": "switch to high beam",
            },
        ),
        backend="can",
        params=(EnumParam(name="mode", values=("off", "auto", "parking", "low", "high")),),
        questions={"mode": Question(text="Should the headlights be off, automatic, parking, low or high?", link="to")},
        refusal=Refusal(what="Switching the headlights down"),
    ),
    ApiSpec(
        name="set_fog_lights",
        domain="lights",
        doc="Switch fog lights.",
        phrase="turn the {position} fog lights {state}",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="position", values=("front", "rear"), default="front"),
        ),
        questions={"state": Question(text="Should the fog lights be on or off?")},
    ),
    ApiSpec(
        name="set_hazard_lights",
        domain="lights",
        doc="Switch the hazard warning lights.",
        phrase="turn the hazard lights {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should the hazard lights be on or off?")},
    ),
    ApiSpec(
        name="set_cabin_light",
        domain="lights",
        doc="Switch reading or cabin lights.",
        phrase="turn the light {zone} {state}",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="zone", values=("driver", "passenger", "rear", "all"), default="all"),
        ),
        value_words={"zone": {**ZONES, "all": "everywhere"}},
        questions={"state": Question(text="Should the cabin light be on or off?")},
    ),
    ApiSpec(
        name="set_ambient_light",
        domain="lights",
        doc="Set the ambient light's colour or brightness; brightness 0 is off.",
        phrase=ByValue(
            parameter="color",
            templates={"unchanged": "set the ambient light to {brightness} percent"},
            otherwise="set the ambient light to {color}",
        ),
        backend="can",
        params=(
            EnumParam(
                name="color",
                values=("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "white", "unchanged"),
                default="unchanged",
            ),
            IntegerParam(
                name="brightness",
                min=0,
                max=100,
                unit="percent",
                default=60,
                note="with only a colour said, a light that is on keeps its brightness",
            ),
        ),
        steps={"brightness": 10},
    ),
)

PACK = ApiPack(name="lights", version="1", apis=APIS)
