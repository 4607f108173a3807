"""What a campaign writes down and takes up again."""

import ast
import json
from pathlib import Path

from mutation.harness import Fate, Outcome
from mutation.mutants import Module, Mutant
from mutation.results import FILE, Memory, store, summary
from mutation.survivors import load

SOURCE = "def f(a): return a < 8"


def mutants(text: str = SOURCE) -> list[Mutant]:
    return Module("toy.thing", Path("thing.py"), text, ast.parse(text)).mutants({})


def outcome(mutant: Mutant, fate: Fate = Fate.KILLED) -> Outcome:
    return Outcome(mutant=mutant, fate=fate, stage="own tests of thing", cpu_s=0.5)


def test_the_killed_are_remembered_as_long_as_the_source_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "fates.jsonl"
    first, second, *_ = mutants()
    memory = Memory(file)
    memory.add(outcome(first))
    memory.add(outcome(second, Fate.SURVIVED))  # tried again: a new test may kill it
    assert [known.mutant.key for known in Memory(file).known(mutants())] == [first.key]
    assert Memory(file).known(mutants(f"{SOURCE}\n# changed")) == []


def test_modules_that_were_not_tried_keep_their_result(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    first, second, *_ = mutants()
    store({"one": summary([outcome(first)], {}), "nothing": summary([], {})}, file)
    store({"two": summary([outcome(first, Fate.TIMED_OUT), outcome(second, Fate.SURVIVED)], {})}, file)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [*found["modules"]] == ["one", "two"]
    assert found["total"] == {"mutants": 3, "killed": 2, "timed_out": 1, "survived, not listed": 1, "cpu_s": 1}
    assert found["modules"]["one"]["killed_by"] == {"own tests": 1}


def test_the_last_campaign_left_nothing_unlisted() -> None:
    total = json.loads(FILE.read_text(encoding="utf-8"))["total"]
    assert "survived, not listed" not in total
    assert total["mutants"] > 2000
    assert total["mutants"] - total["killed"] == len(load())
