"""A motor between two end stops."""

from dataclasses import dataclass, field
from typing import Final

STALL_S: Final = 0.5  # so long a motor pushes against something before it gives up


@dataclass(slots=True, kw_only=True)
class Axis:
    """A position in the unit of its signal, moving to ``target`` at ``speed_per_s``.

    ``jammed``: something is in the way; the motor gives up after STALL_S (``blocked``).
    """

    low: float
    high: float
    speed_per_s: float
    position: float
    jammed: bool = False
    blocked: bool = field(default=False, init=False)
    target: float = field(init=False)
    _stalled_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.target = self.position

    @property
    def moving(self) -> bool:
        return self.position != self.target

    def move_to(self, target: float) -> None:
        """Begins a motion; it replaces the one under way."""
        self.target = min(max(target, self.low), self.high)
        self.blocked = False
        self._stalled_s = 0.0

    def halt(self) -> None:
        self.target = self.position

    def place(self, position: float) -> None:
        """Puts it there at once, by hand so to say; a motion under way ends."""
        self.position = self.target = min(max(position, self.low), self.high)

    def step(self, dt_s: float) -> None:
        if not self.moving:
            return
        if self.jammed:
            self._stalled_s += dt_s
            if self._stalled_s >= STALL_S:
                self.blocked = True
                self.halt()
            return
        reach = self.speed_per_s * dt_s
        way = self.target - self.position
        self.position = self.target if abs(way) <= reach else self.position + (reach if way > 0 else -reach)
