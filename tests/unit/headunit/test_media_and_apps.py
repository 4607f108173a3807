"""What the gate judged is what is done: no picture where music was allowed, no other app than the one named."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from dbus_next.signature import Variant
from headunit_bench import Bench, needs_bus, open_bench

from simulators.headunit.player import find_media
from vehicle_agent.backends.dbus.radio import _parse_frequency
from vehicle_agent.errors import Impossible, Stopped


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench(timeout_s=5) as bench:
        yield bench


@pytest.mark.parametrize("query", ["otter parade", "video", "otter parade video", "the last harvest film"])
def test_a_search_for_music_finds_no_video(query: str) -> None:
    assert all(m.kind != "video" for m in find_media(query, "audio"))
    assert all(m.kind == "video" for m in find_media(query, "video"))


@needs_bus
async def test_a_search_that_answers_with_a_video_is_not_played_as_music(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    otters = find_media("otter parade", "video")
    monkeypatch.setattr("simulators.headunit.player.find_media", lambda _query, _kind: otters)
    with pytest.raises(Impossible, match="found nothing to play for otter parade"):
        await bench.run("play_media", query="otter parade")
    assert bench.head_unit.player.current is None


@needs_bus
async def test_skipping_stays_within_music(bench: Bench) -> None:
    await bench.run("play_media", query="rock")
    for _ in range(9):
        await bench.run("control_playback", action="next")
        assert await bench.endings.video_title() is None


@needs_bus
async def test_an_app_is_opened_under_exactly_the_judged_name(bench: Bench) -> None:
    display = bench.head_unit.display
    apps = [a for a in display.get("Apps") if a not in {"youtube music", "video"}]
    display.put(Apps=apps)
    for spoken in ("youtube music", "video", "youtub", "you tube"):
        with pytest.raises(Impossible):
            await bench.run("open_app", app=spoken)
    await bench.run("open_app", app="  YouTube   app ")
    assert display.app == "youtube"


@needs_bus
async def test_playback_commands_go_to_the_radio_while_it_is_the_source(bench: Bench) -> None:
    radio = bench.head_unit.radio
    await bench.run("tune_radio", station="radio mango")
    assert (await bench.run("control_playback", action="pause")).text == "The radio is off."
    assert not radio.get("Playing")
    await bench.undo("control_playback", action="play")
    assert not radio.get("Playing")
    await bench.run("control_playback", action="play")
    assert (await bench.run("control_playback", action="next")).text == "The radio plays Capital on 95.8 FM."
    await bench.run("control_playback", action="previous")
    assert radio.station[0] == "Radio Mango"
    with pytest.raises(Impossible, match="The radio is on, and it has no shuffle on"):
        await bench.run("control_playback", action="shuffle_on")
    # music takes the source back
    await bench.undo("play_media", query="jazz")
    assert bench.head_unit.mixer.source == "radio"


@needs_bus
async def test_undo_of_playing_brings_back_what_played(bench: Bench) -> None:
    player = bench.head_unit.player
    await bench.run("play_media", query="paper lanterns")
    await bench.undo("play_media", query="midnight ferry")
    assert player.title == "Paper Lanterns"
    await bench.run("play_video", title="otter parade")
    _, inverse = await bench.execute(bench.call("play_media", query="midnight ferry"))
    # resuming the picture is judged as playing a video
    assert [c.name for c in inverse] == ["play_video"]


@pytest.mark.parametrize(
    ("spoken", "band", "frequency"),
    [
        ("98.5", "fm", 98.5),
        ("98 point 5", "fm", 98.5),
        ("101", "fm", 101.0),
        ("98.5 fm", "fm", 98.5),
        ("98.5 megahertz", "fm", 98.5),
        ("720", "am", 720.0),
        ("87.5", "fm", 87.5),
        ("108", "fm", 108.0),
        ("522", "am", 522.0),
        ("1710", "am", 1710.0),
        ("radio 4", "fm", None),
    ],
)
def test_frequencies(spoken: str, band: str, frequency: float | None) -> None:
    assert _parse_frequency(spoken, band) == frequency


@pytest.mark.parametrize(
    ("spoken", "band"), [("87.4", "fm"), ("108.1", "fm"), ("521", "am"), ("1711", "am"), ("98.5", "dab")]
)
def test_frequencies_outside_the_band(spoken: str, band: str) -> None:
    with pytest.raises(Impossible):
        _parse_frequency(spoken, band)


# --- what shows itself, and what was ended meanwhile ------------------------------------------------------------------


@needs_bus
@pytest.mark.parametrize(
    ("status", "blanked", "what", "shows"),
    [
        ("Playing", False, "video", True),
        ("Playing", True, "video", True),
        ("Paused", False, "video", True),
        ("Paused", True, "video", False),
        ("Stopped", True, "video", False),
        ("Playing", True, "", True),
        ("Playing", True, "hologram", True),
        ("Stopped", True, "", False),
        ("Playing", True, "music", False),
        ("Playing", False, "podcast", False),
        ("Playing", True, "audiobook", False),
    ],
)
async def test_what_is_not_known_to_be_sound_alone_counts_as_a_picture(
    bench: Bench, status: str, blanked: bool, what: str, shows: bool
) -> None:
    unit = bench.head_unit
    unit.player.put(PlaybackStatus=status, Metadata={"vehicleagent:kind": Variant("s", what)})
    unit.picture.put(Blanked=blanked)
    assert await bench.endings.shows_video() is shows


@needs_bus
@pytest.mark.parametrize("status", ["Playing", "Paused"])
async def test_a_player_without_a_picture_of_its_own_shows_one_while_it_plays(bench: Bench, status: str) -> None:
    bench.head_unit.player.put(PlaybackStatus=status, Metadata={"xesam:title": Variant("s", "something")})
    bench.head_unit.lose_picture()
    assert await bench.endings.shows_video() is (status == "Playing")


@needs_bus
async def test_the_home_screen_is_no_app(bench: Bench) -> None:
    assert await bench.endings.shown_app() is None
    await bench.run("open_app", app="netflix")
    assert await bench.endings.shown_app() == "netflix"
    await bench.endings.home_screen()
    assert await bench.endings.shown_app() is None


@needs_bus
@pytest.mark.parametrize("name", ["play_video", "open_app"])
async def test_what_was_ended_before_it_showed_itself_is_not_done(bench: Bench, name: str) -> None:
    bench.head_unit.player.delay_s = bench.head_unit.display.delay_s = 0.1
    wanted = bench.call("play_video", title="otter parade") if name == "play_video" else bench.call(name, app="netflix")
    action = await bench.backend.prepare(wanted)
    action.send(bench.permit(wanted))
    action.stopped()
    with pytest.raises(Stopped, match="I stopped it"):
        await action.outcome()
    await asyncio.sleep(0.2)
    action.send(bench.permit(wanted))  # asked for anew it is what it shows that counts
    assert (await action.outcome()).text
