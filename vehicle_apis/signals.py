"""What the gate may know of the car: readings with age and validity, never "the last value".

The fields of `Signals` are the one list of the gate's signals: the keys of a binding's [gate] table, the words that a
source may say, the questions of `judge`, the journal and the witness's truth are read off it. How old a reading may be
and what counts when it is unknown is the safety logic's (`state_machines.limits`, `state_machines.conditions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final

_SPEC: Final = "spec"


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal as last received.

    ``value``: number or word as decoded; ``age_ms``: since its frame arrived (>= 0); ``valid``: the frame passed
    length, range and E2E checks.
    """

    value: float | str
    age_ms: float = 0.0
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSpec:
    """One of the gate's signals. ``key``: its name in a binding's [gate] table, in questions and in sentences.

    ``words``: what it may say; none for a number, which is in ``unit``. ``sources``: how many independent ones it has.
    ``is_required``: whether a car must have it, since without it there is no driving state.
    """

    key: str
    words: tuple[str, ...] = ()
    unit: str = ""
    sources: int = 1
    is_required: bool = False


def _number(key: str, unit: str, *, sources: int) -> Mapping[str, SignalSpec]:
    return {_SPEC: SignalSpec(key=key, unit=unit, sources=sources, is_required=True)}


def _words(key: str, *words: str, is_required: bool = False) -> Mapping[str, SignalSpec]:
    return {_SPEC: SignalSpec(key=key, words=words, is_required=is_required)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """A snapshot for one judgement. None = never received. ``speed_kmh``: the two sources in fixed order."""

    speed_kmh: tuple[Reading | None, Reading | None] = field(
        default=(None, None), metadata=_number("speed", "km/h", sources=2)
    )
    gear: Reading | None = field(default=None, metadata=_words("gear", "P", "R", "N", "D", is_required=True))
    crash: Reading | None = field(default=None, metadata=_words("crash", "none", "detected"))
    ignition: Reading | None = field(default=None, metadata=_words("ignition", "on", "off"))
    ambient_light: Reading | None = field(default=None, metadata=_words("ambient_light", "day", "night"))
    rain: Reading | None = field(default=None, metadata=_words("rain", "no", "yes"))
    plugged_in: Reading | None = field(default=None, metadata=_words("plugged_in", "no", "yes"))


GATE_SIGNALS: Final[Mapping[str, SignalSpec]] = MappingProxyType({f.name: f.metadata[_SPEC] for f in fields(Signals)})
"""By the field of `Signals`, in the order of the list."""
WORDED: Final[Mapping[str, SignalSpec]] = MappingProxyType({n: spec for n, spec in GATE_SIGNALS.items() if spec.words})
"""Those that say one of some words, each with one source."""
