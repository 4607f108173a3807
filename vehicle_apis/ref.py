"""Results of other calls as arguments: `$n` of the same plan, `$T.N` of an earlier turn of the conversation."""

import re
from dataclasses import dataclass
from typing import TypeAlias

_REF = re.compile(r"\$([1-9][0-9]?)")
_EARLIER = re.compile(r"\$([1-9][0-9]{0,5})\.([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for the result of the step whose id is ``step`` (>= 1)."""

    step: int

    def __str__(self) -> str:
        return f"${self.step}"


@dataclass(frozen=True, slots=True)
class EarlierRef:
    """Stands for the result that the call with id ``step`` (>= 1) got in turn ``turn`` (>= 1) of the conversation."""

    turn: int
    step: int

    def __str__(self) -> str:
        return f"${self.turn}.{self.step}"


AnyRef: TypeAlias = Ref | EarlierRef


def parse_ref(value: object) -> Ref | None:
    """The reference that ``value`` is or spells, else None."""
    if isinstance(value, Ref):
        return value
    if isinstance(value, str) and (match := _REF.fullmatch(value)):
        return Ref(int(match.group(1)))
    return None


def parse_any_ref(value: object) -> AnyRef | None:
    """Like `parse_ref`, results of earlier turns among them."""
    if isinstance(value, EarlierRef):
        return value
    if isinstance(value, str) and (match := _EARLIER.fullmatch(value)):
        return EarlierRef(int(match.group(1)), int(match.group(2)))
    return parse_ref(value)
