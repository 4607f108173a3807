"""Guidance, places and the map."""

from typing import Any, Final

from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.audio import shows
from vehicle_agent.backends.dbus.client import MethodCall
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.backends.dbus.units import distance_text, imperial
from vehicle_agent.errors import Impossible
from vehicle_apis.call import Call


def _command(r: Request, member: str, signature: str = "", *body: object) -> MethodCall:
    return MethodCall(to=r.config.navigation, member=member, signature=signature, body=body)


def _route_again(r: Request, now: dict[str, Any]) -> tuple[Call, ...]:
    """What brings the present route back; cancelling when there is none."""
    if not now["Active"]:
        return r.inverse("cancel_navigation")
    calls = r.inverse("navigate_to", destination=now["Destination"], route=now["Route"])
    for place in now["Waypoints"]:
        calls += r.inverse("add_waypoint", place=place)
    return calls


async def navigate_to(r: Request) -> Prepared:
    destination, route = r.text("destination"), r.text("route")
    before = await r.client.values(r.config.navigation)

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await r.client.values(r.config.navigation)
        seen = {"destination": str(now["Destination"]), "address": str(now["Address"]), "route": str(now["Route"])}
        if now["Active"] and now["Destination"] == destination and now["Route"] == route:
            return Observed(text=f"The {route} route to {destination} has started.", values=seen)
        return NotYet(seen)

    command = _command(r, "Start", "ss", destination, route)
    return Prepared(commands=(command,), read_back=read_back, undo=_route_again(r, before))


async def add_waypoint(r: Request) -> Prepared:
    place = r.text("place")
    before = await r.client.values(r.config.navigation)
    if not before["Active"]:
        raise Impossible("There is no route to add a stop to; say where to go first.")
    count = len(before["Waypoints"])

    async def read_back(_: Replies) -> Observed | NotYet:
        stops = [str(w) for w in (await r.client.values(r.config.navigation))["Waypoints"]]
        seen = {"stops": len(stops)}
        if len(stops) > count and place in stops:
            return Observed(text=f"{place} is a stop on the route now.", values=seen)
        return NotYet(seen)

    command = _command(r, "AddWaypoint", "s", place)
    return Prepared(commands=(command,), read_back=read_back, undo=_route_again(r, before))


async def cancel_navigation(r: Request) -> Prepared:
    before = await r.client.values(r.config.navigation)
    if not before["Active"]:
        raise Impossible("There is no route to cancel.")
    return Prepared(
        commands=(_command(r, "Cancel"),),
        read_back=shows(r.client, r.config.navigation, lambda v: bool(v["Active"]), False, "Guidance has ended."),
        undo=_route_again(r, before),
    )


async def find_nearby(r: Request) -> Prepared:
    category = r.text("category").replace("_", " ")
    use_miles = await imperial(r.client)

    async def read_back(replies: Replies) -> Observed | NotYet:
        name, address, distance_km = replies[0]
        if not name:
            raise Impossible(f"There is no {category} nearby.")
        where = distance_text(float(distance_km), use_miles=use_miles)
        return Observed(
            text=f"The nearest {category} is {name}, {address}, {where} away.",
            values={"name": name, "distance_km": float(distance_km)},
            result=Place(name=name, address=address),
        )

    return Prepared(commands=(_command(r, "FindNearby", "s", r.text("category")),), read_back=read_back)


async def get_eta(r: Request) -> Prepared:
    now = await r.client.values(r.config.navigation)
    if not now["Active"]:
        raise Impossible("There is no route, so there is no arrival time.")
    use_miles = await imperial(r.client)

    async def read_back(replies: Replies) -> Observed | NotYet:
        arrival, distance_km, minutes = replies[0]
        left = distance_text(float(distance_km), use_miles=use_miles)
        text = f"Arrival at {now['Destination']} is at {arrival}, in {minutes} minutes; {left} to go."
        values = {"arrival": arrival, "distance_km": float(distance_km), "minutes": minutes}
        return Observed(text=text, values=values, result=text)

    return Prepared(commands=(_command(r, "GetEta"),), read_back=read_back)


async def set_route_preference(r: Request) -> Prepared:
    feature, avoid = r.text("feature"), r.text("preference") == "avoid"
    before = feature in (await r.client.values(r.config.navigation))["Avoid"]
    text = f"{feature.capitalize()} are {'avoided' if avoid else 'allowed'}."
    return Prepared(
        commands=(_command(r, "SetAvoid", "sb", feature, avoid),),
        read_back=shows(r.client, r.config.navigation, lambda v: feature in v["Avoid"], avoid, text),
        undo=r.inverse("set_route_preference", feature=feature, preference="avoid" if before else "allow"),
    )


async def control_map(r: Request) -> Prepared:
    action = r.text("action")
    now = await r.client.values(r.config.navigation)
    nav = r.config.navigation
    match action:
        case "zoom_in" | "zoom_out":
            return _zoom(r, now, 1 if action == "zoom_in" else -1)
        case "overview":
            return Prepared(
                commands=(_command(r, "ShowOverview"),),
                read_back=shows(r.client, nav, lambda v: str(v["View"]), "overview", "The map shows the whole route."),
            )
        case "north_up" | "heading_up":
            text = "North is up on the map." if action == "north_up" else "The map turns with the car."
            return Prepared(
                commands=(_command(r, "SetOrientation", "s", action),),
                read_back=shows(r.client, nav, lambda v: str(v["Orientation"]), action, text),
                undo=r.inverse("control_map", action=now["Orientation"]),
            )
        case _:
            shown = action == "traffic_on"
            text = f"Traffic is {'shown on' if shown else 'gone from'} the map."
            return Prepared(
                commands=(_command(r, "ShowTraffic", "b", shown),),
                read_back=shows(r.client, nav, lambda v: bool(v["Traffic"]), shown, text),
                undo=r.inverse("control_map", action="traffic_on" if now["Traffic"] else "traffic_off"),
            )


def _zoom(r: Request, now: dict[str, Any], by: int) -> Prepared:
    """One step from the level seen now, as an absolute level."""
    before, (low, high) = int(now["Zoom"]), now["ZoomRange"]
    level = min(int(high), max(int(low), before + by))
    if level == before:
        text = f"The map is as {'close' if by > 0 else 'far out'} as it goes."
    else:
        text = f"The map is {'closer' if by > 0 else 'further out'} now."
    undo = r.inverse("control_map", action="zoom_out" if by > 0 else "zoom_in") if level != before else ()
    return Prepared(
        commands=(_command(r, "SetZoom", "i", level),),
        read_back=shows(r.client, r.config.navigation, lambda v: int(v["Zoom"]), level, text),
        undo=undo,
    )


FUNCTIONS: Final = {
    "navigate_to": navigate_to,
    "add_waypoint": add_waypoint,
    "cancel_navigation": cancel_navigation,
    "find_nearby": find_nearby,
    "get_eta": get_eta,
    "set_route_preference": set_route_preference,
    "control_map": control_map,
}
