"""What of the daemon is not as it should be. Each change is told once: when it begins and when it is over."""

from vehicle_agent.events import Degraded, Events, Recovered


class Health:
    """Parts by name ("message bus", "microphone", "CAN bus") with the sentence that says what is wrong with each.

    Each change is an event. A part that is degraded for the same reason again is no change.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._wrong: dict[str, str] = {}

    @property
    def text(self) -> str:
        """ "degraded: PART: WHY; PART: WHY", "" when all is well."""
        if not self._wrong:
            return ""
        return "degraded: " + "; ".join(f"{part}: {why}" for part, why in sorted(self._wrong.items()))

    def degraded(self, part: str, why: str) -> None:
        """``why``: a short phrase without a full stop, with the remedy where there is one."""
        if self._wrong.get(part) != why:
            self._wrong[part] = why
            self._events.publish(Degraded(part=part, why=why, health=self.text))

    def recovered(self, part: str) -> None:
        if self._wrong.pop(part, None) is not None:
            self._events.publish(Recovered(part=part, health=self.text))
