"""Questions in the `judge` line format: every function x class of arguments x state x fault. Seeded."""

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from safety_spec import spec

Line: TypeAlias = dict[str, Any]
Json: TypeAlias = Any
SEED = 20240613

_TEXTS: dict[str, list[Json]] = {
    "app": [
        *("netflix", "youtube", "tv", "chess", "arcade", "chrome", "email", "spotify", "youtube music", "deezer"),
        *("maps", "waze", "phone", "contacts", "messages", "whatsapp", "weather", "calendar", "settings", "energy"),
        *("climate", "car settings", "something nobody knows", "you tube", "a video"),
    ],
    "number": [
        "112",
        "911",
        "999",
        "1120",
        "0112",
        "00112",
        "000112",
        "000",
        "0000",
        "110",
        "114",
        "118",
        "998",
        "0998",
        "91",
        "9991",
        "5550123",
        "11 2",
        "+112",
        "one",
        "\u0669\u0661\u0661",
        "",
        911,
    ],
    "destination": ["home", "the town hall", "$1"],
}


def _values(name: str, param: dict[str, Any]) -> list[Any]:
    """Good and bad values of one parameter, the boundaries among them."""
    if "enum" in param:
        return [*param["enum"], "neither", "", 1, None, True, [param["enum"][0]], param["enum"][0].upper() + "X"]
    match param["type"]:
        case "integer":
            low, high = param["min"], param["max"]
            inner = sorted({low, low + 1, (low + high) // 2, high - 1, high})
            more = [9, 10, 11] if (low, high) == (0, 100) else []
            return [*inner, *more, low - 1, high + 1, low + 0.5, float(low), str(low), True, math.nan, math.inf, None]
        case "number":
            low, high = param["min"], param["max"]
            ends = [v for pair in param.get("by_unit", {}).values() for v in pair]
            around = [low, high, low - 0.01, high + 0.01, (low + high) / 2, *ends, *(v + 0.5 for v in ends)]
            return [*around, math.nan, -math.inf, str(low), False, None]
        case "time":
            return ["00:00", "07:30", "23:59", "24:00", "12:60", "7:30", "noon", "12:00 ", 7, None]
        case _:
            return [*_TEXTS.get(name, ["mom", "some words of the driver"]), 3, None, ["x"], {"a": 1}]


def _arguments(function: dict[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Argument classes of one function."""
    params = function["params"]
    plain = {key: _good(key, param) for key, param in params.items() if "default" not in param}
    yield plain
    for key in plain:
        yield {k: v for k, v in plain.items() if k != key}
    yield {**plain, "no_such_parameter": 1}
    for key, param in params.items():
        for value in _values(key, param):
            yield {**plain, key: value}
    closed = [key for key, param in params.items() if "enum" in param or param["type"] == "integer"]
    if len(closed) > 1:  # every pair of closed values that belong to a rule's arguments
        grids = [[v for v in _values(k, params[k]) if _plausible(v)] for k in closed]
        combinations = list(itertools.product(*grids))
        for values in rng.sample(combinations, min(24, len(combinations))):
            yield {**plain, **dict(zip(closed, values, strict=True))}


def _plausible(value: Json) -> bool:
    return type(value) in {str, int} and value not in {"", "neither"}


def _good(key: str, param: dict[str, Any]) -> Json:
    if "enum" in param:
        return param["enum"][0]
    if param["type"] in {"integer", "number"}:
        low, high = param.get("by_unit", {}).get("celsius", [param["min"], param["max"]])
        return (low + high) // 2
    return {"time": "07:30"}.get(param["type"], {"number": "5550123", "app": "spotify"}.get(key, "mom"))


def _car(gear: str | None, first: Json, second: Json = ..., **more: Json) -> Line:
    signals = {"gear": gear, "speed": [first, first if second is ... else second], "crash": "none"}
    signals |= {"ambient_light": "day", "rain": "no", "plugged_in": "no", "ignition": "on"}
    ages, valid = more.pop("age_ms", {}), more.pop("valid", {})
    signals |= more
    return {"signals": {k: v for k, v in signals.items() if v is not None}, "age_ms": ages, "valid": valid}


_SPEEDS = (0, 0.0, 0.49, 0.5, 0.51, 2.99, 3, 3.01, 7.99, 8, 8.01, 60, 129.99, 130, 130.01, 299.99, 300, 300.01, 1e9)
_BAD_NUMBERS = (-0.01, -1, math.nan, math.inf, -math.inf, 10**400, "5", "")


def situations() -> list[Line]:
    """Every state, each boundary and each fault once."""
    cars = [_car(gear, v) for gear in "PRND" for v in _SPEEDS]
    cars += [_car(gear, bad, good) for gear in "PD" for bad in _BAD_NUMBERS for good in (0, 50)]
    cars += [_car(gear, good, bad) for gear in "PD" for bad in _BAD_NUMBERS for good in (0, 50)]
    # sources apart: 5 km/h up to 50, a tenth of the larger above
    for low, high in ((0, 5), (0, 5.01), (3, 8), (2.99, 8), (45, 50), (44.99, 50), (54, 60), (53.9, 60), (126, 140)):
        cars += [_car("D", low, high), _car("D", high, low), _car("P", low, high)]
    cars += [_car("D", 125.9, 140), _car("D", 270, 300), _car("D", 269.9, 300), _car("D", 117, 130)]
    # the larger of two sources decides the state
    cars += [_car("D", 7.9, 8), _car("D", 8, 7.9), _car("D", 129.9, 130), _car("R", 0.4, 0.5), _car("P", 0.4, 0.5)]
    cars += [_car("P", 0.4, 3.0), _car("P", 0.4, 3.01)]
    # missing
    cars += [_car(None, 0), _car("P", None), _car("P", None, 0), _car("P", 0, None), _car("D", 50, None)]
    cars += [_car("X", 0), _car("p", 0), _car("", 0), {"signals": {}, "age_ms": {}, "valid": {}}]
    # age and validity of speed and gear
    cases: list[Json] = [("P", 0), ("D", 0), ("D", 50), ("D", 140)]
    for gear, v in cases:
        for age in (0, 499.9, 500, 500.1, 501, 1e9, -0.1, -1):
            cars += [_car(gear, v, age_ms={"speed": age}), _car(gear, v, age_ms={"gear": age})]
            cars += [_car(gear, v, age_ms={"speed": [age, 0]}), _car(gear, v, age_ms={"speed": [0, age]})]
        cars += [_car(gear, v, valid={key: False}) for key in ("speed", "gear")]
        cars += [_car(gear, v, valid={"speed": pair}) for pair in ([True, False], [False, True])]
    # crash: any age, valid frames only
    cases = [("P", 0), ("D", 50), (None, None)]
    for gear, v in cases:
        for age in (0, 500, 1e9, -5):
            cars.append(_car(gear, v, crash="detected", age_ms={"crash": age}))
        cars += [_car(gear, v, crash="detected", valid={"crash": False}), _car(gear, v, crash=None)]
        cars += [_car(gear, v, crash="maybe"), _car(gear, v, crash="none", age_ms={"crash": 1e9})]
    # after a crash the doors open unless a wheel still turns
    cars += [_car("D", a, b, crash="detected") for a in (0, 2.99, 3, 80, 400, -4, math.nan) for b in (0, 3, None)]
    cars.append(_car("D", 80, crash="detected", age_ms={"speed": 501}))
    cars.append(_car("D", 80, crash="detected", valid={"speed": False}))
    # surroundings: each word, unknown words, missing, stale by a hair, invalid
    cases = [("P", 0), ("D", 0), ("D", 5), ("D", 50), ("D", 140), ("D", None)]
    for gear, v in cases:
        for key, words in (("ambient_light", ("day", "night")), ("rain", ("no", "yes")), ("plugged_in", ("no", "yes"))):
            for word in (*words, "?", None):
                cars.append(_car(gear, v, **{key: word}))
            for word in words:
                cars += [_car(gear, v, **{key: word}, age_ms={key: age}) for age in (5000, 5000.1, 5001, -1)]
                cars.append(_car(gear, v, **{key: word}, valid={key: False}))
    return cars


def _meant(wanted: Json) -> list[Any]:
    """Values that a rule's argument test is about: those listed, or those around "<N"."""
    if isinstance(wanted, str) and wanted.startswith("<"):
        return [0, int(wanted[1:]) - 1, int(wanted[1:])]
    return wanted if isinstance(wanted, list) else [wanted]


def questions(at_least: int = 20_000, seed: int = SEED) -> Iterator[Line]:
    """Every argument class in each state, every rule in every situation, then a random mix."""
    rng = random.Random(seed)
    functions = spec.functions()
    cars = situations()
    calls = [{"name": n, "arguments": a} for n, f in functions.items() for a in _arguments(f, rng)]
    calls += [{"name": n, "arguments": {}} for n in ("honk", "", "PLAY_VIDEO", "play_video ", "rules", "__init__")]
    count = 0
    corners = [_car("P", 0), _car("D", 0), _car("D", 5), _car("D", 50), _car("D", 150), _car(None, 0)]
    corners.append(_car("D", 0, crash="detected"))
    for call in calls:
        for car in corners:
            count += 1
            yield {"call": call, **car}
    plain = {n: next(_arguments(f, rng)) for n, f in functions.items()}
    for name, rules in spec.load("safety.yaml")["rules"].items():
        if name not in functions:
            continue
        for rule in rules:
            for car in cars:
                count += 1
                asked = plain[name] | {k: rng.choice(_meant(wanted)) for k, wanted in rule.get("args", {}).items()}
                if "app_kind" in asked:
                    apps = spec.load("safety.yaml")["app_kinds"].get(asked.pop("app_kind"), ["some app", "tv tv"])
                    asked["app"] = rng.choice(apps)
                yield {"call": {"name": name, "arguments": asked}, **car}
    while count < at_least or rng.random() > 1e-4:
        count += 1
        yield {"call": rng.choice(calls), **rng.choice(cars)}
