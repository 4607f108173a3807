"""What the head unit's services answer: every function of the D-Bus backend against replies of any shape.

The input is JSON: [function, arguments, {"Interface.Member": body...}]; what is left out is answered as a head unit
does.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Hashable
from typing import Any

from dbus_next.constants import MessageType
from dbus_next.message import Message

from fuzz.parts.world import catalogue, loop
from fuzz.target import Target
from state_machines.permit import issue
from state_machines.telephone import normalised
from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.backends.dbus import DbusBackend, DbusConfig, Endings
from vehicle_agent.backends.dbus.backend import FUNCTIONS
from vehicle_agent.backends.dbus.connection import Connection
from vehicle_agent.errors import BackendError
from vehicle_apis.errors import InvalidCall, UnknownFunction

_TIMEOUT_S = 0.03
_TRACK = {"xesam:title": "song", "xesam:artist": ["band"], "xesam:url": "file:///a.mp3", "mpris:trackid": "/t/1"}
_PROPERTIES: dict[str, dict[str, Any]] = {
    "org.mpris.MediaPlayer2.Player": {
        "PlaybackStatus": "Playing",
        "Metadata": _TRACK,
        "Shuffle": False,
        "LoopStatus": "None",
        "Position": 5,
    },
    "org.vehicleagent.VideoOutput": {"Blanked": True},
    "org.vehicleagent.Audio": {
        "Volumes": {"media": 30, "navigation": 20, "phone": 20, "voice": 20},
        "Mutes": {"media": False, "navigation": False, "phone": False, "voice": False},
        "Equalizer": {"bass": 0, "mid": 0, "treble": 0},
        "EqualizerRange": 10,
        "Source": "streaming",
        "Sources": ["radio", "bluetooth", "usb", "streaming", "aux"],
    },
    "org.vehicleagent.Radio": {
        "Station": "one",
        "Band": "fm",
        "Frequency": 98.5,
        "Playing": True,
        "Stations": [["one", "fm", 98.5], ["two", "dab", 0.0]],
    },
    "org.vehicleagent.Navigation": {
        "Active": True,
        "Destination": "home",
        "Address": "mill lane",
        "Route": "fastest",
        "Waypoints": ["mill"],
        "Avoid": ["tolls"],
        "Zoom": 5,
        "ZoomRange": [1, 20],
        "View": "overview",
        "Orientation": "north_up",
        "Traffic": True,
    },
    "org.vehicleagent.Display": {
        "Brightness": {"center": 50, "cluster": 50},
        "Theme": "dark",
        "Units": "metric",
        "App": "home",
        "Apps": ["Spotify", "Maps"],
        "Profile": "Ann",
        "Profiles": ["Ann", "Bob"],
    },
    "org.vehicleagent.Notifications": {"DoNotDisturb": False},
    "org.bluez.Device1": {"Paired": True, "Connected": True, "Alias": "pixel"},
}
_BODIES: dict[str, list[Any]] = {
    "org.freedesktop.DBus.ListNames": [["org.freedesktop.DBus", "org.mpris.MediaPlayer2.vehicle"]],
    "org.vehicleagent.MediaSearch.Find": [
        [["file:///a.mp3", "song", "band", "music"], ["file:///v.mp4", "f", "", "video"]]
    ],
    "org.ofono.Manager.GetModems": [
        [
            ["/m", {"Name": "a", "Online": True, "Interfaces": ["org.ofono.VoiceCallManager"]}],
            ["/n", {"Powered": True, "Interfaces": ["org.ofono.VoiceCallManager", "org.ofono.MessageManager"]}],
        ]
    ],
    "org.ofono.VoiceCallManager.GetCalls": [
        [
            ["/m/1", {"State": "active", "LineIdentification": "5550123", "Name": "Ann", "Multiparty": True}],
            ["/m/2", {"State": "incoming", "LineIdentification": "withheld"}],
            ["/m/3", {"State": "active", "LineIdentification": "+15550123", "Multiparty": True}],
        ]
    ],
    "org.ofono.VoiceCallManager.GetProperties": [{"EmergencyNumbers": ["112", "777"]}],
    "org.ofono.VoiceCallManager.Dial": ["/m/1"],
    "org.ofono.MessageManager.SendMessage": ["/m/msg1"],
    "org.vehicleagent.Contacts.GetAll": [
        [
            ["Ann", [["mobile", "5550123"], ["home", "+44 20 7946 0018"]], "mill lane 1"],
            ["Sos", [["work", "1-1-2"]], ""],
            ["Code", [["work", "*21#"]], ""],
        ]
    ],
    "org.vehicleagent.Messages.ListUnread": [[["Ann", "hello"]]],
    "org.vehicleagent.Navigation.FindNearby": ["inn", "high street", 1.5],
    "org.vehicleagent.Navigation.GetEta": ["10:30", 12.5, 20],
    "org.vehicleagent.Information.GetWeather": ["Ulm", "sunny", 20.0, 10.0, 25.0, 5],
    "org.vehicleagent.Information.GetNews": [["one", "two"]],
    "org.vehicleagent.Information.GetCalendar": [[["today", "10:00", "work"]]],
    "org.freedesktop.DBus.ObjectManager.GetManagedObjects": [
        {"/dev1": {"org.bluez.Device1": {"Alias": "pixel", "Paired": True, "Connected": False, "Address": "00:11"}}}
    ],
}


class _Bus:
    """Stands for dbus-next's bus: answers each call at once with what the input says."""

    connected = True
    on_lost: Callable[[], None]

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers
        self._serial = 0
        self._handler: Callable[[Message], bool] = lambda _message: False
        self.sent: list[Message] = []

    def add_message_handler(self, handler: Callable[[Message], bool]) -> None:
        self._handler = handler

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def abort(self) -> None:
        self.connected = False

    def forget(self, serial: int) -> None:
        """Nothing is kept here."""

    def send_now(self, message: Message) -> None:
        self.sent.append(message)
        message._marshall(negotiate_unix_fd=False)  # type: ignore[no-untyped-call]  # as on the way to a socket
        reply = Message(
            message_type=MessageType.METHOD_RETURN,
            reply_serial=message.serial,
            body=self._body(message),
        )
        if self._answers.get(f"{message.interface}.{message.member}") == "error":
            reply.message_type, reply.error_name = MessageType.ERROR, "org.bluez.Error.Failed"
        asyncio.get_running_loop().call_soon(self._handler, reply)

    def _body(self, message: Message) -> list[Any]:
        key = f"{message.interface}.{message.member}"
        if message.member == "Get":
            values = self._answers.get(str(message.body[0]), {})
            found = values.get(message.body[1]) if isinstance(values, dict) else values
            return [] if found is None else [found]
        if message.member == "GetAll" and message.interface == "org.freedesktop.DBus.Properties":
            key = str(message.body[0])
            given = self._answers.get(key, {})
            if isinstance(given, list):
                return given
            return [{**_PROPERTIES.get(key, {}), **given} if isinstance(given, dict) else given]
        given = self._answers.get(key, _BODIES.get(key, []))
        return given if isinstance(given, list) else [given]


def run(data: bytes) -> Hashable:
    try:
        function, arguments, answers = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return "no replies"
    if not isinstance(arguments, dict) or not isinstance(answers, dict) or not isinstance(function, str):
        return "no replies"
    return loop().run_until_complete(_use(function, arguments, answers))


async def _use(function: str, arguments: dict[str, Any], answers: dict[str, Any]) -> Hashable:
    backend = DbusBackend(DbusConfig(timeout_s=_TIMEOUT_S), lambda: 1.0, catalogue())
    for role in ("session", "system"):
        bus: Any = _Bus(answers)
        backend.client._connections[role] = Connection(role, bus, 1.0)
    if function == "video_title":
        seen = await Endings(backend.client).video_title()
        assert seen is None or isinstance(seen, str)
        return ("video", seen is None)
    if function == "shows_video":
        return (function, await Endings(backend.client).shows_video())
    if function in {"pause_and_blank_video", "home_screen"}:
        await getattr(Endings(backend.client), function)()
        return function
    try:
        call = catalogue().call(function, **arguments)
    except (InvalidCall, UnknownFunction, TypeError):
        return "no call"
    if call.name not in FUNCTIONS or call.refs:
        return "no call"
    meant = await backend.meant(call)
    assert await backend.meant(meant.call) == meant, "what was found is not found again"
    action = await backend.prepare(call)
    assert action.meant == meant
    assert all(catalogue().call(u.name, **u.json_arguments()) == u for u in action.undo), "an inverse that is no call"
    action.send(issue(call, 1.0))
    for command, _ in action._sent:
        if command.member in {"Dial", "SendMessage"}:
            assert command.body[0] == meant.number == normalised(str(meant.number)), "another number is dialled"
    observed = await action.outcome()
    assert isinstance(observed, Observed)
    assert isinstance(observed.text, str), "the driver hears no text"
    assert observed.text, "the driver hears nothing"
    assert all(isinstance(value, str | int | float) for value in observed.values.values()), "a value that is none"
    assert observed.result is None or isinstance(observed.result, Place | str)
    if isinstance(observed.result, Place):
        assert isinstance(observed.result.name, str)
        assert isinstance(observed.result.address, str)
    return (function, "done")


_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("play_media", {"query": "song"}), ("play_video", {"title": "f"}), ("control_playback", {"action": "next"}),
    ("control_playback", {"action": "restart"}), ("control_playback", {"action": "shuffle_on"}),
    ("set_volume", {"level": 3}),
    ("adjust_volume", {"direction": "up"}), ("set_mute", {"state": "on"}), ("select_media_source", {"source": "usb"}),
    ("adjust_equalizer", {"band": "bass", "direction": "up"}), ("tune_radio", {"station": "one"}),
    ("tune_radio", {"station": "98.5"}), ("call_contact", {"name": "ann"}), ("dial_number", {"number": "5550123"}),
    ("control_call", {"action": "hang_up"}), ("send_text_message", {"recipient": "ann", "message": "hi"}),
    ("control_call", {"action": "answer"}), ("control_call", {"action": "hold"}), ("call_contact", {"name": "sos"}),
    ("call_contact", {"name": "ann", "number_type": "home"}), ("call_contact", {"name": "code"}),
    ("send_text_message", {"recipient": "+44 555 0123", "message": "hi"}),
    ("read_messages", {}), ("set_do_not_disturb", {"state": "on"}), ("get_contact_address", {"name": "ann"}),
    ("connect_bluetooth_device", {"device": "pixel"}), ("navigate_to", {"destination": "home"}),
    ("add_waypoint", {"place": "mill"}), ("cancel_navigation", {}), ("find_nearby", {"category": "hotel"}),
    ("get_eta", {}),
    ("set_route_preference", {"feature": "tolls", "preference": "avoid"}), ("control_map", {"action": "zoom_in"}),
    ("control_map", {"action": "north_up"}), ("set_display_brightness", {"level": 5}),
    ("set_display_theme", {"theme": "dark"}),
    ("set_units", {"system": "metric"}), ("open_app", {"app": "spotify"}), ("switch_driver_profile", {"name": "bob"}),
    ("get_weather", {}), ("get_news", {}), ("get_calendar", {}), ("call_roadside_assistance", {}),
    ("video_title", {}), ("shows_video", {}), ("pause_and_blank_video", {}), ("home_screen", {}),
    ("control_playback", {"action": "play"}), ("control_playback", {"action": "pause"}),
    ("control_playback", {"action": "stop"}), ("control_playback", {"action": "previous"}),
    ("control_playback", {"action": "repeat_on"}),
]  # fmt: skip


def seeds() -> list[bytes]:
    """Each function with the whole of what it may be told: mutation then spoils a piece of that."""
    alike = []
    for name, arguments in _CALLS:
        answers: dict[str, Any] = {**_PROPERTIES, **_BODIES}
        alike.append(json.dumps([name, arguments, _relevant(name, arguments, answers)]).encode())
    for name, arguments in _CALLS:
        if name in {"control_playback", "video_title", "shows_video", "pause_and_blank_video"}:
            alike += [json.dumps([name, arguments, answers]).encode() for answers in _OTHER_PLAYERS]
    return [*alike, *(json.dumps(case).encode() for case in _OTHER_SHAPES)]


_OTHER_SHAPES: list[list[Any]] = [  # answers of another shape altogether, before and after the sending
    ["set_volume", {"level": 3}, {"org.vehicleagent.Audio": [5]}],
    ["call_contact", {"name": "ann"}, {"org.vehicleagent.Contacts.GetAll": [5]}],
    ["read_messages", {}, {"org.vehicleagent.Messages.ListUnread": []}],
]
_SEVERAL = [["org.mpris.MediaPlayer2.vlc.instance1", "org.mpris.MediaPlayer2.a", "org.mpris.MediaPlayer2.b"]]
_OTHER_PLAYERS: list[dict[str, Any]] = [
    {"org.freedesktop.DBus.ListNames": _SEVERAL, "org.mpris.MediaPlayer2.Player": {"Metadata": {}}},
    {"org.mpris.MediaPlayer2.Player": {"Metadata": {"xesam:url": "https://h/watch"}, "PlaybackStatus": "Paused"}},
    {"org.freedesktop.DBus.Properties.GetAll": "error", "org.mpris.MediaPlayer2.Player": {"Metadata": {}}},
    {"org.mpris.MediaPlayer2.Player": {"Metadata": None, "PlaybackStatus": None, "Position": "7", "CanSeek": False}},
]


def _relevant(name: str, arguments: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that the function asks for."""
    asked: dict[str, Any] = {}

    class _Noting(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
            if key in answers:
                asked[key] = answers[key]
            return default

    with contextlib.suppress(BackendError):  # the status does not change: the head unit here is a picture of one
        loop().run_until_complete(_use(name, arguments, _Noting()))
    return asked


TARGET = Target(
    name="dbus_replies",
    run=run,
    allowed=(BackendError,),
    seeds=seeds,
    form="json",
    dictionary=(
        *(b"error", b"PlaybackStatus", b"Metadata", b"xesam:title", b"xesam:url", b"vehicleagent:kind", b"video"),
        *(b"Source", b"Volumes", b"Interfaces", b"State", b"LineIdentification", b"Station", b"Units", b"imperial"),
        *(b"https://h/a.mkv?x=b.mp3", b"mpris:length", b"xesam:artist", b"CanPause", b"org.mpris.MediaPlayer2.c"),
        *(b"Name", b"Multiparty", b"Online", b"Powered", b"EmergencyNumbers", b"withheld", b"*21#", b"+44"),
        *(b"incoming", b"Stopped", b"radio", b"112", b"Apps", b"Active", b"Paired", b"Playing", b"Paused"),
    ),
    share=0,
)
