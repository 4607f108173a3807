"""Player functions: MPRIS, with the search and the picture of our player."""

from typing import Any, Final

from dbus_next.signature import Variant

from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus import radio
from vehicle_agent.backends.dbus.action import NotYet, Prepared, ReadBack, Replies
from vehicle_agent.backends.dbus.client import Client, Command, set_property
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError, Impossible
from vehicle_apis.call import Call

PLAYER: Final = "org.mpris.MediaPlayer2.Player"
SEARCH: Final = "org.vehicleagent.MediaSearch"
PICTURE: Final = "org.vehicleagent.VideoOutput"


def title(player: dict[str, Any]) -> str:
    return str(player.get("Metadata", {}).get("xesam:title", ""))


def kind(player: dict[str, Any]) -> str:
    """music, podcast, audiobook or video; "" when nothing is loaded or the player does not say."""
    metadata = player.get("Metadata", {})
    said = str(metadata.get("vehicleagent:kind", ""))
    url = str(metadata.get("xesam:url", "")).lower().partition("?")[0]
    # another player than ours: a file name tells what it shows
    return said or ("video" if url.endswith((".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v")) else "")


def _track(player: dict[str, Any]) -> str:
    name = title(player)
    artist = " and ".join(player.get("Metadata", {}).get("xesam:artist", ()))
    return f"{name} by {artist}" if artist and artist != "streaming search" else name


async def player_values(client: Client) -> dict[str, Any]:
    return await client.values(client.config.player, PLAYER)


async def _source(client: Client) -> str:
    """The mixer's source, "" when there is no mixer of ours."""
    try:
        return str((await client.values(client.config.audio)).get("Source", ""))
    except BackendError:
        return ""


async def _restore(r: Request) -> tuple[Call, ...]:
    """What brings back what is playing now."""
    source = await _source(r.client)
    if source not in {"usb", "streaming", ""}:
        return r.inverse("select_media_source", source=source)
    player = await player_values(r.client)
    if player["PlaybackStatus"] != "Playing" or not title(player):
        return r.inverse("control_playback", action="stop")
    if kind(player) == "video":
        return r.inverse("play_video", title=title(player))
    return r.inverse("play_media", query=title(player))


async def _open(r: Request, query: str, wanted: str) -> Prepared:
    player = r.config.player
    search = Command(to=player, interface=SEARCH, member="Find", signature="ss", body=(query, wanted))
    (found,) = await r.client.ask(search)
    # what is judged as music must never be a picture, whatever the search says
    fitting = [f for f in found if (f[3] == "video") == (wanted == "video")]
    if not fitting:
        raise Impossible(f"I found nothing to play for {query}.")
    uri = fitting[0][0]

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await player_values(r.client)
        status, metadata = str(now["PlaybackStatus"]), now["Metadata"]
        seen = {"status": status, "title": title(now)}
        if status == "Playing" and metadata.get("xesam:url") == uri:
            return Observed(text=f"Playing {_track(now)}.", values=seen)
        return NotYet(seen)

    command = Command(to=player, interface=PLAYER, member="OpenUri", signature="s", body=(uri,))
    return Prepared(commands=(command,), read_back=read_back, undo=await _restore(r))


async def play_media(r: Request) -> Prepared:
    return await _open(r, r.text("query"), "audio")


async def play_video(r: Request) -> Prepared:
    return await _open(r, r.text("title"), "video")


def _shows(client: Client, text: str, **wanted: object) -> ReadBack:
    async def read_back(_: Replies) -> Observed | NotYet:
        now = await player_values(client)
        seen = {name: str(now[name]) for name in wanted}
        if all(now[name] == value for name, value in wanted.items()):
            return Observed(text=text.format(track=_track(now)), values=seen)
        return NotYet(seen)

    return read_back


_SWITCHES: Final = {
    "shuffle_on": ("Shuffle", Variant("b", True), "Shuffle is on."),
    "shuffle_off": ("Shuffle", Variant("b", False), "Shuffle is off."),
    "repeat_on": ("LoopStatus", Variant("s", "Playlist"), "Repeat is on."),
    "repeat_off": ("LoopStatus", Variant("s", "None"), "Repeat is off."),
}


async def control_playback(r: Request) -> Prepared:
    action = r.text("action")
    if await _source(r.client) == "radio":
        return await radio.control(r, action)
    now = await player_values(r.client)
    if action in _SWITCHES:
        return _switch(r, action, now)
    status, loaded = str(now["PlaybackStatus"]), bool(title(now))
    if not loaded and action != "play":
        raise Impossible("Nothing is playing.")
    match action:
        case "play":
            back = {"Paused": "pause", "Stopped": "stop", "Playing": "play"}[status]
            return _player(r, "Play", _shows(r.client, "Playing {track}.", PlaybackStatus="Playing"), back)
        case "pause":
            if status == "Stopped":
                raise Impossible("Nothing is playing.")
            back = "play" if status == "Playing" else "pause"
            return _player(r, "Pause", _shows(r.client, "Paused {track}.", PlaybackStatus="Paused"), back)
        case "stop":
            back = "play" if status == "Playing" else "stop"
            return _player(r, "Stop", _shows(r.client, "Playback has stopped.", PlaybackStatus="Stopped"), back)
        case "restart":
            return _restart(r, now)
        case _:
            return _skip(r, action, now)


def _player(r: Request, member: str, read_back: ReadBack, back: str) -> Prepared:
    command = Command(to=r.config.player, interface=PLAYER, member=member)
    return Prepared(commands=(command,), read_back=read_back, undo=r.inverse("control_playback", action=back))


def _switch(r: Request, action: str, now: dict[str, Any]) -> Prepared:
    name, value, text = _SWITCHES[action]
    feature = action.partition("_")[0]
    was_on = now[name] not in {False, "None"}
    return Prepared(
        commands=(set_property(r.config.player, name, value, interface=PLAYER),),
        read_back=_shows(r.client, text, **{name: value.value}),
        undo=r.inverse("control_playback", action=f"{feature}_{'on' if was_on else 'off'}"),
    )


def _restart(r: Request, now: dict[str, Any]) -> Prepared:
    body = (str(now["Metadata"]["mpris:trackid"]), 0)
    to_start = Command(to=r.config.player, interface=PLAYER, member="SetPosition", signature="ox", body=body)
    play = Command(to=r.config.player, interface=PLAYER, member="Play")

    async def read_back(_: Replies) -> Observed | NotYet:
        after = await player_values(r.client)
        status, position_s = str(after["PlaybackStatus"]), int(after.get("Position", 0)) / 1e6
        if status == "Playing" and position_s < r.config.timeout_s + 1:
            return Observed(text=f"Playing {_track(after)} from the beginning.", values={"status": status})
        return NotYet({"status": status, "position_s": position_s})

    return Prepared(commands=(to_start, play), read_back=read_back)


def _skip(r: Request, action: str, now: dict[str, Any]) -> Prepared:
    before = now["Metadata"].get("mpris:trackid")
    back = "previous" if action == "next" else "next"

    async def read_back(_: Replies) -> Observed | NotYet:
        after = await player_values(r.client)
        if after["Metadata"].get("mpris:trackid") != before:
            return Observed(text=f"Now it is {_track(after)}.", values={"title": title(after)})
        return NotYet({"title": title(after)})

    return _player(r, action.capitalize(), read_back, back)


FUNCTIONS: Final = {"play_media": play_media, "play_video": play_video, "control_playback": control_playback}
