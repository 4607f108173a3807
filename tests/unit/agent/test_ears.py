"""A microphone that fails in any way is told, started again, and heard again."""

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.told import health_telling
from support.waiting import until

from vehicle_agent.agent import Agent
from vehicle_agent.config import Config
from vehicle_agent.errors import AudioError, ModelError
from vehicle_agent.events import Events
from vehicle_agent.service import ears
from vehicle_agent.voice import source
from vehicle_agent.voice.types import AudioFrame, NoSpeech, Partial, Transcript

SOUND = b"\x01\x02" * 800  # 50 ms


class Words:
    """A recogniser that hears one word in every 200 ms of sound; or fails as it is told."""

    name = "by ear"

    def __init__(self) -> None:
        self.frames = 0
        self.streams = 0
        self.fail = 0  # so many of the next frames
        self.broken = False

    def transcribe(self, recording: object) -> NoSpeech:
        raise NotImplementedError

    def stream(self) -> "Words":
        self.streams += 1
        if self.broken:
            raise RuntimeError("the model is gone")
        return self

    def feed(self, _frame: AudioFrame) -> Transcript | Partial | None:
        self.frames += 1
        if self.fail:
            self.fail -= 1
            raise RuntimeError("a defect")
        if self.frames % 4:
            return Partial(text="wo")
        return Transcript(text="word", confidence=1.0, engine=self.name, rtf=0.1)

    def finish(self) -> None:
        return None


class Parrot:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, text: str) -> str:
        self.asked.append(text)
        return text


class Hearing:
    """`hear` with a recorder program of a test, until the test is over."""

    def __init__(self, folder: Path) -> None:
        self.engine = Words()
        self.parrot = Parrot()
        self.told: list[tuple[float, str]] = []
        self.health = health_telling(lambda text: self.told.append((time.monotonic(), text)))
        self.stop = asyncio.Event()
        self._program = folder / "arecord"
        self.log = folder / "runs"
        self.log.write_text("", encoding="ascii")
        self._task: asyncio.Task[None] | None = None

    def recorder(self, script: str) -> None:
        """What the recorder does from its next start on; each start leaves a line."""
        fresh = self._program.with_suffix(".new")
        fresh.write_text(f"#!/bin/sh\necho run >> {self.log}\n{script}\n", encoding="ascii")
        fresh.chmod(0o755)
        fresh.replace(self._program)

    def no_recorder(self) -> None:
        self._program.unlink()

    @property
    def ended_s(self) -> float:
        """When the recorder's script came to its end, in seconds since 1970."""
        return float(Path(f"{self.log}.ended").read_text(encoding="ascii"))

    @property
    def runs(self) -> int:
        return self.log.read_text(encoding="ascii").count("run")

    def begin(self, heard_from: str = "microphone") -> None:
        agent = SimpleNamespace(assistant=self.parrot, events=Events())
        hearing = ears.hear(cast("Agent", agent), Config(), heard_from, self.stop, self.health)
        self._task = asyncio.create_task(hearing)

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def heard_more(self, words: int = 3) -> None:
        before = len(self.parrot.asked)
        await until(lambda: len(self.parrot.asked) >= before + words, 30)


@pytest.fixture
async def hearing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hearing]:
    found = Hearing(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(source, "_RECORDERS", (("arecord",),))
    monkeypatch.setattr("vehicle_agent.voice.engines.choose_engine", lambda _name: found.engine)
    monkeypatch.setattr(ears, "_tell", lambda _turn, _heard: None)
    monkeypatch.setattr(ears, "FIRST_PAUSE_S", 0.05)
    yield found
    await found.end()


# as a microphone gives it: a piece every 100 ms
STEADY = "while :; do head -c 3200 /dev/urandom; sleep 0.1; done"


def pieces(count: int) -> str:
    return f"for n in $(seq {count}); do head -c 3200 /dev/urandom; sleep 0.1; done"


async def test_a_microphone_is_heard(hearing: Hearing) -> None:
    hearing.recorder(STEADY)
    hearing.begin()
    await hearing.heard_more()
    assert hearing.told == []
    assert not hearing.stop.is_set()


ENDINGS = {
    "it ends after a while": (pieces(15), "the recorder ended"),
    "it fails after a while": (f"{pieces(15)}\nexit 1", "the recorder ended"),
    "it is killed after a while": (f"{pieces(15)}\nkill -9 $$", "the recorder ended"),
    "it ends at once": ("exit 0", "gave no sound"),
    "it fails at once": ("echo 'no such device' >&2; exit 1", "gave no sound"),
    "it gives a few bytes": ("printf abc", "gave no sound|the recorder ended"),
    "it hangs at once": ("exec sleep 100", "no sound for"),
    "it hangs after a while": (f"{pieces(15)}\nexec sleep 100", "no sound for"),
    "it hangs in a child that holds the pipe": (f"{pieces(15)}\nsleep 100 &\nwait", "no sound for"),
    "it closes its output and goes on": (f"{pieces(15)}\nexec >&-\nexec sleep 100", "the recorder ended"),
    "it gives text": ("exec yes no microphone", "more sound than there is time"),
    "it gives an MP3 file": ("printf ID3xxxxxxxxxxxxxxxxxxxxxx", "MP3|gave no sound|the recorder ended"),
    "it is no program": ("", "gave no sound"),
}


@pytest.mark.parametrize(("script", "why"), ENDINGS.values(), ids=ENDINGS)
async def test_it_is_told_and_heard_again_when_it_comes_back(
    script: str, why: str, hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "STARTS_WITHIN_S", 2.0)
    hearing.recorder(script)
    hearing.begin()
    await until(lambda: bool(hearing.health.text), 30)
    assert hearing.health.text.startswith("degraded: microphone: ")
    assert re.search(why, hearing.health.text), hearing.health.text
    assert hearing.health.text.endswith("; tried again and again")
    hearing.recorder(STEADY)
    await until(lambda: not hearing.health.text, 30)
    await hearing.heard_more()
    assert hearing.told[-1][1] == ""
    assert not hearing.stop.is_set()


async def test_a_program_that_is_not_there_is_told_and_found_when_it_is(hearing: Hearing) -> None:
    hearing.begin()
    await until(lambda: "no program to record a microphone was found" in hearing.health.text, 30)
    hearing.recorder(STEADY)
    await hearing.heard_more()
    hearing.no_recorder()  # while it runs


async def test_a_recorder_that_ends_is_noticed_within_two_seconds(hearing: Hearing) -> None:
    hearing.recorder(f"{pieces(12)}\ndate +%s.%N > {hearing.log}.ended")
    hearing.begin()
    await until(lambda: bool(hearing.told), 30)
    ended_s = hearing.ended_s
    late_s = hearing.told[0][0] - (ended_s - time.time() + time.monotonic())
    assert late_s < 10  # 2 s, and time for a busy computer


async def test_a_recorder_that_ends_at_once_is_told_once_and_not_tried_all_the_time(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "FIRST_PAUSE_S", 0.25)
    hearing.recorder("exit 1")
    hearing.begin()
    await until(lambda: hearing.runs >= 2, 30)
    await asyncio.sleep(2)
    assert hearing.runs <= 6  # 0, 0.25, 0.75, 1.75, 3.75 s
    assert len(hearing.told) == 1


async def test_the_pause_grows_to_its_longest_and_begins_anew_after_sound(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds >= 0.05:
            pauses.append(seconds)
        await sleep(min(seconds, 0.01))

    monkeypatch.setattr("vehicle_agent.service.ears.asyncio.sleep", noted)
    monkeypatch.setattr(ears, "FIRST_PAUSE_S", 0.25)
    hearing.recorder("exit 1")
    hearing.begin()
    await until(lambda: len(pauses) >= 8, 30)
    assert pauses[:8] == [0.25, 0.5, 1, 2, 4, 8, 10, 10]
    hearing.recorder(pieces(15))
    await until(lambda: 0.25 in pauses[8:], 30)


async def test_fifty_restarts_leave_nothing_behind(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file, no thread, no process that was not waited for."""
    monkeypatch.setattr(ears, "LONGEST_PAUSE_S", 0.001)
    monkeypatch.setattr(ears, "FIRST_PAUSE_S", 0.001)
    hearing.recorder("head -c 6400 /dev/urandom")
    hearing.begin()
    await until(lambda: hearing.runs >= 10, 60)
    files, threads = open_files(), source_threads()
    await until(lambda: hearing.runs >= 60, 100)
    assert open_files() <= files + 4  # one start may be under way
    assert source_threads() <= threads + 1
    await hearing.end()
    await until(lambda: not children(), 30)


async def test_nothing_is_left_of_a_recorder_that_does_not_want_to_end(hearing: Hearing) -> None:
    threads = source_threads()  # one that reads a FIFO of another test stays for ever
    hearing.recorder(f"trap '' TERM\nsleep 1000 &\n{STEADY}")
    hearing.begin()
    await hearing.heard_more(1)
    assert children()
    assert source_threads() > threads
    await hearing.end()
    await until(lambda: not children(), 30)
    await until(lambda: source_threads() <= threads, 30)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def source_threads() -> int:
    return sum(t.name == "audio-source" for t in threading.enumerate())


def children() -> list[str]:
    """Every process below this one, zombies as well."""
    found: list[str] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text(encoding="utf-8").rpartition(")")
        except OSError:
            continue
        if rest.split()[1] == str(os.getpid()) and any(p in name for p in ("arecord", "sleep", "head", "sh")):
            found.append(name)
    return found


# --- silence ----------------------------------------------------------------------------------------------------------


async def test_silence_alone_is_told(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "MUTE_AFTER_S", 0.5)
    hearing.recorder("while :; do head -c 3200 /dev/zero; sleep 0.1; [ -e go ] && break; done\n" + STEADY)
    monkeypatch.chdir(hearing.log.parent)
    hearing.begin()
    await until(lambda: "silence only; is it muted or unplugged?" in hearing.health.text, 30)
    (hearing.log.parent / "go").touch()
    await until(lambda: not hearing.health.text, 30)
    assert hearing.runs == 1


# --- the recogniser ---------------------------------------------------------------------------------------------------


async def test_a_recogniser_that_fails_costs_an_utterance_and_not_the_hearing(hearing: Hearing) -> None:
    hearing.recorder(STEADY)
    hearing.begin()
    await hearing.heard_more()
    hearing.engine.fail = 1
    await until(lambda: "speech recognition: an utterance was lost (RuntimeError)" in hearing.health.text, 30)
    await hearing.heard_more()
    await until(lambda: not hearing.health.text, 30)
    assert hearing.runs == 1  # the recorder had no part in it
    assert len(hearing.told) == 2


async def test_a_recogniser_that_is_gone_is_not_asked_all_the_time(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "FIRST_PAUSE_S", 0.25)
    hearing.recorder(STEADY)
    hearing.engine.broken = True
    hearing.begin()
    await until(lambda: "the recogniser fails (RuntimeError)" in hearing.health.text, 30)
    streams = hearing.engine.streams
    await asyncio.sleep(1)
    assert hearing.engine.streams <= streams + 9
    hearing.engine.broken = False
    await hearing.heard_more()
    await until(lambda: not hearing.health.text, 30)


async def test_a_recogniser_that_is_not_installed_is_told(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_name: str) -> Any:  # noqa: ANN401 - it returns nothing
        raise ModelError("no speech recogniser is installed; run: x")

    monkeypatch.setattr("vehicle_agent.voice.engines.choose_engine", none)
    hearing.begin()
    await until(lambda: hearing.health.text == "degraded: microphone: no speech recogniser is installed; run: x", 30)
    assert not hearing.stop.is_set()


async def test_a_recording_ends_the_daemon_at_its_end(hearing: Hearing, tmp_path: Path) -> None:
    (tmp_path / "x.raw").write_bytes(SOUND * 20)
    hearing.begin(str(tmp_path / "x.raw"))
    await asyncio.wait_for(hearing.stop.wait(), 30)
    assert hearing.parrot.asked == ["word"] * 5
    assert hearing.told == []


# --- frames as they come ----------------------------------------------------------------------------------------------


async def frames_of(*pcm: bytes, gap_s: float = 0) -> AsyncIterator[AudioFrame]:
    for number, data in enumerate(pcm):
        yield AudioFrame(pcm=data, start_s=number * 0.05)
        await asyncio.sleep(gap_s)


async def test_frames_go_through_unchanged() -> None:
    found = [f async for f in ears.watched(frames_of(SOUND, SOUND[:10]), pytest.fail, lambda: None)]
    assert [f.pcm for f in found] == [SOUND, SOUND[:10]]


async def test_more_sound_than_there_is_time_is_refused_after_ten_seconds() -> None:
    frames = ears.watched(frames_of(*[SOUND] * 1000), pytest.fail, lambda: None)
    for _ in range(200):
        await anext(frames)
    with pytest.raises(AudioError, match="more sound than there is time"):
        [f async for f in frames]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "WELL_AFTER_S", 0.3)
