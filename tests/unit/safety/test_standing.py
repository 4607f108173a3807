"""What was allowed ends when the car leaves the states that allow it."""

import pytest
from support.calls import CATALOGUE
from support.car import BY_STATE, CREEPING, DRIVING, PARKED, STANDSTILL, Clock, signals

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Gate, Judge
from state_machines.standing import Ended, StandingRules
from vehicle_apis.call import Call
from vehicle_apis.signals import Reading, Signals
from vehicle_apis.traits import Ending

call = CATALOGUE.call
S = DrivingState


@pytest.fixture
def standing() -> StandingRules:
    return StandingRules(Judge(CATALOGUE))


ENDS: list[tuple[Call, DrivingState, str, Ending]] = [
    (call("play_video", title="x"), S.PARKED, "standstill", Ending.PAUSE_AND_BLANK_VIDEO),
    (call("open_app", app="netflix"), S.PARKED, "standstill", Ending.HOME_SCREEN),
    (call("open_app", app="chess"), S.PARKED, "unknown", Ending.HOME_SCREEN),
    (call("open_app", app="never heard of"), S.PARKED, "driving", Ending.HOME_SCREEN),
    (call("show_camera", view="front"), S.CREEPING, "driving", Ending.CLOSE_CAMERA),
    (call("show_camera", view="front"), S.CREEPING, "crashed", Ending.CLOSE_CAMERA),
    (call("adjust_seat_position", direction="up"), S.STANDSTILL, "creeping", Ending.STOP_MOTION),
    (call("recall_seat_memory", slot=1), S.PARKED, "creeping", Ending.STOP_MOTION),
    (call("recall_seat_memory", slot=1, seat="passenger"), S.PARKED, "creeping", Ending.STOP_MOTION),
    (call("operate_trunk", action="open"), S.PARKED, "standstill", Ending.STOP_MOTION),
    (call("operate_trunk", action="open"), S.STANDSTILL, "creeping", Ending.STOP_MOTION),
    (call("operate_trunk", action="close"), S.PARKED, "crashed", Ending.STOP_MOTION),
    (call("adjust_mirror", mirror="left", direction="up"), S.CREEPING, "driving", Ending.STOP_MOTION),
    (call("fold_mirrors", action="fold"), S.CREEPING, "driving", Ending.STOP_MOTION),
]


@pytest.mark.parametrize(("wanted", "began_in", "word", "how"), ENDS, ids=str)
def test_it_ends(standing: StandingRules, wanted: Call, began_in: DrivingState, word: str, how: Ending) -> None:
    standing.started(wanted, began_in)
    assert standing.must_end(began_in, BY_STATE[began_in.word]) == ()
    ended = standing.must_end(DrivingState[word.upper()], BY_STATE[word])
    assert [(e.call, e.how) for e in ended] == [(wanted, how)]
    assert ended[0].reason
    # told once
    assert standing.ongoing == ()
    assert standing.must_end(DrivingState[word.upper()], BY_STATE[word]) == ()


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (call("open_app", app="spotify"), "fast"),
        (call("open_app", app="settings"), "standstill"),
        (call("show_camera", view="left"), "creeping"),
        (call("adjust_seat_position", direction="forward", seat="passenger"), "fast"),
        (call("fold_mirrors", action="unfold"), "driving"),
        (call("operate_trunk", action="close"), "driving"),
    ],
    ids=str,
)
def test_it_goes_on(standing: StandingRules, wanted: Call, word: str) -> None:
    standing.started(wanted, S.PARKED)
    assert standing.must_end(DrivingState[word.upper()], BY_STATE[word]) == ()
    assert standing.ongoing == (wanted,)


def test_a_motion_with_a_yes_goes_on_in_the_state_of_the_yes(standing: StandingRules) -> None:
    trunk = call("operate_trunk", action="open")  # standstill: only with a yes
    standing.started(trunk, S.STANDSTILL)
    for _ in range(3):
        assert standing.must_end(S.STANDSTILL, STANDSTILL) == ()
    assert [e.call for e in standing.must_end(S.CREEPING, CREEPING)] == [trunk]


def test_without_a_yes_it_ends_in_a_state_that_asks(standing: StandingRules) -> None:
    trunk = call("operate_trunk", action="open")
    standing.started(trunk, S.PARKED)
    assert [e.how for e in standing.must_end(S.STANDSTILL, STANDSTILL)] == [Ending.STOP_MOTION]


@pytest.mark.parametrize(
    ("view", "gear", "stays"),
    [
        ("rear", Reading("R"), True),
        ("rear", Reading("R", age_ms=500), True),
        ("rear", Reading("R", age_ms=501), False),
        ("rear", Reading("R", valid=False), False),
        ("rear", Reading("D"), False),
        ("rear", None, False),
        ("surround", Reading("R"), False),
    ],
)
def test_the_rear_view_in_reverse_is_the_cars_own(
    standing: StandingRules, view: str, gear: Reading | None, stays: bool
) -> None:
    standing.started(call("show_camera", view=view), S.PARKED)
    car = Signals(speed_kmh=(Reading(20.0), Reading(20.0)), gear=gear)
    assert (standing.must_end(S.DRIVING, car) == ()) is stays
    assert (len(standing.ongoing) == 1) is stays


def test_a_later_call_takes_the_place_of_the_one_before(standing: StandingRules) -> None:
    standing.started(call("open_app", app="netflix"), S.PARKED)
    standing.started(call("open_app", app="spotify"), S.PARKED)
    assert standing.ongoing == (call("open_app", app="spotify"),)
    assert standing.must_end(S.DRIVING, DRIVING) == ()


def test_two_seats_and_two_mirrors_are_apart(standing: StandingRules) -> None:
    calls = (
        call("adjust_seat_position", direction="up"),
        call("adjust_seat_position", direction="up", seat="passenger"),
        call("adjust_mirror", mirror="left", direction="up"),
        call("adjust_mirror", mirror="right", direction="up"),
    )
    for wanted in calls:
        standing.started(wanted, S.PARKED)
    assert standing.ongoing == calls
    ended = standing.must_end(S.DRIVING, DRIVING)
    assert [e.call for e in ended] == [calls[0], *calls[2:]]
    assert [*standing.ongoing] == [calls[1]]


def test_what_a_call_stands_for_must_end(standing: StandingRules) -> None:
    play = call("control_playback", action="play")
    standing.started(play, S.PARKED)
    assert standing.ongoing == ()
    standing.started(play, S.PARKED, Context(video_title="a film"))
    assert [e.how for e in standing.must_end(S.DRIVING, DRIVING)] == [Ending.PAUSE_AND_BLANK_VIDEO]


def test_a_settled_motion_is_over_a_picture_stays(standing: StandingRules) -> None:
    seat, video = call("adjust_seat_position", direction="up"), call("play_video", title="x")
    for wanted in (seat, video):
        standing.started(wanted, S.PARKED)
        standing.settled(wanted)
    standing.settled(call("set_volume", level=5))
    assert standing.ongoing == (video,)


def test_finished_and_foreign_calls(standing: StandingRules) -> None:
    standing.started(call("set_volume", level=5), S.PARKED)
    assert standing.ongoing == ()
    video = call("play_video", title="x")
    standing.started(video, S.PARKED)
    standing.finished(call("play_video", title="another"))
    assert standing.ongoing == ()
    standing.finished(video)
    assert standing.must_end(S.DRIVING, DRIVING) == ()


def test_within_half_a_second_of_leaving() -> None:
    """Fed every 100 ms, the gate's state makes the standing rule fire with the first worse snapshot."""
    clock = Clock()
    gate, ended = Gate(CATALOGUE, clock), list[tuple[float, Ended]]()
    standing = StandingRules(Judge(CATALOGUE))
    standing.started(call("play_video", title="x"), S.PARKED)
    left_s = clock() + 3.05
    while clock() < left_s + 2:
        car = PARKED if clock() < left_s else signals("D", 3)
        state = gate.observe(car)
        if clock() > 1001.0:  # settled after the start
            ended += [(clock(), e) for e in standing.must_end(state, car)]
        clock.advance(0.1)
    assert [e.how for _, e in ended] == [Ending.PAUSE_AND_BLANK_VIDEO]
    assert 0 <= ended[0][0] - left_s <= 0.5


def test_how_it_ends_in_words() -> None:
    words = ["pause_and_blank_video", "home_screen", "close_camera", "stop_motion"]
    assert [ending.value for ending in Ending] == words


def test_a_picture_does_not_take_the_place_of_another_ones(standing: StandingRules) -> None:
    pictures = (call("play_video", title="x"), call("open_app", app="netflix"), call("show_camera", view="left"))
    for wanted in pictures:
        standing.started(wanted, S.PARKED)
    assert standing.ongoing == pictures
    assert [e.call for e in standing.must_end(S.DRIVING, DRIVING)] == [*pictures]


def test_the_cars_own_picture_keeps_nothing_else_alive(standing: StandingRules) -> None:
    rear, video = call("show_camera", view="rear"), call("play_video", title="x")
    for wanted in (rear, video):
        standing.started(wanted, S.PARKED)
    assert [e.call for e in standing.must_end(S.DRIVING, signals("R", 20.0))] == [video]
    assert standing.ongoing == (rear,)


def test_what_began_where_it_is_not_allowed_ends_there(standing: StandingRules) -> None:
    """The state may have changed between the judgement and the send."""
    video = call("play_video", title="x")
    standing.started(video, S.DRIVING)
    assert [e.call for e in standing.must_end(S.DRIVING, DRIVING)] == [video]
