"""The daemon's hearing: utterances to answers on standard output.

A microphone may fail in any way and come back: its recorder ends, hangs, cannot be started, or gives what is no sound.
That is told once, and the recorder is started again, with growing pauses. A recogniser that fails costs one utterance.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from vehicle_agent.config import Config
from vehicle_agent.conversation.assistant import Assistant, Turn
from vehicle_agent.conversation.bare_words import is_urgent
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.errors import AudioError, VehicleAgentError
from vehicle_agent.events import Events, NoSpeechHeard, TranscriptHeard
from vehicle_agent.health import Health

if TYPE_CHECKING:
    from vehicle_agent.voice.types import AudioFrame, Engine, Heard, Transcript

MICROPHONE_PART: Final = "microphone"
RECOGNISER_PART: Final = "speech recognition"
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 10.0
HANGS_AFTER_S: Final = 1.75  # a recorder that gave sound and gives none any more
STARTS_WITHIN_S: Final = 5.0  # one that has not given any yet: a busy computer, a sound server that wakes up
WELL_AFTER_S: Final = 1.0  # of sound; one that ends again and again is not well in between
AHEAD_S: Final = 10.0  # more sound than time has passed comes from no microphone
MUTE_AFTER_S: Final = 30.0  # of zeros alone; even a quiet room is never as quiet as that
FAILURES_IN_A_ROW: Final = 3  # of the recogniser, then everything is started anew
_TURNS_AT_ONCE: Final = 4
_WAITING: Final = 32  # more utterances than these, and the sound waits: a "stop" behind them is not heard
_GRACE_S: Final = 0.1  # the loop itself may have stood still while sound came

log = logging.getLogger(__name__)


class HearingAgent(Protocol):
    """What is needed of the agent."""

    @property
    def assistant(self) -> Assistant: ...
    @property
    def events(self) -> Events: ...


async def hear(
    agent: HearingAgent, config: Config, source: str, stop: asyncio.Event, health: Health | None = None
) -> None:
    """Takes a turn for every utterance from ``source``; the end of a recording sets ``stop``, a microphone has none.

    ``health`` hears what is wrong with the microphone or the recogniser. Raises nothing; ends when cancelled.
    """
    from vehicle_agent.voice.engines import choose_engine
    from vehicle_agent.voice.source import MICROPHONE

    health = health or Health(agent.events)
    is_live = source == MICROPHONE
    try:
        engine = await asyncio.to_thread(choose_engine, config.voice.engine)
        async with asyncio.TaskGroup() as tasks:
            ears = _Ears(agent, engine, tasks, health)
            tasks.create_task(ears.take_turns())
            await (ears.microphone() if is_live else ears.recording(source))
            await ears.end()
    except* VehicleAgentError as group:
        for e in group.exceptions:
            log.error("listening ended, text over D-Bus goes on: %s", e)  # noqa: TRY400 - a sentence, no traceback
            if is_live:
                health.degraded(MICROPHONE_PART, str(e))
    if not is_live:
        stop.set()  # a recording is over; a microphone that fails leaves the daemon to its D-Bus callers


class _Ears:
    def __init__(self, agent: HearingAgent, engine: "Engine", tasks: asyncio.TaskGroup, health: Health) -> None:
        self._agent = agent
        self._engine = engine
        self._tasks = tasks
        self._health = health
        self._waiting: asyncio.Queue[Transcript | None] = asyncio.Queue(_WAITING)

    async def take_turns(self) -> None:
        """Utterances in their order, a few at once, until `end`."""
        turns = asyncio.Semaphore(_TURNS_AT_ONCE)

        async def one(heard: "Transcript") -> None:
            try:
                await _take_turn(self._agent.assistant, heard)
            finally:
                turns.release()

        while (heard := await self._waiting.get()) is not None:
            await turns.acquire()
            self._tasks.create_task(one(heard))

    async def end(self) -> None:
        """Nothing more will be heard."""
        await self._waiting.put(None)

    async def recording(self, source: str) -> None:
        """To its end. Raises AudioError."""
        from vehicle_agent.voice.source import open_source

        async with open_source(source) as sound:
            await self._listen(sound)

    async def microphone(self) -> None:
        """For ever."""
        from vehicle_agent.voice.source import MICROPHONE, open_source

        pause_s = FIRST_PAUSE_S

        def well() -> None:
            nonlocal pause_s
            pause_s = FIRST_PAUSE_S
            self._health.recovered(MICROPHONE_PART)

        while True:
            why = "the recorder ended"
            try:
                async with open_source(MICROPHONE) as sound, aclosing(watched(sound, self._degraded, well)) as frames:
                    await self._listen(frames)
            except AudioError as e:
                why = str(e)
            self._degraded(why)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _degraded(self, why: str) -> None:
        self._health.degraded(MICROPHONE_PART, f"{why}; tried again and again")

    async def _listen(self, sound: "AsyncIterator[AudioFrame]") -> None:
        """Raises what ``sound`` raises, and AudioError when the recogniser only fails."""
        failures = 0
        while True:
            counted = _Counted(sound, lambda: self._health.recovered(RECOGNISER_PART))
            try:
                await self._take_all(counted)
            except VehicleAgentError:
                raise
            except Exception as e:  # a recogniser is somebody else's code
                failures = 1 if counted.seconds >= WELL_AFTER_S else failures + 1
                log.debug("the recogniser failed", exc_info=True)
                self._health.degraded(RECOGNISER_PART, f"an utterance was lost ({type(e).__name__})")
                if failures >= FAILURES_IN_A_ROW:
                    raise AudioError(f"the recogniser fails ({type(e).__name__})") from e
            else:
                return

    async def _take_all(self, sound: "_Counted") -> None:
        from vehicle_agent.voice.listening import listen
        from vehicle_agent.voice.types import Transcript

        async with aclosing(listen(self._engine, sound)) as all_heard:
            async for heard in all_heard:
                if (event := event_of(heard)) is not None:
                    self._agent.events.publish(event)
                if not isinstance(heard, Transcript):
                    continue
                # listening goes on while turns are under way: "stop" must be heard then, and waits for none of them
                if is_urgent(heard.text):
                    self._tasks.create_task(_take_turn(self._agent.assistant, heard))
                else:
                    await self._waiting.put(heard)


class _Counted:
    """Frames, and how much sound was taken; ``well`` hears that it is more than a moment's.

    Whoever leaves off does not end the frames.
    """

    def __init__(self, frames: "AsyncIterator[AudioFrame]", well: Callable[[], None]) -> None:
        self._frames = frames
        self._well = well
        self.seconds = 0.0

    def __aiter__(self) -> "_Counted":
        return self

    async def __anext__(self) -> "AudioFrame":
        if self.seconds >= WELL_AFTER_S:  # and the next is asked for: whoever takes them copes
            self._well()
        frame = await anext(self._frames)
        self.seconds += frame.duration_s
        return frame


async def watched(
    frames: "AsyncIterator[AudioFrame]", degraded: Callable[[str], None], well: Callable[[], None]
) -> "AsyncGenerator[AudioFrame]":
    """The frames of a microphone. ``well`` hears that they flow, ``degraded`` what is odd about them.

    Raises AudioError when none come for a while, or more than any microphone gives.
    """
    clock = asyncio.get_running_loop().time
    began_s = clock()
    flowing_s = mute_s = 0.0
    is_well = False
    while True:
        coming = asyncio.ensure_future(anext(frames, None))
        try:
            await _wait_for(coming, began_s, flowing_s, degraded)
            frame = coming.result()
        finally:
            if not coming.done():  # the frames cannot be closed while somebody waits for one
                coming.cancel()
                await asyncio.wait({coming})
        if frame is None:
            return
        flowing_s += frame.duration_s
        if flowing_s - (clock() - began_s) > AHEAD_S:
            raise AudioError("the recorder gives more sound than there is time; it records no microphone")
        mute_s = 0.0 if frame.pcm.strip(b"\0") else mute_s + frame.duration_s
        if mute_s >= MUTE_AFTER_S:
            is_well = False
            degraded("it gives silence only; is it muted or unplugged?")
        elif not is_well and flowing_s >= WELL_AFTER_S:
            is_well = True
            well()
        yield frame


async def _wait_for(
    coming: "asyncio.Future[AudioFrame | None]", began_s: float, flowing_s: float, degraded: Callable[[str], None]
) -> None:
    """Raises AudioError when no frame comes in time."""
    why = f"no sound for {HANGS_AFTER_S:g} s"
    await asyncio.wait({coming}, timeout=HANGS_AFTER_S)
    if not coming.done():
        await asyncio.wait({coming}, timeout=_GRACE_S)
    if not coming.done() and not flowing_s:
        degraded(why)
        await asyncio.wait({coming}, timeout=began_s + STARTS_WITHIN_S - asyncio.get_running_loop().time())
    if not coming.done():
        raise AudioError(why)


def event_of(heard: "Heard") -> TranscriptHeard | NoSpeechHeard | None:
    """What of it is told; what is for display alone is not."""
    from vehicle_agent.voice.types import NoSpeech, Partial, Transcript

    match heard:
        case Transcript():
            return TranscriptHeard(text=heard.text, engine=heard.engine, confidence=heard.confidence, rtf=heard.rtf)
        case NoSpeech():
            return NoSpeechHeard(engine=heard.engine, reason=heard.reason)
        case Partial():
            return None
        case _:
            assert_never(heard)


async def _take_turn(assistant: Assistant, heard: "Transcript") -> None:
    """The assistant keeps utterances in their order; only a word such as "cancel" does not wait."""
    began = {} if heard.began_s is None else {"began_s": heard.began_s}
    try:
        _tell(await assistant.ask(heard.text, **began), heard)
    except Exception:  # a defect in one turn must not deafen the car
        log.exception("a turn failed")


def _tell(turn: Turn, heard: "Transcript") -> None:
    document = {"transcript": {"text": heard.text, "engine": heard.engine}, **turn_json(turn, text=heard.text)}
    print(json.dumps(document, default=str), flush=True)
