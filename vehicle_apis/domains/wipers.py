"""Wipers and washers."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_wipers",
        domain="wipers",
        doc="Choose the wiper mode.",
        backend="can",
        params=(
            EnumParam(name="mode", values=("off", "intermittent", "slow", "fast", "auto")),
            EnumParam(name="window", values=("front", "rear"), default="front"),
        ),
    ),
    ApiSpec(
        name="wash_windshield",
        domain="wipers",
        doc="Wash a window with washer fluid.",
        backend="can",
        params=(EnumParam(name="window", values=("front", "rear"), default="front"),),
        idempotent=False,
    ),
)

PACK = ApiPack(name="wipers", version="1", apis=APIS)
