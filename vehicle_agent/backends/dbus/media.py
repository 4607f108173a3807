"""Player functions: MPRIS as players really are, with the search and the picture of our own.

What a player need not offer is in docs/head-unit.md, with what happens without it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dbus_next.signature import Variant

from state_machines.media_kind import MediaKind, kind_of
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.dbus import players, radio
from vehicle_agent.backends.dbus.action import NotYet, Prepared, ReadBack, Replies, is_refusal
from vehicle_agent.backends.dbus.audio import source
from vehicle_agent.backends.dbus.client import Client, MethodCall, set_property
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.player import PlayerState
from vehicle_agent.backends.dbus.players import PLAYER, state_of
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError, Impossible, NoService, NotConfirmed
from vehicle_apis.call import Call

SEARCH: Final = "org.vehicleagent.MediaSearch"
# Players take up to two seconds to show what they were told.
_PATIENCE: Final = 1.5
# of the usual limit: so long a player may take to show anything at all before its word is believed
_SHORTLY: Final = 0.25
_LATER: Final = 0.5
# "to the beginning" for a player that tells neither track nor position: further than any track is long
_FAR_BACK_US: Final = -24 * 3600 * 1_000_000
_NOTHING: Final = "Nothing is playing."
_SKIPPED: Final = "Skipped; the player does not say what plays now."


@dataclass(slots=True, kw_only=True)
class _Aimed:
    """The player a command goes to, and what it said when the command was prepared."""

    client: Client
    player: Endpoint
    before: PlayerState
    began_s: float | None = field(default=None)
    doubted_s: float | None = field(default=None)

    @classmethod
    async def at(cls, r: Request, *, position: bool = False) -> "_Aimed":
        """Raises Unavailable, NotConfirmed."""
        player = await players.choose(r.client)
        r.client.aim.taken(player.name)
        return cls(client=r.client, player=player, before=await state_of(r.client, player, position=position))

    @property
    def what(self) -> str:
        return f"{self.player.what[:1].upper()}{self.player.what[1:]}"

    def command(self, member: str, signature: str = "", *body: object) -> MethodCall:
        return MethodCall(to=self.player, interface=PLAYER, member=member, signature=signature, body=body)

    def check(self) -> None:
        self.client.aim.check(self.player.name, may_show=self.before.may_show)

    def waited(self, share: float) -> bool:
        """Whether the read-back goes on for that share of the usual limit."""
        now_s = asyncio.get_running_loop().time()
        if self.began_s is None:
            self.began_s = now_s
        return now_s - self.began_s >= share * self.client.config.timeout_s

    async def after(self, *, position: bool = False) -> PlayerState:
        return await state_of(self.client, self.player, position=position)

    async def keeps_sound(self, after: PlayerState) -> bool:
        """What was judged as sound must not become a picture: that is paused. False while it is not clear yet.

        Raises NotConfirmed.
        """
        if self.before.may_show or not after.may_show or after.is_at_rest:
            self.doubted_s = None
            return True
        now_s = asyncio.get_running_loop().time()
        if self.doubted_s is None:
            self.doubted_s = now_s
        # between two tracks a player may tell nothing for a moment
        if after.kind is not MediaKind.VIDEO and now_s - self.doubted_s < _SHORTLY * self.client.config.timeout_s:
            return False
        await players.halt(self.client, self.player, after)
        raise NotConfirmed(
            "What comes now shows a picture, or may, so I paused it. When the car is parked, say play.",
            seen={"status": after.status or "not told"},
        )


def _back(r: Request, action: str) -> tuple[Call, ...]:
    return r.inverse("control_playback", action=action)


async def _restore(r: Request) -> tuple[Call, ...]:
    """What brings back what is playing now."""
    now_on = await source(r.client)
    if now_on not in {"usb", "streaming", ""}:
        return r.inverse("select_media_source", source=now_on)
    now = (await _Aimed.at(r)).before
    if now.status != "Playing" or not now.title:
        return _back(r, "stop")
    if now.may_show:
        return r.inverse("play_video", title=now.title)
    return r.inverse("play_media", query=now.title)


async def _found(r: Request, aimed: _Aimed, query: str, wanted: str) -> str:
    """The address of the best that fits. Raises Impossible."""
    search = MethodCall(to=aimed.player, interface=SEARCH, member="Find", signature="ss", body=(query, wanted))
    try:
        (found,) = await r.client.ask(search)
    except BackendError as e:
        if not is_refusal(e):
            raise
        raise Impossible(f"{aimed.what} cannot search; choose on its screen, then say play.") from e
    for uri, _title, _artist, kind, *_ in found:
        # what is judged as music must never be a picture, whatever the search says
        is_sound = kind_of(said=str(kind), url=str(uri)) is MediaKind.SOUND
        if kind == "video" if wanted == "video" else is_sound:
            return str(uri)
    raise Impossible(f"I found nothing to play for {query}.")


async def _open(r: Request, query: str, wanted: str) -> Prepared:
    undo = await _restore(r)
    aimed = await _Aimed.at(r)
    uri = await _found(r, aimed, query, wanted)

    async def read_back(_: Replies) -> Observed | NotYet:
        now = await aimed.after()
        seen = {"status": now.status, "title": now.title}
        if now.status != "Playing" or now.url != uri:
            return NotYet(seen)
        if wanted != "video" and now.kind is MediaKind.VIDEO:
            await players.halt(r.client, aimed.player, now)
            raise NotConfirmed(f"What was found for {query} shows a picture, so I paused it.", seen=seen)
        return Observed(text=f"Playing {now.spoken}.", values=seen)

    command = aimed.command("OpenUri", "s", uri)
    return Prepared(commands=(command,), read_back=read_back, undo=undo, patience=_PATIENCE)


async def play_media(r: Request) -> Prepared:
    return await _open(r, r.text("query"), "audio")


async def play_video(r: Request) -> Prepared:
    return await _open(r, r.text("title"), "video")


async def control_playback(r: Request) -> Prepared:
    action = r.text("action")
    if await source(r.client) == "radio":
        return await radio.control(r, action)
    aimed = await _Aimed.at(r, position=action in {"restart", "next", "previous"})
    now = aimed.before
    if not now.can_control:
        raise Impossible(f"{aimed.what} takes no commands; use its screen.")
    match action:
        case "shuffle_on" | "shuffle_off":
            return _shuffle(r, aimed, on=action == "shuffle_on")
        case "repeat_on" | "repeat_off":
            return _repeat(r, aimed, on=action == "repeat_on")
        case "play":
            return _play(r, aimed)
    if not now.is_loaded:
        raise Impossible(_NOTHING)
    match action:
        case "pause":
            return _pause(r, aimed)
        case "stop":
            return _stop(r, aimed)
        case "restart":
            return _restart(aimed)
        case _:
            return _skip(r, aimed, action)


def _status(
    aimed: _Aimed, wanted: frozenset[str], text: Callable[[PlayerState], str], unsaid: str, *, late: str = ""
) -> ReadBack:
    """Done when the player shows one of the ``wanted`` statuses; of ``late``, when it stays so for a while.

    ``unsaid``: told when it shows none at all.
    """

    async def read_back(_: Replies) -> Observed | NotYet:
        try:
            after = await aimed.after()
        except NoService:
            if "Stopped" in wanted:  # it ended itself, and plays no more
                return Observed(text="Playback has stopped.", values={"PlaybackStatus": "gone"})
            raise
        seen = {"PlaybackStatus": after.status or "not told"}
        shortly = aimed.waited(_SHORTLY)
        if not await aimed.keeps_sound(after):
            return NotYet(seen)
        if after.status in wanted and (after.status != late or shortly):
            return Observed(text=text(after), values=seen)
        return Observed(text=unsaid, values=seen) if not after.status and shortly else NotYet(seen)

    return read_back


_RESTS: Final = frozenset({"Paused", "Stopped"})
_PLAYS: Final = frozenset({"Playing"})


def _play(r: Request, aimed: _Aimed) -> Prepared:
    now = aimed.before
    if not now.can_play:
        raise Impossible(f"{aimed.what} has nothing that it can play.")
    back = {"Paused": "pause", "Stopped": "stop", "Playing": "play", "": "pause"}[now.status]
    read_back = _status(
        aimed,
        _PLAYS,
        lambda after: f"Playing {after.spoken}.",
        f"{aimed.what} was told to play; it does not say whether it does.",
    )
    # it comes after the judgement, so nothing that may show a picture is begun by it
    other = (aimed.command("PlayPause"),) if not now.may_show and now.is_at_rest else ()
    return Prepared(
        commands=(aimed.command("Play"),),
        read_back=read_back,
        undo=_back(r, back),
        otherwise=other,
        check=aimed.check,
        patience=_PATIENCE,
    )


def _pause(r: Request, aimed: _Aimed) -> Prepared:
    now = aimed.before
    if now.status == "Stopped":
        raise Impossible(_NOTHING)
    toggle = (aimed.command("PlayPause"),) if now.status == "Playing" else ()
    stop = aimed.command("Stop")

    def text(after: PlayerState) -> str:
        return f"Paused {after.spoken}." if after.status == "Paused" else "Playback has stopped."

    return Prepared(
        commands=(aimed.command("Pause") if now.can_pause else stop,),
        read_back=_status(aimed, _RESTS, text, f"{aimed.what} was told to pause; it does not say whether it did."),
        undo=_back(r, "pause" if now.status == "Paused" else "play"),
        otherwise=(stop, *toggle) if now.can_pause else toggle,
        patience=_PATIENCE,
    )


def _stop(r: Request, aimed: _Aimed) -> Prepared:
    now = aimed.before
    # some only pause when told to stop
    read_back = _status(
        aimed,
        _RESTS,
        lambda _after: "Playback has stopped.",
        f"{aimed.what} was told to stop; it does not say whether it did.",
        late="Paused",
    )
    return Prepared(
        commands=(aimed.command("Stop"),),
        read_back=read_back,
        undo=_back(r, "play" if now.status == "Playing" else "stop"),
        otherwise=(aimed.command("Pause"),),
        patience=_PATIENCE,
    )


def _shows(aimed: _Aimed, name: str, value: Callable[[PlayerState], object], wanted: object, text: str) -> ReadBack:
    async def read_back(_: Replies) -> Observed | NotYet:
        shown = value(await aimed.after())
        seen = {name: str(shown)}
        return Observed(text=text, values=seen) if shown == wanted else NotYet(seen)

    return read_back


def _shuffle(r: Request, aimed: _Aimed, *, on: bool) -> Prepared:
    was_on = aimed.before.shuffle
    if was_on is None:
        raise Impossible(f"{aimed.what} has no shuffle.")
    return Prepared(
        commands=(set_property(aimed.player, "Shuffle", Variant("b", on), interface=PLAYER),),
        read_back=_shows(aimed, "Shuffle", lambda s: s.shuffle, on, f"Shuffle is {'on' if on else 'off'}."),
        undo=_back(r, f"shuffle_{'on' if was_on else 'off'}"),
        patience=_PATIENCE,
    )


def _repeat(r: Request, aimed: _Aimed, *, on: bool) -> Prepared:
    was = aimed.before.loop
    if was is None:
        raise Impossible(f"{aimed.what} has no repeat.")

    def command(loop: str) -> MethodCall:
        return set_property(aimed.player, "LoopStatus", Variant("s", loop), interface=PLAYER)

    return Prepared(
        commands=(command("Playlist" if on else "None"),),
        read_back=_shows(
            aimed,
            "LoopStatus",
            lambda s: None if s.loop is None else s.loop != "None",
            on,
            f"Repeat is {'on' if on else 'off'}.",
        ),
        undo=_back(r, f"repeat_{'off' if was == 'None' else 'on'}"),
        otherwise=(command("Track"),) if on else (),  # some repeat single tracks only
        patience=_PATIENCE,
    )


def _restart(aimed: _Aimed) -> Prepared:
    now = aimed.before
    seek = aimed.command("Seek", "x", _to_beginning_us(now))
    play = aimed.command("Play")
    commands: tuple[MethodCall, ...]
    otherwise: tuple[MethodCall, ...] = ()
    if now.can_seek and now.track_path:
        commands = (aimed.command("SetPosition", "ox", now.track_path, 0), play)
        otherwise = (seek,)
    elif now.can_seek:
        commands = (seek, play)
    elif now.url:
        commands = (aimed.command("OpenUri", "s", now.url),)
    else:
        raise Impossible(f"{aimed.what} cannot go back to the beginning.")

    async def read_back(_: Replies) -> Observed | NotYet:
        shortly = aimed.waited(_SHORTLY)
        after = await aimed.after(position=True)
        position_s = after.position_s
        seen: dict[str, str | float] = {"status": after.status or "not told"}
        if position_s is not None:
            seen["position_s"] = position_s
        if not await aimed.keeps_sound(after) or after.is_at_rest:
            return NotYet(seen)
        text = f"Playing {after.spoken} from the beginning."
        if position_s is None or not after.status:
            untold = f"{text[:-1]}; the player does not say where it is."
            return Observed(text=untold, values=seen) if shortly else NotYet(seen)
        near = position_s < aimed.client.config.timeout_s * _PATIENCE + 1
        return Observed(text=text, values=seen) if near else NotYet(seen)

    return Prepared(commands=commands, read_back=read_back, otherwise=otherwise, check=aimed.check, patience=_PATIENCE)


def _to_beginning_us(now: PlayerState) -> int:
    """For Seek, which stops at the beginning however far back it is told to go."""
    if now.position_s is not None:
        return -round(now.position_s * 1e6)
    return _FAR_BACK_US if now.length_s is None else -round(now.length_s * 1e6)


def _skip(r: Request, aimed: _Aimed, action: str) -> Prepared:
    before = aimed.before
    if not (before.can_go_next if action == "next" else before.can_go_previous):
        raise Impossible(f"{aimed.what} has nothing {'after' if action == 'next' else 'before'} this.")

    def jumped(after: PlayerState) -> bool:
        """Back to a beginning, which shows a new track where nothing else tells one from another."""
        was_s, is_s = before.position_s, after.position_s
        return was_s is not None and is_s is not None and is_s + 1 < was_s

    async def read_back(_: Replies) -> Observed | NotYet:
        shortly, later = aimed.waited(_SHORTLY), aimed.waited(_LATER)
        after = await aimed.after(position=True)
        seen = {"title": after.title}
        if not await aimed.keeps_sound(after):
            return NotYet(seen)
        if after.identity and after.identity != before.identity:
            return Observed(text=f"Now it is {after.name}." if after.name else _SKIPPED, values=seen)
        if after.status == "Stopped" and before.status == "Playing" and later:
            return Observed(text="There is nothing more to play; playback has stopped.", values=seen)
        # some tell the new track later than its position
        unnamed = (shortly and not before.identity) or (later and (not after.identity or jumped(after)))
        if not unnamed:
            return NotYet(seen)
        return Observed(text=f"Skipped; the player shows {after.name}." if after.name else _SKIPPED, values=seen)

    return Prepared(
        commands=(aimed.command("Next" if action == "next" else "Previous"),),
        read_back=read_back,
        undo=_back(r, "previous" if action == "next" else "next"),
        check=aimed.check,
        patience=_PATIENCE,
    )


FUNCTIONS: Final = {"play_media": play_media, "play_video": play_video, "control_playback": control_playback}
