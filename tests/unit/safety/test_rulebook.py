"""Rules as data, packs' rules, the words of verdicts."""

from typing import Any, TypeAlias

import pytest
from safety_spec import spec
from support.calls import CATALOGUE
from support.car import BY_STATE, PARKED

from state_machines import limits
from state_machines.driving_state import DrivingState, raw_state
from state_machines.gate import Judge
from state_machines.rulebook import Decision, RuleBook, RuleError, app_key
from state_machines.rules import APP_KINDS, EVERY_OTHER_FUNCTION, RULES
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

Anything: TypeAlias = Any  # wrong types are part of what is tried

SAFETY = spec.load("safety.yaml")
JUDGE = Judge(CATALOGUE)


def _as_written(rule: RuleSpec) -> dict[str, Any]:
    def plain(value: Anything) -> Anything:
        return list(value) if isinstance(value, tuple) else value

    out: dict[str, Any] = {"args": {k: plain(v) for k, v in rule.args.items()}, "when": dict(rule.when)}
    out |= {"allow": plain(rule.allow), "confirm": plain(rule.confirm)}
    return {k: v for k, v in out.items() if v or k == "allow"}


def test_the_rules_are_those_of_the_specification() -> None:
    written = {name: [_as_written(r) for r in rules] for name, rules in RULES.items()}
    wanted = {name: [{"allow": [], **r} for r in rules] for name, rules in SAFETY["rules"].items()}
    others = wanted.pop("every_other_catalogued_function")
    assert written == wanted
    assert [_as_written(r) for r in EVERY_OTHER_FUNCTION] == others
    assert {kind: list(apps) for kind, apps in APP_KINDS.items()} == SAFETY["app_kinds"]


def test_the_limits_are_those_of_the_specification() -> None:
    signals = SAFETY["signals"]
    assert limits.SPEED_MAX_AGE_MS == signals["speed"]["max_age_ms"] == 500
    assert limits.GEAR_MAX_AGE_MS == signals["gear"]["max_age_ms"] == 500
    assert limits.IGNITION_MAX_AGE_MS == signals["ignition"]["max_age_ms"] == 5000
    for name in ("ambient_light", "rain", "plugged_in"):
        assert limits.SURROUNDINGS_MAX_AGE_MS == signals[name]["max_age_ms"] == 5000
    assert (limits.STANDING_BELOW_KMH, limits.CREEPING_BELOW_KMH, limits.FAST_FROM_KMH) == (0.5, 8, 130)
    assert (limits.SPEED_MAX_KMH, limits.PARK_GEAR_MAX_SPEED_KMH, limits.ROLLING_FROM_KMH) == (300, 3, 3)
    assert (limits.SOURCES_APART_KMH, limits.SOURCES_APART_SHARE) == (5, 0.1)
    assert (limits.BETTER_AFTER_S, limits.QUESTION_LIFE_S, limits.STANDING_RULE_WITHIN_S) == (1, 10, 0.5)


def test_decisions_are_ordered_by_strictness() -> None:
    assert [(d.word, int(d)) for d in Decision] == [("allow", 0), ("confirm", 1), ("deny", 2)]


def test_unknown_functions_are_denied_everywhere() -> None:
    for car in BY_STATE.values():
        answer = JUDGE.settled("honk", {}, car)
        assert (answer.decision, answer.rule, answer.state) == (Decision.DENY, "unknown_function", raw_state(car))


@pytest.mark.parametrize("name", [["x"], {}, None, 5])
@pytest.mark.parametrize("arguments", [{}, {"level": 1}])
def test_a_name_that_is_none_is_denied(name: Anything, arguments: dict[str, object]) -> None:
    assert JUDGE.settled(name, arguments, PARKED).decision is Decision.DENY


@pytest.mark.parametrize("arguments", [None, 5, {1: 2}, {"level": []}, {"self": 1}, {"name": 1}, {"level": {}}])
def test_arguments_that_are_none_are_denied(arguments: Anything) -> None:
    answer = JUDGE.settled("set_volume", arguments, PARKED)
    assert (answer.decision, answer.rule) == (Decision.DENY, "invalid_call")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Netflix", "netflix"),
        ("  disney   plus ", "disney plus"),
        ("youtube app", "youtube"),
        ("youtube music app", "youtube music"),
        ("app", "app"),
        ("app app", "app"),
    ],
)
def test_app_names(said: str, key: str) -> None:
    assert app_key(said) == key


def test_app_kinds() -> None:
    book = RuleBook(CATALOGUE)
    assert book.app_kind("YouTube") == "video"
    assert book.app_kind("youtube music") == "audio"
    assert book.app_kind("spotify app") == "audio"
    assert book.app_kind("a new app") == "unknown"


# --- packs

FUNCTION = ApiSpec(
    name="oem_dance",
    domain="oem",
    doc="x",
    backend="can",
    params=(
        EnumParam(name="style", values=("slow", "wild"), default="slow"),
        IntegerParam(name="level", min=0, max=9, default=1),
    ),
)


def with_pack(*rules: RuleSpec, app_kinds: dict[str, str] | None = None) -> Judge:
    pack = ApiPack(
        name="oem",
        version="1",
        apis=(FUNCTION,),
        rules={"oem_dance": rules} if rules else {},
        app_kinds=app_kinds or {},
    )
    return Judge(Catalogue(CATALOGUE.builtin, [pack]))


def decisions(judge: Judge, name: str, **arguments: object) -> dict[str, str]:
    return {word: judge.settled(name, arguments, car).decision.word for word, car in BY_STATE.items()}


def test_a_function_of_a_pack_without_rules_needs_parked() -> None:
    found = decisions(with_pack(), "oem_dance")
    assert found == {word: "allow" if word == "parked" else "deny" for word in BY_STATE}


def test_a_function_of_a_pack_with_rules() -> None:
    rules = (
        RuleSpec(args={"style": "wild", "level": "<5"}, allow=("parked",), confirm=("standstill",)),
        RuleSpec(args={"style": "slow"}, when={"rain": "no"}, allow="any"),
    )
    judge = with_pack(*rules)
    assert decisions(judge, "oem_dance", style="wild")["standstill"] == "confirm"
    assert decisions(judge, "oem_dance", style="wild", level=4)["parked"] == "allow"
    # no rule matches: denied everywhere
    assert set(decisions(judge, "oem_dance", style="wild", level=5).values()) == {"deny"}
    assert judge.settled("oem_dance", {"level": 5, "style": "wild"}, PARKED).rule == "oem_dance[none]"
    assert set(decisions(judge, "oem_dance").values()) == {"deny"}  # rain is not known here: yes


@pytest.mark.parametrize(
    "rule",
    [
        RuleSpec(args={"nothing": "x"}, allow="any"),
        RuleSpec(args={"app_kind": "video"}, allow="any"),
        RuleSpec(when={"moon": "full"}, allow="any"),
        RuleSpec(when={"rain": "maybe"}, allow="any"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_a_start_up_error(rule: RuleSpec) -> None:
    with pytest.raises(RuleError, match="oem_dance"):
        with_pack(rule)


def test_a_number_below_a_limit_is_a_number() -> None:
    judge = with_pack(RuleSpec(args={"style": "<5"}, allow="any"))
    answer = judge.settled("oem_dance", {"style": "wild"}, PARKED)
    assert (answer.decision, answer.rule) == (Decision.DENY, "oem_dance[none]")


def test_a_rule_about_apps_may_ask_for_the_name_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RuleSpec(args={"app": "netflix", "app_kind": "video"}, allow="any")
    monkeypatch.setitem(RULES, "open_app", (rule,))
    judge = Judge(CATALOGUE)
    assert decisions(judge, "open_app", app="netflix")["fast"] == "allow"
    assert decisions(judge, "open_app", app="hulu")["fast"] == "deny"


def test_any_is_every_state_but_after_a_crash() -> None:
    rule = RuleBook(CATALOGUE).rule_for(CATALOGUE.call("get_time"), PARKED)
    assert rule is not None
    assert rule.allow == frozenset(DrivingState) - {DrivingState.UNKNOWN, DrivingState.CRASHED}
    assert rule.confirm == frozenset()


def test_a_rule_made_ready_is_frozen_down_to_its_parts() -> None:
    assert len({rule for rules in RuleBook(CATALOGUE)._rules.values() for rule in rules}) > 100


def test_a_built_in_rule_that_cannot_be_applied_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "open_app", (RuleSpec(args={"colour": "blue"}, allow="any"),))
    with pytest.raises(RuleError, match="colour"):
        RuleBook(CATALOGUE)


def test_apps_of_a_pack() -> None:
    judge = with_pack(app_kinds={"Brand Radio": "audio", "brand flix": "video"})
    assert decisions(judge, "open_app", app="brand radio")["fast"] == "allow"
    assert decisions(judge, "open_app", app="brand flix")["standstill"] == "deny"


def test_a_pack_cannot_make_a_known_app_harmless() -> None:
    judge = with_pack(app_kinds={"netflix": "audio", "Netflix App": "audio"})
    assert decisions(judge, "open_app", app="netflix")["driving"] == "deny"


def test_a_kind_that_does_not_exist_is_a_start_up_error() -> None:
    with pytest.raises(RuleError, match="gaming"):
        with_pack(app_kinds={"brand game": "gaming"})


# --- words


@pytest.mark.parametrize(
    ("name", "arguments", "word", "reason"),
    [
        ("play_video", {"title": "x"}, "driving", "Playing a video works only while the car is parked."),
        (
            "play_video",
            {"title": "x"},
            "unknown",
            "Playing a video is blocked while I cannot read the car's speed and gear.",
        ),
        ("play_video", {"title": "x"}, "crashed", "Playing a video is blocked after a crash."),
        ("open_app", {"app": "settings"}, "driving", "Opening settings works only while the car stands still."),
        ("show_camera", {"view": "rear"}, "driving", "Showing the camera works only below walking speed."),
        ("operate_sunroof", {"action": "open"}, "fast", "Opening the sunroof works only below 130 km/h."),
        ("control_window", {"position": 5}, "fast", "Opening a window at this speed: are you sure?"),
        (
            "adjust_mirror",
            {"mirror": "left", "direction": "up"},
            "driving",
            "Tilting a mirror while the car is moving: are you sure?",
        ),
        (
            "operate_trunk",
            {"action": "open"},
            "standstill",
            "Opening the trunk while the car stands with a gear engaged: are you sure?",
        ),
        ("set_valet_mode", {"state": "off"}, "parked", "Leaving valet mode needs the PIN on the screen."),
        ("control_charging", {"action": "start"}, "parked", "Charging cannot start: no cable is plugged in."),
        ("make_emergency_call", {}, "parked", "Call the emergency services?"),
        ("dial_number", {"number": "911"}, "parked", "Call the emergency services on 9 1 1?"),
        ("call_roadside_assistance", {}, "parked", "Call roadside assistance?"),
        ("send_text_message", {"recipient": "mom", "message": "hi {x}"}, "parked", "Send mom the text: hi {x}?"),
        ("open_app", {"app": "{call}"}, "driving", "Opening {call} works only while the car is parked."),
        ("set_fan_speed", {"level": 1}, "crashed", "Set fan speed is blocked after a crash."),
        ("set_fan_speed", {"level": 1}, "parked", "Allowed while the car is parked."),
        ("set_fan_speed", {"level": 1}, "unknown", "Allowed while I cannot read the car's speed and gear."),
    ],
)
def test_reasons(name: str, arguments: dict[str, object], word: str, reason: str) -> None:
    assert JUDGE.settled(name, arguments, BY_STATE[word]).reason == reason


def test_reasons_of_rules_that_never_allow() -> None:
    judge = with_pack(RuleSpec(allow=()))
    assert judge.settled("oem_dance", {}, PARKED).reason == "Oem dance is not possible by voice."
    judge = with_pack(RuleSpec(args={"level": 5}, allow="any"))
    assert judge.settled("oem_dance", {}, PARKED).reason == "Oem dance is not something this car lets me do."
    judge = with_pack(RuleSpec(allow=("driving", "fast")))
    assert judge.settled("oem_dance", {}, PARKED).reason == "Oem dance works only in normal operation."


def test_a_call_from_outside_the_catalogue_is_denied() -> None:
    for state in DrivingState:
        answer = JUDGE.assess(Call(FUNCTION), state, PARKED)
        assert (answer.decision, answer.rule) == (Decision.DENY, "oem_dance[none]")


def test_a_call_that_stands_for_nothing_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "expand", lambda *_: ())
    answer = JUDGE.assess(CATALOGUE.call("get_time"), DrivingState.PARKED, PARKED)
    assert (answer.decision, answer.rule, answer.state) == (Decision.DENY, "nothing_to_judge", DrivingState.PARKED)
    assert answer.reason == "Nothing to do."
