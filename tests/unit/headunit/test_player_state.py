"""Reading what a player says: each wrong type costs that field alone."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.media_kind import MediaKind
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
    kind=MediaKind.SOUND,
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
    assert (state.status, state.position_s, state.identity, state.kind) == ("Playing", 1.5, (), MediaKind.UNKNOWN)


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


@pytest.mark.parametrize("said", [7, [], {}, True, ["music"]])
def test_a_kind_that_is_no_word_is_no_sound(said: object) -> None:
    metadata = {"vehicleagent:kind": said, "xesam:url": "file:///a.mp3"}
    assert read_state({"Metadata": metadata}).kind is MediaKind.UNKNOWN


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
