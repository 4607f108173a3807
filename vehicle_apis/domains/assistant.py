"""Timers, reminders, weather, news, calendar and undo."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, NumberParam, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="set_timer",
        domain="assistant",
        doc="Start a timer.",
        backend="agent",
        params=(
            NumberParam(name="minutes", min=0.1, max=1440, unit="min"),
            TextParam(name="label", default=""),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="set_alarm",
        domain="assistant",
        doc="Set an alarm.",
        backend="agent",
        params=(
            TimeParam(name="time"),
            TextParam(name="label", default=""),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="create_reminder",
        domain="assistant",
        doc="Remember something for later.",
        backend="agent",
        params=(
            TextParam(name="text"),
            TimeParam(name="time", default=""),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="get_weather",
        domain="assistant",
        doc="Tell the weather.",
        backend="dbus",
        params=(
            TextParam(name="location", default="here"),
            EnumParam(name="day", values=("now", "today", "tonight", "tomorrow", "weekend"), default="today"),
        ),
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="get_news",
        domain="assistant",
        doc="Read the news.",
        backend="dbus",
        params=(
            EnumParam(
                name="category",
                values=("general", "business", "sports", "technology", "politics", "entertainment", "science"),
                default="general",
            ),
        ),
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="get_time",
        domain="assistant",
        doc="Tell the time.",
        backend="agent",
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="get_calendar",
        domain="assistant",
        doc="Tell the appointments of a day.",
        backend="dbus",
        params=(EnumParam(name="day", values=("today", "tomorrow", "week"), default="today"),),
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="undo_last_action",
        domain="assistant",
        doc="Take the last action back.",
        backend="agent",
        idempotent=False,
    ),
)

PACK = ApiPack(name="assistant", version="1", apis=APIS)
