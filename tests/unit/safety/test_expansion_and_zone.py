"""Calls judged as what they will do; whose seat "my seat" is."""

import pytest
from support.calls import CATALOGUE
from support.car import BY_STATE, CRASHED, DRIVING, FAST, PARKED

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context, expand, needs_number, number_of
from state_machines.gate import Judge
from state_machines.rulebook import Decision
from state_machines.zone import at_speaker
from vehicle_apis.call import Call
from vehicle_apis.params import EnumParam, TextParam
from vehicle_apis.spec import ApiSpec

call = CATALOGUE.call
JUDGE = Judge(CATALOGUE)
UNDO = call("undo_last_action")
VIDEO = call("play_video", title="a film")
NEXT = call("control_playback", action="next")


def decide(wanted: Call, word: str, context: Context) -> Decision:
    return JUDGE.assess(wanted, DrivingState[word.upper()], BY_STATE[word], context).decision


@pytest.mark.parametrize("word", [*BY_STATE])
@pytest.mark.parametrize("number", ["112", "911", "999", "000", "110", "0112", "00911"])
def test_emergency_numbers_follow_the_emergency_call(number: str, word: str) -> None:
    dialled = decide(call("dial_number", number=number), word, Context())
    assert dialled is decide(call("make_emergency_call"), word, Context())
    assert dialled is (Decision.ALLOW if word == "crashed" else Decision.CONFIRM)


@pytest.mark.parametrize("number", ["1120", "000112", "9111", "99", "5550123"])
def test_other_numbers_do_not(number: str) -> None:
    wanted = call("dial_number", number=number)
    assert expand(wanted, Context(), CATALOGUE) == (wanted,)


CONTACT = call("call_contact", name="mom")
ROADSIDE = call("call_roadside_assistance")
TEXT = call("send_text_message", recipient="mom", message="hi")
EMERGENCY = call("make_emergency_call")


@pytest.mark.parametrize("number", ["112", "+112", "1-1-2", "\uff19\uff11\uff11", "0 998"])
@pytest.mark.parametrize("reaching", [CONTACT, ROADSIDE], ids=str)
def test_a_stored_emergency_number_is_an_emergency_call(reaching: Call, number: str) -> None:
    assert expand(reaching, Context(number=number), CATALOGUE) == (EMERGENCY,)
    assert decide(reaching, "crashed", Context(number=number)) is Decision.ALLOW
    assert decide(reaching, "parked", Context(number=number)) is Decision.CONFIRM


@pytest.mark.parametrize("reaching", [CONTACT, ROADSIDE, TEXT], ids=str)
def test_another_stored_number_is_not(reaching: Call) -> None:
    for number in ("5550123", "1120", None):
        assert expand(reaching, Context(number=number), CATALOGUE) == (reaching,)
    # what the telephone adds makes the difference, for what it is, and only for what is dialled
    for number, also in (("5550123", {"5550123"}), ("05550123", {"+5550123"})):
        emergency = expand(reaching, Context(number=number, emergency_numbers=frozenset(also)), CATALOGUE)
        assert emergency == ((TEXT,) if reaching is TEXT else (EMERGENCY,))


def test_a_message_to_an_emergency_number_is_a_message() -> None:
    assert expand(TEXT, Context(number="112"), CATALOGUE) == (TEXT,)
    assert decide(TEXT, "parked", Context(number="112")) is Decision.CONFIRM


def test_the_number_that_is_dialled_is_the_one_that_is_said() -> None:
    dial = call("dial_number", number="5550123")
    assert number_of(dial, Context(number="112")) == "5550123"
    assert expand(dial, Context(number="112"), CATALOGUE) == (dial,)
    assert expand(dial, Context(emergency_numbers=frozenset({"5550123"})), CATALOGUE) == (EMERGENCY,)


def test_what_reaches_nobody_has_no_number() -> None:
    assert number_of(NEXT, Context(number="112")) is None
    assert number_of(CONTACT, Context()) is None
    assert [needs_number(c) for c in (CONTACT, ROADSIDE, TEXT, NEXT, call("dial_number", number="1"))] == [
        *(True, True, True),
        *(False, False),
    ]


@pytest.mark.parametrize("word", [*BY_STATE])
@pytest.mark.parametrize("reaching", [CONTACT, ROADSIDE, TEXT], ids=str)
def test_a_code_is_never_dialled(reaching: Call, word: str) -> None:
    for number in ("*21#", "5550123#", "\uff0a112", "112;ext=1", "", "x"):
        answer = JUDGE.assess(reaching, DrivingState[word.upper()], BY_STATE[word], Context(number=number))
        assert (answer.decision, answer.rule) == (Decision.DENY, "never_dialled")
        assert answer.state is DrivingState[word.upper()]


@pytest.mark.parametrize("word", [*BY_STATE])
@pytest.mark.parametrize("action", ["play", "restart", "next", "previous"])
def test_resuming_a_video_is_playing_it(action: str, word: str) -> None:
    wanted = call("control_playback", action=action)
    assert decide(wanted, word, Context(video_title="a film")) is decide(VIDEO, word, Context())
    without = Decision.DENY if word == "crashed" else Decision.ALLOW
    assert decide(wanted, word, Context()) is without


def test_what_is_resumed_is_a_video_of_no_particular_title() -> None:
    assert expand(NEXT, Context(video_title="a film"), CATALOGUE) == (call("play_video", title="video"),)


@pytest.mark.parametrize("action", ["pause", "stop", "shuffle_on", "shuffle_off", "repeat_on", "repeat_off"])
def test_other_playback_commands_are_themselves(action: str) -> None:
    wanted = call("control_playback", action=action)
    assert expand(wanted, Context(video_title="a film"), CATALOGUE) == (wanted,)


@pytest.mark.parametrize("title", ["", "x" * 600, "a\x00b", "\u200b", "$1", "  "])
def test_a_title_from_the_player_is_never_an_argument(title: str) -> None:
    assert decide(NEXT, "driving", Context(video_title=title)) is Decision.DENY
    assert decide(NEXT, "parked", Context(video_title=title)) is Decision.ALLOW


@pytest.mark.parametrize("word", [*BY_STATE])
@pytest.mark.parametrize(
    "inverse",
    [
        VIDEO,
        call("set_headlights", mode="off"),
        call("set_door_locks", state="unlock"),
        call("operate_trunk", action="open"),
        call("set_volume", level=5),
        call("dial_number", number="112"),
    ],
    ids=str,
)
def test_undo_is_judged_as_its_inverse(inverse: Call, word: str) -> None:
    assert decide(UNDO, word, Context(undo=(inverse,))) is decide(inverse, word, Context())


def test_undo_of_several_is_as_strict_as_the_strictest() -> None:
    mild, question, never = call("set_volume", level=5), call("set_wipers", mode="off"), VIDEO
    for order in ((mild, never), (never, mild), (mild, question, never), (never, question, mild)):
        assert decide(UNDO, "driving", Context(undo=order)) is Decision.DENY
    fog = call("control_window", position=50)
    assert decide(UNDO, "fast", Context(undo=(mild, fog))) is Decision.CONFIRM
    assert decide(UNDO, "fast", Context(undo=(fog, mild))) is Decision.CONFIRM
    assert JUDGE.assess(UNDO, DrivingState.FAST, FAST, Context(undo=(mild, fog))).rule == "control_window[1]"
    # of two equally strict ones the first is named
    two = Context(undo=(VIDEO, call("show_camera", view="left")))
    assert JUDGE.assess(UNDO, DrivingState.FAST, FAST, two).rule == "play_video[0]"


def test_nested_expansion() -> None:
    context = Context(video_title="a film", undo=(NEXT,))
    assert expand(UNDO, context, CATALOGUE)[0].name == "play_video"
    assert decide(UNDO, "driving", context) is Decision.DENY
    emergency = Context(undo=(call("dial_number", number="112"),))
    assert expand(UNDO, emergency, CATALOGUE)[0].name == "make_emergency_call"


def test_undo_of_an_undo_ends() -> None:
    assert expand(UNDO, Context(undo=(UNDO,)), CATALOGUE) == (UNDO,)
    assert expand(UNDO, Context(undo=(UNDO, VIDEO)), CATALOGUE) == (VIDEO,)


def test_undo_of_nothing_is_itself() -> None:
    assert expand(UNDO, Context(), CATALOGUE) == (UNDO,)
    assert decide(UNDO, "crashed", Context()) is Decision.DENY


def test_the_state_and_the_signals_decide_not_the_context() -> None:
    assert JUDGE.assess(VIDEO, DrivingState.PARKED, PARKED, Context(video_title="x")).decision is Decision.ALLOW
    assert JUDGE.assess(VIDEO, DrivingState.CRASHED, CRASHED).decision is Decision.DENY
    assert JUDGE.assess(VIDEO, DrivingState.DRIVING, DRIVING).state is DrivingState.DRIVING


# --- the microphone's zone


@pytest.mark.parametrize(
    ("name", "said", "zone", "placed"),
    [
        ("control_window", {"position": 50}, "driver", {}),
        ("control_window", {"position": 50}, "passenger", {"window": "passenger"}),
        ("control_window", {"position": 50}, "rear_left", {"window": "rear_left"}),
        ("control_window", {"position": 50, "window": "driver"}, "passenger", {}),
        ("adjust_climate_temperature", {"direction": "up"}, "rear_left", {"zone": "rear"}),
        ("adjust_climate_temperature", {"direction": "up"}, "rear_right", {"zone": "rear"}),
        ("set_seat_heating", {}, "passenger", {"seat": "passenger"}),
        ("set_seat_heating", {}, "rear_right", {"seat": "rear_right"}),
        ("set_defroster", {"state": "on"}, "passenger", {}),  # the default is no place of a person
        ("set_wipers", {"mode": "off"}, "passenger", {}),
        ("set_cabin_light", {"state": "on"}, "passenger", {}),
        ("set_door_locks", {"state": "lock"}, "passenger", {}),
        ("set_volume", {"level": 5}, "passenger", {}),
        ("adjust_seat_position", {"direction": "up"}, "passenger", {"seat": "passenger"}),
    ],
)
def test_zone(name: str, said: dict[str, object], zone: str, placed: dict[str, object]) -> None:
    assert at_speaker(CATALOGUE[name], said, zone) == {**said, **placed}


def test_the_finer_place_is_the_speakers() -> None:
    places = ("driver", "rear", "rear_left", "rear_right")
    seat = EnumParam(name="seat", values=places, default="driver")
    spec = ApiSpec(name="oem_massage", domain="oem", doc="x", backend="can", params=(seat,))
    assert at_speaker(spec, {}, "rear_left") == {"seat": "rear_left"}
    assert at_speaker(spec, {}, "rear_right") == {"seat": "rear_right"}
    assert at_speaker(spec, {}, "passenger") == {}  # no place of this function


def test_a_place_in_free_words_is_not_filled_in() -> None:
    seat = TextParam(name="seat", default="driver")
    spec = ApiSpec(name="oem_massage", domain="oem", doc="x", backend="can", params=(seat,))
    assert at_speaker(spec, {}, "passenger") == {}


def test_every_place_of_a_function_is_filled_in() -> None:
    level = EnumParam(name="level", values=("driver", "passenger"), default="driver")  # not a place
    zone, seat, window = (
        EnumParam(name=name, values=("driver", "passenger"), default="driver") for name in ("zone", "seat", "window")
    )
    nobody = EnumParam(name="seat", values=("all", "passenger"), default="all")
    spec = ApiSpec(name="oem_a", domain="oem", doc="x", backend="can", params=(level, nobody, zone, window))
    assert at_speaker(spec, {}, "passenger") == {"zone": "passenger", "window": "passenger"}
    spec = ApiSpec(name="oem_b", domain="oem", doc="x", backend="can", params=(zone, seat))
    assert at_speaker(spec, {"zone": "driver"}, "passenger") == {"zone": "driver", "seat": "passenger"}


def test_the_zone_does_not_touch_what_was_said() -> None:
    said: dict[str, object] = {"position": 5}
    at_speaker(CATALOGUE["control_window"], said, "passenger")
    assert said == {"position": 5}


@pytest.mark.parametrize("zone", ["driver", "passenger", "rear_left", "rear_right"])
def test_the_result_is_always_a_valid_call(zone: str) -> None:
    for spec in CATALOGUE:
        if not spec.required:
            Call(spec, at_speaker(spec, {}, zone))  # type: ignore[arg-type]


# --- a player that does not say what it shows

SILENT = Context(video_title="video", is_said=False)
MAY_BE = ", and the player does not say whether it shows a picture."


@pytest.mark.parametrize("word", [*BY_STATE])
@pytest.mark.parametrize("action", ["play", "restart", "next", "previous"])
def test_silence_is_judged_as_a_video_and_the_refusal_says_why(action: str, word: str) -> None:
    wanted = call("control_playback", action=action)
    state, readings = DrivingState[word.upper()], BY_STATE[word]
    silent = JUDGE.assess(wanted, state, readings, SILENT)
    video = JUDGE.assess(VIDEO, state, readings)
    assert (silent.decision, silent.rule, silent.state) == (video.decision, video.rule, video.state)
    allowed = word == "parked"
    assert silent.reason == (video.reason if allowed else video.reason.removesuffix(".") + MAY_BE)
    # a player that calls it a video has said why
    said = JUDGE.assess(wanted, state, readings, Context(video_title="a film"))
    assert said.reason == video.reason


def test_the_refusal_in_words() -> None:
    assert JUDGE.assess(NEXT, DrivingState.FAST, FAST, SILENT).reason == (
        "Playing a video works only while the car is parked, and the player does not say whether it shows a picture."
    )


def test_a_player_known_to_be_sound_alone_is_refused_for_its_own_reason() -> None:
    sound = Context(video_title=None, is_said=False)
    assessment = JUDGE.assess(call("control_playback", action="play"), DrivingState.CRASHED, CRASHED, sound)
    assert assessment.reason == "Control playback is blocked after a crash."


def test_only_what_silence_brought_about_is_explained_by_it() -> None:
    # a video that was asked for, and a playback command that is denied as itself
    assert not JUDGE.assess(VIDEO, DrivingState.FAST, FAST, SILENT).reason.endswith(MAY_BE)
    shuffle = JUDGE.assess(call("control_playback", action="shuffle_on"), DrivingState.CRASHED, CRASHED, SILENT)
    assert (shuffle.decision, shuffle.reason.endswith(MAY_BE)) == (Decision.DENY, False)
    dialled = JUDGE.assess(call("dial_number", number="112"), DrivingState.FAST, FAST, SILENT)
    assert not dialled.reason.endswith(MAY_BE)
    undone = Context(video_title="video", is_said=False, undo=(VIDEO,))
    assert not JUDGE.assess(UNDO, DrivingState.FAST, FAST, undone).reason.endswith(MAY_BE)
