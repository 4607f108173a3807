"""The gate against a second reading of the specification that shares no code with it."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safety_spec import spec
from safety_spec.oracle import Expected, Oracle
from safety_spec.questions import Line, questions
from support.judged_lines import as_signals

from state_machines.gate import Judge
from vehicle_apis.catalogue import load_catalogue


@pytest.fixture(scope="module")
def asked() -> list[tuple[Line, Expected]]:
    oracle = Oracle()
    return [(line, oracle.judge(line)) for line in questions()]


@pytest.mark.parametrize("name", spec.FILES)
def test_the_copy_of_the_specification_is_the_specification(name: str) -> None:
    if not (spec.UPSTREAM / name).exists():
        pytest.skip("the specification itself is not at hand")
    assert spec.load(name) == spec.load(name, spec.UPSTREAM)


def test_the_questions_cover_every_function_state_and_verdict(asked: list[tuple[Line, Expected]]) -> None:
    assert len(asked) >= 20_000
    assert {line["call"]["name"] for line, _ in asked} >= spec.functions().keys()
    reached = Counter((e.state, e.verdict) for _, e in asked)
    states = [*spec.load("safety.yaml")["states"]]
    missing = [(s, v) for s in states for v in ("allow", "confirm", "deny") if not reached[s, v]]
    assert missing == []
    assert sum(e.invalid for _, e in asked) > 2_000


def test_every_rule_of_the_specification_is_reached(asked: list[tuple[Line, Expected]]) -> None:
    oracle = Oracle()
    reached = set()
    for line, _ in asked:
        name = line["call"]["name"]
        full = oracle.complete(name, line["call"]["arguments"]) if name in oracle.functions else None
        if full is not None:
            rules = oracle.safety["rules"].get(name, [])
            first = next((i for i, rule in enumerate(rules) if oracle.matches(rule, name, full, line)), None)
            reached.add((name, first))
    every = {(name, i) for name, rules in oracle.safety["rules"].items() for i in range(len(rules))}
    assert every - reached == {("every_other_catalogued_function", 0)}
    assert ("set_fan_speed", None) in reached  # ... which is what functions without rules of their own follow


def _differences(asked: list[tuple[Line, Expected]], answers: Iterator[tuple[str, str, str]]) -> list[Any]:
    return [
        (json.dumps(line), expected, (state, verdict, rule))
        for (line, expected), (state, verdict, rule) in zip(asked, answers, strict=True)
        if (state, verdict) != (expected.state, expected.verdict) or (rule == "invalid_call") != expected.invalid
    ]


def test_the_judge_agrees_with_the_specification(asked: list[tuple[Line, Expected]]) -> None:
    judge = Judge(load_catalogue(with_packs=False))
    answers = (judge.settled(line["call"]["name"], line["call"]["arguments"], as_signals(line)) for line, _ in asked)
    differences = _differences(asked, ((a.state.word, a.decision.word, a.rule) for a in answers))
    assert not differences, f"{len(differences)} differences, the first: {differences[:5]}"


def test_the_judge_command_agrees_with_the_specification(asked: list[tuple[Line, Expected]], tmp_path: Path) -> None:
    some = [(line, expected) for line, expected in asked if expected.state != "unknown"][::10]
    some += [(line, expected) for line, expected in asked if expected.state == "unknown"][::10]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line, _ in some), encoding="utf-8")
    command = [sys.executable, "-c", "from vehicle_agent.cli import main; main()", "judge", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(answer.keys() == {"state", "verdict", "rule", "reason"} and answer["reason"] for answer in answers)
    differences = _differences(some, ((a["state"], a["verdict"], a["rule"]) for a in answers))
    assert not differences, f"{len(differences)} differences, the first: {differences[:5]}"
