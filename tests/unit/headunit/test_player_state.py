"""Reading what a player says: each wrong type costs that field alone; only a positive statement makes it sound."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_agent.backends.dbus.picture import SOUND_ENDINGS, SOUND_WORDS, Kind, file_name, kind_of
from vehicle_agent.backends.dbus.player import NO_TRACK, PlayerState, read_state

METADATA = {
    "mpris:trackid": "/t/1",
    "mpris:length": 214_000_000,
    "xesam:title": "Song",
    "xesam:artist": ["One", "Two"],
    "xesam:album": "Album",
    "xesam:url": "file:///music/song.mp3",
}
VALUES: dict[str, object] = {
    "PlaybackStatus": "Playing",
    "Metadata": METADATA,
    "Position": 1_500_000,
    "Shuffle": False,
    "LoopStatus": "Track",
    **dict.fromkeys(("CanControl", "CanPlay", "CanPause", "CanSeek", "CanGoNext", "CanGoPrevious"), True),
}
READ = PlayerState(
    status="Playing",
    title="Song",
    artists=("One", "Two"),
    album="Album",
    track_id="/t/1",
    url="file:///music/song.mp3",
    length_s=214.0,
    position_s=1.5,
    shuffle=False,
    loop="Track",
    kind=Kind.SOUND,
)
ODD: list[object] = [None, "", "x", 7, -1, 1.5, float("nan"), float("inf"), True, [], ["a", 3], {}, {"a": 1}, b"bytes"]
# property or key of the metadata -> the field it becomes; the address and the kind hang together
FIELD = {
    "PlaybackStatus": "status",
    "Position": "position_s",
    "Shuffle": "shuffle",
    "LoopStatus": "loop",
    "CanControl": "can_control",
    "CanPlay": "can_play",
    "CanPause": "can_pause",
    "CanSeek": "can_seek",
    "CanGoNext": "can_go_next",
    "CanGoPrevious": "can_go_previous",
    "mpris:trackid": "track_id",
    "mpris:length": "length_s",
    "xesam:title": "title",
    "xesam:artist": "artists",
    "xesam:album": "album",
    "xesam:url": "url",
}


def test_what_the_specification_says() -> None:
    assert read_state(VALUES) == READ
    assert (READ.name, READ.spoken) == ("Song by One and Two",) * 2
    assert read_state({}) == PlayerState()


@pytest.mark.parametrize("key", FIELD)
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_wrong_type_costs_that_field_alone(key: str, odd: object) -> None:
    values = {**VALUES, key: odd} if key in VALUES else {**VALUES, "Metadata": {**METADATA, key: odd}}
    state = read_state(values)
    touched = {FIELD[key], *(("kind",) if key == "xesam:url" else ())}
    for field in fields(PlayerState):
        if field.name not in touched:
            assert getattr(state, field.name) == getattr(READ, field.name), field.name


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_metadata_of_another_type_costs_the_metadata_alone(odd: object) -> None:
    state = read_state({**VALUES, "Metadata": odd})
    assert (state.status, state.position_s, state.identity, state.kind) == ("Playing", 1.5, (), Kind.UNKNOWN)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (5_000_000, 5.0),
        (5e6, 5.0),
        ("5000000", 5.0),
        (0, 0.0),
        (-1, None),
        ("far", None),
        (True, None),
        (10**400, None),
    ],
)
def test_microseconds_of_any_type(value: object, seconds: float | None) -> None:
    state = read_state({"Position": value, "Metadata": {"mpris:length": value}})
    assert state.position_s == seconds
    assert state.length_s == (seconds or None)  # a length of nothing is none


@pytest.mark.parametrize(
    ("value", "status"),
    [("Playing", "Playing"), ("PAUSED", "Paused"), (" stopped ", "Stopped"), ("Buffering", ""), (1, ""), (None, "")],
)
def test_status(value: object, status: str) -> None:
    assert read_state({"PlaybackStatus": value}).status == status


@pytest.mark.parametrize(
    ("metadata", "spoken"),
    [
        ({"xesam:title": "Song", "xesam:artist": "The Band"}, "Song by The Band"),
        ({"xesam:title": "Song", "xesam:artist": ["A", "B"]}, "Song by A and B"),
        ({"xesam:title": "Song", "xesam:albumArtist": ["A"]}, "Song by A"),
        ({"xesam:title": "Song", "xesam:artist": ["streaming search"]}, "Song"),
        ({"xesam:title": ["One", "Two"]}, "One Two"),
        ({"xesam:title": "a\x00b\nc\u200b"}, "a b c"),
        ({"xesam:title": "x" * 1000}, "x" * 200),
        ({"xesam:artist": ["The Band"]}, "the music"),
        ({"xesam:album": "Album"}, "something from Album"),
        ({"xesam:url": "file:///music/My%20Song_two.mp3"}, "My Song two"),
        ({"xesam:url": "file:///films/a.mkv"}, "a"),
        ({"xesam:url": "https://host/live.mp3?x=1"}, "live"),
        ({"xesam:url": "https://host/watch.php?v=1"}, "the music"),
        ({"xesam:url": "https://host/"}, "the music"),
        ({"vehicleagent:kind": "video"}, "the video"),
        ({}, "the music"),
    ],
)
def test_what_is_spoken(metadata: dict[str, object], spoken: str) -> None:
    assert read_state({"Metadata": metadata}).spoken == spoken


@pytest.mark.parametrize(
    ("track_id", "path", "kept"),
    [
        ("/t/1", "/t/1", "/t/1"),
        ("spotify:track:1", "", "spotify:track:1"),
        (NO_TRACK, "", ""),
        (7, "", "7"),
        ("", "", ""),
    ],
)
def test_track_ids(track_id: object, path: str, kept: str) -> None:
    state = read_state({"Metadata": {"mpris:trackid": track_id}})
    assert (state.track_path, state.track_id) == (path, kept)


@pytest.mark.parametrize(
    ("values", "loaded"),
    [
        ({}, True),  # it says nothing at all: there may be something
        ({"PlaybackStatus": "Stopped"}, False),
        ({"PlaybackStatus": "Stopped", "Metadata": {"mpris:trackid": NO_TRACK}}, False),
        ({"PlaybackStatus": "Stopped", "Metadata": {"mpris:trackid": "/t/1"}}, True),
        ({"PlaybackStatus": "Stopped", "Metadata": {"xesam:url": "a"}}, True),
        ({"PlaybackStatus": "Paused"}, True),
        ({"PlaybackStatus": "Playing"}, True),
    ],
)
def test_whether_something_is_loaded(values: dict[str, object], loaded: bool) -> None:
    assert read_state(values).is_loaded is loaded


# --- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        *((f"file:///m/a.{ending}", Kind.SOUND) for ending in sorted(SOUND_ENDINGS)),
        *((f"file:///m/a.{e}", Kind.VIDEO) for e in ("mp4", "mpg", "mpeg", "ts", "m2ts", "mkv", "avi", "mov", "wmv")),
        *((f"file:///m/a.{e}", Kind.UNKNOWN) for e in ("ogg", "m3u", "pls", "cue", "jpg", "exe", "mp3x", "mp33", "3")),
        ("file:///m/A.MP3", Kind.SOUND),
        ("FILE:///m/A.Mp3", Kind.SOUND),
        ("file:///m/a.b.mp3", Kind.SOUND),
        ("file:///m/a.mkv.mp3", Kind.UNKNOWN),
        ("file:///m/a.mp3.mkv", Kind.VIDEO),
        ("file:///m/a.mp3.", Kind.UNKNOWN),
        ("file:///m/a.mp3 .", Kind.UNKNOWN),
        ("file:///m/.mp3", Kind.UNKNOWN),
        ("file:///m/mp3", Kind.UNKNOWN),
        ("file:///m/a.mp3/", Kind.UNKNOWN),
        ("file:///films.mkv/a.mp3", Kind.SOUND),  # a folder is no film
        ("file:///m/a%2Emp3", Kind.SOUND),
        ("file:///m/a%2Emkv", Kind.VIDEO),
        ("file:///m/a%252Emkv.mp3", Kind.UNKNOWN),
        ("file:///m/a.mkv%00.mp3", Kind.UNKNOWN),
        ("file:///m/a.mkv%2Fb.mp3", Kind.UNKNOWN),
        ("file:///m/a.mkv%3Fb.mp3", Kind.UNKNOWN),
        ("file:///m/a.mp3?b.mkv", Kind.UNKNOWN),
        ("file:///m/a.mp3#b.mkv", Kind.UNKNOWN),
        ("file:///m/a.mkv#b.mp3", Kind.VIDEO),
        ("https://h/x.mkv?name=a.mp3", Kind.VIDEO),
        ("https://h/get?file=a.mp3", Kind.UNKNOWN),
        ("https://h/a.mp3?t=1#x", Kind.SOUND),
        ("https://a.mp3", Kind.UNKNOWN),
        ("https://a.mp3?x", Kind.UNKNOWN),
        ("https://user:a.mp3@h/watch", Kind.UNKNOWN),
        ("https://h/watch?v=1", Kind.UNKNOWN),
        ("http://[::1/a", Kind.UNKNOWN),
        ("data:audio/mpeg;base64,a.mp3", Kind.UNKNOWN),
        ("blob:https://h/a.mp3", Kind.UNKNOWN),
        ("rtsp://h/a.mp3", Kind.UNKNOWN),
        ("dvb://a.mp3", Kind.UNKNOWN),
        ("/music/a.flac", Kind.SOUND),
        ("a.flac", Kind.SOUND),
        ("c:\\music\\a.mp3", Kind.UNKNOWN),
        ("usb:music/a", Kind.UNKNOWN),
        ("spotify:track:4uLU6h", Kind.SOUND),
        ("spotify:episode:4uLU6h", Kind.UNKNOWN),
        ("https://open.spotify.com/track/4uLU6h?si=1", Kind.SOUND),
        ("https://open.spotify.com/intl-de/track/4uLU6h", Kind.SOUND),
        ("https://open.spotify.com/episode/4uLU6h", Kind.UNKNOWN),
        ("https://open.spotify.com@evil/track/4uLU6h", Kind.UNKNOWN),
        ("https://open.spotify.com.evil/track/4uLU6h", Kind.UNKNOWN),
        ("https://evil/https://open.spotify.com/track/4uLU6h", Kind.UNKNOWN),
        ("https://www.deezer.com/de/track/31", Kind.SOUND),
        ("https://tidal.com/browse/track/31", Kind.SOUND),
        ("https://tidal.com/browse/video/31", Kind.UNKNOWN),
        ("https://www.youtube.com/watch?v=a", Kind.UNKNOWN),
        ("cdda://sr0/1", Kind.SOUND),
        ("", Kind.UNKNOWN),
        ("%", Kind.UNKNOWN),
        ("://", Kind.UNKNOWN),
    ],
)
def test_addresses(url: str, kind: Kind) -> None:
    assert kind_of(said="", url=url) is kind


@pytest.mark.parametrize(
    "said", ["", "music", "Podcast", "audiobook", "radio", "video", "VIDEO", "film", "?", "music "]
)
@pytest.mark.parametrize("url", ["", "file:///a.mp3", "file:///a.mkv", "https://h/watch"])
@pytest.mark.parametrize("sound_only", [False, True])
def test_statements_together(said: str, url: str, sound_only: bool) -> None:
    """Sound needs a statement of sound and none against it."""
    word = said.strip().lower()
    shows = word == "video" or url.endswith("mkv")
    sounds = word in SOUND_WORDS or url.endswith("mp3") or sound_only
    kind = kind_of(said=said, url=url, sound_only=sound_only)
    if shows:
        assert kind is (Kind.UNKNOWN if sounds else Kind.VIDEO)
    else:
        assert kind is (Kind.SOUND if sounds and word in {"", *SOUND_WORDS} else Kind.UNKNOWN)


@pytest.mark.parametrize("said", [7, [], {}, True, ["music"]])
def test_a_kind_that_is_no_word_is_no_sound(said: object) -> None:
    metadata = {"vehicleagent:kind": said, "xesam:url": "file:///a.mp3"}
    assert read_state({"Metadata": metadata}).kind is Kind.UNKNOWN


def test_a_track_id_speaks_only_where_there_is_no_address() -> None:
    assert kind_of(said="", url="", track_id="/com/spotify/track/1a") is Kind.SOUND
    assert kind_of(said="", url="", track_id="/com/spotify/episode/1a") is Kind.UNKNOWN
    assert kind_of(said="", url="https://h/watch", track_id="/com/spotify/track/1a") is Kind.UNKNOWN


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELD, "vehicleagent:kind"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*VALUES, "else"]), PLAIN))
def test_no_answer_breaks_the_reading(values: dict[str, object]) -> None:
    state = read_state(values)
    assert state.spoken
    assert state.spoken.isprintable()
    hash(state)


@given(st.text())
def test_no_address_breaks_the_reading_and_a_video_in_it_is_never_sound(url: str) -> None:
    kind_of(said="", url=url)
    file_name(url)
    for spoiled in (f"{url}.mkv", f"file:///a.mkv?{url}", f"file:///x{url}.ts"):
        assert kind_of(said="music", url=spoiled) is not Kind.SOUND
