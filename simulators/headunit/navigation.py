"""Guidance, places and the map."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from simulators.headunit.content import NEARBY, SAVED_PLACES
from simulators.headunit.service import Interface, ServiceFailure, method

ROUTES: Final = {"fastest": 1.0, "shortest": 1.15, "eco": 1.1, "scenic": 1.4}  # time against the fastest
FEATURES: Final = ("tolls", "highways", "ferries")
ZOOM: Final = (1, 18)


class Navigation(Interface):
    """``now`` gives the local time. Distances follow from the destination's name, so every run is the same."""

    name = "org.vehicleagent.Navigation"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self.declare("Active", "b", False)
        self.declare("Destination", "s", "")
        self.declare("Address", "s", "")
        self.declare("Route", "s", "fastest")
        self.declare("Waypoints", "as", [])
        self.declare("Avoid", "as", [])
        self.declare("Zoom", "i", 12)
        self.declare("ZoomRange", "(ii)", list(ZOOM))
        self.declare("View", "s", "follow")
        self.declare("Orientation", "s", "heading_up")
        self.declare("Traffic", "b", False)

    @property
    def active(self) -> bool:
        return bool(self.get("Active"))

    @property
    def destination(self) -> str:
        return str(self.get("Destination"))

    @property
    def waypoints(self) -> list[str]:
        return list(self.get("Waypoints"))

    @method("ss")
    def start(self, destination: str, route: str) -> None:
        if not destination or route not in ROUTES:
            raise ServiceFailure("NotFound", f"no {route} route to {destination!r}")
        address = SAVED_PLACES.get(destination.lower(), destination)
        self.put(Active=True, Destination=destination, Address=address, Route=route, Waypoints=[], View="follow")

    @method("s")
    def add_waypoint(self, place: str) -> None:
        if not self.active:
            raise ServiceFailure("NotActive", "there is no route")
        self.put(Waypoints=[*self.waypoints, place])

    @method()
    def cancel(self) -> None:
        self.put(Active=False, Destination="", Address="", Waypoints=[], Route="fastest")

    @method("s", "ssd")
    def find_nearby(self, category: str) -> tuple[str, str, float]:
        """Name, address and distance in km of the nearest one."""
        if category not in NEARBY:
            raise ServiceFailure("NotFound", f"there is no {category.replace('_', ' ')} nearby")
        return NEARBY[category]

    @method("", "sdu")
    def get_eta(self) -> tuple[str, float, int]:
        """Local time of arrival "HH:MM", remaining distance in km and time in minutes."""
        if not self.active:
            raise ServiceFailure("NotActive", "there is no route")
        distance_km = 4 + zlib.crc32(self.get("Address").lower().encode()) % 560 / 10 + 3 * len(self.waypoints)
        minutes = round(distance_km * 1.2 * ROUTES[self.get("Route")])
        arrival = self._now() + timedelta(minutes=minutes)
        return arrival.strftime("%H:%M"), round(distance_km, 1), minutes

    @method("sb")
    def set_avoid(self, feature: str, avoid: bool) -> None:
        if feature not in FEATURES:
            raise ServiceFailure("NotFound", f"there is no preference for {feature}")
        others = [f for f in self.get("Avoid") if f != feature]
        self.put(Avoid=sorted([*others, feature]) if avoid else others)

    @method("i")
    def set_zoom(self, level: int) -> None:
        if not ZOOM[0] <= level <= ZOOM[1]:
            raise ServiceFailure("OutOfRange", f"no zoom level {level}")
        self.put(Zoom=level, View="follow")

    @method()
    def show_overview(self) -> None:
        self.put(View="overview")

    @method("s")
    def set_orientation(self, orientation: str) -> None:
        if orientation not in {"north_up", "heading_up"}:
            raise ServiceFailure("NotFound", f"there is no orientation {orientation}")
        self.put(Orientation=orientation, View="follow")

    @method("b")
    def show_traffic(self, shown: bool) -> None:
        self.put(Traffic=shown)
