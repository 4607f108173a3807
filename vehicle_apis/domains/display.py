"""Screens, apps, units and driver profiles."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, TextParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="set_display_brightness",
        domain="display",
        doc="Set a screen's brightness.",
        phrase="set the brightness of the {screen} to {level} percent",
        backend="dbus",
        params=(
            IntegerParam(name="level", min=0, max=100, unit="percent"),
            EnumParam(name="screen", values=("center", "cluster", "head_up", "rear"), default="center"),
        ),
        questions={"level": Question(text="To how many percent should I set the brightness?", link="to")},
        refusal=Refusal(what="Darkening the instrument cluster"),
        steps={"level": 10},
    ),
    ApiSpec(
        name="set_display_theme",
        domain="display",
        doc="Choose day, night or automatic colours.",
        phrase=ByValue(
            parameter="theme",
            templates={"auto": "set the display colors to automatic"},
            otherwise="set the display to {theme}",
        ),
        backend="dbus",
        params=(EnumParam(name="theme", values=("day", "night", "auto")),),
        questions={"theme": Question(text="Should the display be day, night or automatic?", link="to")},
    ),
    ApiSpec(
        name="open_app",
        domain="display",
        doc="Open an app on the front screen.",
        phrase="open {app}",
        backend="dbus",
        params=(TextParam(name="app"),),
        questions={"app": Question(text="Which app should I open?")},
        refusal=Refusal(what="Opening {app}"),
        activity=Activity(ending=Ending.HOME_SCREEN),
        opens_app="app",
    ),
    ApiSpec(
        name="set_units",
        domain="display",
        doc="Choose metric or imperial units.",
        phrase="use {system} units",
        backend="dbus",
        params=(EnumParam(name="system", values=("metric", "imperial")),),
        questions={"system": Question(text="Metric or imperial units?", link="to")},
    ),
    ApiSpec(
        name="switch_driver_profile",
        domain="display",
        doc="Load someone's profile.",
        phrase="load the profile of {name}",
        backend="dbus",
        params=(TextParam(name="name"),),
        questions={"name": Question(text="Whose profile should I load?", link="to")},
        refusal=Refusal(what="Switching the driver profile"),
    ),
)

PACK = ApiPack(name="display", version="1", apis=APIS)
