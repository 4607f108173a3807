"""How many frames a second the simulated car and the agent sustain, from the sending car to the gate.

Every message of the example car goes at one fast cycle. On `virtual` car and agent share one process and event loop; on
the other interfaces the car has a process of its own. The agent's side is the real one: `CanBackend` and `Gate`, which
observes every frame of a safety signal. Besides, every single frame is decoded in full, while the agent itself decodes
only those that say something new.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import mean
from types import TracebackType
from typing import Final, Literal, Self, assert_never, get_args

import can
from can.interfaces.virtual import VirtualBus

from simulators.workbench.bench.kernel_queue import KernelQueue
from simulators.workbench.bench.resources import Resources
from simulators.workbench.bench.sender_process import sender_for
from simulators.workbench.bench.senders import example_car, messages_sent
from state_machines.gate import Gate
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.cli.output import BadInput
from vehicle_agent.config import BusConfig, Config
from vehicle_apis.catalogue import load_catalogue

Interface = Literal["virtual", "udp_multicast", "socketcan"]

TARGET_PER_S: Final = 4000
CYCLE_MS: Final = 8.0  # 35 messages: 4,375 frames/s
FASTER_CYCLES_MS: Final = (7.0, 6.0, 5.0, 4.0, 3.5, 3.0, 2.5, 2.0)
_SAMPLE_S: Final = 0.05
_WARM_S: Final = 1.0
_ARRIVES_S: Final = 0.3  # the last frames are on their way
_MORE: Final = 1.02  # a faster cycle that brings less than this brings nothing
_GOOD: Final = frozenset({"ok", "initial"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run. ``lost``: sent and never received. ``queue_*``: frames that wait for the agent, sampled 20 times a
    second; the first and the last third of the run show whether they grow. ``kernel_*``: of its socket, if it has one.
    """

    seconds: float
    nominal_per_s: float
    sent_per_s: float
    received_per_s: float
    decoded_per_s: float
    observed_per_s: float
    sent: int
    lost: int
    undecodable: int
    overrun: int
    send_failed: int
    read_errors: int
    end_to_end_failures: Mapping[str, int]
    queue_greatest_frames: int
    queue_first_third_frames: float
    queue_last_third_frames: float
    kernel_greatest_kib: float | None
    kernel_dropped: int | None
    cpu_percent: float
    sender_cpu_percent: float | None
    rss_mib: tuple[float, float]
    sender_rss_mib: tuple[float, float] | None
    burst_frames: int

    @property
    def keeps_all(self) -> bool:
        """Nothing was lost or refused."""
        failures = self.lost + self.overrun + self.send_failed + self.undecodable + (self.kernel_dropped or 0)
        return failures == 0 and not self.end_to_end_failures

    @property
    def queue_grows(self) -> bool:
        return self.queue_last_third_frames > self.queue_first_third_frames + self.burst_frames

    @property
    def is_sustained(self) -> bool:
        """``sent_per_s`` may be below the nominal rate: a sender that is late by a cycle leaves it out."""
        return self.keeps_all and not self.queue_grows

    def to_json(self, name: str) -> dict[str, object]:
        """Every figure by a name that begins with ``name`` and holds its unit."""
        figures: dict[str, object] = {
            "seconds": round(self.seconds, 1),
            "frames_nominal_per_s": round(self.nominal_per_s),
            "frames_sent_per_s": round(self.sent_per_s),
            "frames_received_per_s": round(self.received_per_s),
            "frames_decoded_per_s": round(self.decoded_per_s),
            "gate_observations_per_s": round(self.observed_per_s),
            "frames_sent": self.sent,
            "frames_lost": self.lost,
            "frames_undecodable": self.undecodable,
            "frames_overrun": self.overrun,
            "frames_send_failed": self.send_failed,
            "read_errors": self.read_errors,
            "end_to_end_failures": dict(self.end_to_end_failures),
            "queue_greatest_frames": self.queue_greatest_frames,
            "queue_mean_first_third_frames": round(self.queue_first_third_frames, 2),
            "queue_mean_last_third_frames": round(self.queue_last_third_frames, 2),
            "kernel_queue_greatest_kib": self.kernel_greatest_kib,
            "kernel_dropped_frames": self.kernel_dropped,
            "cpu_percent_of_one_core": self.cpu_percent,
            "sender_cpu_percent_of_one_core": self.sender_cpu_percent,
            "vmrss_start_mib": self.rss_mib[0],
            "vmrss_end_mib": self.rss_mib[1],
            "sender_vmrss_start_mib": self.sender_rss_mib[0] if self.sender_rss_mib else None,
            "sender_vmrss_end_mib": self.sender_rss_mib[1] if self.sender_rss_mib else None,
            "without_loss": self.keeps_all,
            "queue_grows": self.queue_grows,
            "sustained": self.is_sustained,
        }
        return {f"{name}_{key}": value for key, value in figures.items() if value is not None}


async def measure_bus_load(
    seconds: float,
    *,
    interfaces: tuple[Interface, ...] = ("virtual", "udp_multicast"),
    cycle_ms: float = CYCLE_MS,
    faster_cycles_ms: tuple[float, ...] = FASTER_CYCLES_MS,
    search_s: float = 5.0,
) -> dict[str, object]:
    """``faster_cycles_ms``: tried one after the other for ``search_s`` each, while frames are kept and get more.

    Raises Unavailable, SimulatorError.
    """
    report: dict[str, object] = {"bus_target_frames_per_s": TARGET_PER_S}
    all_reached = True
    for interface in interfaces:
        load = await run_load(bus_config(interface), seconds, cycle_ms / 1000)
        report |= load.to_json(f"bus_{interface}")
        reached = load.is_sustained and load.decoded_per_s >= TARGET_PER_S
        report[f"bus_{interface}_target_reached"] = reached
        all_reached = all_reached and reached
        greatest = load.decoded_per_s if load.is_sustained else 0.0
        for faster_ms in faster_cycles_ms:
            load = await run_load(bus_config(interface), search_s, faster_ms / 1000)
            if not load.is_sustained or load.decoded_per_s < _MORE * greatest:
                break
            greatest = load.decoded_per_s
        report[f"bus_{interface}_greatest_sustained_per_s"] = round(greatest)
    report["bus_target_reached"] = all_reached
    return report


def parse_interface(word: str) -> Interface:
    """Raises BadInput."""
    match word:
        case "virtual" | "udp_multicast" | "socketcan":
            return word
        case _:
            raise BadInput(f"the interface is {', '.join(get_args(Interface))}, not {word!r}")


def bus_config(interface: Interface) -> BusConfig:
    """A bus that nothing else on this computer uses."""
    match interface:
        case "virtual":
            return BusConfig(interface="virtual", channel=f"bench-{os.getpid()}")
        case "udp_multicast":
            # every socket on the port hears every group: a port of its own keeps other buses' frames away
            return BusConfig(
                interface="udp_multicast",
                channel=f"239.74.164.{16 + os.getpid() % 200}",
                port=44000 + os.getpid() % 10000,
            )
        case "socketcan":
            return BusConfig(interface="socketcan")
        case _:
            assert_never(interface)


async def run_load(bus: BusConfig, seconds: float, cycle_s: float) -> Load:
    """One run. Raises Unavailable, SimulatorError."""
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(_Agent(bus))
        sender = await stack.enter_async_context(sender_for("simulated_car", bus, cycle_s))
        await asyncio.sleep(_WARM_S)
        began, sent_before = agent.moment(), await sender.report()
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            await asyncio.sleep(_SAMPLE_S)
            agent.sample()
        ended, sent_after = agent.moment(), await sender.report()
        last = await sender.finish()
        await asyncio.sleep(_ARRIVES_S)
        counts = agent.link_counts
        lasted_s = ended.resources.at_s - began.resources.at_s
        sender_s = sent_after.resources.at_s - sent_before.resources.at_s
        is_apart = bus.interface != "virtual"
        third = max(1, len(agent.queue_frames) // 3)
        return Load(
            seconds=lasted_s,
            nominal_per_s=agent.cyclic_messages / cycle_s,
            sent_per_s=(sent_after.sent - sent_before.sent) / sender_s,
            received_per_s=(ended.received - began.received) / lasted_s,
            decoded_per_s=(ended.decoded - began.decoded) / lasted_s,
            observed_per_s=(ended.observed - began.observed) / lasted_s,
            sent=last.sent,
            lost=last.sent - counts["received"] - counts["ignored"] - counts["overrun"],
            undecodable=agent.undecodable,
            overrun=counts["overrun"],
            send_failed=last.send_failed,
            read_errors=counts["read_errors"],
            end_to_end_failures=agent.end_to_end_failures(),
            queue_greatest_frames=max(agent.queue_frames),
            queue_first_third_frames=mean(agent.queue_frames[:third]),
            queue_last_third_frames=mean(agent.queue_frames[-third:]),
            kernel_greatest_kib=max(agent.kernel_kib, default=None),
            kernel_dropped=None if agent.socket is None else agent.socket.dropped(),
            cpu_percent=ended.resources.cpu_percent_since(began.resources),
            sender_cpu_percent=sent_after.resources.cpu_percent_since(sent_before.resources) if is_apart else None,
            rss_mib=(began.resources.rss_mib, ended.resources.rss_mib),
            sender_rss_mib=(sent_before.resources.rss_mib, sent_after.resources.rss_mib) if is_apart else None,
            burst_frames=agent.cyclic_messages,
        )


class _Agent:
    """The agent's end of the bus: its backend, its gate, and a reader that decodes everything."""

    def __init__(self, bus: BusConfig) -> None:
        self._binding = example_car()
        self._backend = CanBackend(
            load_catalogue(with_packs=False), Config(bus=bus), binding=self._binding, opener=self._open
        )
        self._gate = Gate(load_catalogue(with_packs=False), time.monotonic)
        self._bus: can.BusABC | None = None
        self._decoded = 0
        self._observed = 0
        self.cyclic_messages = messages_sent(self._binding)
        self.undecodable = 0
        self.queue_frames: list[int] = []
        self.kernel_kib: list[float] = []
        self.socket: KernelQueue | None = None

    def _open(self, config: BusConfig) -> can.BusABC:
        self._bus = open_bus(config)
        return self._bus

    async def __aenter__(self) -> Self:
        self._backend.link.subscribe(self._decode)
        await self._backend.start(on_signals=self._observe)
        self.socket = KernelQueue.of(self._bus) if self._bus is not None else None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._backend.stop()

    def _observe(self) -> None:
        self._observed += 1
        self._gate.observe(self._backend.signals())

    def _decode(self, frame: Received) -> None:
        network = self._binding.network
        message = network.message_of(frame.frame_id, is_extended=frame.is_extended)
        if message is None or network.decode(message, frame.data) is None:
            self.undecodable += 1
        else:
            self._decoded += 1

    def moment(self) -> "_Moment":
        return _Moment(
            resources=Resources.of_this_process(),
            received=self.link_counts["received"],
            decoded=self._decoded,
            observed=self._observed,
        )

    def sample(self) -> None:
        """Notes how much waits to be read at this moment."""
        waiting = self._backend.link.health().to_handle
        if isinstance(self._bus, VirtualBus):
            waiting += self._bus.queue.qsize()  # python-can's own, without a bound
        self.queue_frames.append(waiting)
        if self.socket is not None:
            self.kernel_kib.append(self.socket.waiting_kib())

    @property
    def link_counts(self) -> Counter[str]:
        return self._backend.link.counts

    def end_to_end_failures(self) -> dict[str, int]:
        """What the counters and check values of the frames say, apart from "ok"."""
        found: Counter[str] = Counter()
        for (_message, what), number in self._backend.store.counts.items():
            if what not in _GOOD:
                found[what] += number
        return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    resources: Resources
    received: int
    decoded: int
    observed: int
