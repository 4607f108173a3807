"""Every activity that must end x the state it began in x the state the car changes to, against the specification."""

import pytest
from safety_spec import matrix
from safety_spec.matrix import Asked
from safety_spec.oracle import Oracle
from support.calls import CATALOGUE
from support.car import BY_STATE, PARKED, Clock, signals

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Gate, Judge
from state_machines.standing import Ended, StandingRules
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals
from vehicle_apis.traits import Ending

call = CATALOGUE.call
S = DrivingState
MUST_END = {
    "play_video": Ending.PAUSE_AND_BLANK_VIDEO,
    "open_app": Ending.HOME_SCREEN,
    "show_camera": Ending.CLOSE_CAMERA,
    "adjust_seat_position": Ending.STOP_MOTION,
    "recall_seat_memory": Ending.STOP_MOTION,
    "operate_trunk": Ending.STOP_MOTION,
    "adjust_mirror": Ending.STOP_MOTION,
    "fold_mirrors": Ending.STOP_MOTION,
}
ASKED = [asked for asked in matrix.calls() if asked["name"] in MUST_END]
CARS = {word: matrix.car(word) for word in BY_STATE}
ORACLE = Oracle()
JUDGE = Judge(CATALOGUE)


def specified(asked: Asked, word: str) -> str:
    return ORACLE.judge({"call": asked, **CARS[word]}).verdict


def snapshot(word: str) -> Signals:
    gear, v, crash = matrix.STATES[word]
    return signals(gear, v, crash=crash)


def called(asked: Asked) -> Call:
    return call(asked["name"], **asked["arguments"])


def rules() -> StandingRules:
    return StandingRules(JUDGE)


@pytest.mark.parametrize("name", MUST_END)
def test_it_ends_with_the_first_change_to_a_state_that_does_not_allow_it_and_only_then(name: str) -> None:
    ends = goes_on = 0
    for asked in (a for a in ASKED if a["name"] == name):
        for began in BY_STATE:
            if specified(asked, began) != "allow":
                continue
            for word in BY_STATE:
                standing = rules()
                standing.started(called(asked), DrivingState[began.upper()])
                ended = standing.must_end(DrivingState[word.upper()], snapshot(word))
                allowed = specified(asked, word) == "allow"
                assert [(e.call, e.how) for e in ended] == ([] if allowed else [(called(asked), MUST_END[name])]), word
                goes_on, ends = goes_on + allowed, ends + (not allowed)
    assert ends
    assert goes_on


@pytest.mark.parametrize("name", MUST_END)
def test_the_first_frame_that_shows_it_ends_it(name: str) -> None:
    """Through the gate: no second of evidence is needed for the worse."""
    asked = next(a for a in ASKED if a["name"] == name and specified(a, "parked") == "allow")
    if name == "open_app":
        asked = {"name": "open_app", "arguments": {"app": "netflix"}}
    standing, ended, clock = rules(), list[Ended](), Clock()

    def changed(_old: DrivingState, new: DrivingState) -> None:
        ended.extend(standing.must_end(new, moving))

    gate = Gate(CATALOGUE, clock, on_change=changed)
    moving = PARKED
    gate.observe(PARKED)
    clock.advance(1.5)
    gate.observe(PARKED)
    standing.started(called(asked), gate.state)
    ended.clear()
    moving = signals("D", 50)
    clock.advance(0.01)
    gate.observe(moving)
    assert [e.call for e in ended] == [called(asked)]


def test_what_was_agreed_to_holds_in_the_state_of_the_yes_alone() -> None:
    seen = 0
    for asked in ASKED:
        for began in BY_STATE:
            if specified(asked, began) != "confirm":
                continue
            seen += 1
            for word in BY_STATE:
                standing = rules()
                standing.started(called(asked), DrivingState[began.upper()])
                verdict = specified(asked, word)
                goes_on = verdict == "allow" or (verdict == "confirm" and word == began)
                ended = standing.must_end(DrivingState[word.upper()], snapshot(word))
                assert (ended == ()) is goes_on, (asked, began, word)
    assert seen > 10


@pytest.mark.parametrize("action", matrix.RESUMING)
def test_playing_a_video_on_is_a_video_that_must_end(action: str) -> None:
    standing = rules()
    standing.started(call("control_playback", action=action), S.PARKED, Context(video_title="a film"))
    (ended,) = standing.must_end(S.STANDSTILL, BY_STATE["standstill"])
    assert (ended.call.name, ended.how) == ("play_video", Ending.PAUSE_AND_BLANK_VIDEO)


@pytest.mark.parametrize("action", ["pause", "stop", "shuffle_on", "repeat_off"])
def test_what_does_not_play_on_is_no_video(action: str) -> None:
    standing = rules()
    standing.started(call("control_playback", action=action), S.PARKED, Context(video_title="a film"))
    assert standing.ongoing == ()


def test_what_an_undo_began_must_end() -> None:
    for asked in ASKED:
        standing = rules()
        context = Context(undo=(call("set_fan_speed", level=2), called(asked)))
        standing.started(call("undo_last_action"), S.PARKED, context)
        assert standing.ongoing == (called(asked),)
    standing = rules()
    resumed = Context(video_title="a film", undo=(call("control_playback", action="play"),))
    standing.started(call("undo_last_action"), S.PARKED, resumed)
    assert [e.how for e in standing.must_end(S.DRIVING, BY_STATE["driving"])] == [Ending.PAUSE_AND_BLANK_VIDEO]


def test_the_rear_view_ends_when_the_gear_leaves_reverse_without_a_new_state() -> None:
    standing = rules()
    standing.started(call("show_camera", view="rear"), S.STANDSTILL)
    assert standing.must_end(S.DRIVING, signals("R", 9)) == ()
    assert [e.how for e in standing.must_end(S.DRIVING, signals("N", 9))] == [Ending.CLOSE_CAMERA]


# --- several motions at once ------------------------------------------------------------------------------------------


def test_two_motors_of_one_seat_are_two_motions() -> None:
    standing = rules()
    up, forward = (call("adjust_seat_position", direction=d) for d in ("up", "forward"))
    standing.started(up, S.PARKED)
    standing.started(forward, S.PARKED)
    standing.settled(forward)
    assert [e.call for e in standing.must_end(S.CREEPING, BY_STATE["creeping"])] == [up]


def test_an_allowed_motion_does_not_hide_one_that_must_end() -> None:
    """The passenger's seat may slide while driving, its backrest may not."""
    standing = rules()
    recline, slide = (call("adjust_seat_position", direction=d, seat="passenger") for d in ("recline", "forward"))
    standing.started(recline, S.PARKED)
    standing.started(slide, S.PARKED)
    assert [e.call for e in standing.must_end(S.DRIVING, BY_STATE["driving"])] == [recline]
    assert standing.ongoing == (slide,)


def test_the_same_call_sent_twice_is_over_when_both_are() -> None:
    standing, first, second = rules(), object(), object()
    up = call("adjust_seat_position", direction="up")
    standing.started(up, S.PARKED, sending=first)
    standing.started(up, S.PARKED, sending=second)
    standing.settled(up, sending=first)
    assert [*standing.ongoing] == [up]
    standing.settled(up, sending=second)
    assert [*standing.ongoing] == []
    standing.started(up, S.PARKED, sending=first)
    standing.started(up, S.PARKED, sending=first)  # a retry is the same motion
    assert [*standing.ongoing] == [up]
