"""The demonstration drive: what is said, what the model makes of it, the verdicts, the frames, the answer."""

import asyncio
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console

from simulators.workbench.session import Session, session
from simulators.workbench.simulated import print_turn
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.errors import VehicleAgentError
from vehicle_agent.events import Events, Said, StateChanged
from vehicle_agent.planning.planner import Planner
from vehicle_agent.voice.audio import decode_wav
from vehicle_agent.voice.engines import choose_engine
from vehicle_agent.voice.speech import NoVoice, find_voice, speak
from vehicle_agent.voice.types import Engine, NoSpeech


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``car``: what the car does first; ``spoken``: said aloud, else typed; ``answer``: to a question."""

    text: str
    car: dict[str, str] = field(default_factory=dict)
    spoken: bool = False
    answer: bool | None = None


DRIVE: Final = (
    Scene(text="turn on my seat heating and set the temperature to twenty two", spoken=True),
    Scene(text="play the video big buck bunny"),
    Scene(text="open my window halfway", car={"gear": "D", "speed": "50"}, spoken=True),
    Scene(text="play the video big buck bunny"),
    Scene(text="find the nearest petrol station and take me there", spoken=True),
    Scene(text="text mum saying i'm running late", answer=True),
    Scene(text="volume up a lot and close my window"),
    Scene(text="put it back how it was"),
    Scene(text="set the temperature to ninety degrees"),
    Scene(text="why is the sky blue"),
    Scene(text="open the trunk", car={"speed": "0", "gear": "P"}),
)
_SPEED_STEP_KMH: Final = 4.0  # below the 5 km/h at which the gate takes the sources for implausible
_FRAMES_GO_OUT_S: Final = 0.2  # every cyclic safety message has been sent once in that time
_SPEED_STEP_S: Final = 0.1
_STATE_SETTLES_S: Final = 1.3  # a better driving state takes one second of evidence


class _Speaker:
    """Makes a clip of a line and recognises it again; without a voice or a recogniser the line is typed."""

    def __init__(self, console: Console, *, voice: bool) -> None:
        self._console = console
        self._engine: Engine | None = None
        if not voice:
            return
        found = find_voice()
        if isinstance(found, NoVoice):
            console.print(f"[yellow]typed instead of spoken: {found.reason}[/]")
            return
        try:
            self._engine = choose_engine("auto")
        except VehicleAgentError as e:
            console.print(f"[yellow]typed instead of spoken: {e}[/]")

    def hear(self, text: str) -> str:
        """What the recogniser makes of ``text`` spoken; ``text`` itself without one."""
        if self._engine is None:
            return text
        clip = speak(text)
        if isinstance(clip, NoVoice):
            return text
        heard = self._engine.transcribe(decode_wav(io.BytesIO(clip), "clip"))
        if isinstance(heard, NoSpeech):
            self._console.print(f"[yellow]{heard.reason}[/]")
            return text
        self._console.print(f"[dim]{heard.engine} heard it with confidence {heard.confidence:.2f}[/]")
        return heard.text


def demonstrate(model: Path | None, threads: int, *, voice: bool) -> None:
    """Loads the model and plays the drive. Blocks. Raises ModelError, Unavailable."""
    asyncio.run(drive(load_planner(model, threads), voice=voice))


async def drive(planner: Planner, *, voice: bool) -> None:
    """Plays the drive on a simulated car. Raises Unavailable."""
    console = Console(highlight=False)
    speaker = await asyncio.to_thread(_Speaker, console, voice=voice)

    events = Events()
    events.subscribe(lambda event: console.print(f"[magenta]the car says: {event.text}[/]"), Said)
    events.subscribe(lambda event: console.print(f"[blue]driving state: {event.new}[/]"), StateChanged)
    async with session(planner, events=events) as s:
        for number, scene in enumerate(DRIVE, 1):
            await _play(s, scene, number, console, speaker)
    console.print("\nThat was the drive. Say something yourself: vehicle-agent ask 'close all the windows'")


async def _reach(s: Session, speed_kmh: float) -> None:
    """Speeds up or slows down step by step: a jump would make the two speed sources disagree."""
    now = float(s.world.car.state()["vehicle_speed"])
    while abs(speed_kmh - now) > _SPEED_STEP_KMH:
        now += _SPEED_STEP_KMH if speed_kmh > now else -_SPEED_STEP_KMH
        s.world.car.set("speed", now)
        await asyncio.sleep(_SPEED_STEP_S)
    s.world.car.set("speed", speed_kmh)


async def _play(s: Session, scene: Scene, number: int, console: Console, speaker: _Speaker) -> None:
    for name, value in scene.car.items():
        if name == "speed":
            await _reach(s, float(value))
        else:
            s.world.car.set(name, value)
            await asyncio.sleep(_FRAMES_GO_OUT_S)
    if scene.car:
        await asyncio.sleep(_STATE_SETTLES_S)
    how = "spoken" if scene.spoken else "typed"
    console.print(f"\n[bold cyan]{number}. driver ({how}):[/] {scene.text}")
    text = await asyncio.to_thread(speaker.hear, scene.text) if scene.spoken else scene.text
    s.take_frames()
    turn = await s.assistant.ask(text)
    print_turn(turn, s.take_frames())
    question = turn.progress.question
    if question is not None and scene.answer is not None:
        console.print(f"[bold cyan]   driver:[/] {'yes' if scene.answer else 'no'}")
        print_turn(await s.assistant.answer(question.id, yes=scene.answer), s.take_frames())
