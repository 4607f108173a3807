"""Guidance, places and map."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, TextParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import RunsAfter
from vehicle_apis.wording import ByValue, Question

APIS = (
    ApiSpec(
        name="navigate_to",
        domain="navigation",
        doc="Start guidance to a destination.",
        phrase=ByValue(
            parameter="route",
            templates={"fastest": "drive to {destination}"},
            otherwise="drive to {destination} by the {route} route",
        ),
        backend="dbus",
        params=(
            TextParam(name="destination", accepts_result=True),
            EnumParam(name="route", values=("fastest", "shortest", "eco", "scenic"), default="fastest"),
        ),
        result_words="the place I find",
        questions={"destination": Question(text="Where should I take you?", link="to")},
        runs_after=(RunsAfter(function="cancel_navigation"),),
        actuator="guidance",
    ),
    ApiSpec(
        name="add_waypoint",
        domain="navigation",
        doc="Add a stop on the present route.",
        phrase="add a stop at {place}",
        backend="dbus",
        params=(TextParam(name="place", accepts_result=True),),
        idempotent=False,
        result_words="the place I find",
        questions={"place": Question(text="Which stop should I add?", link="at")},
        runs_after=(RunsAfter(function="navigate_to"),),
    ),
    ApiSpec(
        name="cancel_navigation",
        domain="navigation",
        doc="Stop guidance.",
        phrase="end the navigation",
        backend="dbus",
        actuator="guidance",
    ),
    ApiSpec(
        name="find_nearby",
        domain="navigation",
        doc="Find the nearest place of a kind.",
        phrase="find the nearest {category}",
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
        questions={"category": Question(text="What kind of place should I look for?")},
    ),
    ApiSpec(
        name="get_eta",
        domain="navigation",
        doc="Tell the arrival time and remaining distance.",
        phrase="tell you the arrival time",
        backend="dbus",
        returns="text",
        reads_only=True,
        runs_after=(
            RunsAfter(function="navigate_to"),
            RunsAfter(function="add_waypoint"),
        ),
    ),
    ApiSpec(
        name="set_route_preference",
        domain="navigation",
        doc="Avoid or allow kinds of road.",
        phrase="{preference} {feature}",
        backend="dbus",
        params=(
            EnumParam(name="feature", values=("tolls", "highways", "ferries")),
            EnumParam(name="preference", values=("avoid", "allow"), default="avoid"),
        ),
        questions={"feature": Question(text="Should that be about tolls, highways or ferries?")},
    ),
    ApiSpec(
        name="control_map",
        domain="navigation",
        doc="Change the map view.",
        phrase=ByValue(
            parameter="action",
            templates={
                "zoom_in": "zoom in on the map",
                "zoom_out": "zoom out of the map",
                "overview": "show the whole route",
                "north_up": "turn the map north up",
                "heading_up": "turn the map in driving direction",
                "traffic_on": "show the traffic",
                "traffic_off": "hide the traffic",
            },
        ),
        backend="dbus",
        params=(
            EnumParam(
                name="action",
                values=("zoom_in", "zoom_out", "overview", "north_up", "heading_up", "traffic_on", "traffic_off"),
            ),
        ),
        idempotent_except={"action": ("zoom_in", "zoom_out")},
        questions={"action": Question(text="What should I do with the map: zoom in, zoom out or show the overview?")},
    ),
)

PACK = ApiPack(name="navigation", version="1", apis=APIS)
