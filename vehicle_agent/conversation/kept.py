"""A conversation put away between two processes, as JSON: the words it needs to go on, and nothing that acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from vehicle_apis.call import Plan, Step
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete
from vehicle_apis.earlier import PastTurn
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import MAX_TEXT_CHARS

_VERSION: Final = 1
_MAX_CHARS: Final = 2000  # of a question, and of what was heard


class Damaged(ValueError):
    """No conversation that was put away by this release."""


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """``text`` was asked in turn ``turn``; ``plan`` waited for the answer."""

    text: str
    turn: int
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """``number``: the last turn's, 0 before the first; ``turns``: those that did something; ``results``: what calls
    found, by turn and step; ``missing``: the words of a command that lacks something."""

    number: int
    turns: tuple[PastTurn, ...] = ()
    results: Mapping[tuple[int, int], str]
    asked: KeptQuestion | None = None
    missing: tuple[str, Incomplete] | None = None

    def to_json(self) -> dict[str, object]:
        asked, missing = self.asked, self.missing
        return {
            "version": _VERSION,
            "number": self.number,
            "turns": [
                {"number": turn.number, "declined": turn.declined, "calls": turn.plan.to_json()} for turn in self.turns
            ],
            "results": {f"{turn}.{step}": text for (turn, step), text in self.results.items()},
            "asked": None if asked is None else {"text": asked.text, "turn": asked.turn, "calls": asked.plan.to_json()},
            "missing": None
            if missing is None
            else {"words": missing[0], "function": missing[1].spec.name, "piece": missing[1].missing},
        }

    @classmethod
    def from_json(cls, document: object, catalogue: Catalogue) -> Self:
        """Raises Damaged."""
        try:
            return cls._read(document, catalogue)
        except (VehicleApiError, KeyError, TypeError, ValueError, AttributeError) as e:
            raise Damaged(f"it does not hold a conversation: {e}") from e

    @classmethod
    def _read(cls, document: Any, catalogue: Catalogue) -> Self:  # noqa: ANN401 - whatever the file holds
        if document["version"] != _VERSION:
            raise Damaged(f"it is of version {document['version']}, not {_VERSION}")
        asked, missing = document["asked"], document["missing"]
        return cls(
            number=_count(document["number"], least=0),
            turns=tuple(
                PastTurn(_count(t["number"]), _plan(t["calls"], catalogue), t["declined"] is True)
                for t in document["turns"]
            ),
            results={_reference(key): _text(value) for key, value in document["results"].items()},
            asked=asked
            and KeptQuestion(_text(asked["text"], _MAX_CHARS), _count(asked["turn"]), _plan(asked["calls"], catalogue)),
            missing=missing
            and (
                _text(missing["words"], _MAX_CHARS),
                _incomplete(catalogue, missing["function"], _text(missing["piece"])),
            ),
        )


def _count(value: object, least: int = 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 999_999:
        raise Damaged(f"{value!r} is no number of a turn")
    return value


def _text(value: object, most: int = MAX_TEXT_CHARS) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise Damaged("a text is none, or too long")
    return value


def _reference(key: str) -> tuple[int, int]:
    turn, step = key.split(".")
    return _count(int(turn)), _count(int(step))


def _incomplete(catalogue: Catalogue, function: str, piece: str) -> Incomplete:
    spec = catalogue[function]
    if piece and piece not in spec.by_name:
        raise Damaged(f"{function} has no {piece}")
    return Incomplete(spec, piece)


def _plan(calls: Any, catalogue: Catalogue) -> Plan:  # noqa: ANN401 - whatever the file holds
    plan = Plan(
        tuple(
            Step(
                id=_count(c["id"]),
                call=catalogue.call(c["name"], **c["arguments"]),
                after=tuple(map(_count, c["after"])),
            )
            for c in calls
        )
    )
    if not plan.steps:
        raise Damaged("a turn without calls")
    return plan
