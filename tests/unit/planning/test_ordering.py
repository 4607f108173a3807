"""What waits for what when no result connects the calls."""

import pytest
from hypothesis import given
from support.calls import plans
from support.fakes import call

from vehicle_agent.planning.ordering import ordered
from vehicle_agent.planning.repeats import without_repeats
from vehicle_apis.call import Call, Plan
from vehicle_apis.ref import Ref

CANCEL, GO, STOP = (
    call("cancel_navigation"),
    call("navigate_to", destination="home"),
    call("add_waypoint", place="shop"),
)
ETA, HANG_UP = call("get_eta"), call("control_call", action="hang_up")
SEAT, SAVE = call("adjust_seat_position", direction="up"), call("save_seat_memory", slot=1)
RECALL, PROFILE = call("recall_seat_memory", slot=1), call("switch_driver_profile", name="emma")
SOURCE, PLAY = call("select_media_source", source="usb"), call("play_media", query="jazz")
CHARGE = call("control_charging", action="start")


def _window(window: str, position: int = 0) -> Call:
    return call("control_window", position=position, window=window)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (CANCEL, GO),
        (GO, STOP),
        (GO, ETA),
        (STOP, ETA),
        (HANG_UP, call("call_contact", name="mum")),
        (HANG_UP, call("dial_number", number="123")),
        (SEAT, SAVE),
        (RECALL, SAVE),
        (PROFILE, RECALL),
        (PROFILE, SAVE),
        (call("operate_charge_port", action="open"), CHARGE),
        (call("set_charge_limit", percent=80), CHARGE),
        (SOURCE, PLAY),
        (SOURCE, call("control_playback", action="play")),
        (call("open_app", app="spotify"), PLAY),
        # the same actuator, as spoken
        (call("set_fan_speed", level=1), call("adjust_fan_speed", direction="up")),
        (call("set_volume", level=1), call("set_mute", state="on")),
        (_window("driver"), _window("driver", 50)),
        (_window("all"), _window("driver", 50)),
        (_window("rear"), _window("rear_left", 50)),
        (_window("front"), _window("passenger", 50)),
        (call("set_door_locks", state="lock"), call("set_door_locks", state="unlock", door="driver")),
        (call("set_child_lock", state="on", side="left"), call("set_child_lock", state="off")),
        (GO, CANCEL),
        (call("control_playback", action="next"), call("control_playback", action="next")),
    ],
    ids=str,
)
def test_the_second_waits_for_the_first(first: Call, then: Call) -> None:
    assert [s.after for s in ordered(Plan.of(first, then))] == [(), (1,)]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ETA, GO),
        (SAVE, SEAT),
        (PLAY, SOURCE),
        (call("control_call", action="answer"), call("dial_number", number="123")),
        (_window("driver"), _window("passenger")),
        (_window("rear_left"), _window("rear_right")),
        (_window("front"), _window("rear_left")),
        (call("set_seat_heating"), call("set_seat_heating", seat="passenger")),
        (call("adjust_mirror", mirror="left", direction="up"), call("adjust_mirror", mirror="right", direction="up")),
        (call("set_volume", level=1), call("set_volume", level=1, channel="phone")),
        (call("get_time"), call("get_time")),
        (call("send_text_message", recipient="a", message="x"), call("send_text_message", recipient="b", message="x")),
        (call("set_fan_speed", level=1), call("set_volume", level=1)),
    ],
    ids=str,
)
def test_nothing_else_waits(first: Call, then: Call) -> None:
    assert [s.after for s in ordered(Plan.of(first, then))] == [(), ()]


def test_a_chain_waits_for_all_of_it() -> None:
    assert [s.after for s in ordered(Plan.of(CANCEL, GO, STOP, ETA))] == [(), (1,), (2,), (2, 3)]


@given(plans())
def test_ordering_changes_neither_calls_nor_what_is_waited_for(plan: Plan) -> None:
    out = ordered(plan)
    assert out.calls == plan.calls
    assert all(n < step.id for step in out for n in step.waits_for)
    assert ordered(out) == out


@given(plans())
def test_repeats_are_dropped_and_references_follow(plan: Plan) -> None:
    out = without_repeats(plan)
    assert {c.name for c in out.calls} == {c.name for c in plan.calls}
    assert len(out) <= len(plan)


def test_saying_it_twice_means_it_once_unless_it_adds_up() -> None:
    louder, go = call("adjust_volume", direction="up"), call("navigate_to", destination=Ref(2))
    find, heat = call("find_nearby", category="atm"), call("set_seat_heating")
    assert without_repeats(Plan.of(heat, heat, louder, louder)).calls == (heat, louder, louder)
    assert without_repeats(Plan.of(find, find, go)).calls == (find, go.with_arguments(destination=Ref(1)))
