"""Screens, apps, units and driver profiles."""

from typing import Any, Final

from state_machines.rulebook import app_key
from vehicle_agent.backends.dbus.action import Prepared
from vehicle_agent.backends.dbus.audio import shows
from vehicle_agent.backends.dbus.client import MethodCall
from vehicle_agent.backends.dbus.naming import cleaned, find
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import Impossible


def _command(r: Request, member: str, signature: str, *body: object) -> MethodCall:
    return MethodCall(to=r.config.display, member=member, signature=signature, body=body)


async def set_display_brightness(r: Request) -> Prepared:
    screen, level = r.text("screen"), r.integer("level")
    levels = (await r.client.values(r.config.display))["Brightness"]
    if screen not in levels:
        raise Impossible(f"This car has no {screen.replace('_', '-')} display.")
    text = f"The {screen.replace('_', '-')} display is at {level} percent."
    return Prepared(
        commands=(_command(r, "SetBrightness", "su", screen, level),),
        read_back=shows(r.client, r.config.display, lambda v: int(v["Brightness"][screen]), level, text),
        undo=r.inverse("set_display_brightness", level=levels[screen], screen=screen),
    )


async def set_display_theme(r: Request) -> Prepared:
    theme = r.text("theme")
    before = (await r.client.values(r.config.display))["Theme"]
    text = "The colours follow the daylight." if theme == "auto" else f"The display has its {theme} colours."
    return Prepared(
        commands=(_command(r, "SetTheme", "s", theme),),
        read_back=shows(r.client, r.config.display, lambda v: str(v["Theme"]), theme, text),
        undo=r.inverse("set_display_theme", theme=before),
    )


async def set_units(r: Request) -> Prepared:
    system = r.text("system")
    before = (await r.client.values(r.config.display))["Units"]
    return Prepared(
        commands=(_command(r, "SetUnits", "s", system),),
        read_back=shows(r.client, r.config.display, lambda v: str(v["Units"]), system, f"The units are {system}."),
        undo=r.inverse("set_units", system=before),
    )


async def open_app(r: Request) -> Prepared:
    """No loose matching here: the gate judged the app by the very words that were spoken."""
    key = app_key(r.text("app"))
    now = await r.client.values(r.config.display)
    app = next((str(a) for a in now["Apps"] if app_key(str(a)) == key), None)
    if app is None:
        raise Impossible(f"There is no app called {r.text('app')} on this head unit.")
    before = str(now["App"])
    return Prepared(
        commands=(_command(r, "OpenApp", "s", app),),
        read_back=shows(r.client, r.config.display, lambda v: str(v["App"]), app, f"{app.title()} is open."),
        undo=r.inverse("open_app", app=before) if before in now["Apps"] else (),
    )


async def profile(r: Request) -> tuple[str, dict[str, Any]]:
    """The profile that is meant, as the display calls it, and the display's properties. Raises Impossible."""
    now = await r.client.values(r.config.display)
    names = [name for name in now["Profiles"] if cleaned(name)]
    return find(r.text("name"), names, cleaned, kind="profile", where="in this car"), now


async def switch_driver_profile(r: Request) -> Prepared:
    name, now = await profile(r)
    return Prepared(
        commands=(_command(r, "LoadProfile", "s", name),),
        read_back=shows(
            r.client, r.config.display, lambda v: str(v["Profile"]), name, f"The profile {cleaned(name)} is loaded."
        ),
        undo=r.inverse("switch_driver_profile", name=str(now["Profile"]).lower()),
    )


FUNCTIONS: Final = {
    "set_display_brightness": set_display_brightness,
    "set_display_theme": set_display_theme,
    "set_units": set_units,
    "open_app": open_app,
    "switch_driver_profile": switch_driver_profile,
}
