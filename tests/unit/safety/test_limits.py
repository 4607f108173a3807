"""Every limit, restated by hand, and that there are none elsewhere."""

import ast
from pathlib import Path

from state_machines import limits

ROOT = Path(__file__).parents[3]
WRITTEN = {
    "SPEED_MAX_AGE_MS": 500,
    "GEAR_MAX_AGE_MS": 500,
    "IGNITION_MAX_AGE_MS": 5000,
    "SURROUNDINGS_MAX_AGE_MS": 5000,
    "E2E_WINDOW": 10,
    "E2E_BAD_IN_WINDOW": 3,
    "E2E_MAX_DELTA_COUNTER": 2,
    "STAMP_FRESH_S": 0.5,
    "STAMP_AHEAD_S": 1,
    "STAMP_ABSURD_S": 60,
    "STAMPS_SETTLED_S": 1,
    "SPEED_MAX_KMH": 300,
    "PARK_GEAR_MAX_SPEED_KMH": 3,
    "SOURCES_APART_KMH": 5,
    "SOURCES_APART_SHARE": 0.1,
    "STANDING_BELOW_KMH": 0.5,
    "CREEPING_BELOW_KMH": 8,
    "FAST_FROM_KMH": 130,
    "BETTER_AFTER_S": 1,
    "ROLLING_FROM_KMH": 3,
    "QUESTION_LIFE_S": 10,
    "CONFIRMATION_LIFE_S": 2,
    "PERMIT_LIFE_S": 0.1,
    "GATE_TICK_S": 0.1,
    "STANDING_RULE_WITHIN_S": 0.5,
    "START_GRACE_S": 0.5,
    "SHOWS_LATE_S": 15,
    "LOOK_EVERY_S": 0.2,
    "UNANSWERED_EVERY_S": 0.4,
    "AT_LEISURE_EVERY_S": 1,
    "ENDING_TAKES_S": 0.3,
    "MOTION_BEGINS_S": 1,
    "FIRST_PAUSE_S": 0.1,
    "LONGEST_PAUSE_S": 2,
    "WIND_DOWN_S": 1,
    "LONGEST_NUMBER_DIGITS": 20,
    "ADDRESS_DECODED_TIMES": 3,
}


def test_every_limit() -> None:
    assert {name: value for name, value in vars(limits).items() if name.isupper()} == WRITTEN


def numbers(path: Path) -> list[str]:
    """Names at a module's top that are bound to a number."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            found.append(f"{path.relative_to(ROOT)}: {target.id}")
    return found


def test_what_judges_and_what_ends_things_has_no_limits_of_its_own() -> None:
    paths = [*(ROOT / "state_machines").glob("*.py"), *(ROOT / "vehicle_agent" / "standing").glob("*.py")]
    found = [name for path in sorted(paths) if path.name != "limits.py" for name in numbers(path)]
    assert not found
    assert len(numbers(ROOT / "state_machines" / "limits.py")) == len(WRITTEN) - 1  # one follows from another
