"""Seats and steering wheel comfort."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_seat_heating",
        domain="seats",
        doc="Set seat heating; 0 is off.",
        backend="can",
        params=(
            IntegerParam(name="level", min=0, max=3, default=2),
            EnumParam(
                name="seat", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="driver"
            ),
        ),
    ),
    ApiSpec(
        name="set_seat_ventilation",
        domain="seats",
        doc="Set seat ventilation; 0 is off.",
        backend="can",
        params=(
            IntegerParam(name="level", min=0, max=3, default=2),
            EnumParam(
                name="seat", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="driver"
            ),
        ),
    ),
    ApiSpec(
        name="set_seat_massage",
        domain="seats",
        doc="Set the massage function.",
        backend="can",
        params=(
            EnumParam(name="intensity", values=("off", "low", "medium", "high"), default="medium"),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
    ),
    ApiSpec(
        name="adjust_seat_position",
        domain="seats",
        doc="Move a seat.",
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
    ),
    ApiSpec(
        name="recall_seat_memory",
        domain="seats",
        doc="Move a seat to a stored position.",
        backend="can",
        params=(
            IntegerParam(name="slot", min=1, max=3),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
    ),
    ApiSpec(
        name="save_seat_memory",
        domain="seats",
        doc="Store the present seat position.",
        backend="can",
        params=(
            IntegerParam(name="slot", min=1, max=3),
            EnumParam(name="seat", values=("driver", "passenger"), default="driver"),
        ),
    ),
    ApiSpec(
        name="set_steering_wheel_heating",
        domain="seats",
        doc="Switch steering wheel heating.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
)

PACK = ApiPack(name="seats", version="1", apis=APIS)
