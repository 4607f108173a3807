"""Exterior and interior lights."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_headlights",
        domain="lights",
        doc="Choose the headlight mode.",
        backend="can",
        params=(EnumParam(name="mode", values=("off", "auto", "parking", "low", "high")),),
    ),
    ApiSpec(
        name="set_fog_lights",
        domain="lights",
        doc="Switch fog lights.",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="position", values=("front", "rear"), default="front"),
        ),
    ),
    ApiSpec(
        name="set_hazard_lights",
        domain="lights",
        doc="Switch the hazard warning lights.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="set_cabin_light",
        domain="lights",
        doc="Switch reading or cabin lights.",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="zone", values=("driver", "passenger", "rear", "all"), default="all"),
        ),
    ),
    ApiSpec(
        name="set_ambient_light",
        domain="lights",
        doc="Set the ambient light's colour or brightness; brightness 0 is off.",
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
    ),
)

PACK = ApiPack(name="lights", version="1", apis=APIS)
