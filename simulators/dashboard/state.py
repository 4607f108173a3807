"""What the page gets: a board of sections, and what has changed on it. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from simulators.car import Value
from simulators.dashboard.port import OpenQuestion

Section: TypeAlias = Mapping[str, object]
Board: TypeAlias = Mapping[str, Section]

BUS_SECTIONS: Final = frozenset({"bus", "signals"})


def board(
    *,
    car: Mapping[str, Value],
    bus: Section,
    signals: Section,
    turns: Section,
    faults: tuple[str, ...],
    driving_state: str,
    question: OpenQuestion | None,
    target_kmh: float,
) -> Board:
    """Everything the page shows at one moment."""
    asked = None if question is None else {"id": question.id, "text": question.text}
    return {
        "car": car,
        "bus": bus,
        "signals": signals,
        "turns": turns,
        "faults": dict.fromkeys(faults, True),
        "agent": {"state": driving_state, "question": asked},
        "drive": {"target_kmh": target_kmh},
    }


def delta(
    old: Board, new: Board, wanted: Callable[[str], bool] = lambda _section: True
) -> dict[str, dict[str, object]]:
    """What `apply` needs to make ``new`` of ``old``: changed keys with their values, keys that are gone as None.

    Sections without a change are left out, and so are those not ``wanted``. No value of a board is None itself, save
    that of a key which nobody tells from a missing one.
    """
    changes: dict[str, dict[str, object]] = {}
    for name, section in new.items():
        if not wanted(name):
            continue
        before = old.get(name, {})
        changed = {key: value for key, value in section.items() if key not in before or before[key] != value}
        changed |= dict.fromkeys((key for key in before if key not in section), None)
        if changed:
            changes[name] = changed
    return changes


def apply(old: Board, changes: Board) -> dict[str, dict[str, object]]:
    """The page's half of `delta`, here for programs and tests."""
    new = {name: dict(section) for name, section in old.items()}
    for name, section in changes.items():
        target = new.setdefault(name, {})
        for key, value in section.items():
            if value is None:
                target.pop(key, None)
            else:
                target[key] = value
    return new


def told(old: Board, new: Board, wanted: Callable[[str], bool]) -> dict[str, Section]:
    """What a page knows after the `delta` of these two; what it did not want it has not got."""
    return {name: section if wanted(name) else old.get(name, {}) for name, section in new.items()}
