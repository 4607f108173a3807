"""What is wrong with a wire, and when to open it anew. Knows no bus and has no clock of its own."""

from typing import Final

NOISY_S: Final = 5.0  # so long after the last unreadable datagram is the wire well again
SILENT_S: Final = 1.5  # every car that is awake sends something every 20 ms
FAILING_S: Final = 0.5  # one error is nothing; errors and no frame for so long are
PROBATION_S: Final = 2 * FAILING_S  # so long after it was opened anew may it be failing still
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 10.0

NOISE: Final = "datagrams that are no frames come in and are left out; find who else sends to this group and port"
SILENCE: Final = "no frames come any more; is the car awake and connected?"


class WireWatch:
    """Told of everything that happens on a wire, with monotonic seconds, by one thread; any thread may ask."""

    def __init__(self, now_s: float) -> None:
        self._heard_s: float | None = None
        self._error = ""
        self._failed_s: float | None = None  # the first error since the last frame or opening
        self._on_probation_until_s = now_s
        self._noisy_s: float | None = None
        self._pause_s = FIRST_PAUSE_S
        self._next_s = now_s

    def heard(self, now_s: float) -> None:
        self._heard_s = now_s
        self._error, self._failed_s = "", None
        self._pause_s, self._next_s = FIRST_PAUSE_S, now_s

    def failed(self, error: Exception, now_s: float) -> None:
        if self._failed_s is None:
            self._error = " ".join(str(error).split()) or type(error).__name__
            self._failed_s = now_s

    def unreadable(self, now_s: float) -> None:
        self._noisy_s = now_s

    def opened(self, now_s: float) -> None:
        """Anew: whatever failed before may be over, which shows when nothing fails for a while."""
        self._failed_s = None
        self._on_probation_until_s = now_s + PROBATION_S

    # another thread may change a value between two looks at it, so each is looked at once

    def _is_failing(self, now_s: float) -> bool:
        failed_s = self._failed_s
        return failed_s is not None and now_s - failed_s >= FAILING_S

    def _is_silent(self, now_s: float) -> bool:
        heard_s = self._heard_s
        return heard_s is not None and now_s - heard_s >= SILENT_S

    def trouble(self, now_s: float) -> str:
        """Phrases without a full stop; "" when all is well. A bus that was never heard is no trouble of the wire's."""
        found = []
        error = self._error
        if error and (self._is_failing(now_s) or now_s < self._on_probation_until_s):
            found.append(f"it cannot be read ({error}), tried again and again")
        elif self._is_silent(now_s):
            found.append(SILENCE)
        noisy_s = self._noisy_s
        if noisy_s is not None and now_s - noisy_s < NOISY_S:
            found.append(NOISE)
        return "; ".join(found)

    def wants_reopening(self, now_s: float) -> bool:
        """Whether to open the bus anew now; each time that it is said, the next time is twice as far away."""
        if now_s < self._next_s or not (self._is_failing(now_s) or self._is_silent(now_s)):
            return False
        self._next_s = now_s + self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return True
