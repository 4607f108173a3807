"""Deviations of intervals, the three senders, and a busy model."""

import asyncio
import threading
from collections import defaultdict

import can
import pytest
from support.waiting import until

from simulators.workbench.bench import jitter
from simulators.workbench.bench.bus_load import bus_config
from simulators.workbench.bench.jitter import Busy, FrameTimes, StampingBus, deviations, measure_jitter
from simulators.workbench.bench.senders import SENDERS, SenderKind, example_car, messages_sent, sending
from vehicle_agent.backends.can.bus import open_bus


def test_deviations_are_from_the_cycle_and_of_one_message_each() -> None:
    stamps = [
        FrameTimes(read_s=[0.0, 0.010, 0.022], wire_s=[0.0, 0.010, 0.020]),
        FrameTimes(read_s=[5.0, 5.007], wire_s=[5.0, 5.010]),
    ]
    report = deviations("x", stamps, 10.0)
    assert report["x_p50_ms"] == pytest.approx(2.0)
    assert report["x_max_ms"] == pytest.approx(3.0)
    assert report["x_wire_max_ms"] == pytest.approx(0.0)
    assert deviations("x", [], 10.0)["x_p99_ms"] is None


@pytest.mark.parametrize("kind", SENDERS)
async def test_every_sender_sends_every_message_of_the_car(kind: SenderKind) -> None:
    config = bus_config("virtual")
    bus = StampingBus(open_bus(config))
    stamps = bus.stamps = defaultdict(FrameTimes)
    notifier = can.Notifier(bus, [], timeout=0.05)
    async with sending(kind, config, 0.02):
        await until(lambda: len(stamps) == 35 and min(len(s.read_s) for s in tuple(stamps.values())) > 1)
    await asyncio.to_thread(notifier.stop)
    bus.shutdown()
    car = example_car()
    names = {message.name for message in car.network.messages.values() if message.frame_id in stamps}
    assert len(stamps) == messages_sent(car) == 35
    assert not names & car.network.commands


def test_a_stamping_bus_is_the_bus_it_wraps() -> None:
    config = bus_config("virtual")
    bus, other = StampingBus(open_bus(config)), open_bus(config)
    bus.send(can.Message(arbitration_id=1, data=b"\x01"))
    heard = other.recv(1)
    other.send(can.Message(arbitration_id=2, data=b"\x02"))
    answer = bus.recv(1)
    bus.shutdown()
    other.shutdown()
    assert heard is not None
    assert heard.arbitration_id == 1
    assert answer is not None
    assert answer.arbitration_id == 2
    assert bus.stamps is None, "nothing is noted unless it is wanted"


def test_a_busy_model_plans_until_it_is_told_to_stop() -> None:
    planned: list[str] = []
    enough = threading.Event()

    def plan(text: str) -> None:
        planned.append(text)
        if len(planned) == 3:
            enough.set()

    with Busy(plan) as busy:
        assert enough.wait(10)
    assert busy.per_s > 0
    count = len(planned)
    assert planned[0] != planned[1]
    assert len(planned) == count, "it has stopped"


async def test_idle_and_busy_are_measured_for_each_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []

    class Model:
        def __init__(self, threads: int) -> None:
            self.threads = threads

        def plan(self, text: str) -> str:
            return text

        def close(self) -> None:
            closed.append(self.threads)

    async def listen(kind: str, *_rest: object) -> list[FrameTimes]:
        late_s = 0.0051 if kind == "simulated_car" else 0.0
        return [FrameTimes(read_s=[0.0, 0.010 + late_s], wire_s=[0.0, 0.010])]

    monkeypatch.setattr(jitter, "_planner", lambda _model, threads: Model(threads))
    monkeypatch.setattr(jitter, "_listen", listen)
    report = await measure_jitter(None, 0.1, interface="virtual")
    assert closed == [2, 1]
    for kind in SENDERS:
        for load in ("idle", "busy_2_threads", "busy_1_threads"):
            assert isinstance(report[f"jitter_{kind}_model_{load}_p99_ms"], float)
    assert report["jitter_target_reached"] is False, "5.1 ms is more than 5"
    assert "jitter_simulated_car_model_idle_sentences_planned_per_s" not in report
