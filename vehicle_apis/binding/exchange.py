"""What passes between a bound function and the backend: the present state in, commands and expectations out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vehicle_apis.binding.network import BindingError, SignalRef
from vehicle_apis.call import Call
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import Scalar

Read: TypeAlias = Callable[[SignalRef], Scalar | None]
"""Gives the present value of a signal, None when the car does not (or no longer) report it."""

_FLOAT_NOISE = 1e-6


class NotReported(VehicleApiError, LookupError):
    """The car does not report a signal that is needed. ``ref`` names it."""

    def __init__(self, ref: SignalRef) -> None:
        super().__init__(f"the car does not report {ref}")
        self.ref = ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command frame to be: signal values without request id, time to live, counter and CRC."""

    message: str
    values: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The status must show one of ``wanted``; numbers may be off by ``tolerance``."""

    ref: SignalRef
    wanted: tuple[Scalar, ...]
    tolerance: float = 0

    def is_met_by(self, value: Scalar | None) -> bool:
        return value is not None and any(self._equal(value, wanted) for wanted in self.wanted)

    def _equal(self, value: Scalar, wanted: Scalar) -> bool:
        if isinstance(wanted, str) or isinstance(value, str):
            return wanted == value
        return abs(value - wanted) <= self.tolerance + _FLOAT_NOISE


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A command call worked out against the present state.

    ``commands`` are sent; then ``status`` must echo each request id, and from then on every expectation must hold
    within ``timeout_ms``. Without expectations the unit's "done" confirms. ``arguments`` are those really sent,
    ``targets`` the single things acted on, ``undo`` restores the state seen before; ``at_limit``: nothing can move any
    further.
    """

    call: Call
    arguments: Mapping[str, Scalar]
    targets: tuple[str, ...]
    commands: tuple[Command, ...]
    expectations: tuple[Expectation, ...]
    status: str
    timeout_ms: int
    undo: tuple[Call, ...] = ()
    at_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a binding file, for error messages."""

    file: Path
    key: str

    def at(self, key: str) -> "Where":
        return Where(file=self.file, key=f"{self.key}.{key}" if self.key else key)

    def error(self, problem: object, remedy: str = "") -> BindingError:
        """The error to raise: file, key, problem, remedy."""
        told = " ".join(f"{self.key}: {problem}{'; ' + remedy if remedy else ''}".split())
        return BindingError(f"{self.file}: {told}")
