"""Times of a recording's frames: none goes back, none is impossible, long pauses are told."""

import math
from typing import Final

import can

from simulators.errors import RecordingError
from simulators.reading.pauses import PAUSE_S, SKIPPED_TO_S
from simulators.reading.report import Report

TOLERANCE_S: Final = 0.01  # what stamps of several interfaces, or of one under load, may be apart
_ROUNDING_S: Final = 1e-6  # of stamps of this century in binary
LATEST_S: Final = float(2**33)  # the year 2242


class Order:
    """The frames of one bus, or of several taken together. ``report`` hears what is changed."""

    def __init__(self, report: Report, *, skip_pauses: bool = False) -> None:
        self._report = report
        self._skip_pauses = skip_pauses
        self._skipped_s = 0.0
        self._before_s: float | None = None
        self._before_at = 0

    def take(self, message: can.Message, number: int) -> bool:
        """Sets the time at which the frame is to be played; False when it has none.

        A time less than `TOLERANCE_S` before that of the frame before becomes that one. Raises RecordingError for a
        larger step back.
        """
        time_s = message.timestamp
        if not math.isfinite(time_s) or not 0 <= time_s <= LATEST_S:
            self._report.skip("time", number, f"{time_s:g} s is no time")
            return False
        before_s = self._before_s
        if before_s is None:
            before_s = time_s
        elif time_s < before_s:
            if before_s - time_s > TOLERANCE_S + _ROUNDING_S:
                raise RecordingError(
                    f"{self._report.place(number)}: its time {time_s:.6f} s is before {before_s:.6f} s of the frame "
                    "before it; sort the recording by time first"
                )
            self._report.back(number, before_s - time_s)
            time_s = before_s
        elif time_s - before_s > PAUSE_S:
            self._report.pause(self._before_at, time_s - before_s)
            if self._skip_pauses:
                self._skipped_s += time_s - before_s - SKIPPED_TO_S
        self._before_s, self._before_at = time_s, number
        message.timestamp = time_s - self._skipped_s if self._skipped_s else time_s
        return True
