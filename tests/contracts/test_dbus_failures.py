"""What the driver hears when a call cannot be carried out, and that nothing is half done then."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from headunit_bench import Bench, needs_bus, open_bench

from vehicle_agent.backends.dbus import DbusBackend, DbusConfig, Endings
from vehicle_agent.backends.dbus.action import DbusAction
from vehicle_agent.errors import Impossible, NotConfirmed, Unavailable

pytestmark = needs_bus


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench(timeout_s=0.3) as bench:
        yield bench


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("call_contact", {"name": "zebedee"}, "There is no contact called zebedee in the phone book."),
        ("call_contact", {"name": "chris"}, "Chris Baker and Chris Young both match chris; say the whole name."),
        ("call_contact", {"name": "boss", "number_type": "home"}, "Boss has no home number; there is mobile and work."),
        ("send_text_message", {"recipient": "zebedee", "message": "hi"}, "There is no contact called zebedee"),
        ("control_call", {"action": "answer"}, "Nobody is calling."),
        ("control_call", {"action": "reject"}, "Nobody is calling."),
        ("control_call", {"action": "hang_up"}, "There is no call to end."),
        ("control_call", {"action": "hold"}, "There is no call to put on hold."),
        ("control_playback", {"action": "pause"}, "Nothing is playing."),
        ("control_playback", {"action": "next"}, "Nothing is playing."),
        ("tune_radio", {"station": "radio zebra"}, "There is no station called radio zebra here."),
        ("tune_radio", {"station": "120.5"}, "120.5 is not on FM, which goes from 87.5 to 108 megahertz."),
        ("tune_radio", {"station": "98.5", "band": "dab"}, "Digital radio has station names"),
        ("get_eta", {}, "There is no route, so there is no arrival time."),
        ("cancel_navigation", {}, "There is no route to cancel."),
        ("add_waypoint", {"place": "mill"}, "There is no route to add a stop to; say where to go first."),
        ("connect_bluetooth_device", {"device": "toaster"}, "There is no Bluetooth device called toaster in range."),
        ("open_app", {"app": "flight simulator"}, "There is no app called flight simulator on this head unit."),
        ("switch_driver_profile", {"name": "zebedee"}, "There is no profile called zebedee in this car."),
    ],
)
async def test_what_makes_no_sense_is_said_before_anything_is_sent(
    name: str, arguments: dict[str, object], sentence: str, bench: Bench
) -> None:
    with pytest.raises(Impossible) as failure:
        await bench.backend.prepare(bench.call(name, **arguments))
    assert str(failure.value).startswith(sentence)


async def test_an_address_that_is_not_in_the_phone_book(bench: Bench) -> None:
    with pytest.raises(Impossible, match="no contact called zebedee"):
        await bench.run("get_contact_address", name="zebedee")
    with pytest.raises(Impossible, match="Boss has no address"):
        await bench.run("get_contact_address", name="boss")


async def test_no_telephone_connected(bench: Bench) -> None:
    bench.head_unit.modems.connected = False
    with pytest.raises(Impossible, match="connect one by Bluetooth"):
        await bench.run("call_contact", name="dad")


async def test_a_device_out_of_range(bench: Bench) -> None:
    bench.head_unit.devices["Pixel Phone"].in_range = False
    with pytest.raises(NotConfirmed, match="Pixel Phone refused: Page Timeout"):
        await bench.run("connect_bluetooth_device", device="pixel phone")


@pytest.mark.parametrize(
    ("service", "name", "arguments"),
    [
        ("org.mpris.MediaPlayer2.vehicle", "play_media", {"query": "jazz"}),
        ("org.vehicleagent.Audio", "set_volume", {"level": 3}),
        ("org.vehicleagent.Navigation", "navigate_to", {"destination": "home"}),
        ("org.ofono", "dial_number", {"number": "5550123"}),
        ("org.bluez", "connect_bluetooth_device", {"device": "pixel phone"}),
        ("org.vehicleagent.Information", "get_news", {}),
    ],
)
async def test_a_missing_service_is_named_with_the_remedy(
    service: str, name: str, arguments: dict[str, object], bench: Bench
) -> None:
    await bench.head_unit.withdraw(service)
    with pytest.raises(Unavailable, match=f"is not there; start the service {service} on the"):
        await bench.run(name, **arguments)


@pytest.mark.parametrize(
    ("service", "name", "arguments"),
    [
        ("org.vehicleagent.Audio", "set_volume", {"level": 3}),
        ("org.ofono", "dial_number", {"number": "5550123"}),
        ("org.vehicleagent.Information", "get_weather", {}),
    ],
)
async def test_a_silent_service_times_out(service: str, name: str, arguments: dict[str, object], bench: Bench) -> None:
    bench.head_unit.silence(service)
    with pytest.raises(NotConfirmed, match=f"does not answer; restart the service {service}"):
        await bench.run(name, **arguments)


async def test_a_service_that_says_yes_and_does_nothing_is_not_believed(bench: Bench) -> None:
    bench.head_unit.mixer.stuck = True
    with pytest.raises(NotConfirmed) as failure:
        await bench.run("set_volume", level=3)
    assert failure.value.seen == {"value": 40}
    bench.head_unit.calls.stuck = True
    with pytest.raises(NotConfirmed):
        await bench.run("dial_number", number="5550123")
    bench.head_unit.player.stuck = True
    with pytest.raises(NotConfirmed, match="The media player shows no change"):
        await bench.run("play_media", query="jazz")


async def test_no_bus_at_all() -> None:
    async with open_bench() as bench:
        nowhere = DbusConfig(session_address="unix:path=/nowhere/bus", system_address="nonsense")
        async with DbusBackend(nowhere, bench.clock, bench.catalogue) as backend:
            with pytest.raises(Unavailable, match=r"The session bus cannot be reached .*dbus-run-session"):
                await backend.prepare(bench.call("set_volume", level=3))
            with pytest.raises(Unavailable, match="The system bus cannot be reached"):
                await backend.prepare(bench.call("dial_number", number="5550123"))


async def _send_and_see(bench: Bench, action: DbusAction) -> None:
    """Whether the loss is noticed while sending or while waiting is the kernel's business."""
    action.send(bench.permit(action.call))
    await action.outcome()


async def test_the_bus_dies_between_preparing_and_sending_and_comes_back_as_unavailable(bench: Bench) -> None:
    call = bench.call("set_volume", level=3)
    action = await bench.backend.prepare(call)
    await bench.session.stop()
    with pytest.raises(Unavailable, match="lost"):
        await _send_and_see(bench, action)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await bench.backend.prepare(call)


async def test_a_lost_connection_is_opened_again(bench: Bench) -> None:
    await bench.run("set_volume", level=3)
    await (await bench.backend.client.connect("session")).close()
    await bench.run("set_volume", level=4)
    assert bench.head_unit.mixer.get("Volumes")["media"] == 4


async def test_a_pending_answer_fails_at_once_when_the_bus_dies(bench: Bench) -> None:
    call = bench.call("set_volume", level=3)
    action = await bench.backend.prepare(call)
    bench.head_unit.silence("org.vehicleagent.Audio")
    action.send(bench.permit(call))
    outcome = asyncio.create_task(action.outcome())
    await bench.session.stop()
    with pytest.raises(Unavailable, match="lost"):
        await outcome


async def test_the_message_is_on_the_wire_when_send_returns(bench: Bench) -> None:
    """Held against the service, which shares this event loop but had no turn yet: the kernel already has the bytes."""
    call = bench.call("set_volume", level=3)
    action = await bench.backend.prepare(call)
    connection = await bench.backend.client.connect("session")
    action.send(bench.permit(call))
    assert connection.held.outgoing_bytes == 0
    await action.outcome()


async def test_nothing_is_queued_when_the_bus_takes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    call = bench.call("set_volume", level=3)
    action = await bench.backend.prepare(call)
    connection = await bench.backend.client.connect("session")
    monkeypatch.setattr(connection._bus._writer, "buf", memoryview(b"half a message"))
    with pytest.raises(Unavailable, match="takes no messages"):
        action.send(bench.permit(call))
    monkeypatch.undo()
    assert bench.head_unit.mixer.get("Volumes")["media"] == 40


async def test_the_event_loop_goes_on_while_a_service_is_silent(bench: Bench) -> None:
    bench.head_unit.silence("org.vehicleagent.Audio")
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    with pytest.raises(NotConfirmed):
        await bench.run("set_volume", level=3)
    ticking.cancel()
    assert turns >= 10  # of about 60 in the 0.3 s it waits


async def test_many_calls_at_once_do_not_mix_their_answers(bench: Bench) -> None:
    names = ["general", "business", "sports", "technology", "politics", "entertainment", "science"] * 5
    actions = [await bench.backend.prepare(bench.call("get_news", category=n)) for n in names]
    for action in actions:
        action.send(bench.permit(action.call))
    observed = await asyncio.gather(*(a.outcome() for a in actions))
    for name, one in zip(names, observed, strict=True):
        assert one.text.startswith("The news" if name == "general" else f"The {name} news")


async def test_the_endings(bench: Bench) -> None:
    endings, unit = bench.endings, bench.head_unit
    assert await endings.video_title() is None
    assert not await endings.shows_video()
    await bench.run("play_video", title="a film nobody has")
    assert await endings.video_title() == "a film nobody has"
    await bench.run("control_playback", action="pause")
    assert await endings.shows_video()  # a picture that stands still
    await endings.pause_and_blank_video()
    assert not await endings.shows_video()
    assert (unit.player.status, unit.picture.get("Blanked")) == ("Paused", True)
    # still the source: "play" would resume it, and the gate must know
    assert await endings.video_title() == "a film nobody has"
    await bench.run("select_media_source", source="radio")
    assert await endings.video_title() is None
    await bench.run("play_video", title="otter parade")
    unit.player.stuck = True
    with pytest.raises(NotConfirmed, match="still shows the video"):
        await endings.pause_and_blank_video()
    unit.silence("org.mpris.MediaPlayer2.vehicle")
    with pytest.raises(NotConfirmed):
        await endings.video_title()
    await unit.withdraw("org.mpris.MediaPlayer2.vehicle")
    assert await Endings(bench.backend.client).video_title() is None
