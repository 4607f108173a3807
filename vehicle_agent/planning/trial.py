"""The model tried out in a process of its own: what was compiled for another processor ends that one and not this.

`python -m vehicle_agent.planning.trial` does it for the set-up.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from vehicle_agent.errors import ModelError
from vehicle_agent.install.places import data_dir
from vehicle_agent.packages import problem
from vehicle_agent.planning import native
from vehicle_agent.planning.model_file import find_model
from vehicle_agent.planning.processor import features

if TYPE_CHECKING:
    from vehicle_agent.planning.planner import Planner
    from vehicle_apis.catalogue import Catalogue

SENTENCE: Final = "set the temperature to twenty two"
MEANS: Final = ("set_climate_temperature", "temperature", 22)
TIMEOUT_S: Final = 300.0  # an emulated processor takes a minute
_BYTES: Final = 1 << 16
_THREADED: Final = frozenset({"llama_cpp", "ctranslate2", "onnxruntime", "torch", "vosk"})
_MODULE: Final = "vehicle_agent.planning.trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """``ms``: wall time of one warm sentence; ``kernels``: their name, "native" where they have none; ``repack``: with
    the weights rearranged for the kernels, which is faster."""

    ms: float
    kernels: str
    repack: bool

    def __str__(self) -> str:
        slow = "" if self.repack else ", without rearranged weights (slower)"
        return f"one sentence in {self.ms:.0f} ms with the {self.kernels} kernels{slow}"


@dataclass(frozen=True, slots=True)
class Fails:
    """``why``: a sentence with its remedy. ``crashed``: the process was ended by a signal or gave no answer."""

    why: str
    crashed: bool = False


Tried: TypeAlias = Works | Fails
Child: TypeAlias = Callable[[Path, bool, float], tuple[int, str]]
"""Runs `report` apart for a model, with or without rearranged weights, at most so many seconds: status, output."""


def report(path: Path, *, repack: bool) -> str:
    """What the process of its own says: JSON with ``ms``, or ``error``. Raises nothing of ours."""
    try:
        return _report(path, repack=repack)
    except Exception as e:  # a Python package that is missing or broken is no fault of the model's
        sentence = problem(e)
        if sentence is None:
            raise
        return json.dumps({"error": sentence})


def _report(path: Path, *, repack: bool) -> str:
    from vehicle_agent.planning.planner import Planner
    from vehicle_apis.catalogue import load_catalogue
    from vehicle_apis.errors import VehicleApiError

    try:
        planner = Planner.load(load_catalogue(), path, verify_checksum=True, repack=repack)
        try:
            planner.plan(SENTENCE)
            planned = planner.plan(SENTENCE)
        finally:
            planner.close()
    except (ModelError, VehicleApiError) as e:
        return json.dumps({"error": str(e)})
    name, key, value = MEANS
    calls = planned.plan.calls
    right = len(calls) == 1 and calls[0].name == name and calls[0].arguments[key] == value
    return json.dumps({"ms": planned.total_ms, "right": right})


def try_out(path: Path, *, child: Child | None = None, timeout_s: float = TIMEOUT_S) -> Tried:
    """One real sentence, in a process of its own; without rearranged weights where it crashes with them."""
    try:
        name = native.kernels() or "native"
    except ModelError as e:
        return Fails(str(e))
    run = child or (forked if may_fork() else executed)
    ended = ""
    for repack in (True, False):
        status, output = run(path, repack, timeout_s)
        if status == 0:
            said = _object(output)
            if "error" in said:
                return Fails(str(said["error"]))
            if said.get("right"):
                return Works(ms=float(str(said["ms"])), kernels=name, repack=repack)
        ended = ended or _how_it_ended(status, output)
    return Fails(f"the model does not run on this computer: {ended}; {native.REBUILD}", crashed=True)


def _object(text: str) -> dict[str, object]:
    """A JSON object, empty where ``text`` is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _how_it_ended(status: int, output: str) -> str:
    if status == 0:
        return "it answers a plain sentence wrongly"
    if status > 0:
        return f"its process ended with status {status} ({output[:200] or 'without a word'})"
    if -status == signal.SIGALRM:
        return "it gives no answer"
    with contextlib.suppress(ValueError):
        return f"its process was ended by {signal.Signals(-status).name} ({signal.strsignal(-status)})"
    return f"its process was ended by signal {-status}"


# --- a process of its own -------------------------------------------------------------------------------------------


def may_fork() -> bool:
    """Whether this process may be forked: no other Python thread, and no library loaded that computes in threads of its
    own and would wait for them for ever in the copy."""
    return threading.active_count() == 1 and sys.modules.keys().isdisjoint(_THREADED)


def executed(path: Path, repack: bool, timeout_s: float) -> tuple[int, str]:
    command = [sys.executable, "-m", _MODULE, "--report", str(path), *([] if repack else ["--plain-weights"])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM, ""
    said = done.stdout if done.returncode == 0 else done.stderr
    return done.returncode, said.strip().rpartition("\n")[2]


def forked(path: Path, repack: bool, timeout_s: float) -> tuple[int, str]:
    """Like `executed`, but on the very processor this process runs on, even an emulated one."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # numpy's idle helpers are threads too; they survive a fork
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            os.write(writer, report(path, repack=repack).encode()[:_BYTES])
            status = 0
        finally:
            os._exit(status)  # nothing of the parent's is run, closed or written twice
    os.close(writer)
    try:
        output = _read_all(reader, time.monotonic() + timeout_s)
    finally:
        os.close(reader)
    if output is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return -signal.SIGALRM, ""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode(errors="replace")


def _read_all(reader: int, until_s: float) -> bytes | None:
    """Up to the end of the pipe; None when that does not come in time."""
    parts: list[bytes] = []
    while True:
        left_s = until_s - time.monotonic()
        if left_s <= 0 or not select.select([reader], [], [], left_s)[0]:
            return None
        part = os.read(reader, _BYTES)
        if not part:
            return b"".join(parts)
        parts.append(part)


# --- remembered -----------------------------------------------------------------------------------------------------


def ensured(path: Path) -> Works:
    """That the model runs on this very computer, tried the first time and known from then on. Raises ModelError.

    What it is known for: this processor, these libraries, this model file.
    """
    known = _remembered()
    works = known.get("works")
    if known.get("of") == _identity(path) and isinstance(works, dict):
        with contextlib.suppress(TypeError):  # of another version of ours
            return Works(**works)
    return _tried_anew(path)


def _tried_anew(path: Path) -> Works:
    key = _identity(path)
    tried = try_out(path)
    if isinstance(tried, Fails):
        raise ModelError(tried.why)
    with contextlib.suppress(OSError):  # a place that cannot be written: it is tried every time
        _place().parent.mkdir(parents=True, exist_ok=True)
        beside = _place().with_name(f"{_place().name}.{os.getpid()}")
        beside.write_text(json.dumps({"of": key, "works": asdict(tried)}), encoding="utf-8")
        beside.replace(_place())
    return tried


def load_tried(
    catalogue: "Catalogue",
    path: Path | None = None,
    *,
    fresh: bool = False,
    threads: int = 2,
    ask_below: float | None = None,
) -> "Planner":
    """`Planner.load` of a model that is known to run here. Raises ModelError where it does not.

    ``fresh``: tried and its checksum compared now, whatever is known. ``threads``, ``ask_below`` as for `Planner.load`.
    """
    found = find_model(path)
    works = _tried_anew(found) if fresh else ensured(found)
    from vehicle_agent.planning.planner import Planner  # after the fork: numpy brings threads

    return Planner.load(catalogue, found, threads=threads, repack=works.repack, ask_below=ask_below)


def _place() -> Path:
    return data_dir() / "tried.json"


def _remembered() -> dict[str, object]:
    try:
        return _object(_place().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


def _identity(path: Path) -> dict[str, object]:
    libraries = native.folder()
    files = (path, *sorted(libraries.glob("*.so")), *sorted(libraries.glob("*/*.so.0")))
    return {
        "processor": sorted(features()),
        "kernels": native.kernels(),
        "files": [[str(file), *_stamp(file)] for file in files],
    }


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def main() -> int:
    """``--report PATH``: the process of its own. Without: tries the model out and tells, status 0 when it works."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--report"]:
        print(report(Path(arguments[1]), repack="--plain-weights" not in arguments))
        return 0
    try:
        tried = try_out(find_model())
    except ModelError as e:
        tried = Fails(str(e))
    print(tried.why if isinstance(tried, Fails) else f"The model was tried out: {tried}.")
    return 1 if isinstance(tried, Fails) else 0


if __name__ == "__main__":
    sys.exit(main())
