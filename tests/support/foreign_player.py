"""Media players with the habits of real ones, on a real bus: what they leave out, get wrong, do late or not at all."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from dbus_next.aio.message_bus import MessageBus
from dbus_next.constants import MessageType
from dbus_next.message import Message
from dbus_next.signature import Variant

from simulators.headunit import link

PATH: Final = "/org/mpris/MediaPlayer2"
PLAYER: Final = "org.mpris.MediaPlayer2.Player"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_ERROR: Final = "org.freedesktop.DBus.Error"
COMMANDS: Final = frozenset(
    {"Play", "Pause", "PlayPause", "Stop", "Next", "Previous", "Seek", "SetPosition", "OpenUri", "Set"}
)

Track = Mapping[str, Variant]


def track(n: int, *without: str, **changed: Variant | None) -> dict[str, Variant]:
    """The usual metadata of song ``n`` but for the keys named; ``changed``: by the last part of the key."""
    usual = {
        "mpris:trackid": Variant("o", f"/t/{n}"),
        "mpris:length": Variant("x", 200_000_000 + n),
        "xesam:title": Variant("s", f"Song {n}"),
        "xesam:artist": Variant("as", ["The Band"]),
        "xesam:url": Variant("s", f"file:///music/song_{n}.mp3"),
    }
    keys = {key.rpartition(":")[2]: key for key in usual}
    for name, value in changed.items():
        if value is not None:
            usual[keys[name]] = value
    return {key: value for key, value in usual.items() if key.rpartition(":")[2] not in without}


@dataclass(frozen=True, kw_only=True)
class Habit:
    """What is peculiar to one player.

    ``tracks``: the metadata of each; None = it has no property of that name. ``without``: properties it has not;
    ``odd``: properties it always has thus. ``raising``: properties that cannot be read, and are not in GetAll.
    ``unknown``: methods it has not; ``ignored``: methods it takes and does nothing about. ``late_s``: its status and
    metadata change so long after a command. ``writable``: whether Shuffle and LoopStatus can be set.
    """

    tracks: tuple[Track, ...] | None = (track(1), track(2), track(3))
    without: frozenset[str] = frozenset()
    odd: Mapping[str, Variant] = field(default_factory=dict)
    raising: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    spelled: Callable[[str], str] = str
    late_s: float = 0.0
    get_all: bool = True
    get: bool = True
    stop_pauses: bool = False
    pause_stops: bool = False
    ends_after_last: bool = False
    quits_on_stop: bool = False
    silent: bool = False
    writable: bool = True
    unknown_error: str = "UnknownMethod"


class ForeignPlayer:
    """``heard``: the commands that came, with their arguments; ``status``: what is really going on."""

    def __init__(self, address: str, habit: Habit, *, name: str = "org.mpris.MediaPlayer2.vehicle") -> None:
        self.habit = habit
        self.name = name
        self.heard: list[tuple[str, list[Any]]] = []
        self.status = "Playing"
        self.shown = "Playing"
        self.index = 0
        self.shown_index = 0
        self.position_s = 40.0
        self.shuffle = False
        self.loop = "None"
        self._address = address
        self._bus: Any = None
        self._later: set[asyncio.TimerHandle] = set()

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.request_name(self.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._later:
            handle.cancel()
        await link.close(self._bus)

    async def rename(self, name: str) -> None:
        await self.vanish()
        await self.come_back(name)

    async def vanish(self) -> None:
        await self._bus.release_name(self.name)

    async def come_back(self, name: str = "") -> None:
        self.name = name or self.name
        await self._bus.request_name(self.name)

    @property
    def commands(self) -> list[str]:
        return [member for member, _ in self.heard]

    def values(self) -> dict[str, Variant]:
        habit = self.habit
        values = {
            "PlaybackStatus": Variant("s", habit.spelled(self.shown)),
            "Position": Variant("x", int(self.position_s * 1e6)),
            "Shuffle": Variant("b", self.shuffle),
            "LoopStatus": Variant("s", self.loop),
            "Volume": Variant("d", 1.0),
            **{
                name: Variant("b", True)
                for name in ("CanControl", "CanPlay", "CanPause", "CanSeek", "CanGoNext", "CanGoPrevious")
            },
        }
        if habit.tracks is not None:
            values["Metadata"] = Variant("a{sv}", dict(habit.tracks[self.shown_index]))
        values |= habit.odd
        return {name: value for name, value in values.items() if name not in habit.without}

    def _handle(self, msg: Message) -> Message | bool | None:
        if msg.message_type is not MessageType.METHOD_CALL or msg.path != PATH:
            return None
        if msg.member in COMMANDS:
            self.heard.append((msg.member, list(msg.body)))
        if self.habit.silent:
            return True
        if msg.member in self.habit.unknown or msg.interface not in {PLAYER, _PROPERTIES}:
            return Message.new_error(msg, f"{_ERROR}.{self.habit.unknown_error}", f"no such method {msg.member}")
        if msg.interface == _PROPERTIES:
            return self._property(msg)
        if msg.member not in COMMANDS:
            return None
        if msg.member not in self.habit.ignored:
            self._do(msg.member, msg.body)
        return Message.new_method_return(msg)

    def _property(self, msg: Message) -> Message:
        if msg.body[0] != PLAYER:
            return Message.new_error(msg, f"{_ERROR}.InvalidArgs", f"No such interface {msg.body[0]}")
        values = {name: value for name, value in self.values().items() if name not in self.habit.raising}
        if msg.member == "GetAll" and self.habit.get_all:
            return Message.new_method_return(msg, "a{sv}", [values])
        if msg.member == "Get" and self.habit.get and msg.body[1] in values:
            return Message.new_method_return(msg, "v", [values[msg.body[1]]])
        if msg.member == "Set" and self.habit.writable and msg.body[1] in values:
            if msg.body[1] == "Shuffle":
                self.shuffle = msg.body[2].value
            elif msg.body[1] == "LoopStatus":
                self.loop = msg.body[2].value
            return Message.new_method_return(msg)
        return Message.new_error(msg, f"{_ERROR}.Failed", f"{msg.member} does not work here")

    def _do(self, member: str, body: list[Any]) -> None:
        playing = self.status == "Playing"
        match member:
            case "Play":
                self.status = "Playing"
            case "Pause":
                self._rest(playing, "Stopped" if self.habit.pause_stops else "Paused")
            case "PlayPause":
                self.status = "Paused" if playing else "Playing"
            case "Stop":
                self.status = "Paused" if self.habit.stop_pauses else "Stopped"
            case "Next" | "Previous":
                self._skip(1 if member == "Next" else -1)
            case "Seek":
                self.position_s = max(0.0, self.position_s + body[0] / 1e6)
            case "SetPosition":
                self.position_s = body[1] / 1e6
            case _:
                self.position_s, self.status = 0.0, "Playing"
        if member == "Stop" and self.habit.quits_on_stop:
            task = asyncio.ensure_future(self.vanish())
            task.add_done_callback(lambda done: done.exception())
        self._show()

    def _rest(self, playing: bool, status: str) -> None:
        if playing:
            self.status = status

    def _skip(self, by: int) -> None:
        count = len(self.habit.tracks or ("",))
        if self.habit.ends_after_last and self.index + by >= count:
            self.status = "Stopped"
            return
        self.index = (self.index + by) % count
        self.position_s = 0.0

    def _show(self) -> None:
        def now(status: str = self.status, index: int = self.index) -> None:
            self.shown, self.shown_index = status, index

        if self.habit.late_s:
            self._later.add(asyncio.get_running_loop().call_later(self.habit.late_s, now))
        else:
            now()
