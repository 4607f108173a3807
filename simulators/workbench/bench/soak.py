"""A long mixed load on car, head unit and agent: does memory stay flat, and are tasks, threads and files given back?

Calls of every function, questions answered and left open, cancelled and undone calls, typed sentences, a car that is
driven about and fails in every way it can. Once a minute all of it pauses, so that what is measured then is what was
kept, and not what happens to be under way.
"""

import asyncio
import contextlib
import gc
import math
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Final

from simulators.car.faults import fault_kinds
from simulators.headunit import BusNotStarted
from simulators.simulated_time import run_simulated
from simulators.timing import timing
from simulators.workbench.bench.resources import Resources
from simulators.workbench.bench.utterances import MODEL
from simulators.workbench.timed_agent import timed_agent
from simulators.world import World
from state_machines.limits import QUESTION_LIFE_S
from vehicle_agent.agent import Agent
from vehicle_agent.cli.planned import load_planner
from vehicle_agent.conversation.assistant import PlansText, Turn
from vehicle_agent.errors import Unavailable
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import Param

FLAT_PERCENT: Final = 5.0
SAMPLE_S: Final = 60.0
_WARM_SHARE: Final = 0.1
_READY_S: Final = 5.0
_POOL_THREADS: Final = min(32, (os.cpu_count() or 1) + 4)  # as concurrent.futures has it
_FILL_S: Final = 0.05
_SETTLE_S: Final = 15.0  # longer than a question stays open and a motor runs
_PAUSE_S: Final = (0.05, 1.0)
_FAULT_S: Final = (0.5, 5.0)
_SPOKEN_SHARE: Final = 0.1

# What the car can be doing; `speed` sets both sources.
_DRIVES: Final[tuple[dict[str, object], ...]] = (
    {"gear": "P", "speed": 0},
    {"gear": "D", "speed": 0},
    {"gear": "R", "speed": 3},
    {"gear": "D", "speed": 5},
    {"gear": "D", "speed": 50},
    {"gear": "D", "speed": 140},
    {"ignition": "off"},
    {"ambient_light": "night", "rain": "yes"},
    {"ambient_light": "day", "rain": "no"},
)
_TEXTS: Final = ("something", "jazz", "home", "anna", "running late", "central station")
_PARKED: Final[dict[str, object]] = {"ignition": "on", "gear": "P", "speed": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``at_s``: since the start, on the load's own clock. ``waiting``: frames in the agent's queues."""

    at_s: float
    resources: Resources
    tasks: int
    objects: int
    waiting: int
    journal_bytes: int

    def to_json(self) -> dict[str, object]:
        return {
            "at_s": round(self.at_s, 1),
            "vmrss_mib": self.resources.rss_mib,
            "tasks": self.tasks,
            "threads": self.resources.threads,
            "open_files": self.resources.open_files,
            "python_objects": self.objects,
            "waiting_frames": self.waiting,
            "journal_kib": round(self.journal_bytes / 1024, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The first tenth after the warm-up (the first tenth of all) beside the last tenth, by their medians."""

    first: Sample
    last: Sample
    memory_percent: float
    objects_percent: float

    @property
    def memory_is_flat(self) -> bool:
        return self.memory_percent <= FLAT_PERCENT

    @property
    def nothing_leaks(self) -> bool:
        first, last = self.first, self.last
        return (
            last.tasks <= first.tasks
            and last.resources.open_files <= first.resources.open_files
            and last.resources.threads <= first.resources.threads
        )


def judge(samples: Sequence[Sample]) -> Verdict:
    """Of at least one sample."""
    warm = samples[int(len(samples) * _WARM_SHARE) :]
    tenth = max(1, len(warm) // 10)
    first, last = _middle(warm[:tenth]), _middle(warm[-tenth:])
    return Verdict(
        first=first,
        last=last,
        memory_percent=_change(first.resources.rss_kib, last.resources.rss_kib),
        objects_percent=_change(first.objects, last.objects),
    )


def _middle(samples: Sequence[Sample]) -> Sample:
    """A sample of the medians."""
    resources = replace(
        samples[-1].resources,
        rss_kib=median(s.resources.rss_kib for s in samples),
        threads=int(median(s.resources.threads for s in samples)),
        open_files=int(median(s.resources.open_files for s in samples)),
    )
    return replace(
        samples[-1],
        resources=resources,
        tasks=int(median(s.tasks for s in samples)),
        objects=int(median(s.objects for s in samples)),
    )


def _change(first: float, last: float) -> float:
    return round(100 * (last - first) / first, 2) if first else 0.0


def run_typed_soak(
    minutes: float,
    model: Path | None,
    threads: int,
    *,
    real_time: bool,
    seed: int,
    on_sample: Callable[[Sample], None],
) -> dict[str, object]:
    """`run_soak` with the model, for typed sentences. Raises ModelError, Unavailable."""
    planner = load_planner(model, threads)
    try:
        return run_soak(minutes, real_time=real_time, planner=planner, seed=seed, on_sample=on_sample)
    finally:
        planner.close()


def run_soak(
    minutes: float,
    *,
    real_time: bool = False,
    planner: PlansText | None = None,
    seed: int = 1,
    sample_s: float = SAMPLE_S,
    on_sample: Callable[[Sample], None] = lambda _sample: None,
) -> dict[str, object]:
    """Every figure by a name that holds its unit. Blocks. Raises Unavailable.

    ``minutes``: by the load's own clock, which is simulated and runs ahead unless ``real_time``. ``planner``: for typed
    sentences. ``on_sample``: hears of each sample as it is taken.
    """
    began_s = time.monotonic()
    run = asyncio.run if real_time else run_simulated
    with tempfile.TemporaryDirectory() as folder:
        load = _soak(minutes * 60, Path(folder), planner, random.Random(seed), sample_s, on_sample)
        try:
            samples, done, agent = run(load)
        except BusNotStarted as e:
            raise Unavailable(str(e)) from e
    verdict = judge(samples)
    first, last = verdict.first, verdict.last
    return {
        "soak_minutes": minutes,
        "soak_time": "real" if real_time else "simulated",
        "soak_took_s": round(time.monotonic() - began_s, 1),
        "soak_seed": seed,
        "soak_actions": dict(sorted(done.items())),
        "soak_frames_received": agent["received"],
        "soak_frames_overrun": agent["overrun"],
        "soak_samples": len(samples),
        "soak_vmrss_after_warm_up_mib": first.resources.rss_mib,
        "soak_vmrss_end_mib": last.resources.rss_mib,
        "soak_vmrss_change_percent": verdict.memory_percent,
        "soak_python_objects_after_warm_up": first.objects,
        "soak_python_objects_end": last.objects,
        "soak_python_objects_change_percent": verdict.objects_percent,
        "soak_tasks_after_warm_up": first.tasks,
        "soak_tasks_end": last.tasks,
        "soak_threads_after_warm_up": first.resources.threads,
        "soak_threads_end": last.resources.threads,
        "soak_open_files_after_warm_up": first.resources.open_files,
        "soak_open_files_end": last.resources.open_files,
        "soak_waiting_frames_greatest": max(s.waiting for s in samples),
        "soak_journal_kib": round(samples[-1].journal_bytes / 1024, 1),
        "soak_memory_flat": verdict.memory_is_flat,
        "soak_no_leak": verdict.nothing_leaks,
        "soak_passed": verdict.memory_is_flat and verdict.nothing_leaks,
        "soak_by_minute": [s.to_json() for s in samples],
    }


async def _soak(
    seconds: float,
    folder: Path,
    planner: PlansText | None,
    rng: random.Random,
    sample_s: float,
    on_sample: Callable[[Sample], None],
) -> tuple[list[Sample], Counter[str], Counter[str]]:
    times = timing()
    world = World(timing=times, seed=rng.randrange(1 << 30))
    samples: list[Sample] = []
    async with times.started(world):
        catalogue = load_catalogue(with_packs=False)
        agent = timed_agent(world, catalogue, planner, journal=str(folder / "journal.jsonl"))
        async with times.started(agent):
            await agent.ready(_READY_S)
            await _fill_thread_pool()
            if planner is not None:
                await agent.assistant.ask(MODEL[0].text)  # the model's own threads begin with its first sentence
            began_s = times.clock()
            load = _Load(world, agent, rng, is_typing=planner is not None)
            while times.clock() - began_s < seconds:
                until_s = times.clock() + sample_s - _SETTLE_S
                while times.clock() < until_s:
                    await load.act()
                    await asyncio.sleep(rng.uniform(*_PAUSE_S))
                await load.settle()
                samples.append(_sample(times.clock() - began_s, agent, folder))
                on_sample(samples[-1])
            return samples, load.done, Counter(agent.backends.link.health().counts)


async def _fill_thread_pool() -> None:
    """asyncio's pool grows to its bound as chance has it; a thread more later on would look like one that was kept."""
    await asyncio.gather(*(asyncio.to_thread(time.sleep, _FILL_S) for _ in range(_POOL_THREADS)))


def _sample(at_s: float, agent: Agent, folder: Path) -> Sample:
    gc.collect()  # what nobody holds any more is no leak, however late it is swept
    health = agent.backends.link.health()
    return Sample(
        at_s=at_s,
        resources=Resources.of_this_process(),
        tasks=len(asyncio.all_tasks()),
        objects=len(gc.get_objects()),
        waiting=health.to_handle + health.to_send,
        journal_bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


class _Load:
    """Everything that can happen in a car, one thing after the other. ``done``: how often what."""

    def __init__(self, world: World, agent: Agent, rng: random.Random, *, is_typing: bool) -> None:
        self._world = world
        self._agent = agent
        self._rng = rng
        self._faults = [kind.example for kind in fault_kinds()]
        self.done: Counter[str] = Counter()
        self._actions: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self._call, 1.0),
            (self._cancelled_call, 0.1),
            (self._undo, 0.05),
            (self._drive, 0.2),
            (self._fault, 0.1),
            (self._say, _SPOKEN_SHARE if is_typing else 0.0),
        ]

    async def act(self) -> None:
        """One thing, to its end."""
        actions, weights = zip(*self._actions, strict=True)
        (action,) = self._rng.choices(actions, weights)
        await action()

    async def settle(self) -> None:
        """Nothing is asked, moving or broken any more, nobody is on the line."""
        await self._agent.assistant.cancel()
        self._world.car.clear()
        self._world.head_unit.calls.hangup_all()
        self._set(_PARKED)
        await asyncio.sleep(_SETTLE_S)

    async def _call(self) -> None:
        turn = await self._agent.assistant.call(any_call(self._agent.catalogue, self._rng))
        await self._answer(turn)

    async def _say(self) -> None:
        await self._answer(await self._agent.assistant.ask(self._rng.choice(MODEL).text))

    async def _undo(self) -> None:
        await self._answer(await self._agent.assistant.call(self._agent.catalogue.call("undo_last_action")))

    async def _cancelled_call(self) -> None:
        turn = asyncio.create_task(self._agent.assistant.call(any_call(self._agent.catalogue, self._rng)))
        await asyncio.sleep(self._rng.uniform(0, 0.3))
        await self._agent.assistant.cancel()
        self._count(await turn)

    async def _answer(self, turn: Turn) -> None:
        """Yes, no, or nothing: then time runs out, or the next thing that is said withdraws the question."""
        self._count(turn)
        question = turn.progress.question
        if question is None:
            return
        match self._rng.choice(("yes", "no", "silence", "something else")):
            case "silence":
                await asyncio.sleep(QUESTION_LIFE_S + 1)
            case "yes" | "no" as word:
                self._count(await self._agent.assistant.answer(question.id, yes=word == "yes"))

    def _count(self, turn: Turn) -> None:
        self.done["turns"] += 1
        for outcome in turn.progress.outcomes:
            self.done[f"outcomes_{outcome.status.value}"] += 1

    async def _drive(self) -> None:
        self.done["drives"] += 1
        self._set(self._rng.choice(_DRIVES))

    async def _fault(self) -> None:
        self.done["faults"] += 1
        self._world.car.inject(self._rng.choice(self._faults))
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(self._rng.uniform(*_FAULT_S)):
                await self._call()
        self._world.car.clear()

    def _set(self, wanted: dict[str, object]) -> None:
        for name, value in wanted.items():
            self._world.car.set(name, value)


def any_call(catalogue: Catalogue, rng: random.Random) -> Call:
    """A valid call of any function."""
    specs = list(catalogue)
    while True:
        spec = rng.choice(specs)
        given = {p.name: _value(p, rng) for p in spec.params if p.default is None or rng.random() < 0.5}
        with contextlib.suppress(VehicleApiError):  # values that are valid alone but not together
            return catalogue.call(spec.name, **spec.parse(given))


def _value(param: Param, rng: random.Random) -> str:
    match param.kind:
        case "enum":
            return rng.choice(param.values)
        case "integer" | "number":
            return f"{rng.randint(math.ceil(param.min), math.floor(param.max))}"
        case "time":
            return f"{rng.randrange(24):02}:{rng.randrange(60):02}"
        case _:
            return "5550142" if param.digits else rng.choice(_TEXTS)
