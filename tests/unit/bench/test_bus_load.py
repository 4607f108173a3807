"""The load on the bus: counted without loss, and what counts as a loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from simulators.workbench.bench import bus_load
from simulators.workbench.bench.bus_load import Load, bus_config, measure_bus_load, parse_interface, run_load
from simulators.workbench.bench.sender_process import SenderProcess, sender_for
from simulators.workbench.bench.senders import example_car, messages_sent
from vehicle_agent.cli.output import BadInput
from vehicle_agent.errors import Unavailable

GOOD = Load(
    seconds=1.0,
    nominal_per_s=100.0,
    sent_per_s=100.0,
    received_per_s=100.0,
    decoded_per_s=100.0,
    observed_per_s=20.0,
    sent=100,
    lost=0,
    undecodable=0,
    overrun=0,
    send_failed=0,
    read_errors=0,
    end_to_end_failures={},
    queue_greatest_frames=10,
    queue_first_third_frames=2.0,
    queue_last_third_frames=12.0,
    kernel_greatest_kib=None,
    kernel_dropped=None,
    cpu_percent=10.0,
    sender_cpu_percent=None,
    rss_mib=(100.0, 100.0),
    sender_rss_mib=None,
    burst_frames=10,
)


async def test_every_frame_of_the_car_comes_through() -> None:
    load = await run_load(bus_config("virtual"), 0.2, 0.02)
    assert load.nominal_per_s == messages_sent(example_car()) / 0.02
    assert load.sent > 0
    assert load.keeps_all, load
    assert load.decoded_per_s > load.observed_per_s > 0
    assert load.sender_rss_mib is None, "one process has one figure"


@pytest.mark.parametrize(
    "bad",
    [
        {"lost": 1},
        {"undecodable": 1},
        {"overrun": 1},
        {"send_failed": 1},
        {"kernel_dropped": 1},
        {"end_to_end_failures": {"wrong_sequence": 1}},
    ],
    ids=str,
)
def test_one_lost_frame_is_a_loss(bad: dict[str, object]) -> None:
    assert GOOD.is_sustained
    load = replace(GOOD, **bad)  # type: ignore[arg-type]
    assert not load.keeps_all
    assert not load.is_sustained


def test_a_queue_may_differ_by_one_burst() -> None:
    assert not GOOD.queue_grows
    assert replace(GOOD, queue_last_third_frames=12.1).queue_grows


def test_figures_have_names_with_units() -> None:
    figures = GOOD.to_json("bus_virtual")
    assert figures["bus_virtual_frames_decoded_per_s"] == 100
    assert figures["bus_virtual_sustained"] is True
    assert not [name for name in figures if "kernel" in name or "sender" in name], "what there is not is left out"


async def test_faster_and_faster_until_it_brings_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {8.0: 4400.0, 7.0: 5000.0, 6.0: 5900.0, 5.0: 5950.0}
    asked: list[float] = []

    async def load(_bus: object, _seconds: float, cycle_s: float) -> Load:
        asked.append(round(cycle_s * 1000, 3))
        return replace(GOOD, decoded_per_s=rates[asked[-1]])

    monkeypatch.setattr(bus_load, "run_load", load)
    report = await measure_bus_load(1, interfaces=("virtual",), faster_cycles_ms=(7.0, 6.0, 5.0, 4.0))
    assert asked == [8.0, 7.0, 6.0, 5.0]
    assert report["bus_virtual_greatest_sustained_per_s"] == 5900
    assert report["bus_target_reached"] is True


async def test_too_few_frames_miss_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    async def load(_bus: object, _seconds: float, _cycle_s: float) -> Load:
        return replace(GOOD, decoded_per_s=3999.0)

    monkeypatch.setattr(bus_load, "run_load", load)
    report = await measure_bus_load(1, interfaces=("virtual",), faster_cycles_ms=())
    assert report["bus_target_reached"] is False


def test_an_unknown_interface_is_named() -> None:
    with pytest.raises(BadInput, match="virtual, udp_multicast, socketcan"):
        parse_interface("carrier pigeon")


@asynccontextmanager
async def car_process() -> AsyncIterator[SenderProcess]:
    try:
        async with sender_for("simulated_car", bus_config("udp_multicast"), 0.05) as sender:
            assert isinstance(sender, SenderProcess)
            yield sender
    except Unavailable as e:
        pytest.skip(str(e))


async def test_a_sender_of_its_own_process_tells_what_it_sent() -> None:
    async with car_process() as sender:
        first = await sender.report()
        await asyncio.sleep(0.2)
        last = await sender.finish()
    assert last.sent > first.sent
    assert last.resources.rss_kib > 1000
    assert last.resources.at_s > first.resources.at_s
