"""Timers, reminders, weather, news, calendar and undo."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, NumberParam, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Hearing
from vehicle_apis.wording import Question

APIS = (
    ApiSpec(
        name="set_timer",
        domain="assistant",
        doc="Start a timer.",
        phrase="set a timer for {minutes} minutes",
        backend="agent",
        params=(
            NumberParam(name="minutes", min=0.1, max=1440, unit="min"),
            TextParam(name="label", default=""),
        ),
        idempotent=False,
        questions={"minutes": Question(text="For how long should the timer run?", link="for")},
        hearing=Hearing(duration="minutes"),
    ),
    ApiSpec(
        name="set_alarm",
        domain="assistant",
        doc="Set an alarm.",
        phrase="set an alarm for {time}",
        backend="agent",
        params=(
            TimeParam(name="time"),
            TextParam(name="label", default=""),
        ),
        idempotent=False,
        questions={"time": Question(text="For what time should I set the alarm?", link="for")},
        hearing=Hearing(timer_label="label"),
    ),
    ApiSpec(
        name="create_reminder",
        domain="assistant",
        doc="Remember something for later.",
        phrase="remind you: {text}",
        backend="agent",
        params=(
            TextParam(name="text"),
            TimeParam(name="time", default=""),
        ),
        idempotent=False,
        questions={"text": Question(text="What should I remind you of?", link="to")},
        hearing=Hearing(timer_label="text"),
    ),
    ApiSpec(
        name="get_weather",
        domain="assistant",
        doc="Tell the weather.",
        phrase="tell you the weather",
        backend="dbus",
        params=(
            TextParam(name="location", default="here"),
            EnumParam(name="day", values=("now", "today", "tonight", "tomorrow", "weekend"), default="today"),
        ),
        returns="text",
        reads_only=True,
        value_words={"location": {"here": "here"}},
    ),
    ApiSpec(
        name="get_news",
        domain="assistant",
        doc="Read the news.",
        phrase="read the news",
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
        phrase="tell you the time",
        backend="agent",
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="get_calendar",
        domain="assistant",
        doc="Tell the appointments of a day.",
        phrase="tell you the appointments",
        backend="dbus",
        params=(EnumParam(name="day", values=("today", "tomorrow", "week"), default="today"),),
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="undo_last_action",
        domain="assistant",
        doc="Take the last action back.",
        phrase="undo the last thing",
        backend="agent",
        idempotent=False,
        takes_back=True,
    ),
)

PACK = ApiPack(name="assistant", version="1", apis=APIS)
