"""From a decided call to its confirmed actuation: judged, sent, carried out and shown by the car, told.

Only functions whose state changes at once: what a motor or a heater takes is no part of it. From the typed sentence on,
the model's time comes on top.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulators.workbench.bench.bus_load import Interface, bus_config
from simulators.workbench.bench.figures import percentile, percentiles
from simulators.workbench.bench.utterances import AT_ONCE, Said
from simulators.workbench.session import Session, session
from vehicle_agent.config import BusConfig
from vehicle_agent.conversation.assistant import Turn
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.planning.planner import Planner
from vehicle_agent.planning.trial import load_tried
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue

TARGET_P95_MS: Final = 50.0
_DRIVING: Final = ("gear=D", "speed=50")
_PAUSE_S: Final = 0.05  # at most; longer than the car's shortest cycle, so that every moment of it is met
_SEED: Final = 4

# Two states each, in turns: every call changes something.
_SWITCHED: Final[tuple[tuple[str, tuple[dict[str, object], dict[str, object]]], ...]] = (
    ("set_fan_speed", ({"level": 2}, {"level": 5})),
    ("set_climate_temperature", ({"temperature": 19}, {"temperature": 23})),
    ("set_seat_heating", ({"level": 1}, {"level": 3})),
    ("set_cabin_light", ({"state": "on"}, {"state": "off"})),
    ("set_headlights", ({"mode": "low"}, {"mode": "auto"})),
    ("set_wipers", ({"mode": "slow"}, {"mode": "off"})),
    ("set_volume", ({"level": 30}, {"level": 60})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """``backend``: can or dbus. ``accept_ms``: from sending to accepted, of what goes over CAN."""

    backend: str
    whole_ms: float
    sent_to_confirmed_ms: float
    accept_ms: float | None


def switched_calls(catalogue: Catalogue) -> tuple[Call, ...]:
    """First all of one state, then all of the other."""
    return tuple(catalogue.call(name, **states[turn]) for turn in (0, 1) for name, states in _SWITCHED)


async def measure_actuation(
    repetitions: int, *, interfaces: tuple[Interface, ...] = ("virtual", "udp_multicast")
) -> dict[str, object]:
    """``repetitions``: of every call, in each of its two states. Raises Unavailable where there is no D-Bus daemon."""
    report: dict[str, object] = {"confirm_target_p95_ms": TARGET_P95_MS}
    reached = True
    for interface in interfaces:
        # the simulated car speaks on the usual port
        bus = None if interface == "virtual" else bus_config(interface).model_copy(update={"port": BusConfig().port})
        async with session(None, _DRIVING, bus=bus) as s:
            samples, asked = await _called(s, repetitions)
        name = f"confirm_{interface}"
        report[f"{name}_calls"] = asked
        report[f"{name}_calls_done"] = len(samples)
        whole_ms = [x.whole_ms for x in samples]
        reached = reached and len(samples) == asked and percentile(whole_ms, 95) <= TARGET_P95_MS
        report |= percentiles(name, whole_ms)
        by_backend: defaultdict[str, list[_Sample]] = defaultdict(list)
        for sample in samples:
            by_backend[sample.backend].append(sample)
        for backend, found in sorted(by_backend.items()):
            report |= percentiles(f"{name}_{backend}", [x.whole_ms for x in found])
            report |= percentiles(f"{name}_{backend}_from_sending", [x.sent_to_confirmed_ms for x in found])
        accepted_ms = [x.accept_ms for x in samples if x.accept_ms is not None]
        report |= percentiles(f"{name}_can_sent_to_accepted", accepted_ms)
    report["confirm_target_reached"] = reached
    return report


async def measure_typed(planner: Planner, repetitions: int, said: Sequence[Said] = AT_ONCE) -> dict[str, object]:
    """The same from the typed sentence on, the model included. Raises Unavailable where there is no D-Bus daemon."""
    took_ms: list[float] = []
    async with session(planner, _DRIVING) as s:
        for time_of in range(repetitions + 1):
            for one in said:
                turn, ms = await _timed(s.assistant.ask(one.text))
                names = [o.call.name for o in turn.progress.outcomes if o.status is Status.DONE]
                if time_of and names == [one.function]:  # the first round warms up
                    took_ms.append(ms)
    return {
        "confirm_typed_sentences": repetitions * len(said),
        "confirm_typed_done_as_meant": len(took_ms),
        **percentiles("confirm_typed", took_ms),
    }


async def run_actuation(model: Path | None, threads: int, repetitions: int) -> dict[str, object]:
    """Both. Raises ModelError, Unavailable."""
    report = await measure_actuation(repetitions)
    planner = await asyncio.to_thread(lambda: load_tried(load_catalogue(), model, threads=threads))
    try:
        return report | await measure_typed(planner, max(1, repetitions // 10))
    finally:
        planner.close()


async def _called(s: Session, repetitions: int) -> tuple[list[_Sample], int]:
    calls = switched_calls(s.agent.catalogue)
    rng = random.Random(_SEED)
    samples: list[_Sample] = []
    for time_of in range(repetitions + 1):
        for call in calls:
            await asyncio.sleep(rng.uniform(0, _PAUSE_S))
            accepted = s.can.accept_ms
            accepted.clear()
            turn, ms = await _timed(s.assistant.call(call))
            s.take_frames()
            outcome = turn.progress.outcomes[0]
            if time_of and outcome.status is Status.DONE:  # the first round warms up
                samples.append(
                    _Sample(
                        backend=s.agent.backends.carried_by(call),
                        whole_ms=ms,
                        sent_to_confirmed_ms=outcome.sent_to_confirmed_ms or 0.0,
                        accept_ms=accepted[-1] if accepted else None,
                    )
                )
    return samples, repetitions * len(calls)


async def _timed(turn: Awaitable[Turn]) -> tuple[Turn, float]:
    began_s = time.perf_counter()
    done = await turn
    return done, (time.perf_counter() - began_s) * 1000
