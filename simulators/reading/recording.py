"""One recording, opened: looked through as a whole, then read frame by frame."""

import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import can

from simulators.errors import RecordingError
from simulators.log_formats import FORMATS, TEXT, format_of
from simulators.mf4 import to_candump
from simulators.reading.asc import parse_asc
from simulators.reading.blf import parse_blf
from simulators.reading.candump import NoTimes, Stamps, parse_candump, stamps_of
from simulators.reading.frame import error_classes, kind_of, problem_of
from simulators.reading.order import Order
from simulators.reading.report import Report
from simulators.reading.text import lines

ALL_KINDS: Final = frozenset({"data", "remote", "error", "FD"})
_MOST_BUSES: Final = 256
_MOST_IDENTIFIERS: Final = 100_000  # of one bus, so that garbage takes no more memory than this
_NUMBERED: Final = re.compile(r"(?:.*\D)?0*(\d+)", re.ASCII)


@dataclass(slots=True, kw_only=True)
class _OfBus:
    """``first``: the number of its first frame; ``problem``: why its frames cannot be played, "" when they can."""

    report: Report
    order: Order
    first: int
    frames: int = 0
    problem: str = ""
    identifiers: set[tuple[int, bool]] = field(default_factory=set)


class Survey:
    """What a recording holds, by bus. Made by `Recording.survey`."""

    def __init__(self, path: Path, common: Report) -> None:
        self._path = path
        self._common = common
        self._buses: dict[str, _OfBus] = {}

    @property
    def is_empty(self) -> bool:
        return not self._buses

    def add(self, number: int, message: can.Message, kinds: Collection[str]) -> None:
        name = bus_of(message)
        bus = self._buses.get(name)
        if bus is None:
            if len(self._buses) == _MOST_BUSES:
                raise RecordingError(f"{self._path} tells of more than {_MOST_BUSES} buses; it is damaged")
            report = Report(unit=self._common.unit)
            bus = self._buses[name] = _OfBus(report=report, order=Order(report), first=number)
        bus.frames += 1
        if not _is_wanted(message, kinds, number, bus.report) or bus.problem:
            return
        if len(bus.identifiers) < _MOST_IDENTIFIERS:
            bus.identifiers.add((message.arbitration_id, message.is_extended_id))
        try:
            bus.report.used += bus.order.take(message, number)
        except RecordingError as e:
            bus.problem = str(e)

    @property
    def buses(self) -> Counter[str]:
        """Name -> how many frames of the wanted kinds; without those that have none."""
        return Counter({name: bus.report.used for name, bus in self._buses.items() if bus.identifiers})

    def identifiers(self, bus: str) -> frozenset[tuple[int, bool]]:
        """(number, is extended) of every wanted frame of a bus."""
        return frozenset(self._buses[bus].identifiers)

    def named(self, wanted: str) -> str:
        """The full name of a bus that is called by its name or its number. Raises RecordingError."""
        if wanted in self._buses:
            return wanted
        number = _NUMBERED.fullmatch(wanted.strip())
        if number is not None:
            of_number = [n for n in self._buses if (found := _NUMBERED.fullmatch(n)) and found[1] == number[1]]
            # "1" is can1, and "can1" is channel 1 of a format that numbers them, but vcan1 is not can1
            if len(of_number) == 1 and (wanted.strip().isdecimal() or of_number[0].isdecimal()):
                return of_number[0]
        raise RecordingError(f"{self._path} holds no bus {wanted!r}; it holds {self.buses_text() or 'none'}")

    def buses_text(self) -> str:
        return ", ".join(f"{name} ({bus.report.used} frames)" for name, bus in sorted(self._buses.items()))

    def report(self, only: str | None = None) -> Report:
        """What is used and left out when ``only`` this bus, or all, is read. Raises RecordingError if it cannot be."""
        whole = Report(unit=self._common.unit, buses=self.buses)
        whole.take(self._common)
        for name, bus in self._buses.items():
            if only in {None, name}:
                if bus.problem:
                    raise RecordingError(f"{self._path}, {bus.problem}")
                whole.take(bus.report)
            else:
                whole.skip("other bus", bus.first, name)
                whole.left_out["other bus"].count += bus.frames - 1
        return whole


class Recording:
    """``source``: the file that is read; ``path``: what the user calls it. Made by `open_recording`."""

    def __init__(self, path: Path, source: Path, suffix: str, notes: Collection[str] = ()) -> None:
        self.path = path
        self._source = source
        self._suffix = suffix
        self._notes = notes
        self._stamps: Stamps | None = None

    def new_report(self) -> Report:
        return Report(unit="line" if self._suffix in TEXT else "frame", notes=list(self._notes))

    def survey(self, kinds: Collection[str] = ALL_KINDS) -> Survey:
        """Reads all of it once. ``kinds``: the kinds of frames that are wanted, words of `kind_of`.

        Raises RecordingError when it cannot be read or holds no frames at all.
        """
        common = self.new_report()
        survey = Survey(self.path, common)
        for number, message in self._messages(common):
            survey.add(number, message, kinds)
        if survey.is_empty:
            raise self._empty(common)
        return survey

    def frames(
        self,
        *,
        bus: str | None = None,
        kinds: Collection[str] = ALL_KINDS,
        skip_pauses: bool = False,
        report: Report | None = None,
    ) -> Iterator[can.Message]:
        """The frames of one bus (its full name), or of all, in order of time; ``report`` hears what is left out.

        ``skip_pauses``: pauses of more than a minute become one second. Raises RecordingError where times go back by
        more than a tolerance, and for a recording without frames.
        """
        report = self.new_report() if report is None else report
        order = Order(report, skip_pauses=skip_pauses)
        found = False
        for number, message in self._messages(report):
            found = True
            if bus is not None and bus_of(message) != bus:
                report.skip("other bus", number, bus_of(message))
                continue
            if not _is_wanted(message, kinds, number, report):
                continue
            try:
                is_good = order.take(message, number)
            except RecordingError as e:
                raise RecordingError(f"{self.path}, {e}") from e
            if is_good:
                report.used += 1
                yield message
        if not found or (kinds == ALL_KINDS and bus is None and not report.used):
            raise self._empty(report)

    def _messages(self, report: Report) -> Iterator[tuple[int, can.Message]]:
        """Places and frames that can have been on a bus, of every kind."""
        try:
            for number, message in self._parsed(report):
                if problem := problem_of(message):
                    report.skip(problem[0], number, problem[1])
                else:
                    yield number, message
        except NoTimes as e:
            raise RecordingError(f"{self.path}, {e}") from e
        except OSError as e:
            raise unreadable(self.path, e) from e

    def _parsed(self, report: Report) -> Iterator[tuple[int, can.Message]]:
        match self._suffix:
            case ".asc":
                return parse_asc(lines(self._source, self.path), report)
            case ".blf":
                return parse_blf(self._source, self.path, report)
            case _:
                if self._stamps is None:
                    self._stamps = stamps_of(lines(self._source, self.path))
                return parse_candump(lines(self._source, self.path), report, self._stamps)

    def _empty(self, report: Report) -> RecordingError:
        left_out = report.left_out_text()
        told = f" (left out: {left_out})" if left_out else ""
        return RecordingError(
            f"{self.path} holds no CAN frames{told}; is it a recording in {FORMATS[format_of(self.path)]} format?"
        )


def bus_of(message: can.Message) -> str:
    """The interface's name, or the number of the channel; "" where the recording does not tell."""
    return "" if message.channel is None else str(message.channel)


def _is_wanted(message: can.Message, kinds: Collection[str], number: int, report: Report) -> bool:
    kind = kind_of(message)
    if kind == "error":
        report.error_classes.update(error_classes(message))
    if kind in kinds:
        return True
    report.skip(kind, number)
    return False


def unreadable(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"{path}: the recording cannot be read: {error.strerror or error}")


@contextmanager
def open_recording(path: Path) -> Iterator[Recording]:
    """Raises RecordingError for what is no readable file of a known suffix."""
    suffix = format_of(path)
    try:
        if not path.exists() or path.is_file() or path.is_dir():
            path.open("rb").close()
    except OSError as e:
        raise unreadable(path, e) from e
    if not path.is_file():
        raise RecordingError(
            f"{path}: a recording is read twice, so it must be a file, no pipe or device; copy it first"
        )
    if suffix != ".mf4":
        yield Recording(path, path, suffix)
        return
    with tempfile.TemporaryDirectory(prefix="va-mf4-") as folder:
        out = Path(folder) / "frames.log"
        yield Recording(path, out, ".log", to_candump(path, out))


def read_log(path: Path, *, bus: str | None = None, report: Report | None = None) -> Iterator[can.Message]:
    """The frames of a recording, of every kind, in order of time. Raises RecordingError where it cannot be read.

    ``bus``: one alone, by its full name. What is no frame is left out and counted in ``report``.
    """
    with open_recording(path) as recording:
        yield from recording.frames(bus=bus, report=report)
