"""How evenly cyclic messages arrive while the model is idle and while it is busy, beside python-can and cantools.

Every message of the example car goes at one cycle, from a process of its own (not on `virtual`). This process is the
agent's: its backend and gate take the frames, and its model, when busy, plans one sentence after the other. Moments are
noted in the reading thread. ``wire``: by the bus's own time stamp (the kernel's, for a socket), before this process has
had its turn.
"""

import asyncio
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import can

from simulators.workbench.bench.bus_load import Interface, bus_config, parse_interface
from simulators.workbench.bench.figures import percentiles
from simulators.workbench.bench.sender_process import sender_for
from simulators.workbench.bench.senders import SENDERS, SenderKind, example_car, messages_sent
from simulators.workbench.bench.utterances import MODEL
from state_machines.gate import Gate
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.planning.planner import Planner
from vehicle_agent.planning.trial import load_tried
from vehicle_apis.catalogue import load_catalogue

TARGET_P99_MS: Final = 5.0
CYCLE_MS: Final = 10.0
BUSY_THREADS: Final = (2, 1)
_WARM_S: Final = 1.0
_ENDS_S: Final = 30.0


@dataclass(slots=True)
class FrameTimes:
    """When frames of one message came, in seconds: by the bus's own stamp, and as the reading thread saw them."""

    wire_s: list[float] = field(default_factory=list)
    read_s: list[float] = field(default_factory=list)


class StampingBus(can.BusABC):
    """Another bus, whose frames are noted by identifier while ``stamps`` is a table."""

    def __init__(self, inner: can.BusABC) -> None:
        self.channel_info = inner.channel_info
        self._can_protocol = inner.protocol
        self._inner = inner
        self.stamps: defaultdict[int, FrameTimes] | None = None
        super().__init__(channel="")

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        message, is_filtered = self._inner._recv_internal(timeout)
        stamps = self.stamps
        if message is not None and stamps is not None:
            found = stamps[message.arbitration_id]
            found.read_s.append(time.monotonic())
            found.wire_s.append(message.timestamp)
        return message, is_filtered

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        self._inner.send(msg, timeout)

    def fileno(self) -> int:
        return self._inner.fileno()

    def shutdown(self) -> None:
        super().shutdown()
        self._inner.shutdown()


async def run_jitter(model: Path | None, seconds: float, *, interface: str, cycle_ms: float) -> dict[str, object]:
    """`measure_jitter` on an interface by its word. Raises BadInput."""
    return await measure_jitter(model, seconds, interface=parse_interface(interface), cycle_ms=cycle_ms)


async def measure_jitter(
    model: Path | None,
    seconds: float,
    *,
    interface: Interface = "udp_multicast",
    cycle_ms: float = CYCLE_MS,
    busy_threads: tuple[int, ...] = BUSY_THREADS,
) -> dict[str, object]:
    """``seconds``: for each sender and each load of the model. Raises ModelError, Unavailable."""
    bus = bus_config(interface)
    cyclic = messages_sent(example_car())
    report: dict[str, object] = {
        "jitter_on": interface,
        "jitter_cycle_ms": cycle_ms,
        "jitter_messages": cyclic,
        "jitter_frames_nominal_per_s": round(cyclic * 1000 / cycle_ms),
        "jitter_seconds_each": seconds,
        "jitter_target_p99_ms": TARGET_P99_MS,
    }
    loads: list[tuple[str, int]] = [("idle", 0), *((f"busy_{n}_threads", n) for n in busy_threads)]
    for load, threads in loads:
        planner = await asyncio.to_thread(_planner, model, threads) if threads else None
        try:
            for kind in SENDERS:
                with Busy(planner.plan) if planner is not None else nullcontext() as busy:
                    stamps = await _listen(kind, bus, cycle_ms / 1000, seconds)
                name = f"jitter_{kind}_model_{load}"
                report |= deviations(name, stamps, cycle_ms)
                report[f"{name}_frames_per_s"] = round(sum(len(s.read_s) for s in stamps) / seconds)
                if busy is not None:
                    report[f"{name}_sentences_planned_per_s"] = round(busy.per_s, 2)
        finally:
            if planner is not None:
                planner.close()
    worst = report["jitter_simulated_car_model_idle_p99_ms"]
    report["jitter_target_reached"] = isinstance(worst, float) and worst <= TARGET_P99_MS
    return report


def deviations(name: str, stamps: list[FrameTimes], cycle_ms: float) -> dict[str, object]:
    """How far the intervals of each message are from the cycle, all messages together; None where there are none."""
    report: dict[str, object] = {}
    for place, moments in (("", [s.read_s for s in stamps]), ("_wire", [s.wire_s for s in stamps])):
        off_ms = [abs((b - a) * 1000 - cycle_ms) for one in moments for a, b in pairwise(one)]
        report |= percentiles(f"{name}{place}", off_ms)
    return report


async def _listen(kind: SenderKind, bus: BusConfig, cycle_s: float, seconds: float) -> list[FrameTimes]:
    catalogue = load_catalogue(with_packs=False)
    opened: list[StampingBus] = []

    def opener(config: BusConfig) -> can.BusABC:
        opened.append(StampingBus(open_bus(config)))
        return opened[-1]

    gate = Gate(catalogue, time.monotonic)
    backend = CanBackend(catalogue, Config(bus=bus), binding=example_car(), opener=opener)

    def observe() -> None:
        gate.observe(backend.signals())

    await backend.start(on_signals=observe)
    try:
        async with sender_for(kind, bus, cycle_s) as sender:
            await asyncio.sleep(_WARM_S)
            stamps = opened[0].stamps = defaultdict(FrameTimes)
            await asyncio.sleep(seconds)
            opened[0].stamps = None
            await sender.finish()
    finally:
        await backend.stop()
    return list(stamps.values())


def _planner(model: Path | None, threads: int) -> Planner:
    return load_tried(load_catalogue(), model, threads=threads)


class Busy:
    """A thread that plans the fixed sentences over and over; a context manager."""

    def __init__(self, plan: Callable[[str], object]) -> None:
        self._plan = plan
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="busy model", daemon=True)
        self._planned = 0
        self._took_s = 0.0

    @property
    def per_s(self) -> float:
        """Sentences a second, once it has ended."""
        return self._planned / self._took_s if self._took_s else 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(_ENDS_S)

    def _run(self) -> None:
        began_s = time.monotonic()
        for said in itertools.cycle(MODEL):
            if self._stopping.is_set():
                break
            self._plan(said.text)
            self._planned += 1
        self._took_s = time.monotonic() - began_s
