"""What a played scenario showed: for people, for programs, for continuous integration (JUnit XML)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation and what was seen. ``after_s``: how long after its step it was decided."""

    at_s: float
    text: str
    seen: str
    met: bool
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, for the readable report."""

    at_s: float
    kind: Literal["note", "set", "fault", "clear", "send", "driver", "car", "says", "state"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``duration_s``: of the scenario's own time; ``took_s``: real seconds, 0 when nobody measured them.

    ``unsafe``: calls that were sent although the car, as it really was, forbade them; one such fails the scenario
    unless it is about a ``residual`` risk.
    """

    name: str
    source: str
    seed: int
    checks: tuple[Check, ...]
    events: tuple[Event, ...]
    duration_s: float
    frames: int = 0
    took_s: float = 0.0
    unsafe: tuple[str, ...] = ()
    residual: str = ""

    @property
    def passed(self) -> bool:
        return (not self.unsafe or bool(self.residual)) and all(check.met for check in self.checks)

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "source": self.source,
            "seed": self.seed,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
            "events": [asdict(event) for event in self.events],
            "unsafe": self.unsafe,
            "residual": self.residual,
            "frames": self.frames,
            "duration_s": round(self.duration_s, 3),
            "took_s": round(self.took_s, 3),
        }

    def to_text(self) -> str:
        """The drive in its order, a line each; what was not met stands out."""
        lines: list[tuple[float, int, str]] = [(e.at_s, 0, f"{e.kind:<7} {e.text}") for e in self.events]
        for check in self.checks:
            mark = "ok     " if check.met else "NOT MET"
            late = f" after {check.after_s * 1000:.0f} ms" if check.met and check.after_s >= 0.001 else ""
            seen = "" if check.met else f": {check.seen}"
            lines.append((check.at_s, 1, f"{mark} {check.text}{late}{seen}"))
        lines += [(self.duration_s, 2, f"UNSAFE  {text}") for text in self.unsafe]
        body = [f"{at_s:8.2f} s  {text}" for at_s, _, text in sorted(lines, key=lambda line: line[:2])]
        met = sum(check.met for check in self.checks)
        word = "passed" if self.passed else "FAILED"
        end = f"{self.name}: {word}, {met} of {len(self.checks)} expectations met"
        pace = f" in {self.took_s:.1f} s" if self.took_s else ""
        return "\n".join([*body, f"{end}, {self.duration_s:.1f} s of driving{pace}, seed {self.seed}"])


def write_junit(reports: Iterable[Report], path: Path) -> None:
    """One test suite a scenario, one test case an expectation. Raises OSError."""
    from junitparser import Failure, JUnitXml, TestCase, TestSuite  # who writes none can do without it

    xml = JUnitXml()
    for report in reports:
        suite = TestSuite(report.name)
        suite.add_property("seed", str(report.seed))
        suite.add_property("source", report.source)
        for check in report.checks:
            case = TestCase(f"{check.at_s:g} s: {check.text}", classname=report.name, time=check.after_s)
            if not check.met:
                case.result = [Failure(f"seen: {check.seen}")]
            suite.add_testcase(case)
        if report.unsafe and not report.residual:
            case = TestCase("nothing unsafe is sent", classname=report.name)
            case.result = [Failure("; ".join(report.unsafe))]
            suite.add_testcase(case)
        suite.time = report.took_s
        xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]  # the library is typed in part
    path.parent.mkdir(parents=True, exist_ok=True)
    xml.write(str(path), pretty=True)
