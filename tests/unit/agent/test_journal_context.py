"""What a journal with words keeps of a conversation is enough to know what each of its utterances was heard after."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.car import DRIVING, PARKED
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan

from vehicle_agent.backends.base import Observed
from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.recollection import Parts, parts_of
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.planning.memory import Memory
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_apis.call import Plan, Step
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import Earlier
from vehicle_apis.ref import EarlierRef, Ref

FAN, LIGHT = call("set_fan_speed", level=3), call("set_cabin_light", state="on")
TEXT = call("send_text_message", recipient="mum", message="on my way")
CAFE = call("find_nearby", category="coffee")
KNOWN: dict[str, Utterance] = {
    "fan": plan(FAN),
    "fan and light": plan(FAN, LIGHT),
    "text mum": plan(TEXT),
    "fan and text": plan(FAN, TEXT),
    "two texts": plan(TEXT, TEXT.with_arguments(recipient="dad")),
    "unlock": plan(call("set_door_locks", state="unlock")),
    "cafe": plan(CAFE),
    "text her a cafe": plan(CAFE, TEXT.with_arguments(message=Ref(1))),
    "take me there": plan(call("navigate_to", destination=EarlierRef(1, 1))),
    "undo that": plan(call("undo_last_action")),
    "no the light": plan(call("undo_last_action"), LIGHT),
    "you may send that": Reply("yes"),
    "better not send that": Reply("no"),
    "leave it all": Reply("cancel"),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
    "remind me": Incomplete(CATALOGUE["create_reminder"], "text"),
    "light and why is it dim": Routed("manual", "dim light", plan(LIGHT)),
}
SAID = (*KNOWN, "anna", "look a dog", "yes", "no", "cancel")


class Replayed:
    """A conversation rebuilt from the lines of a journal."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._plans: dict[int, Plan] = {}
        self._outcomes: dict[tuple[int, int], Outcome] = {}
        self._under_way = 0

    def all(self, events: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Earlier]]:
        """What was said, and what it was heard after."""
        for event in events:
            match event["kind"]:
                case "outcome":
                    self._outcome(event)
                case "input" if "turn" in event:
                    self._began(event["turn"], wanted=False)
                    name = str(event["call"]).split("(", maxsplit=1)[0]
                    self._acts(event["turn"], Plan.of(CATALOGUE.call(name, **event["arguments"])))
                case "plan":
                    yield event["heard"], self._said(event)
                case _:
                    pass

    def _outcome(self, event: dict[str, Any]) -> None:
        one = Outcome(id=event["id"], call=FAN, status=Status(event["status"]), reason=event["reason"])
        self._outcomes[event["turn"], event["id"]] = one

    def _parts(self, waiting: tuple[int, ...] = ()) -> Parts:
        plan_of = self._plans[self._under_way]
        told = [o for (turn, n), o in self._outcomes.items() if turn == self._under_way and n not in waiting]
        return parts_of(plan_of, tuple(told))

    def _settle(self) -> None:
        if self._under_way:
            parts = self._parts()
            self._memory.came_about(self._under_way, parts.done, parts.declined)
            self._under_way = 0

    def _began(self, number: int, *, wanted: bool) -> None:
        if number == 1:
            self._memory.forget()
            self._outcomes.clear()
            self._under_way = 0
        self._memory.begin(0.0, number)
        if not wanted:
            self._memory.wants(Refusal(), "")

    def _acts(self, number: int, what: Plan) -> None:
        self._settle()
        self._plans[number] = what
        self._under_way = number

    def _said(self, event: dict[str, Any]) -> Earlier:
        waiting = tuple(event["waiting"])
        if not waiting and event["turn"] != 1:
            self._settle()
        self._began(event["turn"], wanted=event["wanted"])
        earlier = self._memory.earlier()
        if waiting:
            parts = self._parts(waiting)
            asked = parts.open if event["asked"] else Plan()
            earlier = self._memory.meanwhile(self._under_way, parts.done, parts.declined, asked)
        if "clarify" in event:
            name, missing = event["clarify"]
            self._memory.wants(Incomplete(CATALOGUE[name], missing), event["heard"])
        elif "answer" not in event and (event["calls"] or not waiting):
            self._memory.wants(Refusal(), "")
        if event["calls"]:
            steps = (Step(id=c["id"], call=CATALOGUE.call(c["name"], **c["arguments"])) for c in event["calls"])
            self._acts(event["turn"], Plan(tuple(steps)))
        return earlier


async def _talk(path: Path, seed: int) -> list[tuple[str, Earlier]]:
    """A conversation at random; what the planner was told."""
    rng, shell = random.Random(seed), Shell()
    planner = FakePlanner(KNOWN)
    journal = Journal(path)
    record(shell.events, journal, CATALOGUE)
    shell.backend.undo = {"set_cabin_light": (call("set_cabin_light", state="off"),)}
    shell.backend.results["find_nearby"] = Observed(text="a cafe", result="Blue Cafe")
    assistant = Assistant(planner=planner, executor=shell.executor, history=shell.history, events=shell.events)
    for _ in range(30):
        match rng.randrange(12):
            case 0:
                shell.clock.advance(rng.choice([9.0, 11.0, 59.0, 61.0]))
                shell.gate.observe(shell.world.signals_now)
            case 1:
                shell.drive(rng.choice([PARKED, DRIVING]))
            case 2:
                shell.backend.failures["set_cabin_light"] = [NotConfirmed("dark"), NotConfirmed("dark")]
            case 3:
                await assistant.call(rng.choice([FAN, LIGHT, call("undo_last_action")]))
            case _:
                began_s = shell.clock() - rng.choice([0.0, 0.0, 0.0, 3.0])
                await assistant.ask(rng.choice(SAID), began_s=began_s)
    await assistant.close()
    journal.close()
    return list(zip(planner.asked, planner.after, strict=True))


@pytest.mark.parametrize("seed", range(40))
async def test_the_context_of_each_utterance_is_in_the_journal(tmp_path: Path, seed: int) -> None:
    told = await _talk(tmp_path / "journal", seed)
    replayed = list(Replayed().all(read_journal(tmp_path / "journal")))
    # an answer to a missing piece is also tried as one sentence with its command, after nothing
    heard = [earlier for text, earlier in told if not (_is_joined(text) and earlier == Earlier())]
    assert [earlier for text, earlier in replayed if not (_is_joined(text) and earlier == Earlier())] == heard


def _is_joined(text: str) -> bool:
    return text.startswith(("call ", "remind me "))
