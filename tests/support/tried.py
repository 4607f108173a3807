"""Program: tries commands of the command line where one package is missing or broken, each in a process of its own.

Reads one JSON object: `module`, `broken` (a file in its place; null: it is missing), `commands` (name -> words),
`folders` (name -> the command's own data folder), `patience_s` (name -> after how long it is interrupted). Prints one
JSON object: name -> [exit status, standard output, standard error].

What is slow to import is imported once for many commands; each command is a fork of that. An interrupt is a Ctrl-C as
a terminal sends it, SIGINT to the whole process group, and is repeated: Python drops one that falls into a destructor.
Who does not end on INTERRUPTS of them is killed: status KILLED.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import pkgutil
import select
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

KILLED: Final = -int(signal.SIGKILL)
AT_A_TIME: Final = 2
PATIENCE_S: Final = 0.7
INTERRUPTS: Final = 4
ENDS_WITHIN_S: Final = 10.0  # after an interrupt
IMPORTED_ONCE_FOR: Final = 5  # commands; few need but little of it
HEAVY: Final = ("numpy", "pydantic", "can", "cantools", "dbus_next", "typer")
OURS: Final = ("vehicle_agent", "vehicle_apis", "state_machines", "simulators")


class _Finder(importlib.abc.MetaPathFinder):
    """Python's own, but for one module."""

    find_distributions = staticmethod(importlib.machinery.PathFinder.find_distributions)

    def __init__(self, module: str, broken: str | None) -> None:
        self._module = module
        self._broken = broken

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != self._module:
            return importlib.machinery.PathFinder.find_spec(name, path, target)
        if self._broken is None:
            return None
        return importlib.util.spec_from_file_location(name, self._broken, submodule_search_locations=["/nowhere"])


def _import_what_is_slow() -> None:
    """What of it cannot be imported is imported, or not, by the command that wants it."""
    for name in HEAVY:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name in OURS:
        package = importlib.import_module(name)
        for part in pkgutil.walk_packages(package.__path__, f"{name}.", onerror=lambda _: None):
            if not part.name.endswith("__main__"):
                with contextlib.suppress(Exception):
                    importlib.import_module(part.name)


@dataclass(slots=True)
class _Child:
    name: str
    pid: int
    ended: int  # a descriptor that can be read once the process has ended
    output: tuple[Path, Path]
    until_s: float
    interrupts: int = 0


def _run(words: Sequence[str]) -> int:
    sys.argv = ["vehicle-agent", *words]
    try:
        importlib.import_module("vehicle_agent.cli").main()
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 0 if e.code is None else 1
    except KeyboardInterrupt:
        return 130
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 255
    return 0


def _begin(name: str, words: Sequence[str], folder: str, patience_s: float) -> _Child:
    output = (Path(folder) / "stdout", Path(folder) / "stderr")
    pid = os.fork()
    if pid == 0:
        status = 255
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # also where this program's starter ignores it
            os.environ["VEHICLE_AGENT_DATA"] = folder
            for number, path in enumerate(output, 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
            status = _run(words)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)  # nothing of this process is the child's to tidy up
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    return _Child(name, pid, os.pidfd_open(pid), output, time.monotonic() + patience_s)


def _end(child: _Child) -> tuple[int, str, str]:
    # what it has started ends with it, as the message bus of an interrupted command
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    _, status = os.waitpid(child.pid, 0)
    os.close(child.ended)
    out, err = (path.read_text(encoding="utf-8", errors="backslashreplace") for path in child.output)
    return os.waitstatus_to_exitcode(status), out, err


def _urge(child: _Child) -> None:
    os.killpg(child.pid, signal.SIGINT if child.interrupts < INTERRUPTS else signal.SIGKILL)
    child.interrupts += 1
    child.until_s = time.monotonic() + ENDS_WITHIN_S


def _try_all(
    commands: dict[str, list[str]], folders: dict[str, str], patience_s: dict[str, float]
) -> dict[str, tuple[int, str, str]]:
    waiting = list(commands)
    running: dict[int, _Child] = {}
    results = {}
    while waiting or running:
        while waiting and len(running) < AT_A_TIME:
            name = waiting.pop(0)
            child = _begin(name, commands[name], folders[name], patience_s.get(name, PATIENCE_S))
            running[child.ended] = child
        left_s = min(child.until_s for child in running.values()) - time.monotonic()
        for number in select.select(list(running), [], [], max(0, left_s))[0]:
            child = running.pop(number)
            results[child.name] = _end(child)
        for child in running.values():
            if child.until_s <= time.monotonic():
                _urge(child)
    return results


def _main() -> None:
    sys.path[0] = str(Path.cwd())  # instead of this file's folder
    job = json.load(sys.stdin)
    finder = _Finder(job["module"], job["broken"])
    sys.meta_path = [finder if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
    if len(job["commands"]) >= IMPORTED_ONCE_FOR:
        _import_what_is_slow()
    print(json.dumps(_try_all(job["commands"], job["folders"], job["patience_s"])))


if __name__ == "__main__":
    _main()
