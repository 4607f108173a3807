"""The mixer: volumes, mutes, equalizer and source."""

from collections.abc import Callable
from typing import Any, Final

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus import players
from vehicle_agent.backends.dbus.action import NotYet, Prepared, ReadBack, Replies
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.player import PlayerState
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError, Impossible
from vehicle_apis.call import Call


def shows(
    client: Client, of: Endpoint, pick: Callable[[dict[str, Any]], str | int | float], wanted: str | float, text: str
) -> ReadBack:
    """Done when the value ``pick`` takes from the service's properties is ``wanted``."""

    async def read_back(_: Replies) -> Observed | NotYet:
        value = pick(await client.values(of))
        seen = {"value": value}
        return Observed(text=text, values=seen) if value == wanted else NotYet(seen)

    return read_back


def _volume_of(r: Request) -> Callable[[dict[str, Any]], int]:
    channel = r.text("channel")
    return lambda values: int(values["Volumes"][channel])


async def _volume(r: Request, level: int, before: int, note: str = "") -> Prepared:
    channel = r.text("channel")
    text = f"The {channel} volume is {level} percent{note}."
    return Prepared(
        commands=(MethodCall(to=r.config.audio, member="SetVolume", signature="su", body=(channel, level)),),
        read_back=shows(r.client, r.config.audio, _volume_of(r), level, text),
        undo=r.inverse("set_volume", level=before, channel=channel),
    )


async def set_volume(r: Request) -> Prepared:
    before = _volume_of(r)(await r.client.values(r.config.audio))
    return await _volume(r, r.integer("level"), before)


async def adjust_volume(r: Request) -> Prepared:
    before = _volume_of(r)(await r.client.values(r.config.audio))
    asked = before + r.delta()
    level = min(100, max(0, asked))
    note = "" if asked == level else ", the loudest there is" if level == 100 else ", the lowest there is"
    return await _volume(r, level, before, note)


async def set_mute(r: Request) -> Prepared:
    channel, muted = r.text("channel"), r.text("state") == "on"
    before = bool((await r.client.values(r.config.audio))["Mutes"][channel])
    text = f"{channel.capitalize()} sound is {'muted' if muted else 'on again'}."
    return Prepared(
        commands=(MethodCall(to=r.config.audio, member="SetMute", signature="sb", body=(channel, muted)),),
        read_back=shows(r.client, r.config.audio, lambda v: bool(v["Mutes"][channel]), muted, text),
        undo=r.inverse("set_mute", state="on" if before else "off", channel=channel),
    )


async def adjust_equalizer(r: Request) -> Prepared:
    band = r.text("band")
    values = await r.client.values(r.config.audio)
    before, limit = int(values["Equalizer"][band]), int(values["EqualizerRange"])
    asked = before + r.delta()
    level = min(limit, max(-limit, asked))
    note = "" if asked == level else ", as far as it goes"
    undo: tuple[Call, ...] = ()
    if level != before:
        direction = "down" if level > before else "up"
        undo = r.inverse("adjust_equalizer", band=band, direction=direction, amount=abs(level - before))
    return Prepared(
        commands=(MethodCall(to=r.config.audio, member="SetEqualizer", signature="si", body=(band, level)),),
        read_back=shows(
            r.client,
            r.config.audio,
            lambda v: int(v["Equalizer"][band]),
            level,
            f"{band.capitalize()} is at {level}{note}.",
        ),
        undo=undo,
    )


async def source(client: Client) -> str:
    """The mixer's source, "" when there is no mixer of ours."""
    try:
        return str((await client.values(client.config.audio)).get("Source", ""))
    except (BackendError, ValueError, TypeError):
        return ""


async def select_media_source(r: Request) -> Prepared:
    wanted = r.text("source")
    values = await r.client.values(r.config.audio)
    if wanted not in values["Sources"]:
        raise Impossible(f"This car has no source {wanted.replace('_', ' ')}.")
    text = f"The source is {wanted.replace('_', ' ')}."
    selected = shows(r.client, r.config.audio, lambda v: str(v["Source"]), wanted, text)
    before = await players.showing(r.client)

    async def read_back(replies: Replies) -> Observed | NotYet:
        seen = await selected(replies)
        if isinstance(seen, NotYet):
            return seen
        # a source was asked for, not a video: a picture that comes with it waits for a "play", which is judged as one
        now = await players.showing(r.client)
        begun = [name for name, shows in now.items() if shows and before.get(name, False) is False]
        if not begun:
            return seen
        for name in begun:
            await players.halt(r.client, players.endpoint(r.client, name), PlayerState())
        return Observed(text=f"{seen.text} I paused what may show a picture.", values=seen.values)

    return Prepared(
        commands=(MethodCall(to=r.config.audio, member="SelectSource", signature="s", body=(wanted,)),),
        read_back=read_back,
        undo=r.inverse("select_media_source", source=values["Source"]),
    )


FUNCTIONS: Final = {
    "set_volume": set_volume,
    "adjust_volume": adjust_volume,
    "set_mute": set_mute,
    "adjust_equalizer": adjust_equalizer,
    "select_media_source": select_media_source,
}
