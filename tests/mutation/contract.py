"""The questions of `tests/contracts/test_safety_spec.py`, asked one by one up to the first wrong answer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from safety_spec.oracle import Expected, Oracle, reading
from safety_spec.questions import Line, questions, situations

from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.signals import Reading, Signals


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    arguments: dict[str, Any]
    car: Signals
    expected: Expected


class Contract:
    """All questions with what the specification answers; made once, before anything under test is imported."""

    def __init__(self) -> None:
        oracle = Oracle()
        self._catalogue = load_catalogue(with_packs=False)
        self._asked: dict[str, list[Question]] = defaultdict(list)
        for line in (*_every_app(oracle), *questions()):
            call = line["call"]
            question = Question(call["name"], call["arguments"], _signals(line), oracle.judge(line))
            self._asked[call["name"]].append(question)

    def holds(self, about: str = "") -> bool:
        """Whether the judge agrees. ``about``: text with a function's name in quotes, the only one asked about then.

        The table of apps is about one function. Without a known name everything is asked.
        """
        from state_machines.gate import Judge

        judge = Judge(self._catalogue)
        table = "'open_app'" if about.startswith("APP_KINDS") else about
        names = [name for name in self._asked if name and f"'{name}'" in table] or [*self._asked]
        for question in (q for name in names for q in self._asked[name]):
            answer = judge.settled(question.name, question.arguments, question.car)
            wanted = question.expected
            if (answer.state.word, answer.decision.word) != (wanted.state, wanted.verdict):
                return False
            if (answer.rule == "invalid_call") != wanted.invalid:
                return False
        return True


def _every_app(oracle: Oracle) -> Iterator[Line]:
    """Each known app in each state."""
    cars = {oracle.state(car): car for car in situations()}
    for app in oracle.kinds:
        for car in cars.values():
            yield {"call": {"name": "open_app", "arguments": {"app": app}}, **car}


def _signals(line: Line) -> Signals:
    def read(key: str, index: int | None = None) -> Reading | None:
        seen = reading(line, key, index)
        return None if seen is None else Reading(value=seen.value, age_ms=seen.age_ms, valid=seen.valid)

    words = {key: read(key) for key in ("gear", "crash", "ignition", "ambient_light", "rain", "plugged_in")}
    return Signals(speed_kmh=(read("speed", 0), read("speed", 1)), **words)
