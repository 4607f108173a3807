"""Cabin climate."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TimeParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_climate_temperature",
        domain="climate",
        doc="Set the target cabin temperature of a zone.",
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
    ),
    ApiSpec(
        name="adjust_climate_temperature",
        domain="climate",
        doc="Make a zone warmer or cooler.",
        backend="can",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            NumberParam(name="amount", min=0.5, max=10, unit="celsius", default=1),
            EnumParam(name="zone", values=("driver", "passenger", "rear", "all"), default="driver"),
        ),
    ),
    ApiSpec(
        name="set_fan_speed",
        domain="climate",
        doc="Set the blower level.",
        backend="can",
        params=(IntegerParam(name="level", min=0, max=7),),
    ),
    ApiSpec(
        name="adjust_fan_speed",
        domain="climate",
        doc="Raise or lower the blower level.",
        backend="can",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=7, default=1),
        ),
    ),
    ApiSpec(
        name="set_air_direction",
        domain="climate",
        doc="Choose where the air comes out.",
        backend="can",
        params=(
            EnumParam(
                name="mode", values=("face", "feet", "face_and_feet", "windshield", "feet_and_windshield", "auto")
            ),
        ),
    ),
    ApiSpec(
        name="set_air_conditioning",
        domain="climate",
        doc="Switch the A/C compressor.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="set_air_recirculation",
        domain="climate",
        doc="Recirculate cabin air, take fresh air, or automatic.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off", "auto")),),
    ),
    ApiSpec(
        name="set_defroster",
        domain="climate",
        doc="Switch the windshield or rear window defroster.",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="window", values=("front", "rear"), default="front"),
        ),
    ),
    ApiSpec(
        name="set_climate_auto",
        domain="climate",
        doc="Switch automatic climate control.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="set_climate_sync",
        domain="climate",
        doc="Tie all zones to the driver's temperature, or free them.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="set_climate_power",
        domain="climate",
        doc="Switch the whole climate system.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="precondition_cabin",
        domain="climate",
        doc="Heat or cool the parked car, now or for a departure time.",
        backend="can",
        params=(
            TimeParam(name="time", default="now"),
            NumberParam(
                name="temperature", min=16, max=86, by_unit={"celsius": (16, 30), "fahrenheit": (61, 86)}, default=21
            ),
            EnumParam(name="unit", values=("celsius", "fahrenheit"), default="celsius"),
        ),
    ),
)

PACK = ApiPack(name="climate", version="1", apis=APIS)
