"""Runs tests against mutants: one fresh child process per mutant and stage, forked from a parent that is warm but has
never imported the code under test.

The child sees the mutant wherever it imports the module, because no test module and nothing under test was imported
before the fork. A child whose tests passed without loading the mutant is an error, not a survivor.
"""

import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import io
import math
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, TypeAlias

from mutation.mutants import Module, Mutant

_HYPOTHESIS_PROFILE: Final = "mutants"
_PLUGINS: Final = ("_hypothesis_pytestplugin", "pytest_asyncio.plugin", "pytest_timeout")
# the first failure decides, nobody reads why; the collections after each session would cost more than most tests
_PYTEST: Final = ("-x", "-qq", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-p", "no:unraisableexception")
_MEMORY_BYTES: Final = 4 << 30
_WALL_PER_CPU: Final = 20  # a busy machine is no failure; a child that sleeps is stopped all the same
_MISSED = 86  # exit status of a child that passed without ever importing the mutant
_BROKEN = 87


class HarnessError(Exception):
    """The result of a run would mean nothing. The message says which test run to look at."""


class Fate(IntEnum):
    SURVIVED = 0
    KILLED = 1
    TIMED_OUT = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Stage:
    """Some tests. ``passes`` runs in the child, imports the code under test there, and says whether all went well."""

    name: str
    passes: Callable[[Mutant | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``stage``: which tests decided; of a survivor the last ones. ``cpu_s``: over all stages."""

    mutant: Mutant
    fate: Fate
    stage: str
    cpu_s: float


def pytest_stage(name: str, root: Path, files: Sequence[str]) -> Stage:
    """Test files, in this order, up to the first failure."""

    def passes(_: Mutant | None) -> bool:
        import pytest

        os.chdir(root)
        arguments = [*_PYTEST, f"--hypothesis-profile={_HYPOTHESIS_PROFILE}"]
        status = pytest.main([*arguments, *files])
        if status in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            return status is pytest.ExitCode.OK
        if status is pytest.ExitCode.INTERRUPTED:
            return False  # a test module could not be imported with the mutant
        raise HarnessError(f"pytest ended with {status!r} on {' '.join(files)}")

    return Stage(name, passes)


def warm_up() -> None:
    """Imports what every child needs, but nothing under test."""
    import hypothesis
    import hypothesis.strategies as st
    import pytest

    # the first failing example kills: no time is spent on a simpler one
    hypothesis.settings.register_profile(
        _HYPOTHESIS_PROFILE,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    # the first example of a process costs more than the hundred after it
    hypothesis.settings.load_profile(_HYPOTHESIS_PROFILE)
    hypothesis.given(st.lists(st.integers() | st.floats() | st.text()))(lambda _: None)()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["PYTEST_PLUGINS"] = ",".join(_PLUGINS)
    silent = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(silent),
        contextlib.redirect_stderr(silent),
    ):
        # a session without tests: pytest brings in its own parts
        pytest.main([*_PYTEST, "-c", os.devnull, "--rootdir", folder, folder])


# --- in the child


class _MutantImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, module: Module, code: CodeType) -> None:
        self.module = module
        self.code = code
        self.loaded = False

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.module.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        self.loaded = True
        exec(self.code, module.__dict__)  # noqa: S102  # this is what importing means


def _child(module: Module, code: CodeType, stage: Stage, mutant: Mutant | None, limit_s: float) -> int:
    """Exit status. Runs the stage with ``code`` in the place of ``module``."""
    whole_s = math.ceil(limit_s)
    resource.setrlimit(resource.RLIMIT_CPU, (whole_s, whole_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    importer = _MutantImporter(module, code)
    sys.meta_path.insert(0, importer)
    passed = stage.passes(mutant)
    if passed and not importer.loaded:
        return _MISSED
    return Fate.SURVIVED if passed else Fate.KILLED


# --- in the parent

_Job: TypeAlias = tuple[Module, CodeType, Stage, Mutant | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    pid: int
    index: int
    stage: int
    ends_s: float


class Harness:
    """``stages_of`` gives the tests of a module in the order in which they are tried.

    ``package`` is the top-level package under test; ``cpu_limit_s`` ends a mutant that runs for ever. ``quiet`` hides
    what the tests print.
    """

    def __init__(
        self,
        package: str,
        stages_of: Callable[[Module], Sequence[Stage]],
        *,
        jobs: int = 1,
        cpu_limit_s: float = 60.0,
        quiet: bool = True,
    ) -> None:
        self._package = package
        self._stages_of = stages_of
        self._jobs = jobs
        self._cpu_limit_s = cpu_limit_s
        self._quiet = quiet

    def check_unchanged(self, modules: Sequence[Module]) -> None:
        """Each module's tests must pass with the module as it is. Raises HarnessError."""
        tried: set[str] = set()
        for module in modules:
            for stage in self._stages_of(module):
                # what runs for every module need not be tried with each of them
                if stage.name in tried:
                    continue
                tried.add(stage.name)
                self._check_nothing_is_loaded()
                pid = self._fork((module, module.code(), stage, None))
                _, status = os.waitpid(pid, 0)
                code = os.waitstatus_to_exitcode(status)
                if code != Fate.SURVIVED:
                    raise HarnessError(f"the tests of {module.name} ({stage.name}) fail without any mutant ({code})")

    def run(self, mutants: Sequence[Mutant]) -> Iterator[Outcome]:
        """The fate of each, as they are decided. Raises HarnessError."""
        waiting = deque((i, 0) for i in range(len(mutants)))
        running: dict[int, _Running] = {}  # by file descriptor
        spent_s = [0.0] * len(mutants)
        try:
            while waiting or running:
                while waiting and len(running) < self._jobs:
                    started = self._start(mutants, *waiting.popleft())
                    running[os.pidfd_open(started.pid)] = started
                for fd in self._ended(running):
                    child = running.pop(fd)
                    os.close(fd)
                    _, status, usage = os.wait4(child.pid, 0)
                    spent_s[child.index] += usage.ru_utime + usage.ru_stime
                    mutant = mutants[child.index]
                    stages = self._stages_of(mutant.module)
                    fate = self._fate(os.waitstatus_to_exitcode(status), mutant, stages[child.stage])
                    if fate is Fate.SURVIVED and child.stage + 1 < len(stages):
                        waiting.appendleft((child.index, child.stage + 1))
                        continue
                    yield Outcome(mutant=mutant, fate=fate, stage=stages[child.stage].name, cpu_s=spent_s[child.index])
        finally:
            for fd, child in running.items():
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                os.close(fd)

    def _start(self, mutants: Sequence[Mutant], index: int, stage: int) -> _Running:
        self._check_nothing_is_loaded()
        mutant = mutants[index]
        pid = self._fork((mutant.module, mutant.code(), self._stages_of(mutant.module)[stage], mutant))
        ends_s = time.monotonic() + _WALL_PER_CPU * self._cpu_limit_s
        return _Running(pid=pid, index=index, stage=stage, ends_s=ends_s)

    @staticmethod
    def _ended(running: dict[int, _Running]) -> list[int]:
        """The file descriptors of children that are done; one past its time is ended here."""
        wait_s = max(0.0, min(child.ends_s for child in running.values()) - time.monotonic())
        done, _, _ = select.select([*running], [], [], wait_s)
        if not done:
            for child in running.values():
                if child.ends_s <= time.monotonic():
                    os.kill(child.pid, signal.SIGXCPU)
        return list(done)

    @staticmethod
    def _fate(code: int, mutant: Mutant, stage: Stage) -> Fate:
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return Fate.TIMED_OUT
        if code == _MISSED:
            raise HarnessError(f"{stage.name} never imports {mutant.module.name}: its mutants prove nothing there")
        if code not in {Fate.SURVIVED, Fate.KILLED}:
            raise HarnessError(f"{stage.name} broke off ({code}) with {mutant.key}")
        return Fate(code)

    def _check_nothing_is_loaded(self) -> None:
        early = sorted(m for m in sys.modules if m == self._package or m.startswith(f"{self._package}."))
        if early:
            raise HarnessError(f"imported before the mutant could take its place: {', '.join(early)}")

    def _fork(self, job: _Job) -> int:
        module, code, stage, mutant = job
        gc.freeze()  # the collector leaves what parent and child share alone
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        status = _BROKEN
        gc.disable()  # a child is gone before garbage matters
        try:
            if self._quiet:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                os.dup2(null, 2)
            status = _child(module, code, stage, mutant, self._cpu_limit_s)
        except BaseException:  # noqa: BLE001 - nothing may leave the child but its status
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
