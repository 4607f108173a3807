"""Screens, apps, units and driver profiles."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, TextParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_display_brightness",
        domain="display",
        doc="Set a screen's brightness.",
        backend="dbus",
        params=(
            IntegerParam(name="level", min=0, max=100, unit="percent"),
            EnumParam(name="screen", values=("center", "cluster", "head_up", "rear"), default="center"),
        ),
    ),
    ApiSpec(
        name="set_display_theme",
        domain="display",
        doc="Choose day, night or automatic colours.",
        backend="dbus",
        params=(EnumParam(name="theme", values=("day", "night", "auto")),),
    ),
    ApiSpec(
        name="open_app",
        domain="display",
        doc="Open an app on the front screen.",
        backend="dbus",
        params=(TextParam(name="app"),),
    ),
    ApiSpec(
        name="set_units",
        domain="display",
        doc="Choose metric or imperial units.",
        backend="dbus",
        params=(EnumParam(name="system", values=("metric", "imperial")),),
    ),
    ApiSpec(
        name="switch_driver_profile",
        domain="display",
        doc="Load someone's profile.",
        backend="dbus",
        params=(TextParam(name="name"),),
    ),
)

PACK = ApiPack(name="display", version="1", apis=APIS)
