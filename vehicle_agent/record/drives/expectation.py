"""What a recorded drive should give, as JSON lines that people can read and version control can compare."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from vehicle_agent.errors import ConfigError
from vehicle_agent.record.drives.drive import Drive, StateChange, Verdicts
from vehicle_apis import numbers

VERSION: Final = 1
_SAME_TIME_S: Final = 0.0011  # formats round times differently, and we round to milliseconds
_DECISIONS: Final = ("allow", "confirm", "deny")


def lines(drive: Drive) -> Iterator[dict[str, object]]:
    """The drive as JSON objects: a head, then changes of state, verdicts and messages."""
    yield {"kind": "drive", "version": VERSION, "frames": drive.frames, "seconds": round(drive.seconds, 3)}
    for change in drive.changes:
        yield {"kind": "state", **asdict(change), "at_s": round(change.at_s, 3)}
    for verdicts in drive.verdicts:
        by_decision = {word: [text for text, d in verdicts.of.items() if d == word] for word in _DECISIONS}
        yield {"kind": "verdicts", "at_s": round(verdicts.at_s, 3), "state": verdicts.state, **by_decision}
    for name, counts in drive.messages.items():
        yield {"kind": "message", "name": name, "counts": dict(counts)}


def write_expectation(path: Path, drive: Drive) -> None:
    """Raises ConfigError."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines(drive))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as e:
        raise ConfigError(f"{path}: the expectation cannot be written: {e.strerror or e}; choose another place") from e


def read_expectation(path: Path) -> Drive:
    """What `write_expectation` wrote. Raises ConfigError with the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        cause = getattr(e, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(f"{path}: the expectation cannot be read: {cause}; --write-expect makes one") from e
    found = _Found()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found.add(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as e:
            raise ConfigError(f"{path}, line {number}: no line of an expectation: {e}; --write-expect makes one") from e
    if found.version != VERSION:
        raise ConfigError(f"{path}: this is no expectation of version {VERSION}; --write-expect makes one")
    return Drive(
        frames=found.frames,
        seconds=found.seconds,
        changes=tuple(found.changes),
        verdicts=tuple(found.verdicts),
        messages=found.messages,
    )


@dataclass(slots=True, kw_only=True)
class _Found:
    """The lines of an expectation read so far."""

    version: int = 0
    frames: int = 0
    seconds: float = 0.0
    changes: list[StateChange] = field(default_factory=list)
    verdicts: list[Verdicts] = field(default_factory=list)
    messages: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def add(self, event: dict[str, Any]) -> None:
        match event["kind"]:
            case "drive":
                self.version = _count(event["version"])
                self.frames, self.seconds = _count(event["frames"]), _finite(event["seconds"])
            case "state":
                words = {key: str(event[key]) for key in ("old", "new", "by", "because")}
                self.changes.append(StateChange(at_s=_finite(event["at_s"]), **words))
            case "verdicts":
                of = {str(text): word for word in _DECISIONS for text in event[word]}
                self.verdicts.append(Verdicts(at_s=_finite(event["at_s"]), state=str(event["state"]), of=of))
            case "message":
                self.messages[str(event["name"])] = {str(k): _count(v) for k, v in event["counts"].items()}
            case kind:
                raise ValueError(f"there is no kind {kind!r}")


def _count(value: object) -> int:
    """Raises ValueError."""
    return value if isinstance(value, int) else numbers.whole_number(str(value))


def _finite(value: object) -> float:
    """Raises ValueError: Python's JSON knows NaN, which is not even equal to itself."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    number = float(value if is_number else numbers.number(str(value)))  # type: ignore[arg-type]  # checked
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no time")
    return number


def differences(expected: Drive, seen: Drive) -> list[str]:
    """One sentence for each thing that is not as expected; empty when all is.

    Times may differ by a millisecond. A function that the expectation does not know yet is no difference.
    """
    return [
        *_frames(expected, seen),
        *_changes(expected.changes, seen.changes),
        *_verdicts(expected.verdicts, seen.verdicts),
        *_messages(expected.messages, seen.messages),
    ]


def _frames(expected: Drive, seen: Drive) -> Iterator[str]:
    if expected.frames != seen.frames:
        yield f"the recording has {seen.frames} frames, expected were {expected.frames}: another recording?"


def _is_same(expected: StateChange, seen: StateChange) -> bool:
    return (expected.old, expected.new, expected.by) == (seen.old, seen.new, seen.by) and _same_time(
        expected.at_s, seen.at_s
    )


def _same_time(one_s: float, other_s: float) -> bool:
    return abs(one_s - other_s) <= _SAME_TIME_S


def _changes(expected: tuple[StateChange, ...], seen: tuple[StateChange, ...]) -> Iterator[str]:
    for number, (before, now) in enumerate(zip_longest(expected, seen), 1):
        if before is not None and now is not None and _is_same(before, now):
            continue
        yield f"change of state {number}: expected {_told(before)}; seen {_told(now)}"


def _told(change: StateChange | None) -> str:
    if change is None:
        return "none"
    return f"{change.old} -> {change.new} at {change.at_s:.3f} s by {change.by} ({change.because})"


def _verdicts(expected: tuple[Verdicts, ...], seen: tuple[Verdicts, ...]) -> Iterator[str]:
    for before, now in zip(expected, seen, strict=False):  # a change more or less has been told already
        if before.state != now.state or not _same_time(before.at_s, now.at_s):
            continue
        for text, decision in before.of.items():
            found = now.of.get(text, "not judged")
            if found != decision:
                yield f"{text} at {before.at_s:.3f} s while {before.state}: expected {decision}, seen {found}"


def _messages(expected: Mapping[str, Mapping[str, int]], seen: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for name in sorted({*expected, *seen}):
        before, now = expected.get(name, {}), seen.get(name, {})
        if dict(before) != dict(now):
            yield f"message {name}: expected {_counted(before)}; seen {_counted(now)}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"
