"""What a reader found in a recording and what it left out, counted, with the first places of each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulators.reading.pauses import duration

KEPT_PLACES: Final = 3
KEPT_PAUSES: Final = 3

# why something is left out -> one of it, several of it; the first three are the kinds of frames of `kind_of`
REASONS: Final = {
    "error": ("error frame", "error frames"),
    "remote": ("remote frame", "remote frames"),
    "FD": ("FD frame", "FD frames"),
    "XL": ("XL frame", "XL frames"),
    "cut off": ("frame cut off at the end", "frames cut off at the end"),
    "incomplete": ("incomplete frame", "incomplete frames"),
    "identifier": ("frame with an impossible identifier", "frames with impossible identifiers"),
    "time": ("frame with an impossible time", "frames with impossible times"),
    "not understood": ("line not understood", "lines not understood"),
    "damaged": ("damaged place", "damaged places"),
    "too long": ("line too long to be one", "lines too long to be any"),
    "event": ("event that is no frame", "events that are no frames"),
    "comment": ("comment", "comments"),
    "other bus": ("frame of another bus", "frames of other buses"),
}


@dataclass(slots=True)
class LeftOut:
    """``first``: the first places, such as "line 7"; ``why``: a sentence about the first, where there is one."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch without frames that is longer than `pauses.PAUSE_S`. ``after``: the place of the last frame before."""

    seconds: float
    after: str


@dataclass(slots=True, kw_only=True)
class Report:
    """``used``: frames given on. ``unit``: "line" or "frame", what places count. ``notes``: what else is to be known.

    ``clamped``: frames whose time was a little before that of the frame before, by ``largest_back_s`` at most.
    ``pauses``: the longest ones; ``pause_count``: all.
    """

    unit: str = "line"
    used: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    buses: Counter[str] = field(default_factory=Counter)
    error_classes: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    clamped: int = 0
    largest_back_s: float = 0.0
    first_clamped: str = ""
    pauses: list[Pause] = field(default_factory=list)
    pause_count: int = 0

    def place(self, number: int) -> str:
        return f"{self.unit} {number}"

    def skip(self, reason: str, number: int, why: str = "") -> None:
        """One more of ``reason`` (a key of `REASONS`), at line or frame ``number``."""
        left_out = self.left_out.setdefault(reason, LeftOut())
        left_out.count += 1
        if len(left_out.first) < KEPT_PLACES:
            left_out.first.append(self.place(number))
        left_out.why = left_out.why or why

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def back(self, number: int, by_s: float) -> None:
        self.clamped += 1
        self.first_clamped = self.first_clamped or self.place(number)
        self.largest_back_s = max(self.largest_back_s, by_s)

    def pause(self, after: int, seconds: float) -> None:
        self.pause_count += 1
        self.pauses.append(Pause(seconds=seconds, after=self.place(after)))
        self.pauses.sort(key=lambda pause: -pause.seconds)
        del self.pauses[KEPT_PAUSES:]

    def take(self, other: "Report") -> None:
        """Adds what another reader of the same file found; ``other`` is of a part of it."""
        self.used += other.used
        for reason, found in other.left_out.items():
            mine = self.left_out.setdefault(reason, LeftOut())
            mine.count += found.count
            mine.first = sorted({*mine.first, *found.first}, key=_number)[:KEPT_PLACES]
            mine.why = mine.why or found.why
        self.error_classes.update(other.error_classes)
        for text in other.notes:
            self.note(text)
        self.clamped += other.clamped
        self.largest_back_s = max(self.largest_back_s, other.largest_back_s)
        self.first_clamped = self.first_clamped or other.first_clamped
        self.pause_count += other.pause_count
        self.pauses = sorted((*self.pauses, *other.pauses), key=lambda pause: -pause.seconds)[:KEPT_PAUSES]

    # --- told -------------------------------------------------------------------------------------------------------

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each reason."""
        return {reason: found.count for reason, found in sorted(self.left_out.items())}

    def left_out_text(self) -> str:
        """ "5 error frames (lines 1, 2, 3, ...)"; "" when nothing is left out."""
        return ", ".join(self._told(reason, self.left_out[reason]) for reason in REASONS if reason in self.left_out)

    def _told(self, reason: str, found: LeftOut) -> str:
        one, many = REASONS[reason]
        numbers = ", ".join(place.removeprefix(f"{self.unit} ") for place in found.first)
        units = self.unit if found.count == 1 else f"{self.unit}s"
        more = ", ..." if found.count > len(found.first) else ""
        why = f": {found.why}" if found.why else ""
        if reason == "error" and self.error_classes:
            why = ": " + ", ".join(f"{count} {name}" for name, count in self.error_classes.items())
        return f"{found.count} {one if found.count == 1 else many} ({units} {numbers}{more}{why})"

    def sentences(self) -> list[str]:
        """For a person, the summary first."""
        left_out = self.left_out_text()
        told = [
            f"{self.used} {'frame' if self.used == 1 else 'frames'} used; "
            + (f"left out: {left_out}" if left_out else "nothing left out")
        ]
        if len(self.buses) > 1:
            told.append(f"{len(self.buses)} buses: {self.buses_text()}")
        told += self.notes
        if self.clamped:
            told.append(
                f"{self.clamped} times up to {self.largest_back_s * 1000:.3f} ms before the frame before, "
                f"the first in {self.first_clamped}; taken as of that frame"
            )
        if self.pauses:
            longest = ", ".join(f"{duration(pause.seconds)} after {pause.after}" for pause in self.pauses)
            told.append(f"{self.pause_count} long {'pause' if self.pause_count == 1 else 'pauses'}: {longest}")
        return told

    def buses_text(self) -> str:
        return ", ".join(f"{name} ({count} frames)" for name, count in sorted(self.buses.items()))

    def to_json(self) -> dict[str, object]:
        return {
            "frames": self.used,
            "left_out": [
                {"reason": reason, "count": found.count, "first": found.first, "why": found.why}
                for reason, found in sorted(self.left_out.items())
            ],
            "error_classes": dict(self.error_classes),
            "buses": dict(self.buses),
            "backwards": {
                "count": self.clamped,
                "largest_s": round(self.largest_back_s, 9),
                "first": self.first_clamped,
            },
            "pauses": {
                "count": self.pause_count,
                "longest": [{"seconds": round(pause.seconds, 6), "after": pause.after} for pause in self.pauses],
            },
            "notes": list(self.notes),
        }


def _number(place: str) -> int:
    return int(place.rsplit(" ", 1)[-1])
