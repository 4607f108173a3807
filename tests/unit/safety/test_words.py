"""Every sentence the safety logic speaks or raises, written out by hand: drivers hear them, developers act on them."""

import copy

import pytest
from support.calls import CATALOGUE
from support.car import BY_STATE, CREEPING, DRIVING, PARKED, signals

from state_machines import reasons
from state_machines.dialogue import Confirmation, ConfirmationRefused, Dialogue, QuestionOpen
from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Judge
from state_machines.permit import PermitRefused, issue
from state_machines.rulebook import Decision, RuleBook, RuleError
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam
from vehicle_apis.signals import Signals
from vehicle_apis.spec import ApiSpec
from vehicle_apis.wording import Refusal

call = CATALOGUE.call
JUDGE = Judge(CATALOGUE)
VOLUME = call("set_volume", level=5)
ROADSIDE = call("call_roadside_assistance")
EMERGENCY = call("make_emergency_call")


WHAT: list[tuple[Call, str]] = [
    (call("play_video", title="x"), "Playing a video"),
    (call("open_app", app="Netflix"), "Opening Netflix"),
    (call("connect_bluetooth_device", device="x"), "Connecting a device"),
    (call("switch_driver_profile", name="x"), "Switching the driver profile"),
    (call("set_valet_mode", state="on"), "Changing valet mode"),
    (call("adjust_seat_position", direction="up"), "Moving the driver seat"),
    (call("recall_seat_memory", slot=1, seat="passenger"), "Moving the passenger seat"),
    (call("adjust_mirror", mirror="left", direction="up"), "Tilting a mirror"),
    (call("fold_mirrors", action="fold"), "Folding the mirrors"),
    (call("operate_trunk", action="open"), "Opening the trunk"),
    (call("operate_charge_port", action="open"), "Moving the charge port flap"),
    (call("set_door_locks", state="unlock"), "Unlocking the doors"),
    (call("set_child_lock", state="off"), "Releasing the child lock"),
    (call("control_window", position=5), "Opening a window"),
    (call("operate_sunroof", action="open"), "Opening the sunroof"),
    (call("set_headlights", mode="off"), "Switching the headlights down"),
    (call("set_wipers", mode="off"), "Switching the wipers off in the rain"),
    (call("set_driver_assistance", feature="auto_hold", state="off"), "Switching that assistance function off"),
    (call("set_drive_mode", mode="offroad"), "Offroad mode"),
    (call("control_charging", action="start"), "Starting to charge"),
    (call("precondition_cabin", time="now"), "Preconditioning now"),
    (call("show_camera", view="rear"), "Showing the camera"),
    (call("set_display_brightness", level=5, screen="cluster"), "Darkening the instrument cluster"),
    (call("send_text_message", recipient="mom", message="x"), "Sending a text message"),
    (EMERGENCY, "Placing an emergency call"),
    (ROADSIDE, "Calling roadside assistance"),
    (call("set_window_lock", state="off"), "Freeing the passengers' window switches"),
    (call("set_fan_speed", level=1), "Set fan speed"),
]


@pytest.mark.parametrize(("wanted", "phrase"), WHAT, ids=[wanted.name for wanted, _ in WHAT])
def test_what_a_call_does(wanted: Call, phrase: str) -> None:
    assert reasons.what(wanted) == phrase


@pytest.mark.parametrize(
    ("state", "phrase"),
    [
        ("parked", "while the car is parked"),
        ("standstill", "while the car stands with a gear engaged"),
        ("creeping", "while the car is moving"),
        ("driving", "while the car is moving"),
        ("fast", "at this speed"),
        ("unknown", "while I cannot read the car's speed and gear"),
        ("crashed", "after a crash"),
    ],
)
def test_states_in_words(state: str, phrase: str) -> None:
    reached = DrivingState[state.upper()]
    assert reasons.allowed(reached) == f"Allowed {phrase}."
    trunk = call("operate_trunk", action="open")
    assert reasons.question(trunk, reached) == f"Opening the trunk {phrase}: are you sure?"


@pytest.mark.parametrize(
    ("wanted", "car", "sentence"),
    [
        (call("set_valet_mode", state="off"), PARKED, "Leaving valet mode needs the PIN on the screen."),
        (
            call("operate_charge_port", action="close"),
            signals("P", 0, plugged_in="yes"),
            "The charge port stays open while the cable is plugged in.",
        ),
        (call("set_door_locks", state="unlock"), CREEPING, "The doors stay locked while the car is rolling."),
        (call("control_charging", action="start"), PARKED, "Charging cannot start: no cable is plugged in."),
        (call("operate_trunk", action="open"), DRIVING, "Opening the trunk works only while the car stands still."),
    ],
    ids=str,
)
def test_a_refusal_says_what_would_help(wanted: Call, car: Signals, sentence: str) -> None:
    answer = JUDGE.settled(wanted.name, wanted.json_arguments(), car)
    assert (answer.decision, answer.reason) == (Decision.DENY, sentence)


CONTACT = call("call_contact", name="Rescue Team")


@pytest.mark.parametrize(
    ("wanted", "context", "question"),
    [
        (EMERGENCY, Context(), "Call the emergency services?"),
        (EMERGENCY, Context(number="112"), "Call the emergency services?"),
        (call("dial_number", number="0112"), Context(), "Call the emergency services on 0 1 1 2?"),
        (CONTACT, Context(number="+112"), "Call Rescue Team, the emergency number plus 1 1 2?"),
        (ROADSIDE, Context(number="112"), "Call roadside assistance, the emergency number 1 1 2?"),
        (ROADSIDE, Context(number="5550123"), "Call roadside assistance?"),
        (call("undo_last_action"), Context(undo=(EMERGENCY,), number="112"), "Call the emergency services?"),
        (
            call("send_text_message", recipient="Anna Weber, mobile", message="hi"),
            Context(number="5550123"),
            "Send Anna Weber, mobile, the text: hi?",
        ),
        (call("send_text_message", recipient="112", message="hi"), Context(), "Send 1 1 2 the text: hi?"),
        (
            call("send_text_message", recipient="+495550123", message="hi, you"),
            Context(),
            "Send plus 4 9 5, 5 5 0, 1 2 3, the text: hi, you?",
        ),
    ],
    ids=str,
)
def test_a_question_names_who_is_reached(wanted: Call, context: Context, question: str) -> None:
    assert JUDGE.assess(wanted, DrivingState.PARKED, PARKED, context).reason == question


def test_a_question_without_a_number() -> None:
    assert reasons.question(EMERGENCY, DrivingState.PARKED) == "Call the emergency services?"
    asked = reasons.Asked(call=CONTACT)
    assert reasons.question(EMERGENCY, DrivingState.PARKED, asked) == "Call the emergency services?"


def test_an_emergency_number_that_no_known_party_has() -> None:
    asked = reasons.Asked(call=call("set_fan_speed", level=1), number="112")
    assert reasons.question(EMERGENCY, DrivingState.PARKED, asked) == "Call the emergency services on 1 1 2?"


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        (CONTACT, "Rescue Team"),
        (call("send_text_message", recipient="Bo", message="hi"), "Bo"),
        (ROADSIDE, "roadside assistance"),
    ],
    ids=str,
)
def test_why_a_code_is_not_dialled(wanted: Call, who: str) -> None:
    answer = JUDGE.assess(wanted, DrivingState.PARKED, PARKED, Context(number="*1#"))
    assert answer.reason == f"The number of {who} is a code, or has additions; those I never dial."


KINDS = ["video", "game", "browser", "audio", "navigation", "phone", "messages", "weather", "calendar", "settings"]
DANCE = ApiSpec(name="oem_dance", domain="oem", doc="x", backend="can")


def test_what_would_help_depends_on_the_value() -> None:
    spec = ApiSpec(
        name="oem_hatch",
        domain="oem",
        doc="x",
        backend="can",
        params=(
            EnumParam(name="side", values=("left", "right")),
            EnumParam(name="state", values=("open", "shut"), default="open"),
        ),
        refusal=Refusal(
            what="Moving the {side} hatch", never={"side": {"left": "Use the lever."}, "state": {"shut": "Push it."}}
        ),
    )
    pack = ApiPack(name="oem", version="1", apis=(spec,), rules={"oem_hatch": (RuleSpec(),)})
    judge = Judge(Catalogue(CATALOGUE.builtin, [pack]))
    said = {
        (side, state): judge.assess(Call(spec, {"side": side, "state": state}), DrivingState.PARKED, PARKED).reason
        for side in ("left", "right")
        for state in ("open", "shut")
    }
    assert said == {
        ("left", "open"): "Use the lever.",
        ("left", "shut"): "Use the lever.",
        ("right", "open"): "Moving the right hatch is not possible by voice.",
        ("right", "shut"): "Push it.",
    }


def denied(*allow: str, confirm: tuple[str, ...] = ()) -> str:
    """The refusal of a rule with these states, in a state it does not list."""
    rule = RuleSpec.model_validate({"allow": allow, "confirm": confirm})
    pack = ApiPack(name="oem", version="1", apis=(DANCE,), rules={"oem_dance": (rule,)})
    book = RuleBook(Catalogue(CATALOGUE.builtin, [pack]))
    compiled = book.rule_for(Call(DANCE), PARKED)
    return reasons.denied(Call(DANCE), compiled, DrivingState.FAST).removeprefix("Oem dance works only ")


@pytest.mark.parametrize(
    ("allow", "confirm", "sentence"),
    [
        (("parked",), (), "while the car is parked."),
        ((), ("parked",), "while the car is parked."),
        (("standstill",), (), "while the car stands still."),
        (("parked",), ("standstill",), "while the car stands still."),
        (("creeping",), (), "below walking speed."),
        (("parked", "standstill"), ("creeping",), "below walking speed."),
        (("driving",), (), "below 130 km/h."),
        (("parked", "standstill", "creeping", "driving"), (), "below 130 km/h."),
        (("crashed",), (), "in normal operation."),
        (("parked",), ("crashed",), "in normal operation."),
        (("driving", "crashed"), (), "in normal operation."),
    ],
)
def test_where_it_would_work(allow: tuple[str, ...], confirm: tuple[str, ...], sentence: str) -> None:
    assert denied(*allow, confirm=confirm) == sentence


def test_a_rule_that_only_asks_is_no_rule_that_never_allows() -> None:
    assert denied(confirm=("parked",)) == "while the car is parked."
    assert denied() == "Oem dance is not possible by voice."


def test_what_is_never_allowed_and_has_no_sentence_of_its_own() -> None:
    compiled = RuleBook(CATALOGUE).rule_for(CATALOGUE.call("set_valet_mode", state="off"), PARKED)
    on = CATALOGUE.call("set_valet_mode", state="on")
    assert reasons.denied(on, compiled, DrivingState.PARKED) == "Changing valet mode is not possible by voice."


@pytest.mark.parametrize(
    ("name", "arguments", "rule", "reason"),
    [
        ("honk", {}, "unknown_function", "there is no function 'honk'"),
        ("set_volume", {"level": 500}, "invalid_call", "level must be"),
    ],
)
def test_a_call_that_is_none_is_answered_in_words(
    name: str, arguments: dict[str, object], rule: str, reason: str
) -> None:
    answer = JUDGE.settled(name, arguments, BY_STATE["driving"])
    assert (answer.decision, answer.rule, answer.state) == (Decision.DENY, rule, DrivingState.DRIVING)
    assert type(answer.reason) is str
    assert reason in answer.reason


# --- what is raised


def test_refused_permits() -> None:
    def refused(wanted: Call, now_s: float) -> str:
        with pytest.raises(PermitRefused) as caught:
            permit.redeem(wanted, now_s)
        return str(caught.value)

    permit = issue(VOLUME, 5.0)
    assert refused(ROADSIDE, 5.0) == "the permit is for set_volume(level=5), not for call_roadside_assistance()"
    assert refused(VOLUME, 5.0) == "the permit for set_volume was used already"
    permit = issue(VOLUME, 5.0)
    assert refused(VOLUME, 6.0) == "the permit for set_volume has expired; it must be judged again"
    with pytest.raises(PermitRefused, match=r"^a permit cannot be copied or stored$"):
        copy.copy(permit)
    with pytest.raises(PermitRefused, match=r"^only the safety gate makes permits$"):
        type(permit)(VOLUME, 5.0, key="gate")


def test_refused_confirmations() -> None:
    def refused(yes: Confirmation, wanted: Call | Plan, now_s: float) -> str:
        with pytest.raises(ConfirmationRefused) as caught:
            yes.redeem(wanted, now_s)
        return str(caught.value)

    plan = Plan.of(VOLUME, ROADSIDE)
    yes = Confirmation(plan, 5.0)
    both = "set_volume(level=5); call_roadside_assistance()"
    assert refused(yes, VOLUME, 1.0) == f"the confirmation is for {both}, not for set_volume(level=5)"
    assert refused(yes, plan, 1.0) == "this confirmation was used already"
    yes = Confirmation(VOLUME, 5.0)
    assert refused(yes, plan, 1.0) == f"the confirmation is for set_volume(level=5), not for {both}"
    assert refused(Confirmation(VOLUME, 5.0), VOLUME, 5.1) == "the confirmation has expired"
    with pytest.raises(ConfirmationRefused, match=r"^a confirmation cannot be copied or stored$"):
        copy.copy(yes)
    Confirmation(plan, 5.0).redeem(plan, 1.0)


def test_a_second_question() -> None:
    dialogue = Dialogue(lambda: 0.0)
    dialogue.ask("one", VOLUME)
    with pytest.raises(QuestionOpen, match=r"^question 1 is still open$"):
        dialogue.ask("two", VOLUME)


@pytest.mark.parametrize(
    ("rule", "kinds", "message"),
    [
        (RuleSpec(args={"style": "x"}), {}, "rule oem_dance[1]: oem_dance has no parameter 'style'"),
        (RuleSpec(when={"moon": "full"}), {}, "rule oem_dance[1]: there is no condition moon=full"),
        (RuleSpec(when={"rain": "maybe"}), {}, "rule oem_dance[1]: there is no condition rain=maybe"),
        (
            RuleSpec(),
            {"a game": "gaming"},
            f"the app 'a game' is declared as 'gaming'; the kinds are {', '.join(KINDS)}",
        ),
    ],
)
def test_rules_that_cannot_be_applied(rule: RuleSpec, kinds: dict[str, str], message: str) -> None:
    pack = ApiPack(name="oem", version="1", apis=(DANCE,), rules={"oem_dance": (RuleSpec(), rule)}, app_kinds=kinds)
    with pytest.raises(RuleError) as caught:
        RuleBook(Catalogue(CATALOGUE.builtin, [pack]))
    assert str(caught.value) == message


def test_silence_in_words() -> None:
    assert reasons.unsaid("Playing a video is blocked after a crash.") == (
        "Playing a video is blocked after a crash, and the player does not say whether it shows a picture."
    )
