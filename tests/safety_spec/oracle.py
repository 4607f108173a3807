"""A second reading of safety.yaml: line of the `judge` format -> state and verdict. Imports no code under test.

Besides the format's own a line may have ``stored``, the number that the phone book holds for the call, and
``telephone``, the telephone's own emergency numbers.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from safety_spec import spec

Json: TypeAlias = Any
DRIVABLE = ("parked", "standstill", "creeping", "driving", "fast")
STRICTNESS = {"allow": 0, "confirm": 1, "deny": 2}


@dataclass(frozen=True)
class Expected:
    """``invalid``: the answer's rule must be "invalid_call"."""

    state: str
    verdict: str
    invalid: bool = False


@dataclass(frozen=True)
class Seen:
    value: Any
    age_ms: float
    valid: bool


def number(value: object) -> bool:
    return type(value) in {int, float}


def reading(line: Mapping[str, Any], key: str, index: int | None = None) -> Seen | None:
    """One signal of the line with its age and validity; None = never received."""
    value = line.get("signals", {}).get(key)
    age = line.get("age_ms", {}).get(key, 0)
    valid = line.get("valid", {}).get(key, True)
    if index is not None:
        value = value[index] if value is not None else None
        age = age[index] if isinstance(age, list) else age
        valid = valid[index] if isinstance(valid, list) else valid
    return None if value is None else Seen(value, age, valid)


def fresh(seen: Seen | None, max_age_ms: float) -> bool:
    return seen is not None and seen.valid and seen.age_ms >= 0 and seen.age_ms <= max_age_ms


REACHING = ("dial_number", "call_contact", "call_roadside_assistance", "send_text_message")
# "compared after dropping +, spaces and the digits' script"; the specification's own list, from its prose
_LISTED = re.compile(r"emergency numbers = ((?:[0-9]{3}, )*[0-9]{3})")
# what else telephones write between digits, and what nobody sees; everything that remains besides digits is a code
_BETWEEN = re.compile(r"[\s./()\u00b7\u2010-\u2015\u2212\u2215\ufe58\ufe63\uff08\uff09\uff0d-\uff0f-]+")
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")


def plain_number(text: str) -> str | None:
    """ASCII digits, a plus before them kept; None = never dialled."""
    text = _UNSEEN.sub("", text)
    text = re.sub(r"^\s*[tT][eE][lL]:", "", text)
    text = re.sub("[\uff0b\ufe62]", "+", text)
    if "+" in text:  # a trunk 0 in parentheses
        text = re.sub(r"[(\uff08]\s*(?:0|\uff10)\s*[)\uff09]", "", text)
    text = _BETWEEN.sub("", text)
    digits = text[1:] if text[:1] == "+" else text
    if not digits or any(unicodedata.decimal(sign, None) is None for sign in digits):
        return None
    ascii_digits = "".join(str(unicodedata.decimal(sign)) for sign in digits)
    return ("+" if text[:1] == "+" else "") + ascii_digits


class Oracle:
    def __init__(self) -> None:
        self.safety = spec.load("safety.yaml")
        self.functions = spec.functions()
        self.signals = self.safety["signals"]
        self.kinds = {app: kind for kind, apps in self.safety["app_kinds"].items() for app in apps}

        prose = " ".join(map(str, self.safety["expansion"]))
        listed = _LISTED.search(prose)
        assert listed is not None, "the specification lists no emergency numbers"
        self.emergency = set(listed[1].split(", "))

    def calls_for_help(self, number: str, telephone: Iterable[str]) -> bool:
        """With or without a leading +, 0, or 00 (which is how a + is dialled)."""
        added = [plain_number(other) for other in telephone]
        known = self.emergency | {other.lstrip("+") for other in added if other is not None}
        digits = number.lstrip("+")
        return any(zeros + other == digits for other in known for zeros in ("", "0", "00"))

    # --- the state

    def state(self, line: Mapping[str, Any]) -> str:
        crash = reading(line, "crash")
        if crash is not None and crash.valid and crash.value == "detected":
            return "crashed"
        gear = reading(line, "gear")
        if gear is None or not fresh(gear, self.signals["gear"]["max_age_ms"]):
            return "unknown"
        if gear.value not in self.signals["gear"]["values"]:
            return "unknown"
        speeds = [self.speed(line, index) for index in (0, 1)]
        if None in speeds:
            return "unknown"
        return self.moving(gear.value, [v for v in speeds if v is not None])

    def speed(self, line: Mapping[str, Any], index: int) -> float | None:
        source = reading(line, "speed", index)
        if source is None or not fresh(source, self.signals["speed"]["max_age_ms"]) or not number(source.value):
            return None
        # NaN and the infinities fail the comparison as well
        return source.value if 0 <= source.value <= 300 else None

    @staticmethod
    def moving(gear: str, speeds: list[float]) -> str:
        v = max(speeds)
        if max(speeds) - min(speeds) > max(5, v / 10):
            return "unknown"
        if gear == "P":
            if v > 3:
                return "unknown"
            if v < 0.5:
                return "parked"
        elif v < 0.5:
            return "standstill"
        if v < 8:
            return "creeping"
        return "driving" if v < 130 else "fast"

    # --- conditions

    def condition(self, line: Mapping[str, Any], key: str) -> str:
        if key == "rolling":
            sources = (reading(line, "speed", i) for i in (0, 1))
            limit = self.signals["speed"]["max_age_ms"]
            rolls = any(s is not None and fresh(s, limit) and number(s.value) and s.value >= 3 for s in sources)
            return "yes" if rolls else "no"
        facts = self.signals[key]
        seen = reading(line, key)
        if seen is not None and fresh(seen, facts["max_age_ms"]) and seen.value in facts["values"]:
            return str(seen.value)
        return str(facts["when_unknown"])

    # --- the call

    def complete(self, name: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """All arguments with defaults, None when the call is invalid."""
        params = self.functions[name]["params"]
        if set(given) - set(params):
            return None
        full = {}
        for key, param in params.items():
            if key in given:
                if not self.fits(param, given[key]):
                    return None
                full[key] = given[key]
            elif "default" in param:
                full[key] = param["default"]
            else:
                return None
        for key, param in params.items():
            if key in given and "by_unit" in param:
                low, high = param["by_unit"][full["unit"]]
                if not low <= given[key] <= high:
                    return None
        return full

    @staticmethod
    def fits(param: Mapping[str, Any], value: Json) -> bool:
        if "enum" in param:
            return bool(value in param["enum"])
        match param["type"]:
            case "integer" | "number":
                if not number(value) or not math.isfinite(value) or not param["min"] <= value <= param["max"]:
                    return False
                return bool(param["type"] == "number" or value == int(value))
            case "time":
                if not isinstance(value, str):
                    return False
                return (
                    value == param.get("default") or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) is not None
                )
            case _:
                if not isinstance(value, str):
                    return False
                return "digits only" not in param.get("note", "") or re.fullmatch("[0-9]+", value) is not None

    def in_state(self, rule: Mapping[str, Any], state: str) -> str:
        for verdict in ("allow", "confirm"):
            listed = rule.get(verdict, [])
            if state in (DRIVABLE if listed == "any" else listed):
                return verdict
        return "deny"

    def matches(self, rule: Mapping[str, Any], name: str, full: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
        for key, wanted in rule.get("args", {}).items():
            value = self.kinds.get(full["app"], "unknown") if (name, key) == ("open_app", "app_kind") else full[key]
            if isinstance(wanted, str) and wanted[:1] == "<":
                if not value < float(wanted[1:]):
                    return False
            elif value not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        return all(self.condition(line, key) == word for key, word in rule.get("when", {}).items())

    def judge(self, line: Mapping[str, Any]) -> Expected:
        state = self.state(line)
        name, given = line["call"]["name"], line["call"]["arguments"]
        if name not in self.functions:
            return Expected(state, "deny")
        full = self.complete(name, given)
        if full is None:
            return Expected(state, "deny", invalid=True)
        reached = full["number"] if name == "dial_number" else line.get("stored")
        if reached is not None and name in REACHING:
            number = plain_number(reached)
            if number is None:
                return Expected(state, "deny")
            if name != "send_text_message" and self.calls_for_help(number, line.get("telephone", ())):
                name, full = "make_emergency_call", {}
        rules = self.safety["rules"]
        for rule in rules.get(name, rules["every_other_catalogued_function"]):
            if self.matches(rule, name, full, line):
                if state == "unknown":
                    worst = max((self.in_state(rule, s) for s in DRIVABLE), key=STRICTNESS.__getitem__)
                    return Expected(state, worst)
                return Expected(state, self.in_state(rule, state))
        return Expected(state, "deny")
