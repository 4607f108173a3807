"""What media players say of themselves. The input is JSON: the properties of one player, or its address as text."""

import json
import re
from collections.abc import Hashable

from fuzz.target import Target
from state_machines.media_kind import MediaKind, kind_of
from vehicle_agent.backends.dbus.player import PlayerState, read_state

_A_FILM = re.compile(r"\.(?:mkv|mp4|mpg|ts|webm|avi|mov)$")
_WORDS = {"music", "podcast", "audiobook", "radio"}


def run(data: bytes) -> Hashable:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        values = data.decode("utf-8", "replace")
    if isinstance(values, str):
        values = {"Metadata": {"xesam:url": values}}
    if not isinstance(values, dict):
        return "no properties"
    state = read_state(values)
    assert state.spoken, "the driver hears nothing"
    assert state.spoken.isprintable(), "what cannot be spoken"
    assert hash(state) is not None, "something in it can be changed"
    assert state.position_s is None or 0 <= state.position_s < float("inf")
    _sound_is_said(values, state)
    shown = read_state({**values, "Metadata": {"xesam:url": f"{state.url}.mkv", "vehicleagent:kind": "music"}})
    assert shown.kind is not MediaKind.SOUND, "a film is taken for music"
    return (state.status, state.kind, bool(state.name), state.is_loaded, state.can_seek, state.shuffle, state.loop)


def _sound_is_said(values: dict[str, object], state: PlayerState) -> None:
    if state.kind is not MediaKind.SOUND:
        return
    metadata = values["Metadata"]
    assert isinstance(metadata, dict)
    said = metadata.get("vehicleagent:kind")
    assert said is None or (isinstance(said, str) and said.strip().lower() in {"", *_WORDS}), (
        "said to be something else"
    )
    assert not _A_FILM.search(state.url.lower()), "a film by its name"
    assert said or kind_of(said="", url=state.url, track_id=state.track_id) is MediaKind.SOUND, (
        "nothing says that it is sound"
    )


def seeds() -> list[bytes]:
    song = {
        "mpris:trackid": "/t/1",
        "mpris:length": 214_000_000,
        "xesam:title": "Song",
        "xesam:artist": ["One", "Two"],
        "xesam:album": "Album",
        "xesam:url": "file:///music/song.mp3",
    }
    abilities = dict.fromkeys(("CanControl", "CanPlay", "CanPause", "CanSeek", "CanGoNext", "CanGoPrevious"), True)
    whole = {"PlaybackStatus": "Playing", "Position": 5, "Shuffle": False, "LoopStatus": "None", **abilities}
    players: list[object] = [
        {**whole, "Metadata": song},
        {**whole, "Metadata": {**song, "xesam:artist": "One", "xesam:url": "https://h/a%2Emkv?x=b.mp3#c.ts"}},
        {**whole, "Metadata": {"vehicleagent:kind": "music", "xesam:url": "usb:music/a"}},
        {**whole, "Metadata": {"mpris:trackid": "/com/spotify/track/1"}},
        *("file:///m/a.mp3", "https://open.spotify.com/track/1?si=2", "spotify:track:1", "data:audio/mpeg;a.mp3", ""),
    ]
    return [json.dumps(player).encode() for player in players]


TARGET = Target(
    name="player_state",
    run=run,
    allowed=(),
    seeds=seeds,
    form="json",
    dictionary=(
        *(b".mp3", b".mkv", b".ts", b"%2e", b"%252e", b"?", b"#", b"://", b"file:", b"http:", b"data:", b"cdda:"),
        *(b"vehicleagent:kind", b"music", b"video", b"xesam:url", b"xesam:title", b"1e999", b"-1", b"null", b"[]"),
    ),
    share=0,
)
