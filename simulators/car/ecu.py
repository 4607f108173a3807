"""What every simulated control unit is made of: values it publishes, motors it drives, commands it answers."""

from abc import ABC
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from simulators.car.domain import Domain, Value
from simulators.car.motion import Axis

Reason: TypeAlias = Literal[
    "not_available",
    "blocked",
    "expired",
    "out_of_range",
    "busy",
    "vehicle_moving",
    "not_plugged",
    "plugged_in",
    "locked",
    "empty",
    "ignition_off",
    "stopped",
]
Result: TypeAlias = Literal["idle", "accepted", "rejected", "done"]

SEATS: Final = ("Driver", "Passenger", "RearLeft", "RearRight")
ROLLING_KMH: Final = 5.0  # from here a unit refuses what is for the standing car


@dataclass(frozen=True, slots=True)
class Command:
    """The signals of one received command; bit masks are numbers. ``group``: "Window" for WindowCommand."""

    group: str
    args: Mapping[str, Value]
    message: str = ""

    def get(self, name: str) -> Value | None:
        return self.args.get(name)


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: Reason


class Goal(Protocol):
    """One part of what a command is to bring about."""

    def check(self) -> Literal["running", "reached"] | Rejected: ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is carried out; it is done when every goal is reached."""

    goals: tuple[Goal, ...] = ()


Answer: TypeAlias = Accepted | Rejected

OUT_OF_RANGE: Final = Rejected("out_of_range")


@dataclass(frozen=True, slots=True)
class Reach:
    """An axis is to arrive at ``target``."""

    axis: Axis
    target: float

    def check(self) -> Literal["running", "reached"] | Rejected:
        if self.axis.position == self.target:
            return "reached"
        if self.axis.target != self.target:
            return Rejected("blocked" if self.axis.blocked else "stopped")
        return "running"


@dataclass(slots=True)
class Request:
    """The last command of one group, as its status message echoes it."""

    request_id: int = 0
    result: Result = "idle"
    reason: Reason | Literal["none"] = "none"
    goals: tuple[Goal, ...] = field(default=(), repr=False)

    def begin(self, request_id: int, answer: Answer) -> None:
        """A new command takes the place of the one before."""
        self.request_id, self.goals = request_id, ()
        if isinstance(answer, Rejected):
            self.result, self.reason = "rejected", answer.reason
        else:
            self.result, self.reason, self.goals = "accepted", "none", answer.goals

    def forget(self) -> None:
        """As at the start."""
        self.request_id, self.result, self.reason, self.goals = 0, "idle", "none", ()

    def refresh(self) -> None:
        """Accepted becomes done when all goals are reached, rejected when one cannot be."""
        if self.result != "accepted":
            return
        checks = [goal.check() for goal in self.goals]
        for check in checks:
            if isinstance(check, Rejected):
                self.result, self.reason, self.goals = "rejected", check.reason, ()
                return
        if "running" not in checks:
            self.result, self.goals = "done", ()


class Ecu(ABC):
    """One control unit. Pure: no clock, no bus; `step` lets time pass.

    ``values`` is one table for the whole car, keyed by the DBC's signal names: a unit writes its own signals and reads
    those of others as it would from the bus. ``groups``: command groups it answers ("Window": WindowCommand and
    WindowStatus). ``node`` is its name in the DBC. ``lasting``: signals that outlast a loss of power although commands
    set them, such as a bolt.
    """

    node: str
    groups: tuple[str, ...] = ()
    lasting: frozenset[str] = frozenset()

    def __init__(self, values: dict[str, Value], domains: Mapping[str, Domain]) -> None:
        self.values = values
        self.domains = domains
        self.axes: dict[str, Axis] = {}
        values.update(self.initial())
        self._show_axes()

    def initial(self) -> Mapping[str, Value]:
        """Every signal this unit publishes, as it is at the start; also the place to make the axes."""
        return {}

    def command(self, args: Command) -> Answer:  # noqa: ARG002  # without commands of its own a unit answers none
        """Carries a fresh command out or says why not."""
        return Rejected("not_available")

    def step(self, dt_s: float) -> None:
        """Lets ``dt_s`` seconds (>= 0) pass."""
        for axis in self.axes.values():
            axis.step(dt_s)
        self._show_axes()

    def before_send(self, message: str) -> None:  # noqa: B027  # most units have nothing to do here
        """Called before each cyclic transmission of ``message``; for contents that go in turn."""

    def motors(self) -> Mapping[str, Axis]:
        """Every axis by the signal that shows it."""
        return self.axes

    def force(self, name: str, value: Value) -> bool:
        """Sets signal ``name`` from outside, past all rules. False when it is not this unit's."""
        axis = self.axes.get(name)
        if axis is None or isinstance(value, str):
            return False
        axis.place(value)
        self._show_axes()
        return True

    def restart(self, measured: AbstractSet[str]) -> None:
        """After a loss of power: motions end where they are, what commands had set is as at the start.

        ``measured``: signals that show how things are; these stay.
        """
        before = dict(self.motors())
        start = self.initial()
        for name, axis in self.motors().items():
            axis.place(before[name].position)
            axis.jammed = before[name].jammed
        kept = measured | self.lasting
        self.values.update({name: value for name, value in start.items() if name not in kept})
        self._show_axes()

    # --- helpers for the units -----------------------------------------------------------------------------------

    def _show_axes(self) -> None:
        for name, axis in self.axes.items():
            self.values[name] = axis.position

    def number(self, name: str) -> float:
        """A numeric signal; one that is "invalid" reads as 0."""
        value = self.values[name]
        return 0.0 if isinstance(value, str) else value

    @property
    def rolling(self) -> bool:
        return self.number("VehicleSpeed") >= ROLLING_KMH

    @property
    def ignition_off(self) -> bool:
        return self.values["Ignition"] == "off"

    def put(self, changes: Mapping[str, Value | None]) -> Answer:
        """Sets all signals at once, or none when a value does not fit its signal."""
        fitting: dict[str, Value] = {}
        for name, value in changes.items():
            if value is None or not self.domains[name].holds(value):
                return OUT_OF_RANGE
            fitting[name] = value
        self.values.update(fitting)
        return Accepted() if fitting else OUT_OF_RANGE

    def drive(self, targets: Mapping[str, Value | None]) -> Answer:
        """Starts all axes, or none when a target lies beyond its end stops."""
        goals: list[Reach] = []
        for name, target in targets.items():
            axis = self.axes[name]
            if not isinstance(target, int | float) or not axis.low <= target <= axis.high:
                return OUT_OF_RANGE
            goals.append(Reach(axis, float(target)))
        if not goals:
            return OUT_OF_RANGE
        for goal in goals:
            goal.axis.move_to(goal.target)
        return Accepted(tuple(goals))

    def halt(self, names: Iterable[str]) -> Answer:
        for name in names:
            self.axes[name].halt()
        return Accepted()


def masked(mask: Value | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """The ``names`` whose bit is set; empty for a mask with bits beyond them."""
    if not isinstance(mask, int | float) or not 0 < mask < 1 << len(names):
        return ()
    return tuple(name for bit, name in enumerate(names) if int(mask) >> bit & 1)


def on_off(value: Value | None) -> str | None:
    """ "on" or "off"; anything else a field may hold is nonsense for a switch."""
    return value if isinstance(value, str) and value in {"on", "off"} else None
