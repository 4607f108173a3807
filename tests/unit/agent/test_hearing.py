"""Listening goes on while a turn is under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vehicle_agent.agent import Agent
from vehicle_agent.config import Config
from vehicle_agent.errors import AudioError
from vehicle_agent.events import Events
from vehicle_agent.service import ears
from vehicle_agent.voice.types import Transcript


def transcript(text: str) -> Transcript:
    return Transcript(text=text, confidence=1.0, engine="by hand", rtf=0.1)


class Slow:
    """An assistant whose first turn lasts until it is cancelled by a word."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cancelled = asyncio.Event()

    async def ask(self, text: str) -> Any:  # noqa: ANN401 - what comes of it is not looked at
        self.asked.append(text)
        if text == "cancel":
            self.cancelled.set()
        elif text == "broken":
            raise RuntimeError("a defect")
        else:
            await self.cancelled.wait()
        return text


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was answered; the microphone says what `says` was given."""
    answers: list[str] = []
    monkeypatch.setattr(ears, "_tell", lambda turn, _heard: answers.append(turn))
    monkeypatch.setattr("vehicle_agent.voice.engines.choose_engine", lambda _name: None)

    @asynccontextmanager
    async def sound(_source: str) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr("vehicle_agent.voice.source.open_source", sound)
    return answers


def says(monkeypatch: pytest.MonkeyPatch, *texts: str, then: Exception | None = None) -> None:
    async def listen(_engine: object, _sound: object) -> AsyncIterator[Transcript]:
        for text in texts:
            yield transcript(text)
            await asyncio.sleep(0)
        if then is not None:
            raise then

    monkeypatch.setattr("vehicle_agent.voice.listening.listen", listen)


async def hear(assistant: Slow, source: str) -> asyncio.Event:
    agent = SimpleNamespace(assistant=assistant, events=Events())
    stop = asyncio.Event()
    async with asyncio.timeout(30):
        await ears.hear(cast("Agent", agent), Config(), source, stop)
    return stop


async def test_cancel_is_heard_during_a_turn(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    says(monkeypatch, "open the window", "cancel")
    stop = await hear(Slow(), "drive.wav")
    assert sorted(told) == ["cancel", "open the window"]
    assert stop.is_set()  # only when every turn is over


async def test_a_defect_in_one_turn_does_not_deafen(
    monkeypatch: pytest.MonkeyPatch, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    says(monkeypatch, "broken", "cancel")
    await hear(Slow(), "drive.wav")
    assert told == ["cancel"]
    assert "a turn failed" in caplog.text


async def test_no_more_than_four_turns_wait(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    assistant = Slow()
    says(monkeypatch, *(f"wish {n}" for n in range(9)))
    listening = asyncio.create_task(hear(assistant, "drive.wav"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(assistant.asked) == 4
    assistant.cancelled.set()
    await listening
    assert len(told) == 9


async def test_a_stop_is_heard_behind_many_utterances(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    assistant = Slow()
    says(monkeypatch, *(f"wish {n}" for n in range(20)), "stop it", "cancel")
    await hear(assistant, "drive.wav")
    assert assistant.asked[:6] == ["wish 0", "wish 1", "wish 2", "wish 3", "stop it", "cancel"]
    assert len(told) == 22


async def test_when_speech_began_goes_along(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    began: list[float | None] = []

    class Noting(Slow):
        """Keeps when it began."""

        async def ask(self, text: str, *, began_s: float | None = None) -> Any:  # noqa: ANN401
            began.append(began_s)
            return text

    async def listen(_engine: object, _sound: object) -> AsyncIterator[Transcript]:
        yield Transcript(text="yes", confidence=1.0, engine="by hand", rtf=0.1, began_s=12.5)

    monkeypatch.setattr("vehicle_agent.voice.listening.listen", listen)
    await hear(Noting(), "drive.wav")
    assert (began, told) == ([12.5], ["yes"])


async def test_a_recording_that_fails_is_told_and_ends(
    monkeypatch: pytest.MonkeyPatch, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    says(monkeypatch, "cancel", then=AudioError("the file is damaged"))
    stop = await hear(Slow(), "drive.wav")
    assert stop.is_set()
    assert "listening ended, text over D-Bus goes on: the file is damaged" in caplog.text
    assert told == ["cancel"]
