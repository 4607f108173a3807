"""An assistant driven through every order of asking, answering, cancelling, falling silent and beginning early."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.car import CREEPING, DRIVING, PARKED
from support.fakes import CATALOGUE, FakePlanner, Shell, call, plan

from vehicle_agent.backends.base import Observed
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.conversation.turn_state import Asking, Completing, Idle, Planning
from vehicle_agent.events import Answered, Asked, OutcomeTold, Said, Settled
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planner import Planned
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier
from vehicle_apis.ref import EarlierRef

FAN, LIGHT = call("set_fan_speed", level=3), call("set_cabin_light", state="on")
TEXT = call("send_text_message", recipient="mum", message="on my way")
CAFE = call("find_nearby", category="coffee")
TRUNK = call("operate_trunk", action="open")
KNOWN: dict[str, Utterance] = {
    "fan": plan(FAN),
    "fan and light": plan(FAN, LIGHT),
    "text": plan(TEXT),
    "fan and text": plan(FAN, TEXT),
    "two texts": plan(TEXT, TEXT.with_arguments(recipient="dad"), LIGHT, after={3: (2,)}),
    "trunk then light": plan(TRUNK, LIGHT, after={2: (1,)}),
    "call": Incomplete(CATALOGUE["call_contact"], "name"),
    "call anna": plan(call("call_contact", name="anna")),
    "undo": plan(call("undo_last_action")),
    "undo and light": plan(call("undo_last_action"), LIGHT),
    "cafe": plan(CAFE),
    "take me there": plan(call("navigate_to", destination=EarlierRef(1, 1))),
    "you may send that": Reply("yes"),
    "better not send that": Reply("no"),
    "leave it all": Reply("cancel"),
    "thanks": Routed("talk", "thanks"),
    "light and why is it dim": Routed("manual", "dim light", plan(LIGHT)),
}
ANSWERS = {text for text, meaning in KNOWN.items() if isinstance(meaning, Reply)}
NEEDS_YES = {"send_text_message"}
TICKS = st.integers(0, 12)


class Streaming(FakePlanner):
    """Tells of each call but the last before it has the whole plan; ``doubtful``: of which texts it is not sure."""

    doubtful: bool = False
    pause: int = 0

    async def stream(self, text: str, on_early: Callable[[Early], None], earlier: Earlier = NOTHING_BEFORE) -> Planned:
        meaning = self.known.get(text)
        if isinstance(meaning, Plan) and not self.doubtful:
            for step in meaning.steps[:-1]:
                for _ in range(self.pause):
                    await asyncio.sleep(0)
                on_early(Early(step=step, least=1.0, confidence=1.0))
        for _ in range(self.pause):
            await asyncio.sleep(0)
        return await self.plan_async(text, earlier)

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        planned = await super().plan_async(text, earlier)
        unsure = self.doubtful and (bool(planned.plan.steps) or planned.answer == "yes")
        return replace(planned, doubtful=unsure, confidence=0.9)


class Conversation(RuleBasedStateMachine):
    """``turns`` under way; ``meant``: the numbers of the questions that somebody meant to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.turns: list[asyncio.Task[Turn]] = []
        self.meant = set[int]()
        self.said: list[str] = []
        self.resolved = {"navigate_to(destination=$1.1)"}  # in the driver's words; what is done has the place
        self.loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.shell = Shell()
        self.planner = Streaming(KNOWN)
        self.shell.backend.undo = {"set_fan_speed": (call("set_fan_speed", level=1),)}
        self.shell.backend.results["find_nearby"] = Observed(text="a cafe", result="Blue Cafe")
        self.assistant = Assistant(
            planner=self.planner, executor=self.shell.executor, history=self.shell.history, events=self.shell.events
        )
        self.asked: list[Asked] = []
        self.shell.events.subscribe(self.asked.append, Asked)
        self.shell.events.subscribe(lambda said: self.said.append(said.text), Said)
        self.outcomes: list[OutcomeTold] = []
        self.shell.events.subscribe(self.outcomes.append, OutcomeTold)
        self.ended: list[Settled] = []
        self.shell.events.subscribe(self.ended.append, Settled)
        self.answers: list[Answered] = []
        self.shell.events.subscribe(self.answers.append, Answered)

    def go(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    async def _ticks(self, n: int) -> None:
        for _ in range(n):
            await asyncio.sleep(0)

    def start(self, work: Coroutine[Any, Any, Turn]) -> None:
        self.turns.append(self.loop.create_task(work))

    # --- what may happen ----------------------------------------------------------------------------------------------

    @rule(text=st.sampled_from([*KNOWN, "nonsense", "anna"]), ticks=TICKS, pause=st.integers(0, 3))
    def says(self, text: str, ticks: int, pause: int) -> None:
        self.planner.pause = pause
        self.start(self._speak(text, self.shell.clock()) if text in ANSWERS else self.assistant.ask(text))
        self.go(self._ticks(ticks))

    @rule(word=st.sampled_from(["yes", "no"]), before_s=st.sampled_from([0.0, 0.5, 20.0]), ticks=TICKS)
    def answers_by_voice(self, word: str, before_s: float, ticks: int) -> None:
        began_s = self.shell.clock() - before_s
        self.start(self._speak(word, began_s))
        self.go(self._ticks(ticks))

    async def _speak(self, word: str, began_s: float) -> Turn:
        question = self.shell.executor.dialogue.heard_by(began_s)
        if question is not None:
            self.meant.add(question.id)
        return await self.assistant.ask(word, began_s=began_s)

    @rule(yes=st.booleans(), off=st.integers(-1, 1), ticks=TICKS)
    def answers_by_number(self, yes: bool, off: int, ticks: int) -> None:
        number = (self.asked[-1].question if self.asked else 0) + off
        self.meant.add(number)
        self.start(self.assistant.answer(max(0, number), yes=yes))
        self.go(self._ticks(ticks))

    @rule(ticks=TICKS)
    def cancels(self, ticks: int) -> None:
        self.start(self.assistant.cancel())
        self.go(self._ticks(ticks))

    @rule()
    def cancels_and_nothing_is_sent_any_more(self) -> None:
        self.go(self._settle())
        self.go(self.assistant.cancel())
        sent = list(self.shell.backend.sent)
        self.go(self._ticks(30))
        assert self.shell.backend.sent == sent
        assert self.assistant.state == Idle()

    @rule(wanted=st.sampled_from([FAN, TEXT, TRUNK]), ticks=TICKS)
    def calls(self, wanted: Any, ticks: int) -> None:  # noqa: ANN401
        self.start(self.assistant.call(wanted))
        self.go(self._ticks(ticks))

    @rule(seconds=st.sampled_from([0.3, 5.0, 11.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.shell.clock.advance(seconds)
        self.shell.gate.observe(self.shell.world.signals_now)

    @rule(car=st.sampled_from([PARKED, CREEPING, DRIVING]))
    def the_car_changes(self, car: Any) -> None:  # noqa: ANN401
        self.shell.drive(car)

    @rule(doubtful=st.booleans())
    def the_planner_is_unsure(self, doubtful: bool) -> None:
        self.planner.doubtful = doubtful

    @precondition(lambda self: self.turns)
    @rule(ticks=TICKS)
    def a_turn_is_broken_off(self, ticks: int) -> None:
        self.turns[-1].cancel()
        self.go(self._ticks(ticks))

    @rule()
    def all_is_quiet(self) -> None:
        self.go(self._settle())

    async def _settle(self) -> None:
        await asyncio.gather(*self.turns, return_exceptions=True)
        self.turns.clear()

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def no_turn_fails(self) -> None:
        for turn in self.turns:
            if turn.done() and not turn.cancelled():
                assert turn.exception() is None

    @invariant()
    def a_question_is_open_in_no_state_without_one(self) -> None:
        if isinstance(self.assistant.state, Idle | Completing):
            assert self.shell.executor.dialogue.question is None

    @invariant()
    def what_needs_a_yes_is_sent_only_after_one(self) -> None:
        sent = [c for c in self.shell.backend.sent if c.name in NEEDS_YES]
        assert len(sent) <= sum(answer.taken == "Accepted" for answer in self.answers)

    @invariant()
    def an_answer_counts_only_for_the_question_it_was_meant_for(self) -> None:
        taken = {answer.question for answer in self.answers if answer.taken in {"Accepted", "Declined"}}
        assert taken <= self.meant

    @invariant()
    def what_is_context_was_done(self) -> None:
        done = {str(one.outcome.call) for one in self.ended if one.outcome.status is Status.DONE} | self.resolved
        for earlier in self.planner.after:
            acted = {str(c) for turn in earlier.turns if not turn.declined for c in turn.plan.calls}
            assert acted <= done
            assert len(earlier.turns) <= 2

    @invariant()
    def no_result_of_an_earlier_turn_is_sent_unresolved(self) -> None:
        assert not any(c.uses_results for c in self.shell.backend.sent)

    @invariant()
    def what_is_told_had_ended(self) -> None:
        assert len(self.outcomes) <= len(self.ended)
        assert all(one.status is not Status.PENDING for one in self.outcomes)
        assert "" not in self.said

    @invariant()
    def a_state_has_what_belongs_to_it(self) -> None:
        match self.assistant.state:
            case Planning(task=task):
                assert task.get_name() == "planning"
            case Asking(work=work, watcher=watcher):
                assert not watcher.cancelled()
                assert work.asked == self.asked[-1].question
            case _:
                pass

    def teardown(self) -> None:
        try:
            self.go(self._settle())
            self.go(self.assistant.cancel())
            self.go(self.assistant.close())
            self.go(self._ticks(10))
            assert self.assistant.state == Idle()
            assert self.shell.executor.dialogue.question is None
            assert len(self.outcomes) == len(self.ended)  # each step settled once, and was told once
            assert asyncio.all_tasks(self.loop) == set()
        finally:
            self.loop.close()


Conversation.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestConversation = Conversation.TestCase
