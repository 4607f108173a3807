"""Phone book, weather, news and calendar."""

import zlib

from simulators.headunit.content import APPOINTMENTS, CONTACTS, NEWS, WEATHER
from simulators.headunit.service import Interface, ServiceFailure, method


class Contacts(Interface):
    name = "org.vehicleagent.Contacts"

    def __init__(self) -> None:
        super().__init__()
        self.book = list(CONTACTS)

    @method("", "a(sa(ss)s)")
    def get_all(self) -> list[list[object]]:
        """Name, numbers by type, address."""
        return [[c.name, [list(n) for n in c.numbers], c.address] for c in self.book]


class Information(Interface):
    name = "org.vehicleagent.Information"

    @method("ss", "ssiiiu")
    def get_weather(self, location: str, day: str) -> tuple[str, str, int, int, int, int]:
        """Place, condition, temperature, lowest, highest (celsius), chance of rain in percent."""
        if day not in WEATHER:
            raise ServiceFailure("NotFound", f"there is no forecast for {day}")
        place = "Eastfield" if location == "here" else location.title()
        condition, shift, rain = WEATHER[day]
        usual = 12 + zlib.crc32(place.lower().encode()) % 12
        return place, condition, usual + shift, usual + shift - 4, usual + shift + 3, rain

    @method("s", "as")
    def get_news(self, category: str) -> list[str]:
        if category not in NEWS:
            raise ServiceFailure("NotFound", f"there is no {category} news")
        return list(NEWS[category])

    @method("s", "a(sss)")
    def get_calendar(self, day: str) -> list[list[str]]:
        """Day, time and title of the appointments of today, tomorrow or the week."""
        return [list(a) for a in APPOINTMENTS if day in {a[0], "week"}]
