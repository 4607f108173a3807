"""The campaign's command: `python -m fuzz --inputs 1000000 --seed 1` from the folder tests/."""

import argparse
import datetime as dt
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from fuzz import campaign
from fuzz.campaign import Result
from fuzz.process import fuzz_one
from fuzz.targets import NAMES, OPEN, load


def _told(result: Result) -> str:
    outcomes = ", ".join(f"{name} {count}" for name, count in result.outcomes.most_common(4))
    lines = [f"{result.target:16} {result.inputs:8} inputs {result.cpu_s:7.1f} s {result.kinds:5} kinds: {outcomes}"]
    return "\n".join([*lines, *(f"  FINDING {line} <- {data[:80]!r}" for line, data in result.findings.items())])


def _alone(name: str, inputs: int, given: argparse.Namespace) -> Result:
    """In a process of its own: nothing of one target is left in the next, and none takes the others down."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(fuzz_one, name, inputs, given.seed, coverage=given.coverage, keep=given.keep).result()
        except BrokenProcessPool:
            return Result(target=name, findings={"the process died": b""})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="over all targets, by their shares")
    parser.add_argument("--at-least", type=int, default=0, help="inputs of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=[*NAMES, *OPEN], help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--coverage", action="store_true", help="guided by code coverage; needs the package atheris")
    parser.add_argument("--keep", action="store_true", help="keep the inputs of findings under corpus/")
    parser.add_argument("--record", type=Path, help="write what came of it, as JSON")
    parser.add_argument("--table", action="store_true", help="only print the recorded campaign as a table")
    given = parser.parse_args()
    if given.table:
        print(campaign.table(given.record or campaign.RECORD))
        return 0
    targets = [t for t in map(load, given.target or NAMES) if t is not None]
    inputs = campaign.shares(targets, given.inputs, given.at_least)
    results: list[Result] = []
    with ThreadPoolExecutor(given.jobs) as pool:
        runs = [pool.submit(_alone, n, i, given) for n, i in inputs.items()]
        for run in runs:
            results.append(run.result())
            print(_told(results[-1]), flush=True)
            if given.record:
                date = dt.datetime.now(dt.UTC).date().isoformat()
                engine = "atheris" if given.coverage else "mutation"
                campaign.write_record(given.record, results, date=date, seed=given.seed, engine=engine)
    found = sum(len(result.findings) for result in results)
    print(f"{sum(r.inputs for r in results)} inputs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
