"""What shows itself though nobody knows who began it, and what must not be reported as done."""

import pytest
from support.calls import CATALOGUE
from support.car import BY_STATE, CREEPING, DRIVING, FAST, PARKED, STANDSTILL, UNKNOWN, signals

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Judge
from state_machines.standing import Ended, StandingRules
from vehicle_apis.traits import Ending

call = CATALOGUE.call
S = DrivingState
VIDEO = call("play_video", title="x")
FORWARD, RECLINE = (call("adjust_seat_position", direction=d, seat="passenger") for d in ("forward", "recline"))
RECALL = call("recall_seat_memory", slot=1, seat="passenger")


@pytest.fixture
def standing() -> StandingRules:
    return StandingRules(Judge(CATALOGUE))


def test_what_must_end_by_name() -> None:
    assert {spec.name for spec in CATALOGUE if spec.ending is not None} == {
        *("play_video", "open_app", "show_camera", "adjust_seat_position", "recall_seat_memory"),
        *("operate_trunk", "adjust_mirror", "fold_mirrors"),
    }
    assert [ending for ending in Ending if not ending.is_of_a_picture] == [Ending.STOP_MOTION]


def test_what_is_seen_ends_where_it_is_not_allowed_and_stays_where_it_is(standing: StandingRules) -> None:
    standing.seen("video", (VIDEO,))
    assert standing.must_end(S.PARKED, PARKED) == ()
    assert (standing.ongoing, standing.begun) == ((VIDEO,), ())
    (ended,) = standing.must_end(S.STANDSTILL, STANDSTILL)
    assert (ended.call, ended.how, ended.was_seen, ended.sending) == (VIDEO, Ending.PAUSE_AND_BLANK_VIDEO, True, None)
    assert standing.ongoing == ()


def test_what_is_not_told_of_an_ending() -> None:
    ended = Ended(call=VIDEO, how=Ending.HOME_SCREEN, reason="x")
    assert (ended.sending, ended.was_seen) == (None, False)


def test_what_was_begun_here_is_told_apart(standing: StandingRules) -> None:
    sending = object()
    standing.started(VIDEO, S.PARKED, sending=sending)
    assert standing.begun == (VIDEO,)
    (ended,) = standing.must_end(S.DRIVING, DRIVING)
    assert (ended.was_seen, ended.sending) == (False, sending)


def test_a_settled_command_is_no_sending_any_more(standing: StandingRules) -> None:
    mine, other = object(), object()
    camera = call("show_camera", view="front")
    standing.started(VIDEO, S.PARKED, sending=mine)
    standing.started(camera, S.PARKED, sending=other)
    standing.settled(VIDEO, sending=mine)
    assert {e.call: e.sending for e in standing.must_end(S.DRIVING, DRIVING)} == {VIDEO: None, camera: other}
    standing.started(VIDEO, S.PARKED)
    standing.settled(VIDEO)
    assert [e.call for e in standing.must_end(S.DRIVING, DRIVING)] == [VIDEO]


def test_what_is_not_seen_any_more_is_over(standing: StandingRules) -> None:
    standing.seen("video", ())
    standing.seen("video", (VIDEO,))
    standing.seen("seat", (FORWARD,))
    standing.seen("video", ())
    assert standing.ongoing == (FORWARD,)


def test_that_nothing_is_seen_ends_nothing_that_was_begun(standing: StandingRules) -> None:
    """It may be about to show itself."""
    standing.started(VIDEO, S.PARKED)
    standing.seen("video", ())
    assert standing.ongoing == (VIDEO,)


@pytest.mark.parametrize(
    ("word", "ends"),
    [("parked", False), ("standstill", False), ("creeping", True), ("driving", True), ("unknown", True)],
)
def test_of_what_may_be_several_things_the_strictest_counts(standing: StandingRules, word: str, ends: bool) -> None:
    """The passenger's seat may slide while driving, its backrest may not: which motor runs is not told."""
    standing.seen("seat", (FORWARD, RECLINE))
    ended = standing.must_end(DrivingState[word.upper()], BY_STATE[word])
    assert [e.call for e in ended] == ([RECLINE] if ends else [])
    assert standing.ongoing == (() if ends else (FORWARD,))


def test_one_thing_ends_once_though_everything_it_may_be_must_end(standing: StandingRules) -> None:
    driver = tuple(call("adjust_seat_position", direction=d) for d in ("up", "down"))
    standing.seen("seat", driver)
    assert [e.call for e in standing.must_end(S.CREEPING, CREEPING)] == [driver[0]]


def test_nobody_has_said_yes_to_what_is_seen(standing: StandingRules) -> None:
    standing.seen("seat", (RECALL,))
    assert [e.call for e in standing.must_end(S.DRIVING, DRIVING)] == [RECALL]
    standing.started(RECALL, S.DRIVING)
    assert standing.must_end(S.DRIVING, DRIVING) == ()
    assert standing.must_not(RECALL, S.DRIVING, DRIVING)
    assert not standing.must_not(RECALL, S.PARKED, PARKED)


def test_the_rear_view_in_reverse_is_the_cars_own_however_it_came(standing: StandingRules) -> None:
    rear = call("show_camera", view="rear")
    standing.seen("camera", (rear,))
    assert standing.must_end(S.DRIVING, signals("R", 20)) == ()
    assert standing.must_end(S.UNKNOWN, signals("R", None)) == ()
    assert not standing.must_not(rear, S.UNKNOWN, signals("R", None))
    assert [e.how for e in standing.must_end(S.DRIVING, DRIVING)] == [Ending.CLOSE_CAMERA]


def test_everything_that_begins_is_told() -> None:
    heard: list[Ending] = []
    standing = StandingRules(Judge(CATALOGUE), heard.append)
    standing.started(call("set_volume", level=3), S.PARKED)
    assert heard == []
    standing.started(VIDEO, S.PARKED)
    standing.started(call("control_playback", action="play"), S.PARKED, Context(video_title="a film"))
    standing.started(FORWARD, S.PARKED)
    standing.seen("app", (call("open_app", app="chess"),))
    assert heard == [Ending.PAUSE_AND_BLANK_VIDEO, Ending.PAUSE_AND_BLANK_VIDEO, Ending.STOP_MOTION]


# --- reported as done? ------------------------------------------------------------------------------------------------


def test_a_picture_that_may_not_be_there_is_not_done(standing: StandingRules) -> None:
    assert standing.forbidden(VIDEO, S.PARKED, PARKED) is None
    assert standing.forbidden(VIDEO, S.DRIVING, DRIVING) == "Playing a video works only while the car is parked."
    play = call("control_playback", action="play")
    assert standing.forbidden(play, S.DRIVING, DRIVING) is None
    assert standing.forbidden(play, S.DRIVING, DRIVING, Context(video_title="a film")) is not None
    assert standing.forbidden(call("open_app", app="spotify"), S.FAST, FAST) is None
    assert standing.forbidden(call("open_app", app="netflix"), S.UNKNOWN, UNKNOWN) is not None
    assert standing.forbidden(call("show_camera", view="rear"), S.DRIVING, signals("R", 20)) is None


def test_a_motion_that_arrived_is_done_wherever_the_car_is_by_then(standing: StandingRules) -> None:
    assert standing.forbidden(RECALL, S.DRIVING, DRIVING) is None
    assert standing.forbidden(call("set_volume", level=3), S.CRASHED, DRIVING) is None


def test_of_several_calls_the_first_forbidden_one_is_told(standing: StandingRules) -> None:
    undo = Context(undo=(call("set_fan_speed", level=2), FORWARD, call("open_app", app="spotify"), VIDEO))
    why = standing.forbidden(call("undo_last_action"), S.DRIVING, DRIVING, undo)
    assert why == "Playing a video works only while the car is parked."


def test_what_nothing_ends_is_asked_about_and_never_ended(standing: StandingRules) -> None:
    """A charge port that opens, seen where nothing is known: it may not go on, but there is no end to bring about."""
    port = call("operate_charge_port", action="open")
    standing.seen("port", (port,))
    assert standing.must_not(port, S.UNKNOWN, UNKNOWN)
    assert standing.must_end(S.UNKNOWN, UNKNOWN) == ()
    assert standing.ongoing == (port,)
