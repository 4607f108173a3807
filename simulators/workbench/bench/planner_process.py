"""A planner in a process of its own: how its threads wait is settled before its library is loaded.

Started as `python -m simulators.workbench.bench.planner_process POLICY THREADS [MODEL]`. Each line of standard input is
a number of seconds; the answer is a line of JSON, the milliseconds from text to plan of each sentence, begun within
that time. It ends with its input.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, get_args

from simulators.workbench.bench.undertaking import Undertaking
from simulators.workbench.bench.utterances import MODEL
from vehicle_agent.errors import ModelError
from vehicle_agent.planning import native
from vehicle_agent.planning.llama import Llama
from vehicle_agent.planning.model_file import find_model
from vehicle_agent.planning.planner import Planner
from vehicle_agent.planning.trial import Fails, try_out
from vehicle_apis.catalogue import load_catalogue

Policy = Literal["now", "former"]
FORMER_SPINS: Final = "300000"  # what libgomp does when nobody says anything
PAUSE_S: Final = 0.02  # a command is not said at the heels of another
_READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class _AlwaysAll:
    """The former policy: all threads, at every step."""

    most: int

    def look(self) -> int:
        return self.most

    def took(self, threads: int, wall_s: float, cpu_s: float) -> None:
        del threads, wall_s, cpu_s

    def close(self) -> None: ...


class PlannerProcess(Undertaking):
    """One such process; a context manager that ends it."""

    def __init__(self, policy: Policy, threads: int, model: Path | None, *, kernels: str = "") -> None:
        """``kernels``: those of `native.choices` to compute with, "" = the best."""
        environment = {**os.environ}
        if kernels:
            environment[native.CHOICE] = kernels
        environment.pop("OMP_WAIT_POLICY", None)
        environment.pop("GOMP_SPINCOUNT", None)
        if policy == "former":
            environment["GOMP_SPINCOUNT"] = FORMER_SPINS
        command = [sys.executable, "-m", __name__, policy, str(threads), *([str(model)] if model is not None else [])]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _begin(self) -> None:
        """Raises ModelError."""
        self._answer(_READY)

    def measure(self, limit_s: float) -> list[float]:
        """Milliseconds of each sentence that was begun within ``limit_s``. Raises ModelError."""
        assert self._process.stdin is not None  # noqa: S101 - asked for at the start
        try:
            self._process.stdin.write(f"{limit_s}\n")
            self._process.stdin.flush()
        except OSError as e:
            raise self._ended() from e
        return [float(ms) for ms in json.loads(self._answer("["))]

    def _answer(self, begins: str) -> str:
        assert self._process.stdout is not None  # noqa: S101 - asked for at the start
        line = self._process.stdout.readline()
        if not line.startswith(begins):
            raise self._ended()
        return line

    def _ended(self) -> ModelError:
        self._process.kill()
        said = self._process.stderr.read().strip().splitlines() if self._process.stderr is not None else []
        return ModelError(f"the measured planner ended: {said[-1] if said else 'it said nothing'}")

    def _end(self) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                _close(stream)
        self._process.wait()


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        return  # what was not written any more nobody reads


def _serve(policy: Policy, threads: int, model: Path | None) -> None:
    path = find_model(model)
    tried = try_out(path)
    if isinstance(tried, Fails):
        raise ModelError(tried.why)
    steps = _AlwaysAll(threads) if policy == "former" else None
    planner = Planner(Llama(path, threads=threads, repack=tried.repack, steps=steps), load_catalogue())
    texts = [said.text for said in MODEL if said.kind == "single"]
    try:
        for text in texts:
            planner.plan(text)
        print(_READY, flush=True)
        for line in sys.stdin:
            until_s = time.perf_counter() + float(line)
            times: list[float] = []
            for text in texts:
                began_s = time.perf_counter()
                if times and began_s > until_s:
                    break
                planner.plan(text)
                times.append((time.perf_counter() - began_s) * 1000)
                time.sleep(PAUSE_S)
            print(json.dumps(times), flush=True)
    finally:
        planner.close()


def _main(policy: str, threads: str, model: str = "") -> None:
    try:
        _serve(next(p for p in get_args(Policy) if p == policy), int(threads), Path(model) if model else None)
    except ModelError as e:
        sys.exit(str(e))


if __name__ == "__main__":
    _main(*sys.argv[1:])
