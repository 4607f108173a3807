"""The same targets under atheris (libFuzzer): guided by the code that an input reaches. A process a target."""

import atexit
import importlib
import importlib.util
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

from fuzz.campaign import Result, corpus_of, smaller
from fuzz.guard import attempt, hang_detector
from fuzz.mutate import Mutator
from fuzz.target import Target

_OURS: Final = ("vehicle_apis", "vehicle_agent", "state_machines", "simulators", "tomllib", "yaml")
_OWN_SHARE: Final = 0.5  # of the inputs made by our own mutation, which knows JSON from bytes


def fuzz(load: Callable[[], Target], inputs: int, seed: int) -> Result:
    """``load`` imports the target: what it imports is instrumented. Raises SystemExit where atheris is missing."""
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("--coverage needs the package atheris: pip install atheris")
    with tempfile.TemporaryDirectory() as folder:
        end = Path(folder) / "result"
        child = os.fork()  # libFuzzer has no way back: it ends its process
        if child == 0:
            _run(load, inputs, seed, end)
        os.waitpid(child, 0)
        if not end.exists():
            raise RuntimeError("libFuzzer ended before its inputs were used up; its output tells why")
        result: Result = pickle.loads(end.read_bytes())  # noqa: S301 - written by our own child
        return result


def _run(load: Callable[[], Target], inputs: int, seed: int, end: Path) -> None:
    """Does not return."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=list(_OURS)):
        target = load()
    result = Result(target=target.name)
    pool = [data[: target.max_bytes] for data in target.seeds()]
    pool += [path.read_bytes() for path in corpus_of(target.name)]
    rng = Random(f"{seed} {target.name}")
    mutator = Mutator(rng, target.form, target.dictionary, target.max_bytes)
    kinds: set[int] = set()
    began = time.process_time()

    def one(data: bytes) -> None:
        ended = attempt(target, data)
        result.inputs += 1
        result.outcomes[ended.kind] += 1
        kinds.add(hash((ended.kind, ended.place, ended.words)))
        if ended.is_finding and ended.problem not in result.findings:
            result.findings[ended.problem] = smaller(target, data, ended.problem)
        if result.inputs >= inputs:
            result.cpu_s, result.kinds = time.process_time() - began, len(kinds)
            end.write_bytes(pickle.dumps(result))
            atexit._run_exitfuncs()
            os._exit(0)

    def mutate(data: bytes, max_size: int, _seed: int) -> bytes:
        if rng.random() < _OWN_SHARE:
            return mutator.of([data, data, rng.choice(pool)])[:max_size]
        changed: bytes = atheris.Mutate(data, max_size)
        return changed

    seeds = end.parent / "seeds"
    seeds.mkdir()
    for number, data in enumerate(pool):
        (seeds / str(number)).write_bytes(data)
    options = [f"-seed={seed}", f"-max_len={target.max_bytes}", "-verbosity=0", f"-artifact_prefix={end.parent}/"]
    with hang_detector():
        atheris.Setup([sys.argv[0], str(seeds), *options], one, custom_mutator=mutate)
        atheris.Fuzz()
