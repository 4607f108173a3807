"""`$n`: the result of an earlier call of the same plan."""

import re
from dataclasses import dataclass

_REF = re.compile(r"\$([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for the result of the step whose id is ``step`` (>= 1)."""

    step: int

    def __str__(self) -> str:
        return f"${self.step}"


def parse_ref(value: object) -> Ref | None:
    """The reference that ``value`` is or spells, else None."""
    if isinstance(value, Ref):
        return value
    if isinstance(value, str) and (match := _REF.fullmatch(value)):
        return Ref(int(match.group(1)))
    return None
