"""What of the daemon is not as it should be. Each change is told once: when it begins and when it is over."""

from collections.abc import Callable


class Health:
    """Parts by name ("message bus", "microphone", "CAN bus") with the sentence that says what is wrong with each.

    ``changed(text)`` hears `text` after every change. A part that is degraded for the same reason again is no change.
    """

    def __init__(self, changed: Callable[[str], None] = lambda _text: None) -> None:
        self._changed = changed
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
            self._changed(self.text)

    def recovered(self, part: str) -> None:
        if self._wrong.pop(part, None) is not None:
            self._changed(self.text)
