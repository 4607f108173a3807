"""The radio: stations by name or frequency."""

import re
from typing import Any, Final

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.naming import find
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError, Impossible
from vehicle_apis.params import Scalar

# band -> lowest, highest, unit (ITU region 1 and 2 together)
_RANGE: Final = {"fm": (87.5, 108.0, "megahertz"), "am": (522.0, 1710.0, "kilohertz")}
_FREQUENCY: Final = re.compile(
    r"(\d+)(?:\s*(?:\.|point|,)\s*(\d+))?\s*(?:fm|am|f m|a m|mhz|khz|megahertz|kilohertz)?", re.ASCII
)
_KIND_WORDS: Final = re.compile(r"\b(?:f ?m|a ?m|dab|station)\b")


def _where(name: str, band: str, frequency: float) -> str:
    place = band.upper() if not frequency else f"{frequency:g} {band.upper()}"
    return f"{name} on {place}" if name else place


def _parse_frequency(spoken: str, band: str) -> float | None:
    """MHz or kHz when the station is a number. Raises Impossible outside the band."""
    match = _FREQUENCY.fullmatch(spoken.strip().lower())
    if match is None:
        return None
    if band not in _RANGE:
        raise Impossible("Digital radio has station names, no frequencies; say a name.")
    frequency = float(f"{match[1]}.{match[2] or 0}")
    low, high, unit = _RANGE[band]
    if not low <= frequency <= high:
        raise Impossible(f"{spoken} is not on {band.upper()}, which goes from {low:g} to {high:g} {unit}.")
    return frequency


def _by_name(stations: list[list[Any]], spoken: str, band: str) -> tuple[str, str, float]:
    """In the wanted band before the others. Raises Impossible."""
    name = " ".join(_KIND_WORDS.sub(" ", spoken.lower()).split()) or spoken
    last: Impossible | None = None
    for bands in ((band,), tuple(b for b in ("fm", "dab", "am") if b != band)):
        try:
            found = find(
                name, [s for s in stations if s[1] in bands], lambda s: str(s[0]), kind="station", where="here"
            )
        except Impossible as e:
            last = last or e
        else:
            return str(found[0]), str(found[1]), float(found[2])
    raise last or Impossible(f"There is no station called {spoken} here.")


async def _before(r: Request, radio: dict[str, Any]) -> tuple[Any, ...]:
    try:
        source = str((await r.client.values(r.config.audio))["Source"])
    except BackendError:
        source = "radio"
    if source != "radio":
        return r.inverse("select_media_source", source=source)
    station = str(radio["Station"]) or f"{radio['Frequency']:g}"
    return r.inverse("tune_radio", station=station, band=radio["Band"])


async def tune_radio(r: Request) -> Prepared:
    radio = await r.client.values(r.config.radio)
    spoken, band = r.text("station"), r.text("band")
    frequency = _parse_frequency(spoken, band)
    if frequency is None:
        name, band, frequency = _by_name(radio["Stations"], spoken, band)
    else:
        name = ""

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await r.client.values(r.config.radio)
        here = str(now["Station"]), str(now["Band"]), float(now["Frequency"])
        seen: dict[str, Scalar] = {"station": here[0], "band": here[1], "frequency": here[2]}
        right = here[0] == name if name else abs(here[2] - frequency) < 0.05
        if now["Playing"] and here[1] == band and right:
            return Observed(text=f"The radio plays {_where(*here)}.", values=seen)
        return NotYet(seen)

    return Prepared(
        commands=(MethodCall(to=r.config.radio, member="Tune", signature="ssd", body=(band, name, frequency)),),
        read_back=read_back,
        undo=await _before(r, radio),
    )


async def control(r: Request, action: str) -> Prepared:
    """control_playback while the radio is the source."""
    to = r.config.radio
    radio = await r.client.values(to)
    playing = bool(radio["Playing"])
    match action:
        case "play":
            return _switch(r, "Start", on=True, was_on=playing)
        case "pause" | "stop":
            return _switch(r, "Stop", on=False, was_on=playing)
        case "next" | "previous":
            before = (radio["Station"], radio["Frequency"])

            async def read_back(_: Replies) -> Observed | NotYet:
                now = await r.client.values(to)
                text = f"The radio plays {_where(now['Station'], now['Band'], now['Frequency'])}."
                changed = (now["Station"], now["Frequency"]) != before
                seen = {"station": str(now["Station"])}
                return Observed(text=text, values=seen) if changed else NotYet(seen)

            by, back = (1, "previous") if action == "next" else (-1, "next")
            return Prepared(
                commands=(MethodCall(to=to, member="Step", signature="i", body=(by,)),),
                read_back=read_back,
                undo=r.inverse("control_playback", action=back),
            )
        case _:
            raise Impossible(f"The radio is on, and it has no {action.replace('_', ' ')}.")


def _switch(r: Request, member: str, *, on: bool, was_on: bool) -> Prepared:
    client: Client = r.client

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await client.values(r.config.radio)
        seen = {"playing": bool(now["Playing"])}
        if bool(now["Playing"]) is not on:
            return NotYet(seen)
        text = (
            f"The radio plays {_where(now['Station'], now['Band'], now['Frequency'])}." if on else "The radio is off."
        )
        return Observed(text=text, values=seen)

    return Prepared(
        commands=(MethodCall(to=r.config.radio, member=member),),
        read_back=read_back,
        undo=r.inverse("control_playback", action="play" if was_on else "stop"),
    )


FUNCTIONS: Final = {"tune_radio": tune_radio}
