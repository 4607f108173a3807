"""The shipped model: calls told early are those of the plan, and doubt is a question."""

from collections.abc import Iterator
from typing import Final

import pytest
from support.fakes import Shell
from support.shipped import shipped_model

from simulators.workbench.bench.utterances import IN_ONE_BREATH, MODEL
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.planner import Planner
from vehicle_apis.catalogue import load_catalogue

CATALOGUE: Final = load_catalogue(with_packs=False)
SEVERAL: Final = [said.text for said in (*IN_ONE_BREATH, *MODEL) if said.kind in {"several", "nested"}][:10]
OTHERS: Final = ["call", "why is the sky blue", "set the temperature to ninety degrees", "open my window halfway"]


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    path = shipped_model()
    planner = Planner.load(CATALOGUE, path, threads=1, ask_below=0.0)
    yield planner
    planner.close()


@pytest.mark.timeout(600)
async def test_what_is_told_early_is_the_beginning_of_the_plan(planner: Planner) -> None:
    told = 0
    for text in (*SEVERAL, *OTHERS):
        early: list[Early] = []
        streamed = await planner.stream(text, early.append)
        whole = await planner.plan_async(text)
        assert (streamed.utterance, streamed.why) == (whole.utterance, whole.why)
        assert streamed.statistics == whole.statistics
        assert [e.step for e in early] == list(whole.plan.steps)[: len(early)]
        assert len(early) >= len(whole.plan) - 1
        assert not whole.doubtful
        told += sum(e.may_begin for e in early)
    assert told > len(SEVERAL) / 2


def _summary(turn: Turn) -> list[tuple[str, ...]]:
    return [(str(o.call), o.status.value, o.verdict, o.rule) for o in turn.progress.outcomes]


@pytest.mark.timeout(600)
async def test_turns_are_the_same_with_an_early_start(planner: Planner) -> None:
    for text in (*SEVERAL[:5], *OTHERS):
        turns = []
        for early in (False, True):
            shell = Shell()
            assistant = Assistant(
                planner=planner,
                executor=shell.executor,
                history=shell.history,
                events=shell.events,
                early_start=early,
            )
            turn = await assistant.ask(text)
            turns.append((_summary(turn), turn.reply, sorted(map(str, shell.backend.sent))))
            await assistant.close()
        assert turns[0] == turns[1], text


async def test_a_plan_below_the_threshold_is_asked_about(planner: Planner) -> None:
    planner.ask_below = 1.0
    try:
        shell = Shell()
        assistant = Assistant(
            planner=planner, executor=shell.executor, history=shell.history, events=shell.events, early_start=True
        )
        turn = await assistant.ask("set the fan to two")
        assert (turn.reply, shell.backend.sent) == ("Did you mean: set the fan to 2?", [])
        turn = await assistant.ask("yes")
        assert shell.backend.names == ["set_fan_speed"]
        assert not planner.plan("what time is it").doubtful
    finally:
        planner.ask_below = 0.0
