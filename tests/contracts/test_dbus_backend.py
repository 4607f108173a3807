"""Every function of the head unit, from a call with a permit to the state of a service on a real bus."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from headunit_bench import Bench, needs_bus, open_bench

from state_machines.permit import PermitRefused
from vehicle_agent.backends.base import Place
from vehicle_agent.backends.dbus.backend import FUNCTIONS
from vehicle_agent.errors import BackendError
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.ref import Ref

pytestmark = needs_bus


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as bench:
        yield bench


Case = Callable[[Bench], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(fn: Case) -> Case:
    CASES[fn.__name__] = fn
    return fn


@case
async def play_media(b: Bench) -> None:
    observed = await b.run("play_media", query="jazz")
    assert (b.head_unit.player.status, b.head_unit.player.title) == ("Playing", "Midnight Ferry")
    assert observed.text == "Playing Midnight Ferry by Blue Tin Quartet."
    assert (await b.run("play_media", query="songs nobody here knows")).text == "Playing songs nobody here knows."
    assert b.head_unit.mixer.source == "streaming"
    assert b.head_unit.picture.get("Blanked")
    await b.run("play_media", query="small sparks podcast")
    assert b.head_unit.player.title == "Small Sparks"


@case
async def play_video(b: Bench) -> None:
    observed = await b.run("play_video", title="otter parade")
    assert observed.text == "Playing Otter Parade."
    assert not b.head_unit.picture.get("Blanked")
    assert await b.endings.video_title() == "Otter Parade"


@case
async def control_playback(b: Bench) -> None:
    player = b.head_unit.player
    for action, status in (("play", "Playing"), ("pause", "Paused"), ("play", "Playing"), ("stop", "Stopped")):
        await b.run("control_playback", action=action)
        assert player.status == status
    first = player.title
    await b.run("control_playback", action="next")
    assert player.title != first
    await b.run("control_playback", action="previous")
    assert player.title == first
    player.put(Position=40_000_000)
    assert "from the beginning" in (await b.run("control_playback", action="restart")).text
    assert player.get("Position") == 0
    for action, name, value in (
        ("shuffle_on", "Shuffle", True),
        ("shuffle_off", "Shuffle", False),
        ("repeat_on", "LoopStatus", "Playlist"),
        ("repeat_off", "LoopStatus", "None"),
    ):
        await b.run("control_playback", action=action)
        assert player.get(name) == value


@case
async def set_volume(b: Bench) -> None:
    observed = await b.undo("set_volume", level=72, channel="phone")
    assert observed.text == "The phone volume is 72 percent."
    assert b.head_unit.mixer.get("Volumes")["phone"] == 55


@case
async def adjust_volume(b: Bench) -> None:
    await b.run("adjust_volume", direction="up", amount=15)
    assert b.head_unit.mixer.get("Volumes")["media"] == 55
    observed = await b.undo("adjust_volume", direction="up", amount=90)
    assert observed.text == "The media volume is 100 percent, the loudest there is."
    assert b.head_unit.mixer.get("Volumes")["media"] == 55
    assert "lowest" in (await b.run("adjust_volume", direction="down", amount=100)).text


@case
async def set_mute(b: Bench) -> None:
    await b.run("set_mute", state="on")
    assert b.head_unit.mixer.get("Mutes")["media"]
    await b.undo("set_mute", state="off")
    assert b.head_unit.mixer.get("Mutes")["media"]


@case
async def tune_radio(b: Bench) -> None:
    observed = await b.undo("tune_radio", station="98.5")
    assert observed.text == "The radio plays Harbour Radio on 98.5 FM."
    assert b.head_unit.mixer.source == "streaming"
    await b.run("tune_radio", station="radio mango")
    assert b.head_unit.radio.station == ("Radio Mango", "fm", 94.2)
    assert (b.head_unit.radio.get("Playing"), b.head_unit.mixer.source) == (True, "radio")
    await b.undo("tune_radio", station="720", band="am")
    assert b.head_unit.radio.station == ("Radio Mango", "fm", 94.2)
    # a name in another band than the default, and a frequency where no station is known
    assert (await b.run("tune_radio", station="indie attic")).text == "The radio plays Indie Attic on DAB."
    assert (await b.run("tune_radio", station="99.9")).text == "The radio plays 99.9 FM."


@case
async def select_media_source(b: Bench) -> None:
    await b.undo("select_media_source", source="radio")
    assert b.head_unit.mixer.source == "streaming"
    assert not b.head_unit.radio.get("Playing")
    await b.run("select_media_source", source="android_auto")
    assert b.head_unit.mixer.source == "android_auto"


@case
async def adjust_equalizer(b: Bench) -> None:
    await b.undo("adjust_equalizer", band="bass", direction="up", amount=3)
    assert b.head_unit.mixer.get("Equalizer")["bass"] == 0
    await b.run("adjust_equalizer", band="treble", direction="down", amount=8)
    observed = await b.undo("adjust_equalizer", band="treble", direction="down", amount=8)
    assert observed.text == "Treble is at -10, as far as it goes."
    assert b.head_unit.mixer.get("Equalizer")["treble"] == -8


@case
async def call_contact(b: Bench) -> None:
    observed = await b.run("call_contact", name="mum", number_type="work")
    assert observed.text == "Calling Mom on the work number."
    assert b.head_unit.calls.dialled == ["4045550101"]


@case
async def dial_number(b: Bench) -> None:
    await b.undo("dial_number", number="5550123")
    assert b.head_unit.calls.dialled == ["5550123"]
    assert b.head_unit.calls.calls == []


@case
async def call_roadside_assistance(b: Bench) -> None:
    assert (await b.run("call_roadside_assistance")).text == "Calling roadside assistance."
    assert b.head_unit.calls.dialled == ["8005550199"]


@case
async def control_call(b: Bench) -> None:
    calls = b.head_unit.calls
    calls.ring("2025550107")
    assert (await b.run("control_call", action="answer")).text == "You are talking to Anna Weber."
    await b.run("control_call", action="hold")
    assert [c.state for c in calls.calls] == ["held"]
    second = calls.ring("5550199")
    await b.run("control_call", action="answer")
    assert [c.state for c in calls.calls] == ["held", "active"]
    await b.run("control_call", action="hang_up")
    assert second not in calls.calls
    await b.run("control_call", action="hang_up")
    calls.ring("5550198")
    await b.run("control_call", action="reject")
    assert calls.calls == []


@case
async def send_text_message(b: Bench) -> None:
    observed = await b.run("send_text_message", recipient="doctor patel", message="i am late")
    assert observed.text == "The message to Doctor Patel is on its way."
    await b.run("send_text_message", recipient="555 0177", message="hello")
    assert b.head_unit.messages.sent == [("2025550116", "i am late"), ("5550177", "hello")]


@case
async def read_messages(b: Bench) -> None:
    assert (await b.run("read_messages")).text.startswith("You have 2 unread messages. Anna Weber says:")
    b.head_unit.inbox.arrive("Mom", "Call me.")
    assert (
        await b.run("read_messages", sender="mum")
    ).text == "You have one unread message from mum. Mom says: Call me."
    assert (await b.run("read_messages", sender="boss")).text == "There are no unread messages from boss."


@case
async def connect_bluetooth_device(b: Bench) -> None:
    await b.run("connect_bluetooth_device", device="ben's android")
    assert b.head_unit.devices["Ben's Android"].connected
    await b.run("connect_bluetooth_device", device="galaxy tablet")
    assert b.head_unit.devices["Galaxy Tablet"].get("Paired")
    assert b.head_unit.devices["Galaxy Tablet"].connected


@case
async def set_do_not_disturb(b: Bench) -> None:
    await b.run("set_do_not_disturb", state="on")
    assert b.head_unit.notifications.get("DoNotDisturb")
    await b.undo("set_do_not_disturb", state="off")
    assert b.head_unit.notifications.get("DoNotDisturb")


@case
async def get_contact_address(b: Bench) -> None:
    observed = await b.run("get_contact_address", name="uncle pete")
    assert observed.result == Place(name="Uncle Pete", address="77 Quarry Street, Stonehaven")


@case
async def navigate_to(b: Bench) -> None:
    nav = b.head_unit.navigation
    await b.undo("navigate_to", destination="home", route="scenic")
    assert not nav.active
    await b.run("navigate_to", destination="home", route="scenic")
    assert (nav.get("Address"), nav.get("Route")) == ("16 Juniper Street, Northgate", "scenic")
    await b.run("add_waypoint", place="the old mill")
    await b.undo("navigate_to", destination="77 Quarry Street, Stonehaven")
    assert (nav.destination, nav.waypoints, nav.get("Route")) == ("home", ["the old mill"], "scenic")


@case
async def add_waypoint(b: Bench) -> None:
    await b.run("navigate_to", destination="work")
    await b.undo("add_waypoint", place="town hall")
    assert b.head_unit.navigation.waypoints == []
    await b.run("add_waypoint", place="town hall")
    assert b.head_unit.navigation.waypoints == ["town hall"]


@case
async def cancel_navigation(b: Bench) -> None:
    await b.run("navigate_to", destination="work", route="eco")
    await b.undo("cancel_navigation")
    assert (b.head_unit.navigation.destination, b.head_unit.navigation.get("Route")) == ("work", "eco")
    assert (await b.run("cancel_navigation")).text == "Guidance has ended."
    assert not b.head_unit.navigation.active


@case
async def find_nearby(b: Bench) -> None:
    observed = await b.run("find_nearby", category="coffee")
    assert observed.result == Place(name="Third Bean", address="12 Market Square, Eastfield")
    assert observed.text == "The nearest coffee is Third Bean, 12 Market Square, Eastfield, 300 metres away."


@case
async def get_eta(b: Bench) -> None:
    await b.run("navigate_to", destination="work")
    observed = await b.run("get_eta")
    assert observed.result == observed.text
    assert observed.text.startswith("Arrival at work is at 15:")


@case
async def set_route_preference(b: Bench) -> None:
    await b.undo("set_route_preference", feature="tolls")
    assert b.head_unit.navigation.get("Avoid") == []
    await b.run("set_route_preference", feature="ferries")
    await b.run("set_route_preference", feature="tolls")
    await b.run("set_route_preference", feature="ferries", preference="allow")
    assert b.head_unit.navigation.get("Avoid") == ["tolls"]


@case
async def control_map(b: Bench) -> None:
    nav = b.head_unit.navigation
    await b.undo("control_map", action="zoom_in")
    assert nav.get("Zoom") == 12
    nav.put(Zoom=18)
    assert (await b.run("control_map", action="zoom_in")).text == "The map is as close as it goes."
    await b.run("control_map", action="zoom_out")
    await b.run("control_map", action="overview")
    await b.run("control_map", action="traffic_on")
    assert (nav.get("Zoom"), nav.get("View"), nav.get("Traffic")) == (17, "overview", True)
    await b.undo("control_map", action="traffic_off")
    await b.undo("control_map", action="north_up")
    assert (nav.get("Traffic"), nav.get("Orientation")) == (True, "heading_up")
    await b.run("control_map", action="heading_up")


@case
async def set_display_brightness(b: Bench) -> None:
    await b.undo("set_display_brightness", level=10, screen="head_up")
    assert b.head_unit.display.brightness["head_up"] == 60
    await b.run("set_display_brightness", level=100)
    assert b.head_unit.display.brightness["center"] == 100


@case
async def set_display_theme(b: Bench) -> None:
    await b.run("set_display_theme", theme="night")
    await b.undo("set_display_theme", theme="day")
    assert b.head_unit.display.get("Theme") == "night"


@case
async def open_app(b: Bench) -> None:
    await b.run("open_app", app="maps")
    await b.undo("open_app", app="Netflix app")
    assert b.head_unit.display.app == "maps"
    await b.run("open_app", app="netflix")
    await b.endings.home_screen()
    assert b.head_unit.display.app == "home"


@case
async def set_units(b: Bench) -> None:
    await b.run("set_units", system="imperial")
    assert (await b.run("find_nearby", category="hotel")).text.endswith("1.0 miles away.")
    await b.undo("set_units", system="metric")
    assert b.head_unit.display.get("Units") == "imperial"


@case
async def switch_driver_profile(b: Bench) -> None:
    await b.undo("switch_driver_profile", name="guest")
    assert b.head_unit.display.get("Profile") == "Driver"
    await b.run("switch_driver_profile", name="mum")
    assert b.head_unit.display.get("Profile") == "Mom"


@case
async def get_weather(b: Bench) -> None:
    observed = await b.run("get_weather", location="old ferry", day="tomorrow")
    assert observed.result == observed.text
    assert observed.text.startswith("Tomorrow in Old Ferry: light rain, ")
    assert (await b.run("get_weather", day="now")).text.startswith("Right now in Eastfield: partly cloudy, ")


@case
async def get_news(b: Bench) -> None:
    observed = await b.run("get_news", category="science")
    assert observed.result == observed.text
    assert observed.text.startswith("The science news: Otters have returned")


@case
async def get_calendar(b: Bench) -> None:
    assert (await b.run("get_calendar")).text == "Today: dentist at 16:30, dinner with Anna at 19:00."
    week = await b.run("get_calendar", day="week")
    assert week.result == week.text
    assert "choir practice on Friday at 18:00" in week.text


@pytest.mark.parametrize("name", sorted(CASES))
async def test_function_is_carried_out_and_read_back(name: str, bench: Bench) -> None:
    await CASES[name](bench)
    assert name in bench.ran


def test_every_dbus_function_of_the_catalogue_is_there_and_tested() -> None:
    wanted = {spec.name for spec in load_catalogue(with_packs=False) if spec.backend == "dbus"}
    assert set(FUNCTIONS) == wanted
    assert set(CASES) == wanted


async def test_session_and_system_bus_may_be_two_buses() -> None:
    async with open_bench(two_buses=True) as bench:
        await bench.run("set_volume", level=5)
        await bench.run("dial_number", number="5550123")
        assert bench.head_unit.calls.dialled == ["5550123"]


async def test_a_permit_is_needed_fresh_unused_and_for_this_call(bench: Bench) -> None:
    call = bench.call("set_volume", level=3)
    action = await bench.backend.prepare(call)
    with pytest.raises(PermitRefused):
        action.send(bench.permit(bench.call("set_volume", level=4)))
    late = bench.permit(call)
    bench.clock.now_s += 0.2
    with pytest.raises(PermitRefused):
        action.send(late)
    used = bench.permit(call)
    action.send(used)
    await action.outcome()
    assert bench.head_unit.mixer.get("Volumes")["media"] == 3
    again = await bench.backend.prepare(call)
    with pytest.raises(PermitRefused):
        again.send(used)
    with pytest.raises(BackendError, match="not sent"):
        await again.outcome()


async def test_preparing_changes_nothing(bench: Bench) -> None:
    unit = bench.head_unit
    unit.calls.ring("2025550107")
    interfaces = (unit.player, unit.mixer, unit.radio, unit.navigation, unit.display, unit.notifications)
    before = [(i.name, {k: v.value for k, v in i.all_values().items()}) for i in interfaces]
    for call in (
        bench.call("play_media", query="jazz"),
        bench.call("play_video", title="otter parade"),
        bench.call("control_playback", action="play"),
        bench.call("adjust_volume", direction="up"),
        bench.call("tune_radio", station="capital"),
        bench.call("call_contact", name="dad"),
        bench.call("control_call", action="reject"),
        bench.call("navigate_to", destination="home"),
        bench.call("open_app", app="maps"),
        bench.call("set_do_not_disturb", state="on"),
        bench.call("switch_driver_profile", name="guest"),
    ):
        await bench.backend.prepare(call)
    assert [(i.name, {k: v.value for k, v in i.all_values().items()}) for i in interfaces] == before
    assert [c.state for c in unit.calls.calls] == ["incoming"]


async def test_an_unresolved_result_or_a_foreign_function_is_refused(bench: Bench) -> None:
    with pytest.raises(BackendError, match="waits for the result"):
        await bench.backend.prepare(bench.call("navigate_to", destination=Ref(1)))
    with pytest.raises(BackendError, match="no function of the head unit"):
        await bench.backend.prepare(bench.call("set_fan_speed", level=3))
