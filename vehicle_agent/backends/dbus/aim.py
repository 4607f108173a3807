"""Which player was judged, and which one a command goes to: they must be the same, playing the same sort of thing."""

from dataclasses import dataclass

from vehicle_agent.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPlayer:
    """What a verdict was told: ``name`` is the bus name that would get a command, ``may_show`` a picture."""

    name: str
    may_show: bool


class Aim:
    """Memory of one client. ``used``: the bus name that got the last command, "" = none yet."""

    def __init__(self) -> None:
        self.used = ""
        self._judged: JudgedPlayer | None = None

    def judged(self, judged: JudgedPlayer | None) -> None:
        """None: nothing was learned, so the verdict was the strict one."""
        self._judged = judged

    def taken(self, name: str) -> None:
        """A command for the player ``name`` is being prepared; what was judged before says nothing of it."""
        self.used = name
        self._judged = None

    def check(self, name: str, *, may_show: bool) -> None:
        """At the send. ``may_show``: what was loaded when the command was prepared. Raises Unavailable.

        Between the two readings another player may have begun, or another track.
        """
        judged = self._judged
        if judged is None:
            return
        if judged.name != name or (may_show and not judged.may_show):
            raise Unavailable("Something else began to play just now, so I left it; say it again.")
