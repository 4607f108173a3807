"""What is taken for sound alone: only a positive statement makes it so, and none against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.media_kind import SOUND_ENDINGS, SOUND_WORDS, MediaKind, file_name, kind_of, names_video

VIDEO_ENDINGS = (
    *("264", "265", "3g2", "3gp", "3gpp", "asf", "asx", "av1", "avi", "bik", "divx", "dv", "evo"),
    *("f4v", "flv", "h264", "h265", "hevc", "ifo", "ivf", "m1v", "m2t", "m2ts", "m2v", "m4v", "mjpeg"),
    *("mjpg", "mk3d", "mkv", "mov", "mp2v", "mp4", "mpe", "mpeg", "mpg", "mpv", "mts", "mxf", "nut"),
    *("ogm", "ogv", "ogx", "qt", "rm", "rmvb", "swf", "tp", "trp", "ts", "vob", "webm", "wmv"),
    *("xvid", "y4m"),
)
FILES = ("", "file://", "ftp://h", "http://h", "https://h", "mtp://h", "nfs://h", "sftp://h", "smb://h", "usb:")


def test_the_words_by_hand() -> None:
    assert {"music", "podcast", "audiobook", "radio"} == SOUND_WORDS
    assert [kind.value for kind in MediaKind] == ["sound", "video", "unknown"]
    assert not SOUND_ENDINGS & {*VIDEO_ENDINGS}


@pytest.mark.parametrize("where", FILES)
def test_where_an_address_names_a_file(where: str) -> None:
    assert kind_of(said="", url=f"{where}/m/a.mp3") is MediaKind.SOUND
    assert kind_of(said="", url=f"x{where or ':'}/m/a.mp3") is MediaKind.UNKNOWN


@pytest.mark.parametrize("ending", VIDEO_ENDINGS)
def test_the_name_of_a_video(ending: str) -> None:
    assert kind_of(said="", url=f"file:///m/a.{ending}") is MediaKind.VIDEO
    assert names_video(f"FILE:///M/A.{ending.upper()}")
    assert not names_video(f"file:///m.{ending}/a{ending}")
    assert not names_video(f"file:///m/a.{ending}x")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("a%2Emkv", True),
        ("a%252Emkv", True),
        ("a%25252Emkv", True),
        ("a%2525252Emkv", False),  # deeper than three addresses in one another
        ("a.mkv%61", True),  # before it is decoded
        ("a.mp3?.mkv", True),
        ("a.mk?v", False),
    ],
)
def test_a_video_by_an_encoded_name(url: str, found: bool) -> None:
    assert names_video(url) is found


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("file:///m/a%20b.mp3?x/y#z", "a b.mp3"),
        ("c:\\music\\a.mp3", "a.mp3"),
        ("FILE:///m/A.mp3", "A.mp3"),
        ("https://a.mp3", ""),
        ("https://h/", ""),
        ("a.mp3", "a.mp3"),
    ],
)
def test_the_name_of_a_file(url: str, name: str) -> None:
    assert file_name(url) == name


@pytest.mark.parametrize(
    ("kind", "may_show"), [(MediaKind.SOUND, False), (MediaKind.VIDEO, True), (MediaKind.UNKNOWN, True)]
)
def test_everything_but_sound_may_show_a_picture(kind: MediaKind, may_show: bool) -> None:
    assert kind.may_show is may_show


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        *((f"file:///m/a.{ending}", MediaKind.SOUND) for ending in sorted(SOUND_ENDINGS)),
        *(
            (f"file:///m/a.{e}", MediaKind.VIDEO)
            for e in ("mp4", "mpg", "mpeg", "ts", "m2ts", "mkv", "avi", "mov", "wmv")
        ),
        *(
            (f"file:///m/a.{e}", MediaKind.UNKNOWN)
            for e in ("ogg", "m3u", "pls", "cue", "jpg", "exe", "mp3x", "mp33", "3")
        ),
        ("file:///m/A.MP3", MediaKind.SOUND),
        ("FILE:///m/A.Mp3", MediaKind.SOUND),
        ("file:///m/a.b.mp3", MediaKind.SOUND),
        ("file:///m/a.mkv.mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mp3.mkv", MediaKind.VIDEO),
        ("file:///m/a.mp3.", MediaKind.UNKNOWN),
        ("file:///m/a.mp3 .", MediaKind.UNKNOWN),
        ("file:///m/.mp3", MediaKind.UNKNOWN),
        ("file:///m/mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mp3/", MediaKind.UNKNOWN),
        ("file:///films.mkv/a.mp3", MediaKind.SOUND),  # a folder is no film
        ("file:///m/a%2Emp3", MediaKind.SOUND),
        ("file:///m/a%2Emkv", MediaKind.VIDEO),
        ("file:///m/a%252Emkv.mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mkv%00.mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mkv%2Fb.mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mkv%3Fb.mp3", MediaKind.UNKNOWN),
        ("file:///m/a.mp3?b.mkv", MediaKind.UNKNOWN),
        ("file:///m/a.mp3#b.mkv", MediaKind.UNKNOWN),
        ("file:///m/a.mkv#b.mp3", MediaKind.VIDEO),
        ("https://h/x.mkv?name=a.mp3", MediaKind.VIDEO),
        ("https://h/get?file=a.mp3", MediaKind.UNKNOWN),
        ("https://h/a.mp3?t=1#x", MediaKind.SOUND),
        ("https://a.mp3", MediaKind.UNKNOWN),
        ("https://a.mp3?x", MediaKind.UNKNOWN),
        ("https://user:a.mp3@h/watch", MediaKind.UNKNOWN),
        ("https://h/watch?v=1", MediaKind.UNKNOWN),
        ("http://[::1/a", MediaKind.UNKNOWN),
        ("data:audio/mpeg;base64,a.mp3", MediaKind.UNKNOWN),
        ("blob:https://h/a.mp3", MediaKind.UNKNOWN),
        ("rtsp://h/a.mp3", MediaKind.UNKNOWN),
        ("dvb://a.mp3", MediaKind.UNKNOWN),
        ("/music/a.flac", MediaKind.SOUND),
        ("a.flac", MediaKind.SOUND),
        ("c:\\music\\a.mp3", MediaKind.UNKNOWN),
        ("usb:music/a", MediaKind.UNKNOWN),
        ("spotify:track:4uLU6h", MediaKind.SOUND),
        ("spotify:episode:4uLU6h", MediaKind.UNKNOWN),
        ("https://open.spotify.com/track/4uLU6h?si=1", MediaKind.SOUND),
        ("https://open.spotify.com/intl-de/track/4uLU6h", MediaKind.SOUND),
        ("https://open.spotify.com/episode/4uLU6h", MediaKind.UNKNOWN),
        ("https://open.spotify.com@evil/track/4uLU6h", MediaKind.UNKNOWN),
        ("https://open.spotify.com.evil/track/4uLU6h", MediaKind.UNKNOWN),
        ("https://evil/https://open.spotify.com/track/4uLU6h", MediaKind.UNKNOWN),
        ("https://www.deezer.com/de/track/31", MediaKind.SOUND),
        ("https://tidal.com/browse/track/31", MediaKind.SOUND),
        ("https://tidal.com/browse/video/31", MediaKind.UNKNOWN),
        ("https://www.youtube.com/watch?v=a", MediaKind.UNKNOWN),
        ("cdda://sr0/1", MediaKind.SOUND),
        ("", MediaKind.UNKNOWN),
        ("%", MediaKind.UNKNOWN),
        ("://", MediaKind.UNKNOWN),
    ],
)
def test_addresses(url: str, kind: MediaKind) -> None:
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
        assert kind is (MediaKind.UNKNOWN if sounds else MediaKind.VIDEO)
    else:
        assert kind is (MediaKind.SOUND if sounds and word in {"", *SOUND_WORDS} else MediaKind.UNKNOWN)


def test_a_track_id_speaks_only_where_there_is_no_address() -> None:
    assert kind_of(said="", url="", track_id="/com/spotify/track/1a") is MediaKind.SOUND
    assert kind_of(said="", url="", track_id="/com/spotify/episode/1a") is MediaKind.UNKNOWN
    assert kind_of(said="", url="https://h/watch", track_id="/com/spotify/track/1a") is MediaKind.UNKNOWN


@given(st.text())
def test_no_address_breaks_the_reading_and_a_video_in_it_is_never_sound(url: str) -> None:
    kind_of(said="", url=url)
    file_name(url)
    for spoiled in (f"{url}.mkv", f"file:///a.mkv?{url}", f"file:///x{url}.ts"):
        assert kind_of(said="music", url=spoiled) is not MediaKind.SOUND
