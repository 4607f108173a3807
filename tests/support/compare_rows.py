"""Answerers and rows without a model."""

from collections.abc import Mapping

from models.compare.answers import Answer, Row
from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_agent.evaluation.scoring import Labelled, parse_line
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Refusal, Utterance

CATALOGUE = load_catalogue(with_packs=False)


def label(text: str, *calls: tuple[str, Mapping[str, object]], tags: tuple[str, ...] = ("single",)) -> Labelled:
    numbered = [{"id": i, "name": name, "arguments": dict(a)} for i, (name, a) in enumerate(calls, 1)]
    return parse_line({"id": text, "text": text, "tags": list(tags), "calls": numbered}, CATALOGUE)


def labelled(**line: object) -> Labelled:
    """A line as the sets hold them."""
    return parse_line({"id": "1", "calls": [], "tags": [], **line}, CATALOGUE)


def plan(name: str, **arguments: object) -> Plan:
    return Plan.of(CATALOGUE.call(name, **arguments))


def row(labelled: Labelled, utterance: Utterance, confidence: float = 1.0, ms: float = 10.0) -> Row:
    return Row.of(labelled, Answer(utterance=utterance, confidence=confidence, ms=ms, tokens_in=8, tokens_out=4))


FAN = label("fan to three", ("set_fan_speed", {"level": 3}))
LOCK = label("lock the doors", ("set_door_locks", {"state": "lock"}))
BOTH = label(
    "fan to three and lock the doors",
    ("set_fan_speed", {"level": 3}),
    ("set_door_locks", {"state": "lock"}),
    tags=("multi", "steps:2"),
)
HORN = label("sound the horn", tags=("refuse",))
LABELS = (FAN, LOCK, BOTH, HORN)


class Scripted:
    """Answers by text, whatever was said before; anything else is refused."""

    def __init__(self, name: str, answers: Mapping[str, Answer]) -> None:
        self.name = name
        self._answers = answers

    def hear(self, line: SpokenLine) -> Answer:
        return self._answers.get(line.text, Answer(utterance=Refusal(), confidence=0.5, ms=1.0))
