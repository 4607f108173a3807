"""Weather, news and calendar as sentences."""

from typing import Final

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.client import MethodCall
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.backends.dbus.units import degrees, imperial

_WHEN: Final = {
    "now": "Right now",
    "today": "Today",
    "tonight": "Tonight",
    "tomorrow": "Tomorrow",
    "weekend": "At the weekend",
}


def _query(r: Request, member: str, signature: str, *body: object) -> MethodCall:
    return MethodCall(to=r.config.information, member=member, signature=signature, body=body)


async def get_weather(r: Request) -> Prepared:
    day = r.text("day")
    fahrenheit = await imperial(r.client)

    async def read_back(replies: Replies) -> Observed | NotYet:
        place, condition, temperature, lowest, highest, rain = replies[0]
        now, low, high = (degrees(c, fahrenheit=fahrenheit) for c in (temperature, lowest, highest))
        span = f"{now} degrees" if day == "now" else f"{low} to {high} degrees"
        text = f"{_WHEN[day]} in {place}: {condition}, {span}, {rain} percent chance of rain."
        values = {"condition": condition, "temperature_c": temperature, "rain_percent": rain}
        return Observed(text=text, values=values, result=text)

    return Prepared(commands=(_query(r, "GetWeather", "ss", r.text("location"), day),), read_back=read_back)


async def get_news(r: Request) -> Prepared:
    category = r.text("category")

    async def read_back(replies: Replies) -> Observed | NotYet:
        headlines = [str(h) for h in replies[0][0]]
        kind = "" if category == "general" else f"{category} "
        text = f"The {kind}news: {' '.join(headlines)}" if headlines else f"There is no {kind}news."
        return Observed(text=text, values={"headlines": len(headlines)}, result=text)

    return Prepared(commands=(_query(r, "GetNews", "s", category),), read_back=read_back)


async def get_calendar(r: Request) -> Prepared:
    day = r.text("day")

    async def read_back(replies: Replies) -> Observed | NotYet:
        entries = replies[0][0]
        when = "this week" if day == "week" else day
        listed = ", ".join(
            f"{title} {'' if day != 'week' else _on(str(date)) + ' '}at {time}" for date, time, title in entries
        )
        text = f"{when.capitalize()}: {listed}." if entries else f"Nothing is planned for {when}."
        return Observed(text=text, values={"appointments": len(entries)}, result=text)

    return Prepared(commands=(_query(r, "GetCalendar", "s", day),), read_back=read_back)


def _on(date: str) -> str:
    return date if date in {"today", "tomorrow"} else f"on {date.capitalize()}"


FUNCTIONS: Final = {"get_weather": get_weather, "get_news": get_news, "get_calendar": get_calendar}
