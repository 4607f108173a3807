"""Second sentences made by rule, judged by the conversation rules written down once more, by hand."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Final

import pytest
from support.calls import CATALOGUE
from support.fakes import call

from models.compare.baselines.spoken import numbers
from models.data.follow_ups import FollowUps
from models.data.lines import Line, RawCall
from models.data.slots import load_lexicons
from vehicle_apis.call import Call
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.spec import Argument

PLACES: Final = {"zone", "seat", "window", "door", "side", "screen", "channel", "shade", "mirror", "position"}
# function -> (parameter, one step): written here by hand from the rules
STEPS: Final = {
    "control_window": ("position", 25), "operate_sunroof": ("intensity", 25), "set_seat_heating": ("level", 1),
    "set_seat_ventilation": ("level", 1), "set_ambient_light": ("brightness", 10),
    "set_display_brightness": ("level", 10), "set_charge_limit": ("percent", 10), "set_speed_warning": ("speed", 10),
}  # fmt: skip
TWINS: Final = {"climate_temperature": "3", "fan_speed": "3", "volume": "30"}  # "a lot" is three times the usual
MASSAGE: Final = ("off", "low", "medium", "high")
OPPOSED: Final = (
    ("up", "down"), ("left", "right"), ("forward", "backward"), ("recline", "upright"), ("zoom_in", "zoom_out"),
)  # fmt: skip
FLIPPED: Final = (
    ("on", "off"), ("open", "close"), ("lock", "unlock"), ("fold", "unfold"), ("start", "stop"), ("avoid", "allow"),
)  # fmt: skip
UP: Final = re.compile(
    r"\b(?:more|higher|up|warmer|hotter|cold|chilly|freezing|warm enough|stronger|faster|harder|weak|louder|hear|quiet|"
    r"further|wider|brighter|dark|dim|firmer|raise|not enough|still not|keep going)\b"
)
DOWN: Final = re.compile(
    r"\b(?:less|lower|down|too much|bit much|that much|so much|cooler|colder|too hot|too warm|boiling|that warm|drop|"
    r"weaker|slower|that strong|too strong|softer|windy|quieter|loud|deafening|that far|close|closed|so wide|too far|"
    r"that wide|dimmer|bright|darker|dim it|burning|that hot|gentler|that hard)\b"
)
WHOLLY: Final = re.compile(r"\b(?:all|right (?:up|down|open|shut)|fully|max|far|nothing|lot|low|completely)\b")
UNDOING: Final = re.compile(r"\b(?:undo|back|leave it|wrong|reverse|revert|before|not what i wanted|didn't want)\b")
HUNDRED: Final = re.compile(r"\ba hundred|\bone oh |\bone (?=ten|eleven|twelve|\w+teen|\w+ty\b)")
AGAIN: Final = re.compile(r"\b(?:again|once more|one more|another|repeat)\b")
CORRECTING: Final = re.compile(r"\b(?:no|not|meant|said|sorry|wrong|oops|wanted)\b")
PLACE_WORDS: Final = {
    "driver": "my|mine|me|driver|driver's", "passenger": "passenger|passenger's|her|his|wife|husband's|next",
    "rear": "back|rear", "front": "front", "all": "everyone|everywhere|all|whole", "rear_left": "left",
    "rear_right": "right", "left": "left|other|wrong|both|two", "right": "right|other|wrong|both|two",
    "center": "centre|middle|main", "cluster": "cluster|dials|wheel", "head_up": "head|windscreen",
    "media": "music|media|radio", "navigation": "navigation|directions|sat nav", "phone": "phone|calls",
    "assistant": "voice|you|assistant", "roof": "roof|top",
}  # fmt: skip
TEXTS: Final = ("jo", "the seven hills", "blue train")


def some_value(param: Param, call_name: str, rng: Random) -> Argument | None:
    match param:
        case EnumParam():
            return rng.choice(param.values)
        case IntegerParam() | NumberParam():
            low, high = (16, 30) if param.name == "temperature" else (param.min, min(param.max, 100))
            return float(rng.randint(int(low + 0.9), int(high)))
        case TextParam():
            return "0123" if param.digits else rng.choice(TEXTS)
        case TimeParam():
            return "07:30"
        case _:
            raise AssertionError(f"{call_name}: a parameter of a new kind")


@cache
def some_calls() -> tuple[Call, ...]:
    """Twelve calls of every function, the optional parameters sometimes left out."""
    rng = Random(4)
    made = []
    for spec in CATALOGUE:
        for _ in range(12):
            given = {
                p.name: some_value(p, spec.name, rng)
                for p in spec.params
                if (p.default is None or rng.random() < 0.6) and p.name != "unit"
            }
            made.append(call(spec.name, **given))
    return tuple(made)


def drawn(count: int, *, asked: bool = False) -> Iterator[tuple[Call, Line]]:
    rng = Random(8)
    made = FollowUps(CATALOGUE, load_lexicons(), rng)
    for _ in range(count):
        before = rng.choice(some_calls())
        line = made.after(before, asked=asked)
        if line is not None:
            yield before, line


def plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def full(raw: RawCall) -> dict[str, str]:
    """All arguments of a made call, defaults among them. Raises VehicleApiError where it is none."""
    spec = CATALOGUE[raw.name]
    made = Call(spec, spec.bind_words(dict(raw.arguments)))
    return {k: plain(v) for k, v in made.json_arguments().items()}


def arguments(of: Call) -> dict[str, str]:
    return {k: plain(v) for k, v in of.json_arguments().items()}


def changed(before: Call, raw: RawCall) -> dict[str, tuple[str, str]]:
    was, now = arguments(before), full(raw)
    return {k: (was[k], now[k]) for k in now if was[k] != now[k]}


# --- one oracle a kind ------------------------------------------------------------------------------------------------


def is_undo(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    alone = [c.name for c in calls] == ["undo_last_action"]
    return alone and not before.spec.reads_only and UNDOING.search(text) is not None


def is_other_place(before: Call, text: str, raw: RawCall) -> bool:
    if raw.name != before.name or before.spec.reads_only:
        return False
    found = changed(before, raw)
    if len(found) != 1:
        return False
    ((name, (_, now)),) = found.items()
    if name not in PLACES or now not in PLACE_WORDS:
        return False
    words = PLACE_WORDS[now] + ("|other|wrong" if now in {"driver", "passenger", "front", "rear"} else "")
    words += "|other|wrong" if now.startswith("rear_") else ""
    return re.search(rf"\b(?:{words})\b", text) is not None


def is_elsewhere(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    return len(calls) == 1 and is_other_place(before, text, calls[0])


def is_corrected_place(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    names = [c.name for c in calls]
    return (
        names == ["undo_last_action", before.name]
        and is_other_place(before, text, calls[1])
        and CORRECTING.search(text) is not None
    )


def is_again(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    return [c.name for c in calls] == [before.name] and not changed(before, calls[0]) and AGAIN.search(text) is not None


def is_more_or_less(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    if len(calls) != 1:
        return False
    (raw,) = calls
    subject = before.name.removeprefix("set_").removeprefix("adjust_")
    if subject in TWINS:
        if raw.name != f"adjust_{subject}":
            return False
        now = full(raw)
        same_place = all(now[k] == plain(v) for k, v in before.arguments.items() if k in {"zone", "channel"})
        usual = plain(CATALOGUE[f"adjust_{subject}"].by_name["amount"].default)
        lot = re.search(r"\b(?:lot|much more|much less|way|loads|quite|far|deal)\b", text) is not None
        direction = UP if now.get("direction") == "up" else DOWN
        return same_place and now["amount"] == (TWINS[subject] if lot else usual) and direction.search(text) is not None
    if raw.name != before.name:
        return False
    if before.name in {"adjust_mirror", "adjust_seat_position", "adjust_equalizer", "control_map"}:
        return is_same_way_or_back(before, text, raw)
    return is_stepped(before, text, raw)


def is_same_way_or_back(before: Call, text: str, raw: RawCall) -> bool:
    found, now = changed(before, raw), full(raw)
    if "amount" in now and now["amount"] != plain(before.spec.by_name["amount"].default):
        return False
    ways = {k: v for k, v in found.items() if k != "amount"}
    if not ways:
        return re.search(r"\b(?:more|further|keep going|enough)\b", text) is not None
    ((was, new),) = ways.values()
    opposite = any({was, new} == set(pair) for pair in OPPOSED)
    says_back = re.search(r"\b(?:back|other way|too|less)\b", text) is not None
    # "back a bit" of a seat that went back is no way forward
    return opposite and says_back and not (was in {"backward", "recline"} and "back" in text.split())


def is_stepped(before: Call, text: str, raw: RawCall) -> bool:
    if before.name == "set_seat_massage":
        found = changed(before, raw)
        if found.keys() != {"intensity"}:
            return False
        was, now = (MASSAGE.index(v) for v in found["intensity"])
        return (now - was == 1 and UP.search(text) is not None) or (now - was == -1 and DOWN.search(text) is not None)
    if before.name not in STEPS:
        return False
    name, step = STEPS[before.name]
    found = changed(before, raw)
    if before.name == "set_ambient_light":
        found.pop("color", None)  # brightness goes alone
        if dict(raw.arguments).keys() - {"brightness"}:
            return False
    if found.keys() != {name}:
        return False
    before_it, after_it = map(float, found[name])
    low, high = before.spec.by_name[name].min, before.spec.by_name[name].max  # type: ignore[union-attr]  # a number
    if before.name == "control_window" and re.search(r"\b(?:up|down|higher|lower)\b", text):
        return False  # of a pane they would mean the contrary
    if after_it == min(high, before_it + step) and UP.search(text):
        return True
    if after_it == max(low, before_it - step) and DOWN.search(text):
        return True
    return after_it in {low, high} and WHOLLY.search(text) is not None


def is_switched(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    if [c.name for c in calls] != [before.name]:
        return False
    found = changed(before, calls[0])
    found.pop("intensity", None) if before.name == "operate_sunroof" else None
    found.pop("color", None) if before.name == "set_ambient_light" else None
    if len(found) != 1:
        return False
    ((name, (was, now)),) = found.items()
    off = re.search(r"\b(?:off|enough|kill)\b", text) is not None
    if (name, now) in {("level", "0"), ("brightness", "0"), ("intensity", "off"), ("mode", "off")}:
        return off
    if before.name == "control_window":
        word = "close|shut" if now == "0" else "open"
        return now in {"0", "100"} and re.search(rf"\b(?:{word})\b", text) is not None
    words = {"on": "on", "off": "off|enough|kill", "open": "open", "close": "close|shut", "lock": "lock",
             "unlock": "unlock|open", "fold": "fold|in", "unfold": "unfold|out", "start": "start|carry", "stop": "stop",
             "avoid": "avoid", "allow": "allow"}  # fmt: skip
    opposite = any({was, now} == set(pair) for pair in FLIPPED) or now == "off"
    return opposite and re.search(rf"\b(?:{words[now]})\b", text) is not None


def is_other_value(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    if [c.name for c in calls] != [before.name]:
        return False
    (raw,) = calls
    found = changed(before, raw)
    if before.name == "set_ambient_light":
        given = dict(raw.arguments)
        if len(given) > 1:
            return False  # colour alone or brightness alone
        found = {k: v for k, v in found.items() if k in given} or {"brightness": ("", full(raw)["brightness"])}
    if len(found) != 1:
        return False
    ((name, (_, now)),) = found.items()
    param = before.spec.by_name[name]
    if (isinstance(param, EnumParam) and name in PLACES) or name in {
        "state",
        "action",
        "feature",
        "direction",
        "amount",
    }:
        return False
    if before.name == "operate_sunroof" and before.arguments["action"] != "open":
        return False
    extras = {
        k for k in ("label", "route", "number_type") if before.arguments.get(k) not in {None, "", "any", "fastest"}
    }
    if extras - {name} and not re.search(r"\bmake (?:it|that)\b", text):
        return False  # what is not named is not carried over
    if isinstance(param, IntegerParam | NumberParam):
        return [plain(n.value) for n in numbers(HUNDRED.sub("one hundred ", text).split())] == [now]
    return now.replace("_", " ") in text


def is_result(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    if len(calls) != 1 or before.spec.returns is None:
        return False
    (raw,) = calls
    given = dict(raw.arguments)
    if raw.name in {"navigate_to", "add_waypoint"}:
        pointing = re.search(r"\b(?:there|it|that|route)\b", text) is not None
        return before.spec.returns == "place" and list(given.values()) == ["$1.1"] and pointing
    return raw.name == "send_text_message" and given["message"] == "$1.1" and given["recipient"] in text


def is_person(before: Call, text: str, calls: Sequence[RawCall]) -> bool:
    key = {"call_contact": "name", "get_contact_address": "name", "send_text_message": "recipient",
           "read_messages": "sender"}.get(before.name)  # fmt: skip
    if key is None or not before.arguments[key]:
        return False
    person = str(before.arguments[key])
    first = dict(calls[0].arguments)
    if first.get("name", first.get("recipient")) != person:
        return False
    names = [c.name for c in calls]
    if names == ["send_text_message"]:
        replied = re.search(r"\b(?:reply|answer|back)\b", text) is not None
        return text.endswith(first["message"]) and (before.name == "read_messages" or not replied)
    if names == ["get_contact_address", "navigate_to"]:
        return dict(calls[1].arguments) == {"destination": "$1"} and before.name != "get_contact_address"
    return names in (["call_contact"], ["get_contact_address"]) and first.keys() == {"name"}


ORACLES: Final[tuple[Callable[[Call, str, Sequence[RawCall]], bool], ...]] = (
    is_undo, is_elsewhere, is_corrected_place, is_again, is_more_or_less, is_switched, is_other_value, is_result,
    is_person,
)  # fmt: skip


def test_every_made_follow_up_is_right_by_a_rule() -> None:
    wrong = [
        f"{before.name} {arguments(before)} | {line.text} | {line.calls}"
        for before, line in drawn(6000)
        if not any(oracle(before, line.text, line.calls) for oracle in ORACLES)
    ]
    assert wrong == []


def test_every_kind_is_made() -> None:
    seen = {
        oracle.__name__ for before, line in drawn(3000) for oracle in ORACLES if oracle(before, line.text, line.calls)
    }
    assert seen == {oracle.__name__ for oracle in ORACLES}


def test_nothing_is_said_after_a_message() -> None:
    for before, line in drawn(4000):
        for raw in line.calls:
            message = dict(raw.arguments).get("message", "$")
            old = message == before.arguments.get("message")
            assert old or message.startswith("$") or line.text.endswith(message), line


def test_answers_to_a_question_are_answers_or_the_corrected_call_without_undo() -> None:
    declining = re.compile(r"\b(?:no|nope|nah|don't|not|leave|negative|let it|hold|keep|later)\b")
    for before, line in drawn(3000, asked=True):
        assert all(raw.name == before.name for raw in line.calls), line
        if line.answer == "yes":
            assert not declining.search(line.text) or line.text.endswith("why not"), line
        elif line.answer == "no":
            assert declining.search(line.text), line
        elif line.answer == "cancel":
            assert re.search(r"\b(?:cancel|forget|never mind|scrap|scratch|drop|abort)\b", line.text), line
        elif line.calls:
            message = before.name == "send_text_message" and dict(line.calls[0].arguments)["message"] in line.text
            right = is_other_value(before, line.text, line.calls) or is_elsewhere(before, line.text, line.calls)
            assert message or right, line


def test_of_several_calls_asked_about_none_is_changed_alone() -> None:
    made = FollowUps(CATALOGUE, load_lexicons(), Random(2))
    fan = call("set_fan_speed", level=3)
    lines = [line for _ in range(500) if (line := made.after(fan, asked=True, alone=False)) is not None]
    assert lines
    assert not any(line.calls for line in lines)


@pytest.mark.parametrize("seed", range(60))
def test_two_follow_ups_in_one_breath_are_each_by_its_own_rule(seed: int) -> None:
    made = FollowUps(CATALOGUE, load_lexicons(), Random(seed))
    warmth, window = call("set_climate_temperature", temperature=21), call("control_window", position=50)
    line = made.after_both(warmth, window)
    assert line is not None
    first, second = line.calls
    more, _, switched = line.text.partition(" and then ") if " and then " in line.text else line.text.partition(" and ")
    if not switched:
        more, _, switched = line.text.partition(" then ")
    assert is_more_or_less(warmth, more, [first]), line
    assert is_switched(window, switched, [second]), line


def test_two_calls_of_one_function_get_no_follow_up_in_one_breath() -> None:
    made = FollowUps(CATALOGUE, load_lexicons(), Random(1))
    window = call("control_window", position=50)
    assert made.after_both(window, window) is None
