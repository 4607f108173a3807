"""One name stands for one class, among what a reader of one side has before him.

The agent, the simulators and the models are read apart: none of them imports the other, and the simulated car speaks
of commands and frames of its own. Within one of them, with the contract that all share, a name is given once.
"""

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SIDES: Final = {
    "agent": ("vehicle_apis", "state_machines", "vehicle_agent"),
    "simulators": ("vehicle_apis", "simulators"),
    "models": ("vehicle_apis", "models"),
}
# the same word for two things, each with the reason why another would be worse
SHARED: Final = {
    "agent": {
        "Answered": "the state of a step, and the event",
        "Asked": "the call that a sentence is about, and the event",
        "Asking": "the state of a step, and of the assistant whose step it is",
        "Cancelled": "an end of the assistant's turn, and the event",
        "Client": "of the head unit's services, and of the agent's own service: the field's word for both",
        "Command": "as the binding encodes it, and of the command line: the field's word for both",
        "Context": "of a binding's function, and of a judgement",
        "Question": "what a function asks for, and the one that is open",
        "Refusal": "of the model, which found no plan, and a function's words when the gate refuses it",
        "Sending": "the state of a step, and what is done in it",
        "Settled": "the state of a step, and the event",
        "Stopped": "the end of a motion as an error, and the event of the agent's end",
    },
    "simulators": {
        "Command": "as the binding encodes it, and as a control unit gets it",
        "Exchange": "of a command and its answer, and of an utterance and its answer",
        "Frame": "what a control unit sends, and a scenario's expectation of one",
        "Refusal": "of the model, and a function's words",
        "Report": "of a recording, and of a scenario",
        "Said": "in the dashboard's words, and in the scenario's",
        "Step": "of a plan, and of a scenario: both are what their languages call it",
    },
    "models": {
        "Refusal": "of the model, and a function's words",
    },
}


def twice(packages: tuple[str, ...]) -> dict[str, list[str]]:
    """Public classes at the top of a module whose name another module of these packages has too."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(path.relative_to(ROOT)))
    return {name: places for name, places in homes.items() if len(places) > 1}


@pytest.mark.parametrize("side", SIDES)
def test_a_name_is_given_once(side: str) -> None:
    found = twice(SIDES[side])
    new = {name: places for name, places in found.items() if name not in SHARED[side]}
    assert not new, f"two classes of one name: {new}; give one another name"


@pytest.mark.parametrize("side", SIDES)
def test_the_list_holds_nothing_that_is_settled(side: str) -> None:
    assert sorted(SHARED[side].keys() - twice(SIDES[side])) == []
