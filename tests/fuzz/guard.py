"""One input under watch: how it ended, and that it took neither long nor much memory."""

import re
import resource
import signal
import traceback
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from fuzz.target import Target

MAX_CPU_S: Final = 1.0  # of this process alone: a busy machine is no hang
MAX_WALL_S: Final = 20.0
MAX_MEMORY_BYTES: Final = 200 << 20
MAX_MESSAGE_CHARS: Final = 4_000
_PAGE_BYTES: Final = resource.getpagesize()
_SPECIFIC: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9.]+")  # one defect is one finding, whatever the input was
_HERE: Final = str(Path(__file__).parent)


class Hang(BaseException):
    """The input took too long. No Exception, so that nothing under test can swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one input ended.

    ``kind``: "ok", the name of an allowed error, or "finding". ``place`` and ``words``: where an error was raised and
    how it begins; for guidance. ``problem``: one line of a finding; findings with the same line are the same one.
    """

    kind: str
    place: Hashable
    words: str = ""
    problem: str = ""

    @property
    def is_finding(self) -> bool:
        return self.kind == "finding"


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def _address_space_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE_BYTES


@contextmanager
def memory_bound(limit_bytes: int = MAX_MEMORY_BYTES) -> Iterator[None]:
    """What is inside may take so much more memory than there is now; beyond it MemoryError is raised."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space_bytes() + limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def hang_detector() -> Iterator[None]:
    """Inside, `attempt` ends an input that takes too long. For the main thread."""
    old = [(number, signal.signal(number, _too_long)) for number in (signal.SIGPROF, signal.SIGALRM)]
    try:
        yield
    finally:
        for number, handler in old:
            signal.signal(number, handler)


def attempt(target: Target, data: bytes) -> Ended:
    """Runs one input. Needs `hang_detector` around it."""
    try:
        signal.setitimer(signal.ITIMER_PROF, MAX_CPU_S)
        signal.setitimer(signal.ITIMER_REAL, MAX_WALL_S)
        try:
            result = target.run(data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    except target.allowed as e:
        return _allowed(e, MAX_MESSAGE_CHARS + 6 * len(data))  # "\\ud800" for a byte
    except Hang as e:
        return _finding("takes more than a second", e.__traceback__)
    except MemoryError as e:
        return _finding("takes more memory than allowed", e.__traceback__)
    except Exception as e:  # noqa: BLE001 - a target that lets anything out is the finding
        return _finding(f"{type(e).__name__}: {_one_line(str(e))}", e.__traceback__)
    return Ended(kind="ok", place=result)


def _allowed(error: Exception, most_chars: int) -> Ended:
    """A documented error still has to be one printable sentence."""
    text = str(error)
    if not text.strip() or len(text) > most_chars:
        problem = "with much too long a message" if text.strip() else "without a message"
        return _finding(f"{type(error).__name__} {problem}", error.__traceback__)
    if len(text.splitlines()) != 1:
        return _finding(f"{type(error).__name__} with a message of several lines", error.__traceback__)
    places = tuple((f.f_code.co_name, line) for f, line in traceback.walk_tb(error.__traceback__))
    cause = error.__cause__
    if cause is not None:
        places += tuple((f.f_code.co_name, line) for f, line in traceback.walk_tb(cause.__traceback__))[-3:]
    return Ended(kind=type(error).__name__, place=places, words=_one_line(text)[:60])


def _finding(problem: str, trace: TracebackType | None) -> Ended:
    frames = traceback.extract_tb(trace)
    ours = [f for f in frames if "/site-packages/" not in f.filename and "/lib/python" not in f.filename] or frames
    deepest = next((f for f in reversed(ours) if not f.filename.startswith(_HERE)), ours[-1] if ours else None)
    where = "" if deepest is None else f" in {Path(deepest.filename).name}:{deepest.name}"
    if ours and ours[-1].filename.startswith(_HERE):  # a broken promise is told by the line that states it
        where += f", {Path(ours[-1].filename).name}:{ours[-1].lineno}"
    return Ended(kind="finding", place=(problem.partition(":")[0], where), problem=problem + where)


def _one_line(text: str) -> str:
    return " ".join(_SPECIFIC.sub("_", text).split())[:160]
