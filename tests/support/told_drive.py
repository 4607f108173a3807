"""A drive in which everything happens that the journal has a line for, on fakes: each time the same."""

from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Final

from support.car import DRIVING
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan
from vehicle_agent.backends.base import Observed, StoppedMotion
from vehicle_agent.conversation.assistant import Assistant
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.events import (
    Frame,
    NoticeDue,
    StandingRuleEnded,
    StandingRuleFailed,
    Started,
    StateChanged,
    Stopped,
)
from vehicle_agent.planning.planned import Planned
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.lines import record
from vehicle_agent.service.ears import event_of
from vehicle_agent.voice.types import NoSpeech, Partial, Transcript
from vehicle_apis.codec import Incomplete, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

TEXT: Final = call("send_text_message", recipient="mum", message="marka")
KNOWN: Final[dict[str, Utterance]] = {
    "fan three and markb": plan(call("set_fan_speed", level=3), call("navigate_to", destination="markb")),
    "text mum": plan(TEXT),
    "call marki": plan(call("call_contact", name="marki")),
    "dial help": plan(call("dial_number", number="112")),
    "dial": plan(call("dial_number", number="4915112345")),
    "netflix": plan(call("open_app", app="Netflix")),
    "markc app": plan(call("open_app", app="markc")),
    "play": plan(call("control_playback", action="play")),
    "markd film": plan(call("play_video", title="markd")),
    "take it back": plan(call("undo_last_action")),
    "volume": plan(call("set_volume", level=5)),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "you may send markp": Reply("yes"),
    "why is the markq light on": Routed("manual", "markq light"),
}


class Planner(FakePlanner):
    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        return replace(await super().plan_async(text, earlier), confidence=0.987654, model_ms=12.5)


class Motor:
    """Runs until it is stopped."""

    def __init__(self) -> None:
        self.under_way = False

    def stop(self) -> tuple[Awaitable[StoppedMotion], ...]:
        if not self.under_way:
            return ()
        self.under_way = False

        async def stopped() -> StoppedMotion:
            return StoppedMotion(what="driver window", text="The window stopped.", failed=False)

        return (stopped(),)

    def recall(self) -> None:
        """Nothing waits to be sent."""


async def tell(path: Path, *, words: bool) -> None:
    """Drives, and writes the journal ``path``."""
    motor = Motor()
    shell = Shell(motions=motor)
    journal = Journal(path, clock=lambda: 1.25)
    record(shell.events, journal, CATALOGUE, words=words)
    assistant = Assistant(planner=Planner(KNOWN), executor=shell.executor, history=shell.history, events=shell.events)
    await drive(shell, assistant, motor, words=words)
    journal.close()


HEARD: Final = (
    Partial(text="markt"),
    Transcript(text="marku window", confidence=0.87654, engine="vosk", rtf=0.25123, began_s=3.0),
    NoSpeech(reason="nothing but markv", engine="vosk"),
)


async def drive(shell: Shell, assistant: Assistant, motor: Motor, *, words: bool) -> None:
    """What no conversation tells is told here as the agent does."""
    backend, told = shell.backend, shell.events.publish
    told(Started(version="1", catalogue=CATALOGUE.wire_hash(), clock_s=1000.1234567, words=words))
    told(StateChanged(old="unknown", new="parked"))
    for heard in HEARD:
        if (event := event_of(heard)) is not None:
            told(event)
    backend.undo = {"set_fan_speed": (call("set_fan_speed", level=1),)}
    backend.results = {"navigate_to": Observed(text="the way to markb", values={"place": "markb", "minutes": 12.0})}
    await assistant.ask("fan three and markb")
    told(Frame(frame_id=528, name="WindowCommand", data=b"\x01\xab", time_s=2.12345678, direction="sent"))
    told(Frame(frame_id=528, name="WindowStatus", data=b"\x01\xab", time_s=2.12345678, direction="received"))
    await assistant.call(call("tune_radio", station="marke"))
    # asked, and answered with yes, with no, too early, too late and for nothing
    await assistant.ask("text mum")
    await assistant.ask("yes", began_s=shell.clock() - 60)
    shell.clock.advance(1)
    await assistant.ask("yes")
    backend.full, backend.numbers = {"marki": "Marki Markoff"}, {"Marki Markoff": "0301234"}
    await assistant.ask("call marki")
    shell.clock.advance(1)
    await assistant.ask("no")
    await assistant.answer(99, yes=True)
    late = (await assistant.ask("text mum")).progress.question
    assert late is not None
    shell.clock.advance(11)
    await assistant.answer(late.id, yes=True)
    for text in ("dial help", "dial"):
        await assistant.ask(text)
        await assistant.cancel()
    # free text that the rules look at
    await assistant.ask("netflix")
    await assistant.ask("markc app")
    shell.world.video = "markf film"
    await assistant.ask("play")
    shell.world.video = None
    await _more(shell, assistant)
    assistant.invalid("markj", "there is no function markj")
    motor.under_way = True
    await assistant.ask("stop")
    told(NoticeDue(text="the marky timer has run out"))
    shell.drive(DRIVING)
    told(StateChanged(old="parked", new="driving"))
    video = call("play_video", title="markx")
    told(StandingRuleFailed(call=video, error="Unavailable", failed="markw is silent"))
    told(StandingRuleEnded(call=video, ended="pause_and_blank_video"))
    await assistant.ask("markd film")
    await assistant.close()
    told(Stopped())


async def _more(shell: Shell, assistant: Assistant) -> None:
    # taken back, failed, not understood, incomplete, answered in many words, for a specialist
    await assistant.ask("take it back")
    shell.backend.failures["set_volume"] = [NotConfirmed("markg", seen={"level": 4.0}), NotConfirmed("markg again")]
    await assistant.ask("volume")
    await assistant.ask("why is the markh blue")
    await assistant.ask("call")
    await assistant.ask("cancel")
    await assistant.ask("text mum")
    await assistant.ask("you may send markp")
    await assistant.ask("why is the markq light on")
