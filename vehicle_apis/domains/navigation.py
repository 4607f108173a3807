"""Guidance, places and map."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, TextParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="navigate_to",
        domain="navigation",
        doc="Start guidance to a destination.",
        backend="dbus",
        params=(
            TextParam(name="destination", accepts_result=True),
            EnumParam(name="route", values=("fastest", "shortest", "eco", "scenic"), default="fastest"),
        ),
    ),
    ApiSpec(
        name="add_waypoint",
        domain="navigation",
        doc="Add a stop on the present route.",
        backend="dbus",
        params=(TextParam(name="place", accepts_result=True),),
        idempotent=False,
    ),
    ApiSpec(
        name="cancel_navigation",
        domain="navigation",
        doc="Stop guidance.",
        backend="dbus",
    ),
    ApiSpec(
        name="find_nearby",
        domain="navigation",
        doc="Find the nearest place of a kind.",
        backend="dbus",
        params=(
            EnumParam(
                name="category",
                values=(
                    "gas_station",
                    "charging_station",
                    "parking",
                    "restaurant",
                    "coffee",
                    "fast_food",
                    "supermarket",
                    "hotel",
                    "hospital",
                    "pharmacy",
                    "atm",
                    "car_wash",
                    "rest_area",
                    "police",
                    "repair_shop",
                    "toilet",
                ),
            ),
        ),
        returns="place",
        reads_only=True,
    ),
    ApiSpec(
        name="get_eta",
        domain="navigation",
        doc="Tell the arrival time and remaining distance.",
        backend="dbus",
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="set_route_preference",
        domain="navigation",
        doc="Avoid or allow kinds of road.",
        backend="dbus",
        params=(
            EnumParam(name="feature", values=("tolls", "highways", "ferries")),
            EnumParam(name="preference", values=("avoid", "allow"), default="avoid"),
        ),
    ),
    ApiSpec(
        name="control_map",
        domain="navigation",
        doc="Change the map view.",
        backend="dbus",
        params=(
            EnumParam(
                name="action",
                values=("zoom_in", "zoom_out", "overview", "north_up", "heading_up", "traffic_on", "traffic_off"),
            ),
        ),
        idempotent_except={"action": ("zoom_in", "zoom_out")},
    ),
)

PACK = ApiPack(name="navigation", version="1", apis=APIS)
