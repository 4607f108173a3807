"""The whole product the gate must agree with: calls x states x faults of every signal. Imports no code under test.

Calls are asked in classes: every combination of the closed arguments that a rule of the function names, the numbers
around every limit, the defaults written and left out, and each value of every other parameter once.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from safety_spec import spec
from safety_spec.oracle import STRICTNESS, Expected, Oracle

Line: TypeAlias = dict[str, Any]
Asked: TypeAlias = dict[str, Any]  # a call: "name" and "arguments"
Json: TypeAlias = Any

EMERGENCY_NUMBERS = ("112", "911", "999", "000", "110", "0112", "118", "191", "998", "00911")
RESUMING = ("play", "restart", "next", "previous")
CONDITIONS = ("ambient_light", "rain", "plugged_in", "rolling")
_NUMBERS = (*EMERGENCY_NUMBERS, "5550123", "1120", "000112", "114", "91")
# what phone books and configurations hold, and what somebody may write a message to
STORED_NUMBERS = (
    *("112", "+112", "0112", "00112", "+0112", "1 1 2", "1-1-2", "(112)", "tel:112", "TEL:+112", "\u00a0112\u200e"),
    *(
        "\uff11\uff11\uff12",
        "\u0661\u0661\u0662",
        "\u0967\u0967\u0968",
        "\uff0b112",
        "000",
        "0000",
        "00000",
        "998",
        "0-998",
    ),
    *("5550123", "+49 170 5550123", "+44 (0) 20 5550123", "(020) 555-0123", "1120", "11", "0", "00", "000112", "114"),
    *("777", "0777", "+777", "7 7 7"),
    *(
        "*112#",
        "**21*5550123#",
        "#31#112",
        "\uff0a112\uff03",
        "112*",
        "112#",
        "112p1",
        "112,1",
        "112;ext=1",
        "112 ext 1",
    ),
    *("5550123w2", "0800 FLOWERS", "1+12", "++112", "+", "", "()", "112\u00b2", "1\u20e312", "none"),
)
TELEPHONES: tuple[tuple[str, ...], ...] = ((), ("777",), ("+777", "*99#", "", "5550199"))
REACHING: tuple[Asked, ...] = (
    {"name": "call_contact", "arguments": {"name": "mom"}},
    {"name": "call_roadside_assistance", "arguments": {}},
    {"name": "send_text_message", "arguments": {"recipient": "mom", "message": "hello"}},
)
_APPS_NOBODY_KNOWS = ("something nobody knows", "you tube", "a video")


# --- calls ------------------------------------------------------------------------------------------------------------


def calls() -> list[Asked]:
    """Every class of valid calls of every catalogued function, without doubles."""
    oracle = Oracle()
    found: dict[str, Asked] = {}
    for name, function in spec.functions().items():
        for arguments in _classes(name, function["params"]):
            if oracle.complete(name, arguments) is None:  # degrees that are none of the unit's
                continue
            asked = {"name": name, "arguments": arguments}
            found.setdefault(repr((name, sorted(arguments.items(), key=str))), asked)
    return list(found.values())


def _ruled(name: str) -> dict[str, list[Json]]:
    """The parameters the function's rules ask for -> what they are compared with."""
    found: dict[str, list[Json]] = {}
    for rule in spec.load("safety.yaml")["rules"].get(name, []):
        for key, wanted in rule.get("args", {}).items():
            found.setdefault(key, []).extend(wanted if isinstance(wanted, list) else [wanted])
    return found


def _classes(name: str, params: Mapping[str, Any]) -> Iterator[dict[str, Json]]:
    if name == "open_app":
        kinds = spec.load("safety.yaml")["app_kinds"]
        yield from ({"app": app} for app in (*itertools.chain(*kinds.values()), *_APPS_NOBODY_KNOWS))
        return
    if name == "dial_number":
        yield from ({"number": number} for number in _NUMBERS)
        return
    plain = {key: _usual(key, param) for key, param in params.items() if "default" not in param}
    ruled = _ruled(name)
    for values in itertools.product(*(_closed(params[key], ruled[key]) for key in ruled)):
        chosen = plain | {k: v for k, v in zip(ruled, values, strict=True) if v is not None}
        yield chosen
        # a parameter no rule asks for changes nothing, whatever the others are
        for key in (k for k in params if k not in ruled):
            for value in _values(params[key]):
                yield chosen | {key: value} | _unit(params[key], value)


def _unit(param: Mapping[str, Any], value: Json) -> dict[str, Json]:
    """Degrees beyond a cabin's celsius are fahrenheit."""
    return {"unit": "fahrenheit"} if "by_unit" in param and value > 40 else {}


def _closed(param: Mapping[str, Any], compared: list[Json]) -> list[Json]:
    """What to try for a parameter that rules ask for; None = left out, so that its default counts."""
    left_out = [None] if "default" in param else []
    if "enum" in param:
        return [*left_out, *param["enum"]]
    if param["type"] in {"integer", "number"}:
        limits = [int(str(c).lstrip("<")) for c in compared]
        around = {v for limit in limits for v in (limit - 1, limit, limit + 1)} | {param["min"], param["max"]}
        return [*left_out, *sorted(v for v in around if param["min"] <= v <= param["max"])]
    return [*left_out, *_values(param)]


def _values(param: Mapping[str, Any]) -> list[Json]:
    if "enum" in param:
        return list(param["enum"])
    match param["type"]:
        case "integer" | "number":
            ends = {v for pair in param.get("by_unit", {}).values() for v in pair}
            return sorted(ends or {param["min"], param["max"]})
        case "time":
            return ["00:00", "07:30", "23:59", *([param["default"]] if "default" in param else [])]
        case _:
            return ["mom"] if "digits only" not in param.get("note", "") else ["5550123"]


def _usual(key: str, param: Mapping[str, Any]) -> Json:
    if key == "app":
        return "spotify"
    return _values(param)[0]


def invalid_calls() -> list[Asked]:
    """Each way to get each parameter wrong; no state may allow one."""
    found: list[Asked] = []
    for name, function in spec.functions().items():
        params = function["params"]
        plain = {key: _usual(key, param) for key, param in params.items() if "default" not in param}
        wrong: list[dict[str, Json]] = [{k: v for k, v in plain.items() if k != key} for key in plain]
        wrong.append(plain | {"no_such_parameter": 1})
        for key, param in params.items():
            wrong += [plain | {key: bad} for bad in _bad(param)]
        found += [{"name": name, "arguments": arguments} for arguments in wrong]
    return found


def _bad(param: Mapping[str, Any]) -> list[Json]:
    if "enum" in param:
        return ["neither", "", 7, None, [param["enum"][0]]]
    match param["type"]:
        case "integer":
            return [param["min"] - 1, param["max"] + 1, param["min"] + 0.5, True, "1", math.nan, None]
        case "number":
            return [param["min"] - 0.5, param["max"] + 0.5, math.nan, math.inf, True, "20", None]
        case "time":
            return ["24:00", "7:30", "noon", 7, None]
        case _:
            return [3, None, ["x"], *(["one", "11 2", "+112", ""] if "digits only" in param.get("note", "") else [])]


# --- cars -------------------------------------------------------------------------------------------------------------

STATES: Mapping[str, tuple[str | None, float, str]] = {  # name -> gear, both speeds, crash
    "parked": ("P", 0, "none"),
    "standstill": ("N", 0, "none"),
    "creeping": ("R", 5, "none"),
    "driving": ("D", 50, "none"),
    "fast": ("D", 140, "none"),
    "unknown": (None, 0, "none"),
    "crashed": ("D", 0, "detected"),
    "crashed and rolling": ("D", 50, "detected"),
}
SIGNALS = ("speed0", "speed1", "both speeds", "gear", "crash", "ignition", "ambient_light", "rain", "plugged_in")
SURROUNDINGS = {"ambient_light": ("day", "night"), "rain": ("no", "yes"), "plugged_in": ("no", "yes")}
FAULTS = ("none", "missing", "at the limit", "stale by 1 ms", "from the future", "invalid", "implausible")
_IMPLAUSIBLE = {"gear": ("X",), "crash": ("maybe",), "ignition": ("?",)} | dict.fromkeys(SURROUNDINGS, ("?",))
_IMPLAUSIBLE_SPEEDS: tuple[Json, ...] = (-0.1, 300.1, math.nan, math.inf, "invalid")


def car(state: str, **surroundings: str) -> Line:
    """A line of the `judge` format with fresh and valid signals; every reading has an age and a validity of its own."""
    gear, v, crash = STATES[state]
    signals: dict[str, Json] = {"gear": gear, "speed": [v, v], "crash": crash, "ignition": "on", **surroundings}
    return {
        "signals": {key: value for key, value in signals.items() if value is not None},
        "age_ms": {key: [0, 0] if key == "speed" else 0 for key in signals},
        "valid": {key: [True, True] if key == "speed" else True for key in signals},
    }


def _struck(line: Line, signal: str, fault: str) -> Iterator[Line]:
    """``line`` with one fault of one signal; several lines where there are several ways."""
    if signal == "both speeds":
        for half in _struck(line, "speed0", fault):
            # the second source in the same way, so that the two never differ
            signals, age_ms, valid = half["signals"], half["age_ms"], half["valid"]
            yield {
                "signals": {**signals, "speed": [signals["speed"][0]] * 2},
                "age_ms": {**age_ms, "speed": [age_ms["speed"][0]] * 2},
                "valid": {**valid, "speed": [valid["speed"][0]] * 2},
            }
        return
    key, index = (signal[:5], int(signal[5])) if signal.startswith("speed") else (signal, None)
    limit_ms = spec.load("safety.yaml")["signals"][key].get("max_age_ms", 60_000)
    match fault:
        case "none":
            yield line
        case "missing":
            if index is not None:
                yield _put(line, "signals", key, index, None)
            else:
                yield {**line, "signals": {k: v for k, v in line["signals"].items() if k != key}}
        case "at the limit" | "stale by 1 ms" | "from the future":
            age_ms = {"at the limit": limit_ms, "stale by 1 ms": limit_ms + 1, "from the future": -1}[fault]
            yield _put(line, "age_ms", key, index, age_ms)
        case "invalid":
            yield _put(line, "valid", key, index, False)
        case _:
            yield from _impossible(line, key, index)


def _impossible(line: Line, key: str, index: int | None) -> Iterator[Line]:
    for bad in _IMPLAUSIBLE_SPEEDS if index is not None else _IMPLAUSIBLE[key]:
        yield _put(line, "signals", key, index, bad)
    if key == "gear":
        yield _put(_put(line, "signals", "gear", None, "P"), "signals", "speed", 0, 3.1)
    if index is not None:  # the two sources apart: just not, and by a hair too much
        other = line["signals"]["speed"][1 - index]
        yield _put(line, "signals", key, index, other + max(5.0, 0.1 * (other + 5.0)))
        yield _put(line, "signals", key, index, other * 10 / 9 + 5.01)


def _put(line: Line, part: str, key: str, index: int | None, value: Json) -> Line:
    if index is None:
        return {**line, part: {**line[part], key: value}}
    pair = list(line[part][key])
    pair[index] = value
    return {**line, part: {**line[part], key: pair}}


def snapshots() -> Iterator[tuple[str, Line]]:
    """A name and a line for every state x signal x fault, each line once.

    The struck surrounding takes each of its values, the others are all harmless or all of the strict kind.
    """
    harmless = {"ambient_light": "day", "rain": "no", "plugged_in": "yes"}
    strict = {"ambient_light": "night", "rain": "yes", "plugged_in": "no"}
    given: set[str] = set()
    for state, signal, fault in itertools.product(STATES, SIGNALS, FAULTS):
        for around in (harmless, strict):
            variants = [around]
            if signal in SURROUNDINGS:
                variants = [{**around, signal: word} for word in SURROUNDINGS[signal]]
            for surroundings in variants:
                for line in _struck(car(state, **surroundings), signal, fault):
                    if repr(line) in given:
                        continue
                    given.add(repr(line))
                    yield f"{state}, {signal} {fault}", line


def plain_snapshots() -> Iterator[tuple[str, Line]]:
    """Every state with every combination of surroundings, nothing struck."""
    for state, words in itertools.product(STATES, itertools.product(*SURROUNDINGS.values())):
        yield f"{state}, {words}", car(state, **dict(zip(SURROUNDINGS, words, strict=True)))


# --- what is expected -------------------------------------------------------------------------------------------------


class Answers:
    """The oracle's answers. Its verdict depends on state and conditions alone, so each such case is asked once."""

    def __init__(self, asked: list[Asked]) -> None:
        self.oracle = Oracle()
        self._asked = asked
        self._known: dict[tuple[str, ...], list[str]] = {}

    def state(self, line: Line) -> str:
        return self.oracle.state(line)

    def verdicts(self, line: Line) -> list[str]:
        """The verdict for each of the calls, in their order."""
        case = (self.state(line), *(self.oracle.condition(line, key) for key in CONDITIONS))
        if case not in self._known:
            self._known[case] = [self.oracle.judge({"call": call, **line}).verdict for call in self._asked]
        return self._known[case]

    @property
    def cases(self) -> int:
        """How many different cases of state and conditions have come."""
        return len(self._known)

    def expanded(self, call: Asked, line: Line, *, video: bool, undo: tuple[Asked, ...]) -> str:
        """The verdict for a call that may stand for others: the strictest of what it will do."""
        meant = [call]
        if call["name"] == "undo_last_action" and undo:
            meant = list(undo)
        meant = [
            {"name": "play_video", "arguments": {"title": "x"}}
            if video and m["name"] == "control_playback" and m["arguments"]["action"] in RESUMING
            else m
            for m in meant
        ]
        answers: list[Expected] = [self.oracle.judge({"call": m, **line}) for m in meant]
        return max((a.verdict for a in answers), key=STRICTNESS.__getitem__)
