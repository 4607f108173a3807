"""What values a signal can take, as its DBC entry says."""

import contextlib
import math
import re
from dataclasses import dataclass
from typing import TypeAlias

from simulators.errors import BadValue
from vehicle_apis.numbers import number

Value: TypeAlias = str | float

_TRUE_WORDS = ("on", "yes")
_FALSE_WORDS = ("off", "no")
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(signal: str) -> str:
    """The setting's name of a signal: DriverWindow -> driver_window."""
    return _WORD_BREAK.sub("_", signal).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """``words``: the value table; numbers reach from ``low`` to ``high`` in steps of ``step`` and ``unit``.

    ``numeric`` is false when only words make sense. A signal may have both: a speed and "invalid".
    """

    words: tuple[str, ...]
    numeric: bool
    low: float
    high: float
    step: float
    unit: str = ""

    def holds(self, value: object) -> bool:
        if isinstance(value, str):
            return value in self.words
        if not self.numeric or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return math.isfinite(value) and self.low <= value <= self.high

    def snap(self, value: Value) -> Value:
        """The nearest value the frame can carry; whole numbers come as int."""
        if isinstance(value, str):
            return value
        steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        near = round(self.low + steps * self.step, 6)
        return int(near) if near == int(near) else near

    def parse(self, name: str, given: object) -> Value:
        """``given`` (text as typed, a number, a YAML boolean) as a value. Raises BadValue."""
        for value in self._readings(given):
            if self.holds(value):
                return value
        raise BadValue(f"{name} must be {self.describe()}, not {given!r}")

    def _readings(self, given: object) -> list[Value]:
        if isinstance(given, bool):
            return list(_TRUE_WORDS if given else _FALSE_WORDS)
        if isinstance(given, int | float):
            return [given]
        if not isinstance(given, str):
            return []
        text = given.strip()
        readings: list[Value] = [text, text.lower(), text.upper()]
        with contextlib.suppress(ValueError):
            readings.append(float(number(text)))
        return readings

    def describe(self) -> str:
        parts = ["one of " + ", ".join(self.words)] if self.words else []
        if self.numeric:
            unit = f" {self.unit}" if self.unit else ""
            parts.append(f"a number from {self.low:g} to {self.high:g}{unit}")
        return " or ".join(reversed(parts))
