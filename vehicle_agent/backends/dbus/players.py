"""The MPRIS players on the bus: which are there, which one is meant, what each says, and how a picture is ended."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from dbus_next.signature import Variant
from dbus_next.validators import is_bus_name_valid

from vehicle_agent.backends.dbus.action import is_refusal
from vehicle_agent.backends.dbus.client import PROPERTIES, Client, MethodCall, set_property
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.player import PlayerState, read_state
from vehicle_agent.errors import BackendError, NoAnswer, NoService, NotConfirmed, Unavailable

PLAYER: Final = "org.mpris.MediaPlayer2.Player"
PICTURE: Final = "org.vehicleagent.VideoOutput"
_PREFIX: Final = "org.mpris.MediaPlayer2."
_INSTANCE: Final = re.compile(r"\.instance[^.]*$")
_MESSAGE_BUS: Final = Endpoint(what="the message bus", name="org.freedesktop.DBus", path="/org/freedesktop/DBus")
_MOST: Final = 64  # players looked at; a head unit has a handful
_FIELDS: Final = (
    *("PlaybackStatus", "Metadata", "Position", "Shuffle", "LoopStatus"),
    *("CanControl", "CanPlay", "CanPause", "CanSeek", "CanGoNext", "CanGoPrevious"),
)
# pictures must be gone within 500 ms: so long an answer, and then the effect of a pause, is waited for before Stop
_HURRY_S: Final = 0.2
_PAUSE_S: Final = 0.02


async def names(client: Client) -> tuple[str, ...]:
    """The bus names of all players, in alphabetical order. Raises Unavailable, NotConfirmed."""
    listing = replace(_MESSAGE_BUS, bus=client.config.player.bus)
    reply = await client.ask(MethodCall(to=listing, member="ListNames"))
    listed = reply[0] if reply and isinstance(reply[0], list) else []
    return tuple(sorted({n for n in listed if isinstance(n, str) and n.startswith(_PREFIX) and is_bus_name_valid(n)}))


def endpoint(client: Client, name: str) -> Endpoint:
    """The player of that name; the configured one keeps the words it is configured with."""
    wanted = client.config.player
    if name == wanted.name:
        return wanted
    return replace(wanted, what=f"the player {_INSTANCE.sub('', name).removeprefix(_PREFIX)}", name=name)


async def choose(client: Client) -> Endpoint:
    """The player that a command goes to: the configured one, or where it is not there what is most likely meant.

    That is another instance of it, else any player; of several one that plays, then the one used last, then by name.
    Where there is none, the configured one. Raises Unavailable, NotConfirmed.
    """
    wanted = client.config.player
    present = await names(client)
    if wanted.name in present:
        return wanted
    base = _INSTANCE.sub("", wanted.name)
    found = [n for n in present if n == base or n.startswith(f"{base}.")] or list(present)
    if len(found) > 1:
        states = await asyncio.gather(*(_status(client, n) for n in found[:_MOST]))
        found = [n for n, status in zip(found, states, strict=False) if status == "Playing"] or found
    if not found:
        return wanted
    return endpoint(client, client.aim.used if client.aim.used in found else found[0])


async def _status(client: Client, name: str) -> str:
    try:
        return (await asyncio.wait_for(state_of(client, endpoint(client, name)), _HURRY_S)).status
    except (BackendError, TimeoutError):
        return ""


def is_sound_only(client: Client, name: str) -> bool:
    """Whether the configuration says that this player has no picture."""
    said = [n for n in client.config.sound_only if n.startswith(_PREFIX)]  # the prefix alone would be every player
    return any(name == n or name.startswith(f"{n}.") for n in said)


async def state_of(client: Client, player: Endpoint, *, position: bool = False) -> PlayerState:
    """What ``player`` says now. One that is there and refuses to tell gives a state that says nothing.

    ``position``: asked for by itself where it is not among the rest. Raises Unavailable (NoService when it is not
    there), NoAnswer.
    """
    values = await _values(client, player)
    if position and "Position" not in values:
        values = {**values, **await _each(client, player, ("Position",))}
    return read_state(values, sound_only=is_sound_only(client, player.name))


async def _values(client: Client, player: Endpoint) -> Mapping[str, Any]:
    try:
        reply = await client.ask(
            MethodCall(to=player, interface=PROPERTIES, member="GetAll", signature="s", body=(PLAYER,))
        )
    except BackendError as e:
        if not is_refusal(e):
            raise
        reply = []
    if len(reply) == 1 and isinstance(reply[0], Mapping) and reply[0]:
        return reply[0]
    return await _each(client, player, _FIELDS)  # some answer for each property alone


async def _each(client: Client, player: Endpoint, fields: tuple[str, ...]) -> dict[str, Any]:
    """The properties that can be read one by one."""
    replies = await asyncio.gather(
        *(
            client.ask(MethodCall(to=player, interface=PROPERTIES, member="Get", signature="ss", body=(PLAYER, field)))
            for field in fields
        ),
        return_exceptions=True,
    )
    for failure in replies:
        if isinstance(failure, BaseException) and not is_refusal(failure):
            raise failure
    return {f: r[0] for f, r in zip(fields, replies, strict=True) if isinstance(r, list) and len(r) == 1}


async def showing(client: Client) -> dict[str, bool | None]:
    """Bus name of each player -> whether it shows a picture, or may; None for one that does not answer at once.

    Raises Unavailable, NotConfirmed when the bus itself does not answer.
    """
    looked_at = await _looked_at(client, limit_s=_HURRY_S)
    return {name: shows if isinstance(shows, bool) else None for name, shows in looked_at.items()}


async def is_shown(client: Client) -> bool:
    """Whether any player shows a picture, or may. Raises what a player raises that does not answer, when no other does.

    Without any player it raises Unavailable: nobody knows what comes.
    """
    looked_at = (await _looked_at(client)).values()
    if not looked_at:
        raise Unavailable(f"There is no media player; start the service {client.config.player.name}.")
    failures = [shows for shows in looked_at if not isinstance(shows, bool)]
    if failures and True not in looked_at:
        raise failures[0]
    return True in looked_at


async def _looked_at(client: Client, *, limit_s: float | None = None) -> dict[str, bool | BaseException]:
    """Bus name -> whether that player shows a picture, or the failure to find out."""
    present = (await names(client))[:_MOST]
    looks = (_shows(client, endpoint(client, name), limit_s) for name in present)
    shows = await asyncio.gather(*looks, return_exceptions=True)
    return dict(zip(present, shows, strict=True))


async def _shows(client: Client, player: Endpoint, limit_s: float | None) -> bool:
    """The limit is kept in here: a look that is cancelled before it began leaves no coroutine behind unawaited."""
    try:
        async with asyncio.timeout(limit_s):
            state = await state_of(client, player)
            return state.may_show and (not state.is_at_rest or await _is_blanked(client, player) is False)
    except NoService:
        return False


async def _is_blanked(client: Client, player: Endpoint) -> bool | None:
    """None: it does not say, as most do."""
    ask = MethodCall(to=player, interface=PROPERTIES, member="GetAll", signature="s", body=(PICTURE,))
    try:
        reply = await client.ask(ask)
    except BackendError as e:
        if not is_refusal(e):
            raise
        return None
    blanked = reply[0].get("Blanked") if reply and isinstance(reply[0], Mapping) else None
    return None if blanked is None else blanked is True


async def end_pictures(client: Client) -> None:
    """Every player that shows a picture, or may, is paused and its picture blanked, each even if others fail.

    The configured player and the one used last are paused even when they do not play yet: they may be just about to.
    Raises the first failure: Unavailable, NotConfirmed.
    """
    ours = {client.config.player.name, client.aim.used}
    try:
        present = await names(client)
    except NotConfirmed:
        present = (client.config.player.name,)
    chosen = sorted(present, key=lambda name: name not in ours)
    results = await asyncio.gather(
        *(_end_picture(client, name, always=name in ours) for name in chosen[:_MOST]), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    if len(chosen) > _MOST:
        raise NotConfirmed(f"There are {len(chosen)} media players, more than I can look after.")


async def _end_picture(client: Client, name: str, *, always: bool) -> None:
    player = endpoint(client, name)
    try:
        state = await asyncio.wait_for(state_of(client, player), _HURRY_S)
    except NoService:
        return
    except (BackendError, TimeoutError):  # whatever it plays
        state = PlayerState()
    if not state.may_show or (state.is_at_rest and not always):
        return
    results = await asyncio.gather(halt(client, player, state), _blank(client, player), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, NoService):
            raise result


async def halt(client: Client, player: Endpoint, before: PlayerState) -> None:
    """Brings ``player`` to rest: Pause, and Stop where that cannot be or does not show. A player that is gone rests.

    Raises Unavailable, NotConfirmed (it still plays).
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    try:
        paused = before.can_pause and await _accepts(client, player, "Pause", limit_s=_HURRY_S)
        while paused:
            state = await state_of(client, player)
            if state.is_at_rest:
                return
            if not state.status or loop.time() >= began_s + min(_HURRY_S, client.config.timeout_s / 2):
                break
            await asyncio.sleep(_PAUSE_S)
        stopped = await _accepts(client, player, "Stop")
        if not paused and not stopped and before.status == "Playing":
            await _accepts(client, player, "PlayPause")
        while True:
            state = await state_of(client, player)
            # one that never tells its status is believed when it took the command
            if state.is_at_rest or (not state.status and (paused or stopped)):
                return
            if loop.time() >= began_s + client.config.timeout_s:
                raise NotConfirmed("The player still shows the video.", seen={"status": state.status or "not told"})
            await asyncio.sleep(_PAUSE_S)
    except NoService:
        return


async def _accepts(client: Client, player: Endpoint, member: str, *, limit_s: float | None = None) -> bool:
    """Whether it takes the command, within ``limit_s`` or the usual time, after which NoAnswer is raised."""
    try:
        await asyncio.wait_for(client.ask(MethodCall(to=player, interface=PLAYER, member=member)), limit_s)
    except BackendError as e:
        if not is_refusal(e) and not (limit_s is not None and isinstance(e, NoAnswer)):
            raise
        return False
    except TimeoutError:
        return False
    return True


async def _blank(client: Client, player: Endpoint) -> None:
    """Switches the picture off where the player can; pausing is enough where it cannot. Raises NotConfirmed."""
    failure: BackendError | None = None
    try:
        await client.ask(set_property(player, "Blanked", Variant("b", True), interface=PICTURE))
    except BackendError as e:
        failure = e
    blanked = await _is_blanked(client, player)
    if blanked is None and (failure is None or is_refusal(failure)):
        return  # it has no such switch
    if blanked is not True:
        raise failure or NotConfirmed("The player still shows the video.", seen={"blanked": "no"})
