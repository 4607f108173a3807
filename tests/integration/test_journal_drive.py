"""A whole drive in the journal: complete with the words, and not one of them without."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from headunit_bench import needs_bus
from support.fakes import CATALOGUE, FakePlanner, call, plan
from support.surfaces import differences, journal_fields
from support.waiting import until

from simulators.headunit.content import CONTACTS, UNREAD
from simulators.world import World
from vehicle_agent.agent import Agent
from vehicle_agent.config import BusConfig, Config, DBusConfig, JournalConfig, load_config
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.errors import ConfigError
from vehicle_agent.events import NoticeDue
from vehicle_agent.record.journal_files import files_of, read_drive
from vehicle_agent.record.rejudge import rejudge
from vehicle_agent.service.ears import event_of
from vehicle_agent.voice.types import NoSpeech, Partial, Transcript
from vehicle_apis.codec import Incomplete, Utterance

pytestmark = needs_bus

# every word a driver may say freely, in every place where there is free text
SAID: Mapping[str, Utterance] = {
    "marka window": plan(call("control_window", position=40)),
    "markb film": plan(call("play_video", title="markb")),
    "markc song": plan(call("play_media", query="markc")),
    "markd there": plan(call("navigate_to", destination="markd"), call("add_waypoint", place="marke")),
    "markf app": plan(call("open_app", app="markf")),
    "netflix": plan(call("open_app", app="Netflix")),
    "markg timer": plan(call("set_timer", minutes=600, label="markg"), call("create_reminder", text="markh")),
    "marki radio": plan(call("tune_radio", station="marki"), call("get_weather", location="markj")),
    "markk who": plan(call("call_contact", name="markk")),
    "markl address": plan(call("get_contact_address", name="markl"), call("switch_driver_profile", name="markm")),
    "markn device": plan(call("connect_bluetooth_device", device="markn")),
    "text": plan(call("send_text_message", recipient="Anna Weber", message="marko markp")),
    "text again": plan(call("send_text_message", recipient="Mom", message="markq")),
    "messages": plan(call("read_messages"), call("read_messages", sender="markr")),
    "dial": plan(call("dial_number", number="4915112345")),
    "anna": plan(call("call_contact", name="Anna Weber")),
    "undo": plan(call("undo_last_action")),
    "lacking marks": Incomplete(CATALOGUE["call_contact"], "name"),
    "fan": plan(call("set_fan_speed", level=3)),
}
OTHERS = [UNREAD[0][1], UNREAD[1][1], CONTACTS[0].numbers[0][1], "Orchard Lane"]


async def drive(folder: Path, *, transcripts: bool) -> list[dict[str, Any]]:
    """Says everything while parked, drives off with a video and a window under way, says some again; the events."""
    path = folder / "journal.jsonl"
    async with World(time_scale=10) as world:
        config = Config(
            bus=BusConfig(interface="virtual", channel=world.channel),
            dbus=DBusConfig(session=world.dbus_address, system=world.dbus_address),
            journal=JournalConfig(path=str(path), transcripts=transcripts, max_bytes=20_000, keep=100),
        )
        async with Agent(CATALOGUE, config, FakePlanner(SAID)) as agent:
            await until(lambda: agent.gate.state.word == "parked", timeout_s=30)
            ask = agent.assistant.ask
            for heard in (
                Partial(text="markt"),
                Transcript(text="marku window", confidence=0.87654, engine="vosk", rtf=0.25),
                NoSpeech(reason="nothing but markv", engine="vosk"),
            ):
                if (event := event_of(heard)) is not None:
                    agent.events.publish(event)
            for text in SAID:
                turn = await ask(text)
                if text == "text":
                    assert turn.progress.question is not None
                    turn = await ask("yes")
                    assert [o.status for o in turn.progress.outcomes] == [Status.DONE]
            await ask("marks is not understood")
            agent.assistant.invalid("markx", "there is no function markx")
            agent.events.publish(NoticeDue(text="Your marky timer is over."))
            await agent.assistant.call(call("play_video", title="markw"))
            world.car.set("gear", "D")
            world.car.set("speed", 50)
            await until(lambda: agent.gate.state.word == "driving", timeout_s=30)
            assert [o.status for o in (await ask("markb film")).progress.outcomes] == [Status.REFUSED]
            await ask("text again")
            await ask("no")
            await ask("text again")
            await agent.assistant.cancel()
            await until(lambda: not agent.executor.standing.ongoing, timeout_s=30)
            await until(lambda: world.head_unit.player.get("PlaybackStatus") != "Playing")
            await until(lambda: not agent.watch.enforcement.is_ending)
    assert len(files_of(path)) > 2  # rotated on the way
    return list(read_drive(path))


def everything_in(folder: Path) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())


async def test_everything_that_happened_is_there(tmp_path: Path) -> None:
    events = await drive(tmp_path, transcripts=True)
    assert not {"lost", "cut_off", "disorder", "crash"} & {e["kind"] for e in events}
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))

    def of(kind: str) -> list[dict[str, Any]]:
        return [e for e in events if e["kind"] == kind]

    assert (events[0]["kind"], events[-1]["kind"]) == ("start", "stop")
    assert (events[0]["catalogue"], bool(events[0]["version"])) == (CATALOGUE.wire_hash(), True)
    page = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    assert [kind for kind in {e["kind"] for e in events} if f"| `{kind}` |" not in page] == []
    (transcript,) = of("transcript")
    assert (transcript["text"], transcript["engine"], transcript["confidence"]) == ("marku window", "vosk", 0.877)
    assert len(of("no_speech")) == 1
    said = [e["text"] for e in of("input") if "text" in e]
    wanted = [*SAID, "marks is not understood", "markb film", "text again", "no", "text again"]
    wanted.insert(wanted.index("text") + 1, "yes")
    assert said == wanted
    assert [e["call"] for e in of("input") if "call" in e] == ["play_video(title=markw)"]
    # from the question to the yes to the message
    text = [e for e in of("judgement") if e["name"] == "send_text_message"]
    assert [(j["binding"], j["confirmed"], j["decision"]) for j in text] == [
        (False, False, "confirm"),
        (True, True, "allow"),
        (False, False, "confirm"),  # left without an answer
        (False, False, "confirm"),
        (False, False, "confirm"),  # cancelled
    ]
    assert [(a["yes"], a["taken"]) for a in of("answer")] == [(True, "Accepted"), (False, "Declined")]
    questions = [q["question"] for q in of("question")]
    assert [a["question"] for a in of("answer")] == [questions[0], questions[2]]
    # the window: judged twice, sent, accepted, done
    window = [e for e in of("judgement") if e["name"] == "control_window"]
    assert [j["binding"] for j in window[:2]] == [False, True]
    assert all(j["signals"]["gear"]["value"] == "P" for j in window[:2])
    frames = [(f["direction"], f["name"]) for f in of("frame")]
    sent = frames.index(("sent", "WindowCommand"))
    assert frames[sent + 1 : sent + 3] == [("received", "WindowStatus")] * 2
    assert all(bytes.fromhex(f["data"]) and f["at_s"] > events[0]["clock_s"] for f in of("frame"))
    done = [o for o in of("outcome") if o["call"].startswith("control_window")]
    assert done[0]["status"] == "done"
    # leaving the parked state: in the journal, with what it ended
    changes = [(s["old"], s["new"]) for s in of("state")]
    assert any(new == "driving" for _, new in changes)
    assert "pause_and_blank_video" in [s.get("ended") for s in of("standing")]
    report = rejudge(tmp_path / "journal.jsonl")
    assert (report["differences"], report["lost"]) == ([], 0)
    assert report["judged"] == len(of("judgement"))


@pytest.mark.parametrize("transcripts", [True, False])
async def test_kinds_and_fields_are_as_they_were(tmp_path: Path, *, transcripts: bool) -> None:
    fields = journal_fields(await drive(tmp_path, transcripts=transcripts))
    found = differences("journal" if transcripts else "journal_without_words", fields)
    assert not found, "\n".join(
        [*found, "if that is meant, it is in docs/journal.md and in tests/golden/surfaces/ too"]
    )


async def test_not_a_word_survives_without_transcripts(tmp_path: Path) -> None:
    events = await drive(tmp_path, transcripts=False)
    whole = everything_in(tmp_path)
    frames = b"".join(bytes.fromhex(e["data"]) for e in events if e["kind"] == "frame").decode("latin-1")
    for text in (whole, frames):
        assert "mark" not in text.lower()
        for word in [*OTHERS, "Anna", "Weber", "Mom", "4915112345", "film", "text again", "not understood"]:
            assert word not in text, word
    # all the same the drive can be judged again, and shows what was done
    report = rejudge(tmp_path / "journal.jsonl")
    assert (report["differences"], report["lost"]) == ([], 0)
    assert report["judged"] > 30
    assert {"send_text_message", "control_window", "read_messages"} <= {e.get("call") for e in events}
    assert "netflix" in whole  # a name that is part of the rules


@pytest.mark.parametrize("key", ["max_bytes = 9999", "keep = 0", "keep = 1001"])
def test_the_bounds_of_the_configuration(tmp_path: Path, key: str) -> None:
    (tmp_path / "c.toml").write_text(f"[journal]\n{key}\n")
    with pytest.raises(ConfigError, match=r"journal\."):
        load_config(tmp_path / "c.toml")
