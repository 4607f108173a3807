"""The list of survivors: readable, with reasons, and about code that is there."""

from pathlib import Path
from typing import Any

import pytest
from mutation import plan
from mutation.harness import Fate, Outcome
from mutation.mutants import Key, enums_of
from mutation.survivors import Kind, Listed, SurvivorsError, complaints, load

ENTRY = """
[[survivor]]
module = "thing"
where = "f"
original = "return a < 8"
mutated = "return a <= 8"
kind = "equivalent"
reason = "nobody asks for 8"
"""
KEY = Key("thing", "f", "return a < 8", "return a <= 8")


def test_the_list_is_well_formed_and_each_entry_matches_the_code() -> None:
    everything = plan.modules()
    enums = enums_of(everything)
    existing = {m.key for module in everything for m in module.mutants(enums)}
    assert [key for key in load() if key not in existing] == []


def test_an_entry(tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    file.write_text(ENTRY + "nth = 2\n", encoding="utf-8")
    key = Key(KEY.module, KEY.where, KEY.original, KEY.mutated, 2)
    assert load(file) == {key: Listed(key=key, kind=Kind.EQUIVALENT, reason="nobody asks for 8")}
    file.write_text("", encoding="utf-8")
    assert load(file) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[survivor]", "list.toml"),
        (ENTRY.replace('reason = "nobody asks for 8"', 'reason = " "'), "entry 1 lacks reason"),
        (ENTRY.replace('mutated = "return a <= 8"', ""), "lacks mutated"),
        (ENTRY.replace('"equivalent"', '"boring"'), "kind is"),
        (ENTRY + "nth = 0", "nth"),
        (ENTRY + 'line = "3"', "unknown key line"),
        (ENTRY * 2, "entry 2 is there already"),
    ],
)
def test_an_entry_that_says_too_little_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "list.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SurvivorsError, match=message):
        load(file)


class _Mutant:
    key = KEY


def _outcome(fate: Fate) -> Outcome:
    mutant: Any = _Mutant()
    return Outcome(mutant=mutant, fate=fate, stage="own", cpu_s=0.0)


def test_complaints() -> None:
    listed = {KEY: Listed(key=KEY, kind=Kind.HARMLESS, reason="x")}
    known, modules = frozenset({KEY}), frozenset({"thing"})
    assert complaints([_outcome(Fate.SURVIVED)], listed, known, modules) == []
    assert complaints([_outcome(Fate.KILLED)], {}, known, modules) == []
    assert complaints([_outcome(Fate.SURVIVED)], {}, known, modules) == [f"survived: {KEY}"]
    for fate in (Fate.KILLED, Fate.TIMED_OUT):
        assert "a test kills it now" in complaints([_outcome(fate)], listed, known, modules)[0]
    assert "the code has no such mutant" in complaints([], listed, frozenset(), modules)[0]
    assert complaints([], listed, frozenset(), frozenset({"another"})) == []
