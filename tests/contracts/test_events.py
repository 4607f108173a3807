"""Whoever wants to know what happens in the agent listens at one door, and the journal is what comes through it."""

import ast
import dataclasses
import inspect
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from support.fakes import FakePlanner, Shell, call, plan

from vehicle_agent import events
from vehicle_agent.agent import Agent
from vehicle_agent.backends.agent import AgentBackend
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.events import KINDS, Event, Events, Judged, Said, StateChanged
from vehicle_agent.health import Health
from vehicle_agent.record.lines import WRITTEN, Column, columns, line_of
from vehicle_agent.record.rejudge import judgement_event

ROOT: Final = Path(__file__).parents[2]
TREES: Final = ("vehicle_agent", "simulators/workbench")
# why the journal has no line of it
NOT_WRITTEN: Final = {
    events.Degraded: "of this computer, not of the drive: it goes to the log, to systemd and over D-Bus",
    events.Recovered: "as degraded",
    events.Settled: "the same outcome is told as `outcome` when the turn tells it",
    events.Said: "its words are in the line of what was said: notice, standing, outcome",
}


def sources() -> list[Path]:
    return sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))


# --- the classes ------------------------------------------------------------------------------------------------------


def test_the_union_holds_every_event() -> None:
    found = {
        c for _, c in inspect.getmembers(events, inspect.isclass) if "kind" in vars(c) and dataclasses.is_dataclass(c)
    }
    assert found == set(KINDS)
    for kind in KINDS:
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[union-attr]
        assert "__slots__" in vars(kind), kind


def test_each_is_written_or_left_out_for_a_reason() -> None:
    assert {kind for kind in KINDS if not kind.kind} == set(NOT_WRITTEN)
    assert set(WRITTEN) == set(KINDS) - set(NOT_WRITTEN)


def test_each_is_published_somewhere() -> None:
    made: set[str] = set()
    for path in (ROOT / "vehicle_agent").rglob("*.py"):
        if path.name == "events.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                maker = node.func
                if isinstance(maker, ast.Attribute) and maker.attr == "of":
                    maker = maker.value
                made.add(maker.id if isinstance(maker, ast.Name) else getattr(maker, "attr", ""))
    assert {kind.__name__ for kind in KINDS} - made == set()


def test_nobody_else_writes_lines() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"journal\.write\(", path.read_text(encoding="utf-8"))
    }
    assert writers == {"vehicle_agent/record/lines.py"}


# --- the page ---------------------------------------------------------------------------------------------------------


def rows() -> dict[str, tuple[set[str], str]]:
    """kind -> its fields, and what stays without transcripts; as the page says."""
    page = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    table = page[page.index("| kind | further fields") :].split("\n\n", 1)[0].splitlines()[2:]
    found = {}
    for row in table:
        kind, fields, stays_there = (cell.strip() for cell in row.strip("|").split("|"))
        found[kind.strip("`")] = (set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", fields))), stays_there)
    return found


def kept(fields: set[str], text: str) -> set[str]:
    """What stays, by the words of the last column."""
    named = set(re.findall(r"`(\w+)`", text))
    if text.startswith("all"):
        return fields - named
    return named | ({"call"} if "the function's name" in text else set())


def stays(column: Column) -> bool:
    return not column.mark.private or column.mark.rest is not None


def test_the_page_has_every_kind_with_its_fields_and_what_stays() -> None:
    said = rows()
    assert set(said) == {kind.kind for kind in WRITTEN}
    for word in said:
        both = [c for kind in WRITTEN if kind.kind == word for c in columns(kind)]
        fields = {c.key for c in both}
        left = {c.key for c in both if stays(c)}
        if word == Judged.kind:
            fields, left = judgement_fields(words=True), judgement_fields(words=False)
        assert said[word][0] == fields, word
        assert kept(*said[word]) == left, word


def judgement_fields(*, words: bool) -> set[str]:
    shell = Shell()
    judged = Judged(
        call=call("get_time"),
        said=call("get_time"),
        signals=shell.world.signals(),
        context=shell.world.context(),
        state="parked",
        decision="allow",
        rule="r",
        binding=True,
    )
    return set(judgement_event(judged, words=words))


@pytest.mark.parametrize("kind", [k for k in WRITTEN if k is not Judged], ids=lambda k: k.__name__)
def test_what_is_marked_as_private_is_not_written_without_words(kind: type[Event]) -> None:
    secret = call("send_text_message", recipient="otter", message="otter")
    given: dict[str, Any] = {c.name: secret if "call" in c.name else "otter" for c in columns(kind) if c.mark.private}
    rest: dict[str, Any] = {f.name: 1.5 for f in dataclasses.fields(kind) if f.name not in given}
    rest |= {"data": b"1"} if "data" in rest else {}
    made: Any = kind
    line = line_of(made(**given, **rest), words=False)
    assert "otter" not in str(line)
    assert set(line) == {c.key for c in columns(kind) if stays(c)}


# --- the door ---------------------------------------------------------------------------------------------------------


def test_a_listener_that_fails_hinders_nobody_and_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    hub, heard = Events(), list[Event]()

    def broken(_event: Event) -> None:
        raise RuntimeError("a defect")

    hub.subscribe(broken)
    hub.subscribe(heard.append)
    for _ in range(3):
        hub.publish(Said(text="a"))
    hub.publish(StateChanged(old="parked", new="driving"))
    assert len(heard) == 4
    told = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert [r.args for r in told] == [("Said",), ("StateChanged",)]
    assert all(r.exc_info for r in told)


def test_who_subscribed_hears_of_what_was_asked_for_until_that_ends() -> None:
    hub, all_of_it, said = Events(), list[Event](), list[str]()
    hub.subscribe(all_of_it.append)
    stop = hub.subscribe(lambda event: said.append(event.text), Said)
    hub.publish(Said(text="a"))
    hub.publish(StateChanged(old="parked", new="driving"))
    stop()
    stop()
    hub.publish(Said(text="b"))
    assert (said, len(all_of_it)) == (["a"], 3)


def test_a_listener_may_end_itself_or_others_while_it_hears() -> None:
    hub, heard = Events(), list[str]()
    stops: list[Callable[[], None]] = []

    def first(_event: Said) -> None:
        heard.append("first")
        for stop in stops:
            stop()

    stops.append(hub.subscribe(first, Said))
    stops.append(hub.subscribe(lambda _event: heard.append("second"), Said))
    hub.publish(Said(text="a"))
    hub.publish(Said(text="b"))
    assert heard == ["first", "second"]


async def test_the_order_of_a_turn() -> None:
    shell, heard = Shell(), list[str]()
    shell.events.subscribe(lambda event: heard.append(type(event).__name__))
    assistant = Assistant(
        planner=FakePlanner({"text mum": plan(call("send_text_message", recipient="mum", message="hi"))}),
        executor=shell.executor,
        history=shell.history,
        events=shell.events,
    )
    await assistant.ask("text mum")
    assert heard == ["Input", "PlanMade", "Judged", "Asked"]
    heard.clear()
    await assistant.ask("yes")
    assert heard == ["Input", "Answered", "Judged", "Settled", "OutcomeTold"]
    await assistant.close()


# --- no other door ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [Agent, Assistant, Executor, CanBackend, AgentBackend, Health])
def test_no_callback_only_tells(made: type) -> None:
    tells = {"said", "state_changed", "record", "settled", "frame_log", "notify", "journal", "changed", "on_frames"}
    assert tells & set(inspect.signature(made).parameters) == set()
    assert not hasattr(made, "on_frames")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def callback_names() -> set[str]:
    """Attributes that are annotated as callables, or that hold a parameter that is."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AnnAssign) and "Callable" in ast.unparse(node.annotation):
                if isinstance(node.target, ast.Attribute):
                    found.add(node.target.attr)
                elif isinstance(node.target, ast.Name):
                    found.add(node.target.id)
            elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
                parameters = [*node.args.args, *node.args.kwonlyargs]
                given = {a.arg for a in parameters if a.annotation and "Callable" in ast.unparse(a.annotation)}
                for one in ast.walk(node):
                    if isinstance(one, ast.Assign) and isinstance(one.value, ast.Name) and one.value.id in given:
                        found |= {t.attr for t in one.targets if isinstance(t, ast.Attribute)}
    return found


def assigned_from_outside(path: Path, names: set[str]) -> Iterator[str]:
    """Callbacks put on an object that was not made in the same function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {function.name for function in functions(tree)}
    for function in functions(tree):
        assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        made = {t.id for node in assigned for t in node.targets if isinstance(t, ast.Name) and _makes(node.value)}
        for node in assigned:
            for target in (x for t in node.targets for x in (t.elts if isinstance(t, ast.Tuple) else [t])):
                if not isinstance(target, ast.Attribute):
                    continue
                owner = target.value
                if isinstance(owner, ast.Name) and (owner.id in {"self", "cls"} or owner.id in made):
                    continue
                if target.attr in names or _is_callback(node.value, defined):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(target)}"


def _makes(value: ast.expr) -> bool:
    return isinstance(value.value if isinstance(value, ast.Await) else value, ast.Call)


def _is_callback(value: ast.expr, defined: set[str]) -> bool:
    match value:
        case ast.Lambda():
            return True
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name in defined
        case _:
            return False


def test_no_callback_is_put_on_a_running_object() -> None:
    names = callback_names()
    assert {"_clock", "on_lost"} <= names
    assert [found for path in sources() for found in assigned_from_outside(path, names)] == []
