"""What a campaign found: `result.json` with one entry per module, and the memory of a campaign that was broken off."""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final, TypeAlias

from mutation.harness import Fate, Outcome
from mutation.mutants import Key, Module, Mutant
from mutation.survivors import Listed

FILE: Final = Path(__file__).with_name("result.json")
Summary: TypeAlias = dict[str, Any]


def summary(outcomes: Sequence[Outcome], listed: Mapping[Key, Listed]) -> Summary:
    """The figures of one module."""
    dead = [o for o in outcomes if o.fate is not Fate.SURVIVED]
    survived = [o.mutant.key for o in outcomes if o.fate is Fate.SURVIVED]
    reasons = Counter(listed[key].kind.value if key in listed else "not listed" for key in survived)
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "mutants": len(outcomes),
        "killed": len(dead),
        "killed_by": dict(sorted(Counter(o.stage.partition(" of ")[0] for o in dead).items())),
        "timed_out": sum(o.fate is Fate.TIMED_OUT for o in dead),
        "survived": dict(sorted(reasons.items())),
        "operators": dict(sorted(Counter(o.mutant.operator for o in outcomes).items())),
        "cpu_s": round(sum(o.cpu_s for o in outcomes), 1),
    }


def store(by_module: Mapping[str, Summary], path: Path = FILE) -> None:
    """Puts these modules' figures into the file; those of other modules stay."""
    modules: dict[str, Summary] = json.loads(path.read_text(encoding="utf-8"))["modules"] if path.exists() else {}
    modules |= {name: found for name, found in by_module.items() if found["mutants"]}
    total: Counter[str] = Counter()
    for found in modules.values():
        total["mutants"] += found["mutants"]
        total["killed"] += found["killed"]
        total["timed_out"] += found["timed_out"]
        total.update({f"survived, {kind}": count for kind, count in found["survived"].items()})
        total["cpu_s"] += round(found["cpu_s"])
    everything = {"total": dict(total), "modules": dict(sorted(modules.items()))}
    path.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


class Memory:
    """The killed of a campaign, one JSON line each. A line counts as long as its module's source is the same.

    It takes for granted that tests were only added since: a killed mutant is not tried again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[tuple[str, Key], Summary] = {}
        for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            line = json.loads(text)
            self._lines[line["source"], Key(*line["key"])] = line

    def known(self, mutants: Sequence[Mutant]) -> list[Outcome]:
        sources = {m.module.short: _source(m.module) for m in mutants}
        return [
            Outcome(mutant=m, fate=Fate[line["fate"]], stage=line["stage"], cpu_s=line["cpu_s"])
            for m in mutants
            if (line := self._lines.get((sources[m.module.short], m.key))) is not None
        ]

    def add(self, outcome: Outcome) -> None:
        if outcome.fate is Fate.SURVIVED:
            return
        line = {
            "source": _source(outcome.mutant.module),
            "key": astuple(outcome.mutant.key),
            "fate": outcome.fate.name,
            "stage": outcome.stage,
            "cpu_s": round(outcome.cpu_s, 2),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _source(module: Module) -> str:
    return hashlib.sha256(module.text.encode()).hexdigest()[:16]
