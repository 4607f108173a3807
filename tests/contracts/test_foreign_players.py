"""Players as they really are: every habit with every action, parked and at 60 km/h, through the gate on a real bus."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from dbus_next.signature import Variant
from headunit_bench import needs_bus
from support.car import CRASHED, PARKED
from support.foreign_player import ForeignPlayer, Habit, track
from support.judged_player import AT_60_KMH, Desk, desk
from support.waiting import until

from simulators.headunit import HeadUnit, link
from simulators.headunit.audio import Mixer, Radio
from simulators.headunit.service import Exporter
from vehicle_agent.backends.dbus.players import showing
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.errors import NotConfirmed, Unavailable
from vehicle_apis.signals import Signals

pytestmark = needs_bus

NAME = "org.mpris.MediaPlayer2.vehicle"
SONG = "Song 1 by The Band"
# action -> what the driver hears, and what reaches the player
USUAL: Mapping[str, tuple[str, list[str]]] = {
    "play": (f"Playing {SONG}.", ["Play"]),
    "pause": (f"Paused {SONG}.", ["Pause"]),
    "stop": ("Playback has stopped.", ["Stop"]),
    "next": ("Now it is Song 2 by The Band.", ["Next"]),
    "previous": ("Now it is Song 3 by The Band.", ["Previous"]),
    "restart": (f"Playing {SONG} from the beginning.", ["SetPosition", "Play"]),
    "shuffle_on": ("Shuffle is on.", ["Set"]),
    "repeat_on": ("Repeat is on.", ["Set"]),
}
SOUND_ONLY = (NAME,)
SKIPPED = "Skipped; the player does not say what plays now."
NOTHING: list[str] = []


def tracks(*without: str, **changed: Variant | None) -> tuple[dict[str, Variant], ...]:
    return tuple(track(n, *without, **changed) for n in (1, 2, 3))


@dataclass(frozen=True)
class Case:
    """``expected``: what differs from USUAL. ``sound_only``: it says nothing of its kind, so the configuration does."""

    habit: Habit
    expected: Mapping[str, tuple[str, list[str]]] = field(default_factory=dict)
    sound_only: bool = False


def named(first: str, second: str = "", third: str = "") -> dict[str, tuple[str, list[str]]]:
    """The usual answers with other names of the tracks."""
    after = {"next": (second, ["Next"]), "previous": (third, ["Previous"])}
    return {
        "play": (f"Playing {first}.", ["Play"]),
        "pause": (f"Paused {first}.", ["Pause"]),
        "restart": (f"Playing {first} from the beginning.", ["SetPosition", "Play"]),
        **{name: (f"Now it is {text}." if text else SKIPPED, sent) for name, (text, sent) in after.items()},
    }


SEEKS = {"restart": (f"Playing {SONG} from the beginning.", ["Seek", "Play"])}
UNPLACED = {
    "restart": (
        f"Playing {SONG} from the beginning; the player does not say where it is.",
        ["SetPosition", "Play"],
    )
}
NO_SHUFFLE = {
    "shuffle_on": ("The media player has no shuffle.", NOTHING),
    "repeat_on": ("The media player has no repeat.", NOTHING),
}
TELLS_NOTHING = {
    **named("the music"),
    "restart": ("Playing the music from the beginning.", ["Seek", "Play"]),
}
CASES: dict[str, Case] = {
    "as specified": Case(Habit()),
    "no title": Case(
        Habit(tracks=tracks("title")), named("song 1 by The Band", "song 2 by The Band", "song 3 by The Band")
    ),
    "no title, no artist": Case(Habit(tracks=tracks("title", "artist")), named("song 1", "song 2", "song 3")),
    "empty title": Case(Habit(tracks=tracks("artist", title=Variant("s", "  "))), named("song 1", "song 2", "song 3")),
    "artist as one text": Case(Habit(tracks=tracks(artist=Variant("s", "The Band")))),
    "title as a list": Case(
        Habit(tracks=tracks("artist", title=Variant("as", ["A", "B"]))), named("A B", "A B", "A B")
    ),
    "title is a number": Case(Habit(tracks=tracks("artist", title=Variant("i", 1979))), named("1979", "1979", "1979")),
    "artists are numbers": Case(Habit(tracks=tracks(artist=Variant("ai", []))), named("Song 1", "Song 2", "Song 3")),
    "no track id": Case(Habit(tracks=tracks("trackid")), SEEKS),
    "track id as text": Case(Habit(tracks=tracks(trackid=Variant("s", "spotify:track:4uLU6hMCjMI"))), SEEKS),
    "track id as a path in a text": Case(Habit(tracks=tracks(trackid=Variant("s", "/com/spotify/track/1")))),
    "track id is a number": Case(Habit(tracks=tracks(trackid=Variant("u", 7))), SEEKS),
    "no length": Case(Habit(tracks=tracks("length"))),
    "length as text": Case(Habit(tracks=tracks(length=Variant("s", "200000000")))),
    "length as a double": Case(Habit(tracks=tracks(length=Variant("d", float("nan"))))),
    "no shuffle, no loop status": Case(Habit(without=frozenset({"Shuffle", "LoopStatus"})), NO_SHUFFLE),
    "shuffle and loop status of odd types": Case(
        Habit(odd={"Shuffle": Variant("s", "on"), "LoopStatus": Variant("b", True)}), NO_SHUFFLE
    ),
    "shuffle and loop status cannot be read": Case(Habit(raising=frozenset({"Shuffle", "LoopStatus"})), NO_SHUFFLE),
    "shuffle and loop status cannot be set": Case(
        Habit(writable=False),
        {
            "shuffle_on": ("The media player refused: Set does not work here.", ["Set", "Set"]),
            "repeat_on": ("The media player refused: Set does not work here.", ["Set", "Set", "Set", "Set"]),
        },
    ),
    "no position": Case(
        Habit(without=frozenset({"Position"})),
        {
            "restart": (
                f"Playing {SONG} from the beginning; the player does not say where it is.",
                ["SetPosition", "Play"],
            )
        },
    ),
    "position as text": Case(
        Habit(odd={"Position": Variant("s", "far")}),
        {
            "restart": (
                f"Playing {SONG} from the beginning; the player does not say where it is.",
                ["SetPosition", "Play"],
            )
        },
    ),
    "no position, no track id": Case(
        Habit(tracks=tracks("trackid"), without=frozenset({"Position"})),
        {"restart": (f"Playing {SONG} from the beginning; the player does not say where it is.", ["Seek", "Play"])},
    ),
    "only the position tells a new track": Case(
        Habit(
            tracks=tracks(
                "trackid", "title", "artist", url=Variant("s", "http://radio/live.mp3"), length=Variant("x", 5)
            )
        ),
        {
            **named("live"),
            "next": ("Skipped; the player shows live.", ["Next"]),
            "previous": ("Skipped; the player shows live.", ["Previous"]),
            "restart": ("Playing live from the beginning.", ["Seek", "Play"]),
        },
    ),
    "empty metadata": Case(Habit(tracks=({}, {}, {})), TELLS_NOTHING, sound_only=True),
    "no metadata at all": Case(Habit(tracks=None), TELLS_NOTHING, sound_only=True),
    "metadata is a text": Case(
        Habit(tracks=None, odd={"Metadata": Variant("s", "Song")}), TELLS_NOTHING, sound_only=True
    ),
    "metadata is a list": Case(
        Habit(tracks=None, odd={"Metadata": Variant("as", ["Song"])}), TELLS_NOTHING, sound_only=True
    ),
    "tells nothing, and no position": Case(
        Habit(tracks=None, without=frozenset({"Position"})),
        {
            **TELLS_NOTHING,
            "restart": ("Playing the music from the beginning; the player does not say where it is.", ["Seek", "Play"]),
        },
        sound_only=True,
    ),
    "metadata in variants of variants": Case(
        Habit(tracks=tracks(title=Variant("v", Variant("s", "Inner")))),
        named("Inner by The Band", "Inner by The Band", "Inner by The Band"),
    ),
    "no GetAll": Case(Habit(get_all=False)),
    "GetAll unknown": Case(Habit(unknown=frozenset({"GetAll"}))),
    "no properties at all": Case(
        Habit(get_all=False, get=False),
        {
            "play": ("The media player was told to play; it does not say whether it does.", ["Play"]),
            "pause": ("The media player was told to pause; it does not say whether it did.", ["Pause"]),
            "stop": ("The media player was told to stop; it does not say whether it did.", ["Stop"]),
            "next": (SKIPPED, ["Next"]),
            "previous": (SKIPPED, ["Previous"]),
            "restart": ("Playing the music from the beginning; the player does not say where it is.", ["Seek", "Play"]),
            **NO_SHUFFLE,
        },
        sound_only=True,
    ),
    "no status": Case(
        Habit(without=frozenset({"PlaybackStatus"})),
        {
            "play": ("The media player was told to play; it does not say whether it does.", ["Play"]),
            "pause": ("The media player was told to pause; it does not say whether it did.", ["Pause"]),
            "stop": ("The media player was told to stop; it does not say whether it did.", ["Stop"]),
            "restart": (
                f"Playing {SONG} from the beginning; the player does not say where it is.",
                ["SetPosition", "Play"],
            ),
        },
    ),
    "status in capitals": Case(Habit(spelled=str.upper)),
    "status in small letters": Case(Habit(spelled=str.lower)),
    "late": Case(Habit(late_s=0.08)),
    "stop pauses": Case(Habit(stop_pauses=True)),
    "pause stops": Case(Habit(pause_stops=True), {"pause": ("Playback has stopped.", ["Pause"])}),
    "quits when stopped": Case(Habit(quits_on_stop=True)),
    "cannot pause": Case(Habit(odd={"CanPause": Variant("b", False)}), {"pause": ("Playback has stopped.", ["Stop"])}),
    "no Pause": Case(Habit(unknown=frozenset({"Pause"})), {"pause": ("Playback has stopped.", ["Pause", "Stop"])}),
    "no Pause, in other words": Case(
        Habit(unknown=frozenset({"Pause"}), unknown_error="NotSupported"),
        {"pause": ("Playback has stopped.", ["Pause", "Stop"])},
    ),
    "PlayPause alone": Case(
        Habit(unknown=frozenset({"Play", "Pause", "Stop"})),
        {
            "pause": (f"Paused {SONG}.", ["Pause", "Stop", "PlayPause"]),
            "stop": ("The media player is not there", ["Stop", "Pause"]),
            "play": ("The media player is not there", ["Play"]),
            "restart": (f"Playing {SONG} from the beginning.", ["SetPosition", "Play", "Seek"]),
        },
    ),
    "cannot seek": Case(
        Habit(odd={"CanSeek": Variant("b", False)}),
        {"restart": (f"Playing {SONG} from the beginning.", ["OpenUri"])},
    ),
    "cannot seek and names no address": Case(
        Habit(tracks=tracks("url"), odd={"CanSeek": Variant("b", False)}),
        {"restart": ("The media player cannot go back to the beginning.", NOTHING)},
        sound_only=True,
    ),
    "no SetPosition": Case(
        Habit(unknown=frozenset({"SetPosition"})),
        {"restart": (f"Playing {SONG} from the beginning.", ["SetPosition", "Play", "Seek"])},
    ),
    "nothing after this": Case(
        Habit(odd={"CanGoNext": Variant("b", False), "CanGoPrevious": Variant("b", False)}),
        {
            "next": ("The media player has nothing after this.", NOTHING),
            "previous": ("The media player has nothing before this.", NOTHING),
        },
    ),
    "one track, then it ends": Case(
        Habit(tracks=(track(1),), ends_after_last=True),
        {
            "next": ("There is nothing more to play; playback has stopped.", ["Next"]),
            "previous": (f"Skipped; the player shows {SONG}.", ["Previous"]),
        },
    ),
    "takes no commands": Case(
        Habit(odd={"CanControl": Variant("b", False)}),
        dict.fromkeys(USUAL, ("The media player takes no commands; use its screen.", NOTHING)),
    ),
    "abilities of odd types": Case(
        Habit(odd={name: Variant("s", "no") for name in ("CanControl", "CanPlay", "CanPause", "CanSeek", "CanGoNext")})
    ),
}


async def heard(player: ForeignPlayer, wanted: list[str]) -> None:
    await until(lambda: len(player.commands) >= len(wanted))
    assert player.commands == wanted


@pytest.mark.parametrize("readings", [PARKED, AT_60_KMH], ids=["parked", "60 km/h"])
@pytest.mark.parametrize("name", CASES)
async def test_every_habit_with_every_action(name: str, readings: Signals) -> None:
    case = CASES[name]
    different = []
    async with desk(sound_only=SOUND_ONLY if case.sound_only else ()) as (at, _):
        at.drive(readings)
        for action, usual in USUAL.items():
            wanted, sent = case.expected.get(action, usual)
            async with ForeignPlayer(at.address, case.habit) as player:
                said = await at.say(action)
                if not said.startswith(wanted) or player.commands != sent:
                    different.append((action, said, player.commands))
    assert not different


# --- what may show a picture ------------------------------------------------------------------------------------------

RESUMING = ("play", "next", "previous", "restart")
UNSAID = "and the player does not say whether it shows a picture."
REFUSED = "Playing a video works only while the car is parked"


def addressed(url: str | None, **said: str) -> Habit:
    """A player whose tracks have this address; ``kind``: what it says of them."""
    more = {f"vehicleagent:{key}": Variant("s", value) for key, value in said.items()}
    where = {} if url is None else {"url": Variant("s", url)}
    return Habit(tracks=tuple({**track(n, *(() if where else ("url",)), **where), **more} for n in (1, 2, 3)))


MAY_SHOW: dict[str, Habit] = {
    **{
        f"a file .{ending}": addressed(f"file:///films/a.{ending}")
        for ending in (
            "mp4",
            "MKV",
            "mpg",
            "ts",
            "m2ts",
            "vob",
            "wmv",
            "flv",
            "ogv",
            "ogg",
            "webm",
            "3gp",
            "m3u8",
            "xyz",
        )
    },
    "a web page": addressed("https://somewhere/watch?v=1"),
    "a web address that is asked for a song": addressed("https://somewhere/x.mkv?name=a.mp3"),
    "a song with a video in its query": addressed("https://somewhere/a.mp3?then=b.mkv"),
    "a song's name in a fragment": addressed("https://somewhere/film#a.mp3"),
    "two endings": addressed("file:///films/a.mp3.mkv"),
    "two endings the other way": addressed("file:///films/a.mkv.mp3"),
    "a host called like a song": addressed("https://my.mp3"),
    "data": addressed("data:audio/mpeg;base64,SUQz.mp3"),
    "blob": addressed("blob:https://somewhere/5e6b-a.mp3"),
    "a stream of a camera": addressed("rtsp://camera/a.mp3"),
    "no address": addressed(None),
    "an empty address": addressed(""),
    "an encoded ending": addressed("file:///films/a%2Emkv"),
    "an address of another type": Habit(
        tracks=tuple(track(n, url=Variant("as", ["file:///a.mp3"])) for n in (1, 2, 3))
    ),
    "a podcast that may be a film": addressed("https://open.spotify.com/episode/4uLU6h"),
    "said to be a video": addressed("file:///music/a", kind="video"),
    "said to be music, called a video": addressed("file:///films/a.mkv", kind="music"),
    "said to be a video, called music": addressed("file:///music/a.mp3", kind="video"),
    "said to be something else": addressed("file:///music/a.mp3", kind="clip"),
    "no metadata": Habit(tracks=None),
    "empty metadata": Habit(tracks=({}, {}, {})),
    "no properties at all": Habit(get_all=False, get=False),
    "no status": Habit(tracks=({}, {}, {}), without=frozenset({"PlaybackStatus"})),
    "nothing loaded": Habit(
        tracks=({"mpris:trackid": Variant("o", "/org/mpris/MediaPlayer2/TrackList/NoTrack")},) * 3,
        odd={"PlaybackStatus": Variant("s", "Stopped")},
    ),
    "does not answer": Habit(silent=True),
}
# those of which the refusal says no more than that it is a video
SAID_VIDEO = {
    *(name for name in MAY_SHOW if name.startswith("a file .") and name[8:] not in {"ogg", "m3u8", "xyz"}),
    *("a web address that is asked for a song", "two endings", "an encoded ending", "said to be a video"),
}
SOUND: dict[str, Habit] = {
    **{
        f"a file .{ending}": addressed(f"file:///music/a.{ending}")
        for ending in ("mp3", "FLAC", "oga", "opus", "m4a", "wav", "aac", "wma", "aiff")
    },
    "a song on the web": addressed("https://somewhere/a.mp3?session=1"),
    "a song with a question in its name": addressed("file:///music/Where%20Are%20You%3F.mp3"),
    "a song with a number in its name": addressed("file:///music/%231%20Crush.mp3"),
    "a bare path": addressed("/music/a.mp3"),
    "a song of a service": addressed("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"),
    "a song of a service by its own address": addressed("spotify:track:4uLU6hMCjMI75M1A2tKUQC"),
    "said to be music": addressed("http://radio/stream", kind="music"),
    "said to be a podcast": addressed(None, kind="podcast"),
}


@pytest.mark.parametrize("name", MAY_SHOW)
async def test_what_is_not_known_to_be_sound_is_a_video(name: str) -> None:
    """At 60 km/h nothing is sent; a pause always is."""
    async with desk(MAY_SHOW[name], timeout_s=0.1 if MAY_SHOW[name].silent else 5.0) as (at, (player,)):
        for readings, begins in ((AT_60_KMH, REFUSED), (CRASHED, "Playing a video is blocked after a crash")):
            at.drive(readings)
            for action in RESUMING:
                outcome = await at.ask("control_playback", action=action)
                assert (outcome.status, outcome.rule) == (Status.REFUSED, "play_video[0]"), action
                assert outcome.reason in {f"{begins}.", f"{begins}, {UNSAID}"}
                assert outcome.reason.endswith(UNSAID) or name in SAID_VIDEO
        assert player.commands == []
        if name not in {"does not answer", "nothing loaded"}:
            assert (await at.ask("control_playback", action="pause")).status is Status.DONE
            assert player.status == "Paused"


@pytest.mark.parametrize("name", [n for n in MAY_SHOW if n not in {"does not answer", "nothing loaded"}])
async def test_parked_it_plays_and_is_remembered_as_a_video(name: str) -> None:
    async with desk(MAY_SHOW[name]) as (at, (player,)):
        outcome = await at.ask("control_playback", action="play")
        assert (outcome.status, player.commands) == (Status.DONE, ["Play"])
        assert [c.name for c in at.executor.standing.ongoing] == ["play_video"]
        await at.endings.pause_and_blank_video()
        assert player.status in {"Paused", "Stopped"}


@pytest.mark.parametrize("name", SOUND)
async def test_what_is_known_to_be_sound_goes_on_at_speed(name: str) -> None:
    async with desk(SOUND[name]) as (at, (player,)):
        at.drive(AT_60_KMH)
        for action in ("pause", "play", "restart"):
            assert (await at.ask("control_playback", action=action)).status is Status.DONE
        assert "Next" not in player.commands
        assert at.executor.standing.ongoing == ()
        await at.endings.pause_and_blank_video()
        assert player.status == "Playing"


@pytest.mark.parametrize(
    ("configured", "name", "plays"),
    [
        ("org.mpris.MediaPlayer2.spotify", "org.mpris.MediaPlayer2.spotify", True),
        ("org.mpris.MediaPlayer2.spotify", "org.mpris.MediaPlayer2.spotify.instance77", True),
        ("org.mpris.MediaPlayer2.spotify", "org.mpris.MediaPlayer2.spotifyvideo", False),
        ("org.mpris.MediaPlayer2.spotify.instance77", "org.mpris.MediaPlayer2.spotify", False),
        ("org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.spotify", False),
    ],
)
async def test_a_player_that_the_configuration_calls_sound_only(configured: str, name: str, plays: bool) -> None:
    async with desk(addressed(None), sound_only=(configured,), names=(name,)) as (at, (player,)):
        at.drive(AT_60_KMH)
        outcome = await at.ask("control_playback", action="next")
        assert (outcome.status is Status.DONE, player.commands) == (plays, ["Next"] if plays else [])


async def test_the_configuration_does_not_make_a_video_sound() -> None:
    async with desk(addressed("file:///a.mkv"), sound_only=SOUND_ONLY) as (at, (player,)):
        at.drive(AT_60_KMH)
        assert (await at.ask("control_playback", action="play")).status is Status.REFUSED
        assert player.commands == []


# --- what comes after a song ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("readings", [PARKED, AT_60_KMH], ids=["parked", "60 km/h"])
@pytest.mark.parametrize("second", ["file:///films/b.mkv", "https://somewhere/watch"])
async def test_a_skip_from_a_song_to_a_picture_is_paused(second: str, readings: Signals) -> None:
    mixed = Habit(tracks=(track(1), track(2, url=Variant("s", second)), track(3)))
    async with desk(mixed) as (at, (player,)):
        at.drive(readings)
        outcome = await at.ask("control_playback", action="next")
        assert outcome.status is Status.FAILED
        assert (
            outcome.reason
            == "What comes now shows a picture, or may, so I paused it. When the car is parked, say play."
        )
        assert (player.status, player.commands) == ("Paused", ["Next", "Pause"])
        # now it is known, and judged
        assert (await at.ask("control_playback", action="play")).status is (
            Status.DONE if readings is PARKED else Status.REFUSED
        )


async def test_a_player_that_tells_nothing_between_two_tracks_is_waited_for() -> None:
    """The metadata is empty for a moment; that is no reason to pause the music."""
    player_habit = Habit(tracks=(track(1), {}, track(3)))
    async with desk(player_habit) as (at, (player,)):
        at.drive(AT_60_KMH)
        asked = asyncio.create_task(at.say("next"))
        await heard(player, ["Next"])
        await asyncio.sleep(0.05)
        player.shown_index = 2
        assert await asked == "Now it is Song 3 by The Band."
        assert player.commands == ["Next"]


# --- between judging and sending --------------------------------------------------------------------------------------


class Changing:
    """Lets something happen between the preparation and the judgement that binds."""

    def __init__(self, at: Desk) -> None:
        self.happens: list[object] = []
        self._prepare = at.backend.prepare
        at.executor.backends = {"dbus": self}  # type: ignore[dict-item]

    async def prepare(self, wanted: object) -> object:
        action = await self._prepare(wanted)  # type: ignore[arg-type]
        for happening in self.happens:
            await happening()  # type: ignore[operator]
        return action


async def test_another_player_that_begins_meanwhile_gets_nothing_that_was_judged_of_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prepared for a player with a video; by the judgement another one with music is what plays."""
    monkeypatch.setattr("vehicle_agent.backends.dbus.players._HURRY_S", 30)  # a busy computer's players answer late
    one, other = "org.mpris.MediaPlayer2.a", "org.mpris.MediaPlayer2.b"
    async with desk(addressed("file:///a.mkv"), Habit(), names=(one, other)) as (at, (film, music)):
        film.shown = film.status = "Paused"
        music.shown = music.status = "Paused"
        changing = Changing(at)

        async def begins() -> None:
            music.shown = music.status = "Playing"

        changing.happens.append(begins)
        at.backend.client.aim.used = one
        outcome = await at.ask("control_playback", action="play")
        assert outcome.status is Status.FAILED
        assert outcome.reason == "Something else began to play just now, so I left it; say it again."
        assert film.commands == music.commands == []


async def test_the_address_that_is_opened_again_is_that_of_what_was_judged() -> None:
    """Restart by address: prepared while a film was loaded, judged when a song is."""
    habit = Habit(
        tracks=(track(1, url=Variant("s", "file:///a.mkv")), track(2), track(3)), odd={"CanSeek": Variant("b", False)}
    )
    async with desk(habit) as (at, (player,)):
        changing = Changing(at)

        async def song() -> None:
            player.shown_index = 1

        changing.happens.append(song)
        outcome = await at.ask("control_playback", action="restart")
        assert (outcome.status, player.commands) == (Status.FAILED, [])


async def test_a_player_that_comes_back_after_it_was_judged_as_absent_gets_nothing() -> None:
    async with desk(addressed("file:///a.mkv")) as (at, (player,)):
        changing = Changing(at)
        changing.happens.append(player.vanish)
        outcome = await at.ask("control_playback", action="play")
        assert (outcome.status, player.commands) == (Status.FAILED, [])


# --- names ------------------------------------------------------------------------------------------------------------


async def test_a_player_that_changes_its_name_vanishes_and_returns() -> None:
    async with desk(Habit()) as (at, (player,)):
        assert await at.say("pause") == f"Paused {SONG}."
        for name in (f"{NAME}.instance1234", f"{NAME}.instance99", "org.mpris.MediaPlayer2.vlc", NAME):
            await player.rename(name)
            assert await at.say("play") == f"Playing {SONG}.", name
            assert await at.say("pause") == f"Paused {SONG}.", name
        await player.vanish()
        gone = await at.ask("control_playback", action="pause")
        assert (gone.status, gone.reason.partition(";")[0]) == (Status.FAILED, "The media player is not there")
        assert await at.endings.video_title() is None
        await at.endings.pause_and_blank_video()
        await player.come_back()
        assert await at.say("play") == f"Playing {SONG}."


@pytest.mark.parametrize(
    ("names", "playing", "used", "chosen"),
    [
        ((NAME, f"{NAME}.a"), 1, 1, 0),  # the configured one, whatever the others do
        ((f"{NAME}.a", f"{NAME}.b"), 1, 0, 1),
        ((f"{NAME}.a", f"{NAME}.b"), None, 1, 1),
        ((f"{NAME}.b", f"{NAME}.a"), None, None, 1),
        (("org.mpris.MediaPlayer2.a", f"{NAME}.b"), 0, 0, 1),  # an instance of the configured one before others
        (("org.mpris.MediaPlayer2.a", f"{NAME}2"), 1, 0, 1),
    ],
)
async def test_which_of_several(names: tuple[str, str], playing: int | None, used: int | None, chosen: int) -> None:
    async with desk(Habit(), Habit(), names=names) as (at, players):
        for i, player in enumerate(players):
            player.status = player.shown = "Playing" if i == playing else "Paused"
        at.backend.client.aim.used = "" if used is None else names[used]
        await at.say("stop")
        assert [bool(p.commands) for p in players] == [i == chosen for i in range(2)]


# --- endings ----------------------------------------------------------------------------------------------------------

FILM = addressed("file:///films/a.mkv")


def film(**habits: object) -> Habit:
    return Habit(tracks=FILM.tracks, **habits)  # type: ignore[arg-type]


ENDS: dict[str, Habit] = {
    "no picture switch": film(),
    "no picture switch, in other words": film(unknown_error="NotSupported"),
    "ignores Pause": film(ignored=frozenset({"Pause"})),
    "no Pause": film(unknown=frozenset({"Pause"})),
    "cannot pause": film(odd={"CanPause": Variant("b", False)}, ignored=frozenset({"Pause"})),
    "PlayPause alone": film(unknown=frozenset({"Pause", "Stop", "Play"})),
    "pause stops": film(pause_stops=True),
    "stop pauses, pause ignored": film(ignored=frozenset({"Pause"}), stop_pauses=True),
    "late": film(late_s=0.1),
    "very late": film(late_s=0.3),
    "status in capitals": film(spelled=str.upper),
    "no status": film(without=frozenset({"PlaybackStatus"})),
    "no GetAll": film(get_all=False),
    "no properties at all": Habit(tracks=None, get_all=False, get=False),
    "quits when stopped": film(ignored=frozenset({"Pause"}), quits_on_stop=True),
    "unknown kind": addressed("https://somewhere/watch"),
}


@pytest.mark.parametrize("name", ENDS)
async def test_a_picture_ends_on_players_of_every_habit(name: str) -> None:
    async with desk(ENDS[name]) as (at, (player,)):
        await at.endings.pause_and_blank_video()
        assert player.status in {"Paused", "Stopped"}
        if name == "quits when stopped":
            with pytest.raises(Unavailable, match="There is no media player"):
                await at.endings.shows_video()
        else:
            # one that never tells its status may always be showing something
            assert await at.endings.shows_video() is (name in {"no status", "no properties at all"})


async def test_a_player_that_goes_on_whatever_it_is_told_is_a_failure() -> None:
    deaf = film(ignored=frozenset({"Pause", "Stop", "PlayPause"}))
    async with desk(deaf, timeout_s=1.0) as (at, (player,)):
        with pytest.raises(NotConfirmed, match="The player still shows the video"):
            await at.endings.pause_and_blank_video()
        assert sorted(player.commands) == ["Pause", "Set", "Stop"]


async def test_every_player_that_may_show_a_picture_ends_each_even_if_others_fail() -> None:
    names = tuple(f"org.mpris.MediaPlayer2.p{i}" for i in range(6))
    habits = (film(), film(ignored=frozenset({"Pause", "Stop"})), Habit(), addressed(None), film(silent=True), film())
    async with desk(*habits, names=names, timeout_s=1.0) as (at, players):
        players[5].status = players[5].shown = "Paused"
        shown = await showing(at.backend.client)
        assert tuple(shown) == names
        assert shown[names[4]] is None
        # on a busy machine others may not answer at once either
        expected = dict(zip(names, (True, True, False, True, None, False), strict=True))
        assert {name: yes for name, yes in shown.items() if yes is not None}.items() <= expected.items()
        assert await at.endings.shows_video()
        with pytest.raises(NotConfirmed):
            await at.endings.pause_and_blank_video()
        assert [p.status for p in players] == ["Paused", "Playing", "Playing", "Paused", "Playing", "Paused"]
        # it may hear and obey though it does not answer
        assert {"Pause", "Stop"} <= set(players[4].commands)
        # music, and what rests, is left alone
        assert players[2].commands == players[5].commands == []


async def test_looking_for_pictures_tells_nothing_from_not_knowing() -> None:
    names = (NAME, "org.mpris.MediaPlayer2.b")
    async with desk(Habit(), film(silent=True), names=names, timeout_s=1.0) as (at, (music, hung)):
        with pytest.raises(NotConfirmed, match="The player b does not answer"):
            await at.endings.shows_video()
        await hung.vanish()
        assert not await at.endings.shows_video()
        await music.vanish()
        with pytest.raises(Unavailable, match=f"There is no media player; start the service {NAME}"):
            await at.endings.shows_video()


async def test_the_configured_player_is_paused_even_when_it_does_not_play_yet() -> None:
    async with desk(film()) as (at, (player,)):
        player.status = player.shown = "Stopped"
        await at.endings.pause_and_blank_video()
        assert "Pause" in player.commands


# --- sources ----------------------------------------------------------------------------------------------------------


async def test_a_source_that_brings_a_picture_with_it_is_paused() -> None:
    """Whatever the state: selecting a source is judged as no video."""
    async with desk(film()) as (at, (player,)):
        player.status = player.shown = "Paused"

        def resumes(_source: str) -> None:
            player.status = player.shown = "Playing"

        bus = await link.connect(at.address)
        try:
            Exporter(bus).export("/org/vehicleagent/Audio", Mixer(resumes))
            await bus.request_name("org.vehicleagent.Audio")
            at.drive(AT_60_KMH)
            outcome = await at.ask("select_media_source", source="usb")
            assert outcome.observed is not None
            assert outcome.observed.text == "The source is usb. I paused what may show a picture."
            assert player.status == "Paused"
        finally:
            await link.close(bus)


@pytest.mark.parametrize("habit", [Habit(), film(), film(silent=True)], ids=["music", "a film", "does not answer"])
async def test_a_source_leaves_alone_what_played_before(habit: Habit) -> None:
    async with desk(habit) as (at, (player,)):
        bus = await link.connect(at.address)
        try:
            Exporter(bus).export("/org/vehicleagent/Audio", Mixer(lambda _source: None))
            await bus.request_name("org.vehicleagent.Audio")
            outcome = await at.ask("select_media_source", source="usb")
            assert outcome.observed is not None
            assert (outcome.observed.text, player.commands) == ("The source is usb.", [])
        finally:
            await link.close(bus)


async def test_one_player_that_hangs_does_not_hold_up_the_choice_among_others() -> None:
    names = ("org.mpris.MediaPlayer2.a", "org.mpris.MediaPlayer2.b")
    async with desk(Habit(silent=True), Habit(), names=names, timeout_s=30) as (at, _):
        async with asyncio.timeout(25):
            assert await at.say("pause") == f"Paused {SONG}."


async def test_the_radio_goes_on_at_speed_beside_a_player_with_a_film() -> None:
    async with desk(film()) as (at, (player,)):
        bus = await link.connect(at.address)
        try:
            mixer, radio = Mixer(lambda _source: None), Radio(lambda: None)
            mixer.put(Source="radio")
            radio.put(Playing=True)
            exporter = Exporter(bus)
            for service in (mixer, radio):
                exporter.export("/" + service.name.replace(".", "/"), service)
                await bus.request_name(service.name)
            at.drive(AT_60_KMH)
            assert await at.say("next") == "The radio plays Capital on 95.8 FM."
            changing = Changing(at)

            async def another_source() -> None:
                mixer.put(Source="usb")

            # judged as the film that now is the source, whatever was prepared
            changing.happens.append(another_source)
            assert (await at.ask("control_playback", action="next")).status is Status.REFUSED
            # and the other way round: prepared for the film while parked, judged as the radio
            changing.happens.clear()
            at.drive(PARKED)

            async def back_to_radio() -> None:
                mixer.put(Source="radio")

            changing.happens.append(back_to_radio)
            left = await at.ask("control_playback", action="play")
            assert (left.status, player.commands) == (Status.FAILED, [])
        finally:
            await link.close(bus)


async def test_our_own_player_says_its_kind_so_music_goes_on_at_speed() -> None:
    async with desk() as (at, _), HeadUnit(at.address) as head_unit:
        at.drive(AT_60_KMH)
        assert await at.say("play") == "Playing Paper Lanterns by Hollow Pines."  # nothing was loaded
        assert await at.say("next") == "Now it is Tollbooth Blues by The Slow Exits."
        assert await at.say("restart") == "Playing Tollbooth Blues by The Slow Exits from the beginning."
        assert (await at.ask("play_media", query="jazz")).status is Status.DONE
        assert (await at.ask("play_video", title="otter parade")).status is Status.REFUSED
        at.drive(PARKED)
        assert (await at.ask("play_video", title="otter parade")).status is Status.DONE
        at.drive(AT_60_KMH)
        refused = await at.ask("control_playback", action="play")
        assert refused.reason == f"{REFUSED}."
        await at.endings.pause_and_blank_video()
        assert (head_unit.player.status, head_unit.picture.get("Blanked")) == ("Paused", True)


async def test_a_player_without_our_search_says_so() -> None:
    async with desk(Habit()) as (at, _):
        outcome = await at.ask("play_media", query="jazz")
        assert outcome.reason == "The media player cannot search; choose on its screen, then say play."
