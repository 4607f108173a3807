"""Writers' lines: `TEXT => LABEL` files, parsed."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vehicle_apis.tokens import ROUTES

SLOT = re.compile(r"\{([a-z_]+)(?::(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?)?(?:#\d)?\}")
HELD_OUT_PERCENT = 3
ANSWERS = ("=yes", "=no", "=cancel")
_ROUTE = re.compile(r">\s*([a-z_]+)\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class RawCall:
    """A call as written: values may hold slots."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def refs(self) -> bool:
        return any(value.startswith("$") for _, value in self.arguments)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: calls, ``clarify`` = (function, parameter or ""), ``route`` = (specialist, query), perhaps after calls,
    ``answer`` = yes, no or cancel to an open question, or none of them (a refusal)."""

    text: str
    calls: tuple[RawCall, ...] = ()
    clarify: tuple[str, str] | None = None
    route: tuple[str, str] | None = None
    answer: str = ""

    @property
    def held_out(self) -> bool:
        """Whether the line is kept for measuring; decided by its text alone, so that it never changes."""
        return zlib.crc32(self.text.encode()) % 100 < HELD_OUT_PERCENT

    @property
    def topic(self) -> str:
        """What balancing counts: the first function, or the kind of answer."""
        if self.clarify:
            return "?"
        if self.route:
            return f"> {self.route[0]}"
        if self.answer:
            return "="
        return self.calls[0].name if self.calls else "-"


class BadLine(ValueError):
    """A line that does not follow the format."""


def parse_line(line: str) -> Line:
    """Raises BadLine."""
    text, arrow, label = line.partition(" => ")
    text, label = text.strip(), label.strip()
    if not arrow or not text or not label:
        raise BadLine(f"expected 'TEXT => LABEL', got {line!r}")
    if label == "-":
        return Line(text)
    if label.startswith("?"):
        words = label[1:].split()
        if len(words) not in (1, 2):
            raise BadLine(f"expected '? function param', got {label!r}")
        return Line(text, clarify=(words[0], words[1] if len(words) > 1 else ""))
    if label.startswith("="):
        if label not in ANSWERS:
            raise BadLine(f"expected one of {', '.join(ANSWERS)}, got {label!r}")
        return Line(text, answer=label[1:])
    *parts, last = label.split(" ; ")
    route = _parse_route(last)
    calls = tuple(map(_parse_call, parts if route else [*parts, last]))
    return Line(text, calls, route=route)


def _parse_route(text: str) -> tuple[str, str] | None:
    """``> specialist: query``; None for anything that does not begin so. Raises BadLine."""
    match = _ROUTE.match(text.strip())
    if match is None:
        if text.strip().startswith(">"):
            raise BadLine(f"expected '> specialist: query', got {text!r}")
        return None
    if match.group(1) not in ROUTES:
        raise BadLine(f"there is no specialist {match.group(1)!r}")
    return match.group(1), match.group(2).strip()


def _parse_call(text: str) -> RawCall:
    name, _, rest = text.strip().partition(" ")
    arguments = []
    for part in filter(None, (p.strip() for p in rest.split(" | "))):
        key, equals, value = part.partition("=")
        if not equals:
            raise BadLine(f"expected key=value, got {part!r}")
        arguments.append((key, value))
    return RawCall(name, tuple(arguments))


def read_lines(folder: Path) -> Iterator[Line]:
    """All lines that stand alone below ``folder``, each distinct text once; conversations and invented functions have
    files of other names. Raises BadLine."""
    seen: set[str] = set()
    for path in sorted(folder.rglob("*.txt")):
        if path.name.startswith("conv_") or path.name == "inv.txt":
            continue
        for row in path.read_text(encoding="utf-8").splitlines():
            if not row.strip() or row.startswith("#"):
                continue
            try:
                line = parse_line(row)
            except BadLine as e:
                raise BadLine(f"{path}: {e}") from e
            if line.text not in seen:
                seen.add(line.text)
                yield line
