"""Calls that begin while the rest is being decoded: same results as without, and what is told when it goes wrong."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.car import DRIVING, PARKED
from support.fakes import Shell, call
from support.scripted_model import ScriptedModel, scripted_planner
from support.waiting import until

from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.conversation.turn_state import Planning
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.planning.planner import Planner
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_apis import tokens as wire
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.ref import Ref

CATALOGUE = load_catalogue(with_packs=False)
FAN, LIGHT, UP = (
    call("set_fan_speed", level=3),
    call("set_cabin_light", state="on"),
    call("adjust_fan_speed", direction="up"),
)
WINDOW, VIDEO = call("control_window", position=40), call("play_video", title="film")
TEXT = call("send_text_message", recipient="mum", message="on my way")
FIND, GO = call("find_nearby", category="atm"), call("navigate_to", destination=Ref(1))
KNOWN: dict[str, Utterance] = {
    "fan": Plan.of(FAN),
    "three things": Plan.of(FAN, LIGHT, WINDOW),
    "five things": Plan.of(LIGHT, FAN, UP, WINDOW, call("get_time")),
    "again and again": Plan.of(FAN, FAN, LIGHT, FAN),
    "text mum on my way and three things": Plan.of(TEXT, FAN, LIGHT),
    "fan and then text mum on my way": Plan.of(FAN, TEXT, WINDOW),
    "the film and the fan and the light": Plan.of(VIDEO, FAN, LIGHT),
    "find one and go there with light": Plan.of(FIND, GO, LIGHT),
    "light then find it": Plan.of(LIGHT, FIND, FAN),
    "undo and fan": Plan.of(call("undo_last_action"), FAN),
    "who": Incomplete(CATALOGUE["call_contact"], "name"),
    "nothing": Refusal(),
}
MODEL = ScriptedModel(KNOWN)


def fn(wanted: Call) -> str:
    return wire.fn_token(CATALOGUE.token_index(wanted.name))


@pytest.fixture(scope="module")
def shared() -> Iterator[Planner]:
    planner = scripted_planner(MODEL)
    yield planner
    planner.close()


@pytest.fixture
def planner(shared: Planner) -> Planner:
    MODEL.known, MODEL.unsure, MODEL.before = KNOWN, {}, lambda _text, _written: None
    shared.ask_below = 0.0
    return shared


class Talk:
    def __init__(
        self, planner: Planner, *, early: bool = True, journal: Path | None = None, zone: str = "driver"
    ) -> None:
        self.shell = Shell()
        self.journal = Journal(journal)
        record(self.shell.events, self.journal, CATALOGUE)
        self.assistant = Assistant(
            planner=planner,
            executor=self.shell.executor,
            history=self.shell.history,
            events=self.shell.events,
            early_start=early,
            mic_zone=zone,
        )

    @property
    def sent(self) -> list[str]:
        return self.shell.backend.names


def summary(turn: Turn) -> list[tuple[str, ...]]:
    return [(str(o.call), o.status.value, o.verdict, o.rule, o.reason) for o in turn.progress.outcomes]


@pytest.mark.parametrize("state", ["parked", "driving"])
@pytest.mark.parametrize("text", KNOWN)
async def test_everything_comes_out_as_without(planner: Planner, text: str, state: str) -> None:
    turns, judgements, sent = [], [], []
    for early in (False, True):
        talk = Talk(planner, early=early, zone="passenger")
        talk.shell.drive(PARKED if state == "parked" else DRIVING)
        talk.shell.backend.failures["set_cabin_light"] = [NotConfirmed("dark")] * 2
        turn = await talk.assistant.ask(text)
        while turn.progress.question is not None:
            turn = await talk.assistant.answer(turn.progress.question.id, yes=True)
        turns.append(turn)
        judgements.append(sorted((str(j.call), j.decision, j.rule, j.binding) for j in talk.shell.judgements))
        sent.append(sorted(map(str, talk.shell.backend.sent)))
    without, with_early = turns
    assert summary(with_early) == summary(without)
    assert with_early.reply == without.reply
    assert with_early.progress.plan == without.progress.plan
    assert judgements[0] == judgements[1]
    assert sent[0] == sent[1]


def held_at(text: str, piece: str) -> threading.Event:
    """The model stops before it writes ``piece``; set the event to let it go on."""
    go_on = threading.Event()
    target = MODEL.target(text)[0]
    at = target.index(MODEL.pieces.index(piece)) if piece != wire.END else len(target) - 1

    def before(heard: str, written: int) -> None:
        if heard == text and written >= at:
            go_on.wait(10)

    MODEL.before = before
    return go_on


async def test_the_first_call_is_sent_before_the_last_one_is_known(planner: Planner) -> None:
    talk = Talk(planner)
    go_on = held_at("three things", wire.END)
    under_way = asyncio.create_task(talk.assistant.ask("three things"))
    await until(lambda: len(talk.sent) == 2)
    assert sorted(talk.sent) == ["set_cabin_light", "set_fan_speed"]
    assert not under_way.done()
    go_on.set()
    turn = await under_way
    assert [o.status.value for o in turn.progress.outcomes] == ["done"] * 3
    assert turn.planned is not None
    assert turn.planned.begun == (1, 2)


async def test_without_the_option_nothing_is_sent_before_the_end(planner: Planner) -> None:
    talk = Talk(planner, early=False)
    go_on = held_at("three things", wire.END)
    under_way = asyncio.create_task(talk.assistant.ask("three things"))
    await asyncio.sleep(0.1)
    assert talk.sent == []
    go_on.set()
    await under_way


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("text mum on my way and three things", ("set_fan_speed",)),  # the text is asked about, in its place
        ("the film and the fan and the light", ("set_fan_speed",)),  # the film is refused, in its place
        ("find one and go there with light", ("find_nearby",)),
        ("undo and fan", ()),
        ("who", ()),
        ("nothing", ()),
        ("fan", ()),
    ],
)
async def test_what_begins_early(planner: Planner, text: str, begun: tuple[str, ...]) -> None:
    talk = Talk(planner)
    talk.shell.drive(DRIVING)
    turn = await talk.assistant.ask(text)
    assert turn.planned is not None
    names = {s.id: s.call.name for s in turn.planned.plan}
    assert tuple(names[i] for i in turn.planned.begun) == begun
    await talk.assistant.close()


async def test_what_had_begun_stays_done_and_the_rest_is_told(planner: Planner, tmp_path: Path) -> None:
    bad = Call.__new__(Call)  # a value that the grammar can write and validation refuses
    object.__setattr__(bad, "spec", CATALOGUE["set_volume"])
    object.__setattr__(bad, "arguments", {"level": 500, "channel": "media"})
    MODEL.known = {**KNOWN, "fan and far too loud": Plan.of(FAN, bad)}
    talk = Talk(planner, journal=tmp_path / "j")
    turn = await talk.assistant.ask("fan and far too loud")
    assert (talk.sent, summary(turn)[0][1]) == (["set_fan_speed"], "done")
    assert turn.reply.startswith("Set_fan_speed shown. Sorry, I could not use the rest: to set volume")
    assert [c["name"] for c in turn_json(turn)["calls"]] == ["set_fan_speed"]  # type: ignore[attr-defined]
    talk.journal.close()
    (event,) = [e for e in read_journal(tmp_path / "j") if e["kind"] == "plan"]
    assert event["begun"] == [1]


async def test_a_doubtful_rest_is_asked_about_alone(planner: Planner) -> None:
    MODEL.unsure = {"three things": {fn(WINDOW): 0.95, wire.END: 0.5}}
    planner.ask_below = 0.8
    talk = Talk(planner)
    turn = await talk.assistant.ask("three things")
    assert turn.reply.endswith("Did you mean: open the driver's window to 40 percent?")
    assert [o.status.value for o in turn.progress.outcomes] == ["done", "done", "pending"]
    document = turn_json(turn)
    assert [c["name"] for c in document["calls"]] == ["set_fan_speed", "set_cabin_light"]  # type: ignore[attr-defined]
    turn = await talk.assistant.ask("no")
    assert [o.status.value for o in turn.progress.outcomes] == ["done", "done", "refused"]


@pytest.mark.parametrize("word", ["cancel", "stop"])
async def test_cancel_takes_effect_while_the_model_works(planner: Planner, word: str) -> None:
    talk = Talk(planner)
    go_on = held_at("three things", wire.END)
    under_way = asyncio.create_task(talk.assistant.ask("three things"))
    await until(lambda: len(talk.sent) == 2)
    turn = await talk.assistant.ask(word)
    first = await under_way
    assert len(turn.progress.outcomes) == len(first.progress.outcomes) == 2
    go_on.set()
    assert [o.status.value for o in (await talk.assistant.ask("fan")).progress.outcomes] == ["done"]
    assert "control_window" not in talk.sent


async def test_cancel_before_anything_has_begun(planner: Planner) -> None:
    talk = Talk(planner)
    go_on = held_at("three things", fn(LIGHT))
    under_way = asyncio.create_task(talk.assistant.ask("three things"))
    await until(lambda: isinstance(talk.assistant.state, Planning))
    assert (await talk.assistant.ask("cancel")).reply == "Cancelled."
    turn = await under_way
    assert (turn.reply, turn.progress.outcomes, turn.planned) == ("Cancelled.", (), None)
    go_on.set()
    assert [o.status.value for o in (await talk.assistant.ask("fan")).progress.outcomes] == ["done"]
    assert talk.sent == ["set_fan_speed"]


async def test_a_turn_that_is_dropped_from_outside_frees_the_planner(planner: Planner) -> None:
    talk = Talk(planner)
    go_on = held_at("three things", wire.END)
    under_way = asyncio.create_task(talk.assistant.ask("three things"))
    await until(lambda: len(talk.sent) == 2)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    go_on.set()
    assert [o.status.value for o in (await talk.assistant.ask("fan")).progress.outcomes] == ["done"]
    await talk.assistant.close()
