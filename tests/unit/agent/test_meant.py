"""Who or what is really meant is in the question, and exactly that is carried out."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.car import CRASHED, DRIVING
from support.fakes import CATALOGUE, FakeAction, FakePlanner, Shell, call, plan
from support.waiting import until

from vehicle_agent.backends.base import Meant, Observed
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.errors import Impossible, Unavailable
from vehicle_agent.planning.planner import Planned
from vehicle_agent.record.journal import Journal, read_journal
from vehicle_agent.record.lines import record
from vehicle_agent.record.rejudge import judgement_event, rejudge
from vehicle_apis.call import Call
from vehicle_apis.codec import Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

TEXT = call("send_text_message", recipient="ann", message="hi")
RING = call("call_contact", name="ann")
PROFILE = call("switch_driver_profile", name="emma")
DEVICE = call("connect_bluetooth_device", device="pixel")
WINDOW = call("control_window", position=50)
RESULT = plan(call("get_contact_address", name="ann"), call("send_text_message", recipient="ann", message="$1"))
KNOWN: dict[str, Utterance] = {
    "ring": plan(RING),
    "text": plan(TEXT),
    "text and window": plan(TEXT, WINDOW),
    "ring and window": plan(RING, WINDOW),
    "result": RESULT,
}


class Doubting(FakePlanner):
    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        return replace(await super().plan_async(text, earlier), doubtful=True, confidence=0.5)


class Talk:
    def __init__(self, journal: Path | None = None) -> None:
        self.shell = Shell()
        self.backend = self.shell.backend
        self.backend.full = {"ann": "Anna Weber", "emma": "Emma"}
        self.journal = Journal(journal)
        record(self.shell.events, self.journal, CATALOGUE)
        self.assistant = Assistant(
            planner=Doubting(KNOWN), executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )

    @property
    def sent(self) -> list[str]:
        return [str(c) for c in self.backend.sent]


@pytest.fixture
async def talk() -> Talk:
    return Talk()


def statuses(turn: Turn) -> list[str]:
    return [o.status.value for o in turn.progress.outcomes]


def asked(turn: Turn) -> str:
    assert turn.progress.question is not None
    return turn.progress.question.text


async def test_the_text_goes_to_whom_the_question_named(talk: Talk) -> None:
    turn = await talk.assistant.call(TEXT)
    assert asked(turn) == "Send Anna Weber the text: hi?"
    talk.backend.full["ann"] = "Annabel Smith"  # the words mean somebody else by now
    assert statuses(await talk.assistant.ask("yes")) == ["done"]
    assert talk.sent == ["send_text_message(recipient=Anna Weber, message=hi)"]


async def test_nothing_is_sent_when_the_named_one_became_another(talk: Talk) -> None:
    for changed in (("full", "Anna Weber", "Anna W"), ("numbers", "Anna Weber", "5550199")):
        await talk.assistant.call(TEXT)
        getattr(talk.backend, changed[0])[changed[1]] = changed[2]
        turn = await talk.assistant.ask("yes")
        assert statuses(turn) == ["failed"]
        assert turn.reply == "What you named has changed meanwhile, so I did not do it; please say it again."
        getattr(talk.backend, changed[0]).pop(changed[1])
    assert talk.sent == []


@pytest.mark.parametrize("failure", [Impossible("Both match ann."), Unavailable("The phone book is not there.")])
async def test_a_name_that_is_not_found_is_no_question(talk: Talk, failure: Exception) -> None:
    talk.backend.unknown["ann"] = failure
    for wanted in (TEXT, RING):
        turn = await talk.assistant.call(wanted)
        assert (statuses(turn), turn.progress.question, turn.reply) == (["failed"], None, str(failure))
    assert (talk.sent, talk.shell.judgements) == ([], [])


async def test_what_is_forbidden_anyway_is_not_looked_up(talk: Talk) -> None:
    talk.shell.drive(DRIVING)
    talk.backend.unknown["emma"] = Impossible("Nobody is called emma.")
    turn = await talk.assistant.call(PROFILE)
    assert (statuses(turn), turn.reply) == (
        ["refused"],
        "Switching the driver profile works only while the car is parked.",
    )


@pytest.mark.parametrize("number", ["112", "+112"])
async def test_a_contact_that_calls_for_help_is_asked_about(talk: Talk, number: str) -> None:
    talk.backend.numbers["Anna Weber"] = number
    turn = await talk.assistant.call(RING)
    assert asked(turn).startswith("Call Anna Weber, the emergency number")
    assert statuses(await talk.assistant.ask("no")) == ["refused"]
    talk.shell.drive(CRASHED)
    assert statuses(await talk.assistant.call(RING)) == ["done"]
    assert talk.sent == ["call_contact(name=Anna Weber)"]


async def test_a_code_is_refused_before_any_question(talk: Talk) -> None:
    talk.backend.numbers["Anna Weber"] = "**21#"
    for wanted in (TEXT, RING):
        turn = await talk.assistant.call(wanted)
        assert (statuses(turn), turn.progress.outcomes[0].rule) == (["refused"], "never_dialled")
    assert talk.sent == []


async def test_the_number_is_judged_at_the_send_too(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An action prepared for another number than the one that was looked up is not sent."""
    prepared: list[Meant] = []

    class Sly(FakeAction):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            self.meant = replace(self.meant, number="112")
            prepared.append(self.meant)

    monkeypatch.setattr("support.fakes.FakeAction", Sly)
    assert statuses(await talk.assistant.call(RING)) == ["failed"]
    assert (len(prepared), talk.sent) == (1, [])


async def test_a_number_nobody_looked_up_is_not_sent(talk: Talk) -> None:
    class Silent:
        """A backend that knows nothing of numbers."""

        async def prepare(self, wanted: Call) -> object:
            action = FakeAction(talk.backend, wanted)
            del action.meant
            return action

    talk.shell.executor.backends = {"dbus": Silent(), "agent": talk.backend}  # type: ignore[dict-item]
    for wanted in (RING, call("call_roadside_assistance")):
        turn = await talk.assistant.call(wanted)
        if turn.progress.question is not None:
            turn = await talk.assistant.ask("yes")
        assert (statuses(turn), turn.reply) == (
            ["failed"],
            "I do not know which number that would reach, so I did not do it.",
        )
    assert talk.sent == []


# --- "Did you mean ...?"


async def test_a_doubt_names_who_is_meant(talk: Talk) -> None:
    turn = await talk.assistant.ask("ring")
    assert asked(turn) == "Did you mean: call Anna Weber?"
    talk.backend.full["ann"] = "Annabel Smith"
    assert statuses(await talk.assistant.ask("yes")) == ["done"]
    assert talk.sent == ["call_contact(name=Anna Weber)"]


@pytest.mark.parametrize("changed", [("full", "Anna W"), ("numbers", "5550199")])
async def test_who_was_named_in_a_doubt_must_be_the_same_still(talk: Talk, changed: tuple[str, str]) -> None:
    await talk.assistant.ask("ring")
    getattr(talk.backend, changed[0])["Anna Weber"] = changed[1]
    turn = await talk.assistant.ask("yes")
    assert (statuses(turn), talk.sent) == (["failed"], [])
    assert "changed meanwhile" in turn.reply


async def test_a_doubt_with_a_result_names_the_recipient(talk: Talk) -> None:
    turn = await talk.assistant.ask("text and window")
    assert asked(turn) == "Did you mean: text Anna Weber: hi and open the driver's window to 50 percent?"
    turn = await talk.assistant.ask("yes")
    assert asked(turn) == "Send Anna Weber the text: hi?"
    assert statuses(await talk.assistant.ask("yes")) == ["done", "done"]
    talk.backend.results["get_contact_address"] = Observed(text="There.", result="9 Kite Hill")
    turn = await talk.assistant.ask("result")
    assert asked(turn) == "Did you mean: look up the address of Anna Weber and text Anna Weber: what I find out?"
    turn = await talk.assistant.ask("yes")
    assert asked(turn) == "Send Anna Weber the text: 9 Kite Hill?"


async def test_somebody_unknown_is_not_asked_about_in_a_doubt(talk: Talk) -> None:
    talk.backend.unknown["ann"] = Impossible("Both match ann.")
    turn = await talk.assistant.ask("ring")
    assert (statuses(turn), turn.progress.question, turn.reply) == (["failed"], None, "Both match ann.")
    turn = await talk.assistant.ask("ring and window")
    assert asked(turn) == "Did you mean: open the driver's window to 50 percent?"
    turn = await talk.assistant.ask("yes")
    assert statuses(turn) == ["failed", "done"]
    assert talk.sent == [str(WINDOW)]


async def test_a_doubted_emergency_number_is_asked_about_once(talk: Talk) -> None:
    talk.backend.numbers["Anna Weber"] = "112"
    turn = await talk.assistant.ask("ring")
    assert asked(turn) == "Call Anna Weber, the emergency number 1 1 2?"


async def test_cancel_while_the_head_unit_is_asked_who_is_meant(talk: Talk) -> None:
    look, looking = asyncio.Event(), asyncio.Event()
    meant = talk.backend.meant

    async def slow(wanted: Call) -> Meant:
        looking.set()
        await look.wait()
        return await meant(wanted)

    talk.backend.meant = slow  # type: ignore[method-assign]
    turn = asyncio.create_task(talk.assistant.ask("ring"))
    await until(looking.is_set)
    await talk.assistant.ask("cancel")
    look.set()
    assert (await turn).reply == "Cancelled."
    assert (talk.sent, talk.shell.executor.dialogue.question) == ([], None)


# --- the journal


async def test_the_journal_has_what_was_said_and_what_was_meant() -> None:
    talk = Talk()
    await talk.assistant.call(TEXT)
    await talk.assistant.ask("yes")
    first, binding = (judgement_event(j) for j in talk.shell.judgements)
    assert first["said"] == {"recipient": "ann", "message": "hi"}
    assert [e["arguments"] for e in (first, binding)] == [{"recipient": "Anna Weber", "message": "hi"}] * 2
    assert [e["number"] for e in (first, binding)] == ["5550123", "5550123"]
    without = judgement_event(talk.shell.judgements[0], words=False)
    assert (without["number"], without["arguments"], "said" in without) == (
        *("0", {"recipient": "unrecorded", "message": "unrecorded"}),
        False,
    )


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize(
    ("number", "own", "decision", "kept"),
    [
        ("5550123", (), "allow", "0"),
        ("112", (), "confirm", "112"),
        ("777", ("777",), "confirm", "777"),
        ("**21*5550123#", (), "deny", "*"),
    ],
)
async def test_a_recorded_number_is_judged_again_as_it_was(
    tmp_path: Path, number: str, own: tuple[str, ...], decision: str, kept: str, *, words: bool
) -> None:
    talk = Talk()
    understood = talk.backend.understood
    talk.backend.numbers["Anna Weber"] = number

    def with_own(wanted: Call) -> Meant:
        return replace(understood(wanted), emergency_numbers=frozenset(own))

    talk.backend.understood = with_own  # type: ignore[method-assign]
    await talk.assistant.call(RING)
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    judged = talk.shell.judgements[0]
    assert judged.decision == decision
    journal.write("judgement", **judgement_event(judged, words=words))
    journal.close()
    report = rejudge(path)
    assert (report["judged"], report["differences"]) == (1, [])
    (event,) = read_journal(path)
    assert event["number"] == (number if words else kept)
    assert event["emergency_numbers"] == list(own)
    assert words or "5550123" not in path.read_text(encoding="utf-8")


async def test_undo_finds_out_who_is_meant_as_well(talk: Talk) -> None:
    talk.backend.undo["control_window"] = (PROFILE,)
    await talk.assistant.call(WINDOW)
    turn = await talk.assistant.call(call("undo_last_action"))
    assert turn.progress.outcomes[0].status is Status.DONE
    assert talk.sent == [str(WINDOW), "switch_driver_profile(name=Emma)"]
