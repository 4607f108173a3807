"""Sentence templates (hassil) for the same functions, as an integrator would write them in about a day.

One sentence is one intent. What the templates cannot say is done here, and no more: telephone digits, clock times,
`a__b` intents (b uses a's result), and cutting a sentence at "and" and "then" if as a whole it fits nothing (or only
with one of these words inside a wildcard) and every part fits something. Templates have no question back: an
incomplete command is refused.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from models.compare.answers import Answer
from models.compare.baselines.spoken import telephone_digits
from models.compare.errors import CompareError
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Refusal, Utterance
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import IntegerParam, NumberParam, TextParam
from vehicle_apis.ref import Ref
from vehicle_apis.spec import ApiSpec, Argument

if TYPE_CHECKING:
    from hassil.intents import Intents
    from hassil.recognize import RecognizeResult

FOLDER: Final = Path(__file__).parent.parent / "hassil"
USES: Final = "__"
_JOINT: Final = re.compile(r"\s+(?:and then|then|and also|and)\s+")
_NOON_HOURS: Final = 12


def clock(slots: Mapping[str, object]) -> str | None:
    """ "HH:MM" of the slots hour, minute and part (am, pm); None without an hour."""
    if "hour" not in slots:
        return None
    hour, minute = int(str(slots["hour"])), int(str(slots.get("minute", 0)))
    if slots.get("part") == "pm" and hour < _NOON_HOURS:
        hour += _NOON_HOURS
    if slots.get("part") == "am" and hour == _NOON_HOURS:
        hour = 0
    return f"{hour % 24:02d}:{minute:02d}"


def _argument(spec: ApiSpec, name: str, value: object) -> object:
    param = spec.by_name[name]
    if isinstance(param, IntegerParam | NumberParam):
        return round(float(str(value)), 2)
    text = " ".join(str(value).split())
    if isinstance(param, TextParam) and param.digits:
        return telephone_digits(text)
    return text


def _call(spec: ApiSpec, slots: Mapping[str, object]) -> Call:
    """Raises VehicleApiError."""
    arguments: dict[str, object] = {k: _argument(spec, k, v) for k, v in slots.items() if k in spec.by_name}
    at = clock(slots)
    if at is not None and "time" in spec.by_name:
        arguments["time"] = at
    return Call(spec, arguments)  # type: ignore[arg-type]  # Call validates them


def to_plan(intent: str, slots: Mapping[str, object], catalogue: Catalogue) -> Plan:
    """The plan of one recognised intent. Raises VehicleApiError."""
    producer, _, user = intent.partition(USES)
    first = _call(catalogue[producer], slots)
    if not user:
        return Plan.of(first)
    spec = catalogue[user]
    takes = next(p.name for p in spec.params if isinstance(p, TextParam) and p.accepts_result)
    arguments: dict[str, Argument] = {takes: Ref(1)}
    arguments |= {p.name: str(slots[p.name]).strip() for p in spec.params if p.name in slots and p.name != takes}
    return Plan.of(first, Call(spec, arguments))


def joined(plans: Iterable[Plan]) -> Plan:
    """Plans one after the other, their references moved along. Raises VehicleApiError."""
    calls: list[Call] = []
    for plan in plans:
        offset = len(calls)
        for call in plan.calls:
            moved = {k: Ref(v.step + offset) for k, v in call.arguments.items() if isinstance(v, Ref)}
            calls.append(call.with_arguments(**moved))
    return Plan.of(*calls)


class Templates:
    """Raises CompareError without hassil."""

    name = "sentence templates (hassil)"

    def __init__(self, catalogue: Catalogue, folder: Path = FOLDER) -> None:
        try:
            from hassil.recognize import recognize_all
        except ImportError as e:
            raise CompareError("the template baseline needs hassil: pip install -e '.[compare]'") from e
        self._catalogue = catalogue
        self._recognize_all = recognize_all
        self.intents = load_intents(folder)
        self.templates = sum(len(d.sentence_texts) for i in self.intents.intents.values() for d in i.data)
        self.functions = {name for intent in self.intents.intents for name in intent.split(USES)}

    def answer(self, text: str) -> Answer:
        began_s = time.perf_counter()
        meaning = self._meaning(text)
        return Answer(utterance=meaning, ms=(time.perf_counter() - began_s) * 1000)

    def _meaning(self, text: str) -> Utterance:
        whole = self._found(text)
        if whole is None or whole.swallows_joint:
            parts = [self._found(part) for part in _JOINT.split(text)]
            plans = [part.plan for part in parts if part is not None]
            if len(plans) == len(parts) > 1:
                try:
                    return joined(plans)
                except VehicleApiError:
                    return Refusal()
        return Refusal() if whole is None else whole.plan

    def _found(self, text: str) -> "_Found | None":
        """The best match that makes a valid plan."""
        for result in sorted(self._recognize_all(text, self.intents), key=_rank):
            slots = {name: entity.value for name, entity in result.entities.items()}
            try:
                plan = to_plan(result.intent.name, slots, self._catalogue)
            except VehicleApiError:
                continue
            return _Found(plan, any(e.is_wildcard and _JOINT.search(e.text) for e in result.entities_list))
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    plan: Plan
    swallows_joint: bool


def _rank(result: "RecognizeResult") -> tuple[int, int, int, str]:
    """hassil's own order of several matches: few wildcards, much literal text, short wildcards, the name."""
    wild = [e for e in result.entities_list if e.is_wildcard]
    return (len(wild), -result.text_chunks_matched, sum(len(e.text or "") for e in wild), result.intent.name)


def load_intents(folder: Path) -> "Intents":
    """All YAML files of ``folder`` as one collection."""
    from hassil.intents import Intents
    from hassil.util import merge_dict

    merged: dict[str, object] = {}
    for path in sorted(folder.glob("*.yaml")):
        merge_dict(merged, yaml.safe_load(path.read_text(encoding="utf-8")))
    return Intents.from_dict(merged)
