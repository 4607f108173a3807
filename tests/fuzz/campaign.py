"""A campaign: so many seeded inputs for each target, what came of them, and the files of what was found."""

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fuzz.guard import attempt, hang_detector, memory_bound
from fuzz.minimise import minimised
from fuzz.mutate import Mutator
from fuzz.target import Target

CORPUS: Final = Path(__file__).parent / "corpus"
RECORD: Final = Path(__file__).parent / "campaign.json"
_POOL_LIMIT: Final = 2_000
_ALIKE_LIMIT: Final = 15  # inputs whose errors come from one place and differ in their words alone
_FINDINGS_LIMIT: Final = 40  # of one target: then something is wrong altogether
_MAX_KEPT_BYTES: Final = 20_000


@dataclass(slots=True, kw_only=True)
class Result:
    """``outcomes``: "ok" and each error's name -> how often; ``kinds``: how many different ends; ``findings``: the line
    that tells each finding -> the input that shows it."""

    target: str
    inputs: int = 0
    cpu_s: float = 0.0
    kinds: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, bytes] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {
            "target": self.target,
            "inputs": self.inputs,
            "cpu_s": round(self.cpu_s, 1),
            "kinds": self.kinds,
            "outcomes": dict(sorted(self.outcomes.items())),
            "findings": sorted(self.findings),
        }


def fuzz(
    target: Target,
    inputs: int,
    seed: int,
    *,
    clock: Callable[[], float] = time.process_time,
    minimise: bool = True,
    progress: Callable[[Result], None] = lambda _result: None,
) -> Result:
    """Runs the target's seeds and corpus, then mutations of them; what ends in a new way joins them.

    The same seed gives the same inputs, as long as the code under test is the same.
    """
    began = clock()
    result = Result(target=target.name)
    rng = random.Random(f"{seed} {target.name}")
    pool = [data[: target.max_bytes] for data in target.seeds()]
    mutator = Mutator(rng, target.form, target.dictionary, target.max_bytes)
    known: set[int] = set()
    alike: Counter[int] = Counter()
    target.run(pool[0])  # whatever is built once is built before memory is counted; the first seed is a good one
    with hang_detector(), memory_bound():
        for data in _inputs(pool, mutator, inputs):
            ended = attempt(target, data)
            result.inputs += 1
            result.outcomes[ended.kind] += 1
            place, end = hash((ended.kind, ended.place)), hash((ended.kind, ended.place, ended.words))
            if end not in known:
                known.add(end)
                alike[place] += 1
                if len(pool) < _POOL_LIMIT and alike[place] <= _ALIKE_LIMIT and not ended.is_finding:
                    pool.append(data)
            if ended.is_finding and ended.problem not in result.findings:
                result.findings[ended.problem] = smaller(target, data, ended.problem) if minimise else data
                if len(result.findings) >= _FINDINGS_LIMIT:
                    break
            if result.inputs % 1000 == 0:
                result.cpu_s, result.kinds = clock() - began, len(known)
                progress(result)
    result.cpu_s, result.kinds = clock() - began, len(known)
    return result


def _inputs(pool: list[bytes], mutator: Mutator, inputs: int) -> Iterator[bytes]:
    first = pool[:inputs]
    yield from first
    for _ in range(inputs - len(first)):
        yield mutator.of(pool)


def smaller(target: Target, data: bytes, problem: str) -> bytes:
    """A smaller input with the same finding."""
    tries = 30 if problem.startswith("takes") else 1_500
    return minimised(
        data, lambda less: attempt(target, less).problem == problem, max_tries=tries, clock=time.process_time
    )


def corpus_of(name: str) -> list[Path]:
    """The inputs that once were findings."""
    return sorted(path for path in (CORPUS / name).glob("*") if path.is_file())


def keep(result: Result, folder: Path = CORPUS) -> list[Path]:
    """Writes the input of each finding; returns the new files."""
    new = []
    for data in result.findings.values():
        path = folder / result.target / hashlib.sha256(data).hexdigest()[:12]
        if not path.exists() and len(data) <= _MAX_KEPT_BYTES:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            new.append(path)
    return new


def shares(targets: Iterable[Target], inputs: int, at_least: int) -> dict[str, int]:
    """Target -> its number of inputs: ``at_least`` each, the others by their shares."""
    targets = list(targets)
    left = max(0, inputs - at_least * len(targets))
    whole = sum(t.share for t in targets) or 1
    return {t.name: at_least + round(left * t.share / whole) for t in targets}


def table(path: Path) -> str:
    """The record as a Markdown table."""
    record = json.loads(path.read_text(encoding="utf-8"))
    lines = ["| target | inputs | CPU s | different ends | outcomes | findings |", "|---|---:|---:|---:|---|---:|"]
    for row in record["targets"]:
        outcomes = ", ".join(f"{name} {count}" for name, count in row["outcomes"].items())
        cells = (row["target"], row["inputs"], row["cpu_s"], row["kinds"], outcomes, len(row["findings"]))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, f"| **all** | **{record['inputs']}** | | | | |"])


def write_record(path: Path, results: Iterable[Result], *, date: str, seed: int, engine: str) -> None:
    """One JSON document about the campaign, a row for each target; rows of other targets that are there stay."""
    old = json.loads(path.read_text(encoding="utf-8"))["targets"] if path.exists() else []
    rows = {row["target"]: row for row in old}
    for result in results:
        rows[result.target] = {"date": date, "seed": seed, "engine": engine, **result.to_json()}
    document = {"inputs": sum(row["inputs"] for row in rows.values()), "targets": [rows[name] for name in sorted(rows)]}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
